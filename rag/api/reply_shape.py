"""What a request asks of a reply's form: where it stops, how long it is, JSON or text."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from rag.answer.answer import Answer, Sentence
from rag.answer.replies import so_far
from rag.api.openai_wire import ChatRequest

Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of one reply. Sentences are sent whole, for each stands with its citations: at
    most as many as `most` tokens hold, but one always.
    """

    stops: tuple[str, ...]
    most: int | None
    as_json: bool
    count: Callable[[str], int]

    @classmethod
    def of(cls, asked: ChatRequest, count: Callable[[str], int]) -> "Shape":
        stops = [asked.stop] if isinstance(asked.stop, str) else asked.stop or []
        most = asked.max_completion_tokens or asked.max_tokens
        wanted = asked.response_format
        as_json = wanted is not None and wanted.type == "json_object"
        return cls(tuple(stop for stop in stops if stop), most, as_json, count)

    def of_finished(self, answer: Answer) -> tuple[Answer, Finish]:
        """As `of_answer`, and at its end what the notes lack of the question, and that not all are
        read yet: most clients show nothing but the text."""
        lacking = () if self.as_json else (*answer.lacking, *filter(None, [so_far(answer)]))
        said = tuple(Sentence(text, (), False) for text in lacking)
        return self.of_answer(replace(answer, sentences=(*answer.sentences, *said)))

    def of_answer(self, answer: Answer) -> tuple[Answer, Finish]:
        """The answer as it is sent, and why it ends."""
        kept: list[Sentence] = []
        finish: Finish = "stop"
        spent = 0
        for sentence in answer.sentences:
            spent += self.count(sentence.text) if self.most is not None else 0
            if kept and self.most is not None and spent > self.most:
                finish = "length"
                break
            ends = [place for stop in self.stops if (place := sentence.text.find(stop)) >= 0]
            if ends:
                if text := sentence.text[: min(ends)].rstrip():
                    kept.append(replace(sentence, text=text))
                break
            kept.append(sentence)
        shaped = replace(answer, sentences=tuple(kept))
        if not self.as_json:
            return shaped, finish
        held = shaped.to_dict()
        told = {name: held[name] for name in ("answer", "abstained", "citations")}
        text = json.dumps(told, ensure_ascii=False)
        return replace(shaped, sentences=(Sentence(text, (), True),)), finish
