"""Write `rag/search/background_words.json`: in how many texts of our field each word stands.

The texts are the sections of our notes, their questions, and the questions of
`answer_sentences.jsonl`, which are put as people put them.

    python -m rag.evaluation.fit.count_words
"""

import json
from collections import Counter
from itertools import chain

from rag.assistant import Assistant
from rag.evaluation.fit.answer_sentences import read_labelled
from rag.index.documents import embedding_text
from rag.search.term_weight import COUNTS
from rag.settings import load_settings
from rag.storage.atomic import write_atomic
from rag.text.words import content_words

SEEN = 3  # texts that a word must stand in to be counted


def main() -> None:
    index = Assistant(load_settings(llm="none")).index()
    sections = index.store.of_notes(index.notes)
    texts = [
        *(embedding_text(document) for document in sections),
        *(key.text for key in index.keys.questions),
        *(item.question for item in read_labelled()),
    ]
    counts = Counter(chain.from_iterable(set(content_words(text)) for text in texts))
    words = {word: count for word, count in sorted(counts.items()) if count >= SEEN}
    text = json.dumps({"texts": len(texts), "words": words}, ensure_ascii=False)
    write_atomic(COUNTS, text.encode())
    print(f"{len(texts)} texts, {len(words)} words")


if __name__ == "__main__":
    main()
