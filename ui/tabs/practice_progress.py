"""The learner's progress beside the exercise: a line, what comes next, plots, weak points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import gradio as gr
from gradio.blocks import Block

from rag.practice.coach import Coach
from rag.practice.stats import LearningStats, progress
from ui.answer_html import escape
from ui.home.home_html import topic_button
from ui.home.standing import State
from ui.wiring import Labelled, Updates
from ui.wording import Language, word

if TYPE_CHECKING:
    import pandas as pd

AHEAD = 6  # topics


@dataclass(frozen=True, kw_only=True)
class ProgressPanel:
    """The panel's components; `labelled` change with the language."""

    line: gr.HTML
    ahead: gr.HTML
    due: gr.BarPlot
    scores: gr.LinePlot
    folders: gr.BarPlot
    weakest: gr.Dataframe
    labelled: Labelled

    @property
    def shown(self) -> list[Block]:
        """What changes with the history."""
        return [self.line, self.ahead, self.due, self.scores, self.folders, self.weakest]

    def failed(self, error: str) -> Updates:
        """A sentence (HTML) in the place of all of it."""
        return {**dict.fromkeys(self.shown), self.line: error}

    def updates(
        self, coach: Coach, profile: str, language: Language, path: Sequence[str] = ()
    ) -> Updates:
        """Where the learner stands.

        Args:
            path: keys of what the learner's study path has next.

        Raises:
            RagError: the history cannot be read.
        """
        import pandas as pd

        found = progress(
            coach.history, coach.topics, profile, datetime.now(UTC), day_starts=coach.day_starts
        )
        due = pd.DataFrame(
            {"day": [d[5:] for d, _ in found.forecast], "topics": [n for _, n in found.forecast]}
        )
        scores = pd.DataFrame(
            {"attempt": range(1, len(found.scores) + 1), "score": [s for _, s, _ in found.scores]}
        )
        folders = pd.DataFrame(
            {
                "folder": [name for name, _, _ in found.folders],
                "percent": [100 * done / count for _, done, count in found.folders],
            }
        )
        return {
            self.line: _line(found, language),
            self.ahead: _ahead(coach, profile, path, language),
            self.due: _plot(due, "axis_day", "axis_topics", language),
            self.scores: _plot(scores, "axis_attempt", "axis_score", language),
            self.folders: _plot(folders, "axis_folder", "axis_percent", language),
            self.weakest: gr.update(
                value=[[item.place, item.point, item.weak, item.asked] for item in found.weakest],
                headers=_heads(language),
            ),
        }


def render(language: Language) -> ProgressPanel:
    """Draw the panel into the open `gr.Blocks`."""
    line = gr.HTML(elem_id="progress-line", padding=False, apply_default_css=False)
    ahead = gr.HTML(elem_id="up-next", padding=False, apply_default_css=False)
    with gr.Accordion(word("progress", language), open=False, elem_id="progress") as box:
        due = gr.BarPlot(
            x="day", y="topics", x_label_angle=-45, height=180,
            title=word("plot_due", language), elem_id="plot-due",
        )  # fmt: skip
        scores = gr.LinePlot(
            x="attempt", y="score", title=word("plot_scores", language), height=180,
            y_lim=[0, 100],
        )  # fmt: skip
        folders = gr.BarPlot(
            x="folder", y="percent", x_label_angle=-45, height=300,
            title=word("plot_folders", language), y_lim=[0, 100],
        )  # fmt: skip
        weakest = gr.Dataframe(
            headers=_heads(language),
            label=word("weakest", language),
            interactive=False,
            wrap=True,
            column_widths=["24%", "44%", "16%", "16%"],
        )
    return ProgressPanel(
        line=line, ahead=ahead, due=due, scores=scores, folders=folders, weakest=weakest,
        labelled={
            box: "progress", due: "plot_due", scores: "plot_scores",
            folders: "plot_folders", weakest: "weakest",
        },
    )  # fmt: skip


def _line(found: LearningStats, language: Language) -> str:
    """How far the learner is, as a bar and in words."""
    told = word(
        "progress_line", language, practised=found.practised, topics=found.topics, due=found.due,
        score="–" if found.mean_score is None else found.mean_score,
        retention="–" if found.retention is None else f"{found.retention:.0%}",
    )  # fmt: skip
    share = max(1.5, 100 * found.practised / found.topics) if found.practised else 0
    return (
        f"<div class='bar' aria-hidden='true'><i style='width:{share:.1f}%'></i></div>"
        f"<p>{escape(told)}</p>"
    )


def _ahead(coach: Coach, profile: str, path: Sequence[str], language: Language) -> str:
    """The next topics, each a button that begins it."""
    states: dict[str, State] = dict.fromkeys(coach.history.cards(profile), "learned")
    states |= dict.fromkeys((topic.key for topic in coach.due(profile)), "due")
    found = coach.in_turn(profile, path=path)[:AHEAD]
    if not found:
        return ""
    rows = "".join(
        f"<li>{topic_button(topic, states.get(topic.key, 'fresh'), language, 'practise')}</li>"
        for topic in found
    )
    return f"<h4>{word('up_next', language)}</h4><ul>{rows}</ul>"


def _plot(values: "pd.DataFrame", x: str, y: str, language: Language) -> object:
    return gr.update(value=values, x_title=word(x, language), y_title=word(y, language))


def _heads(language: Language) -> list[str]:
    return word("weakest_heads", language).split("|")
