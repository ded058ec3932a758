"""What is shown after a grade: what changed, and what could have been said."""

from rich.console import Console
from rich.text import Text

from rag.practice.after.comparison import Comparison, compared
from rag.practice.after.model_answer import ModelAnswer, model_answer
from rag.practice.coach import Coach, Graded


def print_after(coach: Coach, graded: Graded, profile: str) -> None:
    """The difference to the last attempt on the question, and a model answer."""
    difference = compared(coach.history, profile, graded.attempt)
    if difference is not None:
        print_difference(difference)
    print_model_answer(model_answer(graded.grade, coach.index))


def print_difference(found: Comparison) -> None:
    """The scores of two attempts and the points that changed between them."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"\nlast time 上次: {found.before} → now 这次: {found.now}", style="bold"))
    for mark, texts in (("+", found.gained), ("-", found.lost), ("=", found.open)):
        for text in texts:
            console.print(Text(f"  {mark} {text}"))


def print_model_answer(answer: ModelAnswer) -> None:
    """The words to speak, and where the notes state them."""
    console = Console(soft_wrap=True, highlight=False)
    head = f"\nA good answer, {answer.seconds} s to speak 可以这样答（约 {answer.seconds} 秒）"
    console.print(Text(head, style="bold"))
    console.print(Text(answer.cited))
    for item in answer.sentences:
        where = f"  [{item.source.n}] {item.source.place}"
        console.print(Text(f"{where}: {' '.join(item.source.quote.split())}", style="dim"))
