"""Whether a passage states a sentence that a model wrote, in the word of the embedded LLM.

Rules over words tell little here: on 300 pairs set apart they were right on .59 of them, a model
fitted over their features on .62, the adapter of `rag/llm/verdict.py` on .88 (see
`docs/measurements.md`). It reads the one or two sentences of a passage that are nearest.
"""

from collections.abc import Sequence

from rag.grounding.numbers_and_names import numbers
from rag.grounding.passage import Passage
from rag.grounding.support import Embed, SupportVerdict, nearest_window
from rag.llm.model import LanguageModel
from rag.llm.verdict import states
from rag.safety.orders import is_order
from rag.text.markup import without_markup

LEAST = 0.75  # probability of "yes", and half of that of "half", from which it is stated
MOST_ASKED = 3  # passages that are asked about, a second each


def stated(
    judge: LanguageModel,
    sentence: str,
    passages: Sequence[Passage],
    first: Sequence[int],
    embed: Embed | None = None,
) -> tuple[int, SupportVerdict] | None:
    """The passage (its place in `passages`) that states a sentence: those the model named
    (`first`) before the others; None when none does.

    Raises:
        BusyError: too many wait for the judge.
        ModelError: it cannot be loaded or stops answering.
    """
    claim = without_markup(sentence)
    if is_order(claim):
        return None
    named = [(place, nearest_window(claim, passages[place], embed)) for place in first]
    rest = [
        (place, nearest_window(claim, passage, embed))
        for place, passage in enumerate(passages)
        if place not in first
    ]
    by_score = sorted(
        ((place, window) for place, window in rest if window), key=lambda item: -item[1][0]
    )
    asked = [*((place, window) for place, window in named if window), *by_score]
    for place, (_, start, end) in asked[:MOST_ASKED]:
        quote = passages[place].narrowed(start, end)
        if not numbers(claim) <= numbers(f"{quote.context} {quote.text}"):
            continue  # the one thing that rules tell better than the judge
        verdict = states(judge, without_markup(quote.text), claim)
        if verdict is not None and verdict.yes + verdict.half / 2 >= LEAST:
            return place, SupportVerdict(True, "", verdict.yes, start, end)
    return None
