"""What a thinking model says to itself before it answers, kept out of the answer.

Only a block at the very beginning is thinking: later in an answer, `<think>` is what is talked
about.
"""

import re

_OPEN = re.compile(r"\s*<(think|thinking|thought)>", re.I)
_OPENINGS = ("<think>", "<thinking>", "<thought>")
_LEFT_OPEN = re.compile(r"</(?:think|thinking|thought)>", re.I)
_LEFT_OPEN_LINE = re.compile(_LEFT_OPEN.pattern + r"[ \t]*\n", re.I)


class WithoutThinking:
    """Takes a reply in pieces, however they cut the tags, and gives back what is the answer."""

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""  # the tag that ends the thinking; "" outside
        self._answering = False

    def feed(self, piece: str) -> str:
        """The part of the reply that is certain to be answer, now that this piece has come."""
        if self._answering:
            return piece
        self._held += piece
        while True:
            if self._closing:
                place = self._held.lower().find(self._closing)
                if place < 0:
                    self._held = self._held[-len(self._closing) :]
                    return ""
                self._held, self._closing = self._held[place + len(self._closing) :], ""
            elif opened := _OPEN.match(self._held):
                self._closing = f"</{opened[1].lower()}>"
                self._held = self._held[opened.end() :]
            elif any(tag.startswith(self._held.strip().lower()) for tag in _OPENINGS):
                return ""  # it may still become a tag
            else:
                self._answering = True
                return self.rest()

    def rest(self) -> str:
        """What is still held back when the reply has ended: nothing of an unfinished thought."""
        rest, self._held = ("" if self._closing else self._held.lstrip()), ""
        return rest


def after_thinking(text: str) -> str | None:
    """The answer so far, where a server swallowed the tag that opens the thinking before it; None
    where there is no thinking of that kind. What is told of the tag in mid-line is no such thing.
    """
    end = _LEFT_OPEN_LINE.search(text)
    return None if end is None or _is_opened(text[: end.start()]) else text[end.end() :].lstrip()


def without_thinking(text: str) -> str:
    """A whole reply without its thinking, also where the server swallowed the opening tag."""
    if (end := _LEFT_OPEN.search(text)) and not _is_opened(text[: end.start()]):
        return text[end.end() :].lstrip()
    reply = WithoutThinking()
    return reply.feed(text) + reply.rest()


def _is_opened(before: str) -> bool:
    return any(tag in before.lower() for tag in _OPENINGS)
