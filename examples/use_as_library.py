"""Index a folder of notes and ask it, from Python, without a language model.

    python examples/use_as_library.py FOLDER "What is LoRA?"

Indexes lie in the data folder (`RAG_DATA_DIR`); `llm="local"` would let the embedded model write.
"""

import sys

from rag import Assistant, RagError, load_settings


def main(folder: str, question: str) -> None:
    assistant = Assistant(load_settings(corpus=folder, llm="none"))
    assistant.build()  # only what changed since last time is embedded
    answer = assistant.answer(question)
    if answer.abstained:
        print("The notes do not say. Nearest:", ", ".join(near.title for near in answer.nearest))
    for sentence in answer.sentences:
        print(sentence.text, *(f"[{n}]" for n in sentence.citations))
    for citation in answer.citations:
        text = assistant.note(citation.note).text
        assert text[citation.start : citation.end] == citation.quote  # quotes are exact
        print(f"[{citation.n}] {citation.note}, characters {citation.start}-{citation.end}")
    for hit in assistant.search(question, k=3):
        print(f"{hit.score:.2f} {hit.document.metadata['note']}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except RagError as error:  # one sentence that says what happened and what to do
        sys.exit(str(error))
