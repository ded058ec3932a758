"""The topics that a mock interview asks about, as its visitor chose them on the page."""

from collections.abc import Sequence

from rag.assistant import Assistant
from rag.errors import UsageError
from rag.practice.coach import Coach
from rag.practice.interview import topic_choice
from rag.practice.interview.topic_choice import Chosen
from ui.wording import Language, word


def chosen_topics(
    assistant: Assistant, coach: Coach, profile: str, names: Sequence[str], by: str,
    picked: tuple[str, str], text: str, interface: Language,
) -> Chosen:  # fmt: skip
    """What is asked about.

    Args:
        names: of the collections that are practised.
        by: one of `interview_parts.BY`.
        picked: tag and folder.
        text: a job advert or questions.

    Raises:
        UsageError: what `by` needs is not there.
    """
    if by == "text":
        return topic_choice.by_text(coach, text)
    if by == "weak":
        return topic_choice.by_weakness(coach, profile)
    if by == "path":
        plans = [assistant.study_plan(name) for name in names]
        plan = next((found for found in plans if found), None)
        if plan is None:
            raise UsageError(word("iv_no_path", interface))
        left = coach.timetable.day(profile).interview_in
        return topic_choice.by_path(coach, plan, profile, left)
    tag, folder = picked
    if by == "tag" and not tag:
        raise UsageError(word("iv_no_tag", interface))
    if by == "folder" and not folder:
        raise UsageError(word("iv_no_folder", interface))
    return topic_choice.by_folder_or_tag(
        coach, profile, folder if by == "folder" else "", tag if by == "tag" else ""
    )
