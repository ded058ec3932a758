"""Ask a running server (`rag serve`) from Python, through Gradio's client.

    python examples/ask_over_http.py "What is LoRA?" [http://127.0.0.1:7860]

A server with logins wants them here too: Client(url, auth=("name", "password")).
"""

import sys

from gradio_client import Client


def main(question: str, url: str = "http://127.0.0.1:7860") -> None:
    client = Client(url, verbose=False)
    answer = client.predict(question=question, k=6, api_name="/ask")
    print(answer["answer"])
    for citation in answer["citations"]:
        print(f"[{citation['n']}] {citation['title']} ({citation['note']}): {citation['quote']}")
    for near in answer.get("nearest", []):
        print(f"nearest: {near['title']} ({near['note']})")
    hits = client.predict(query=question, k=3, api_name="/search")
    print("passages:", ", ".join(f"{hit['note']} {hit['score']:.2f}" for hit in hits))


if __name__ == "__main__":
    main(*sys.argv[1:])
