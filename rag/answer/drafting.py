"""What the model is shown, and what it writes of it: a draft that nobody has verified yet."""

import re
from collections.abc import Generator, Sequence

from rag.grounding.passage import Passage
from rag.llm import prompts
from rag.llm.model import LanguageModel, token_usage
from rag.llm.thinking import after_thinking
from rag.safety.orders import is_order
from rag.telemetry.traces import span
from rag.text.language import Language
from rag.text.markup import without_markup
from rag.text.sentences import sentence_spans

ANSWER_TOKENS = 900  # thinking models need room before they answer


def drafts(
    model: LanguageModel, question: str, language: Language, passages: Sequence[Passage]
) -> Generator[tuple[str, dict[str, int] | None]]:
    """The model's text as it grows, and its token counts where it gives them.

    The text is streamed; a local model writes under a grammar that allows no citation of a passage
    that was not shown. Closing this iterator ends the model's writing.

    Raises:
        ModelError: the model cannot be loaded or stopped answering.
    """
    with span("prompt", passages=len(passages)) as watched:
        messages = prompts.answer_messages(question, prompt_passages(passages), language)
        watched.set(characters=sum(len(message.text) for message in messages))
    text, cut = "", False
    usage: dict[str, int] | None = None
    for chunk in model.stream(
        messages, max_tokens=ANSWER_TOKENS, grammar=prompts.answer_grammar(len(passages))
    ):
        text += str(chunk.text)
        if (answer := after_thinking(text)) is not None:  # the server had swallowed `<think>`
            text = answer
            yield "", usage  # whoever reads on begins anew
        usage = token_usage(chunk) or usage
        cut = cut or chunk.response_metadata.get("finish_reason") == "length"
        yield text, usage
    if cut:
        yield whole_sentences(text), usage


def prompt_passages(passages: Sequence[Passage]) -> list[str]:
    """What the model reads of each passage: its title, then its words. Not what they order."""
    return [
        f"({passage.title}) {_statements(passage.text)}"
        if passage.title and not is_order(passage.title)
        else _statements(passage.text)
        for passage in passages
    ]


def without_instructions(text: str) -> str:
    """A draft that nobody has verified, without orders and without our own instructions."""
    return "".join(
        line
        for line in text.splitlines(keepends=True)
        if not any(
            is_order(line[start:end]) or prompts.repeats_prompt(line[start:end])
            for start, end in sentence_spans(line)
        )
    )


def whole_sentences(text: str) -> str:
    """A draft that ran into its token limit, without the sentence that was cut."""
    ends = [match.end() for match in re.finditer(r"[。!?\uff01\uff1f\]]|\.(?=\s)", text)]
    return text[: ends[-1]] if ends else text


def _statements(text: str) -> str:
    spans = sentence_spans(text)
    stated = [text[start:end] for start, end in spans if not is_order(text[start:end])]
    return without_markup(text if len(stated) == len(spans) else " ".join(stated))
