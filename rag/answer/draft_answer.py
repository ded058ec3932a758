"""A model's structured answer."""

from pydantic import BaseModel, Field


class DraftSentence(BaseModel):
    """One sentence of a model's structured answer."""

    text: str = Field(description="One sentence of the answer, without citation marks")
    sources: list[int] = Field(description="Numbers of the notes that the sentence rests on")


class DraftAnswer(BaseModel):
    """A short answer whose every sentence names the notes that it rests on."""

    sentences: list[DraftSentence] = Field(description="1 to 4 sentences; none if not in the notes")

    def as_text(self) -> str:
        """In the form that streamed drafts have: a line a sentence, closed by its `[n]`."""
        lines = []
        for sentence in self.sentences:
            text = " ".join(sentence.text.replace("[", "(").replace("]", ")").split())
            lines.append(text + "".join(f"[{number}]" for number in sentence.sources))
        return "\n".join(lines)
