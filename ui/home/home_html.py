"""The Home page as HTML: today, a question box, and the map of topics."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from rag.notes.topic import Topic
from ui.answer_html import quiet
from ui.home.standing import STATES, Standing, State, by_folder, folder_name, steps
from ui.wording import EXAMPLES, Language, known, word


def home_html(
    now: Standing | None,
    language: Language,
    above: str = "",
    path: str = "",
    follows: bool = False,
) -> str:
    """The whole page; without a standing (it is still being worked out) what is known already.

    Args:
        above: what comes before today, as HTML.
        path: the study path as HTML.
        follows: the path has the button for what is new.
    """
    if now is None:
        today = quiet(word("loading_map", language))
        chart = ""
    else:
        today = _today(now, language, follows) if now.begun else _first_steps(now, language)
        chart = _map(now, language)
    return (
        f"<div class='home'><section class='today'>{above}{today}</section>"
        f"{_ask_box(language)}{path}{chart}</div>"
    )


def waits_html(language: Language) -> str:
    """Leads to a mock interview that was not ended."""
    return (
        f"<p><button type='button' class='go link waits' data-go='practice'>"
        f"{word('interview_waits', language)}</button></p>"
    )


def days_html(days: int | None, language: Language) -> str:
    """How many days are left to the interview, where its date is set."""
    if days is None or days < 0:
        return ""
    text = word("days_left", language, n=days) if days else word("day_of", language)
    return f"<p class='days'>{text}</p>"


def _today(now: Standing, language: Language, follows: bool) -> str:
    """What is due, and one button to begin with it."""
    if now.due:
        count = len(now.due)
        key = "due_one" if count == 1 else "due_today"
        head = word(key, language, n=count)
        names = " · ".join(escape(topic.name(language)) for topic in now.due[:4])
        rest = " …" if count > 4 else ""
        return (
            f"<h2>{head}</h2>{quiet(names + rest)}"
            f"{practise_button('', word('start_review', language))}"
        )
    lines = []
    if now.next_due is not None:
        day = f"{now.next_due.astimezone():%m-%d}"
        lines.append(word("due_next", language, day=day))
    if now.upcoming is not None:
        lines.append(word("next_up", language, topic=now.upcoming.name(language)))
    told = "".join(quiet(escape(line)) for line in lines)
    key_of = now.upcoming.key if now.upcoming else ""
    offers = now.topics and not follows
    button = practise_button(key_of, word("start_next", language)) if offers else ""
    return f"<h2>{word('nothing_due', language)}</h2>{told}{button}"


def practise_button(key: str, label: str) -> str:
    """The button that begins a topic; without a key, whatever comes first."""
    return (
        f"<button type='button' class='go primary' data-go='practise' data-topic='{escape(key)}'>"
        f"{escape(label)}</button>"
    )


def _first_steps(now: Standing, language: Language) -> str:
    """For a newcomer: three things to do, in place of what nobody has learned yet."""
    example = EXAMPLES[language][0]
    cards = [_step("ask", "text", example, word("step_ask", language), example)]
    starter = now.upcoming or (now.topics[0] if now.topics else None)
    if starter is not None:
        name = starter.name(language)
        cards.append(_step("read", "note", starter.key, word("step_read", language), name))
        cards.append(_step("practise", "topic", starter.key, word("step_practise", language), name))
    else:
        cards.append(_step("notes", "note", "", word("add_notes", language), ""))
    return (
        f"<h2>{word('welcome', language)}</h2>{quiet(word('welcome_lead', language))}"
        f"<ol class='first-steps'>{''.join(cards)}</ol>"
    )


def _step(go: str, kind: str, value: str, head: str, name: str) -> str:
    return (
        f"<li><button type='button' class='go step' data-go='{go}' data-{kind}='{escape(value)}'>"
        f"<b>{escape(head)}</b><span>{escape(name)}</span></button></li>"
    )


def _ask_box(language: Language) -> str:
    label = word("ask_anything", language)
    return (
        f"<form class='home-ask'><input type='text' maxlength='2000' aria-label='{label}' "
        f"placeholder='{label}'><button type='submit'>{word('send', language)}</button></form>"
    )


def _map(now: Standing, language: Language) -> str:
    """Folders with their topics as a path."""
    if not now.topics:
        return quiet(word("no_topics", language))
    done = sum(now.state(topic) == "learned" for topic in now.topics)
    legend = "".join(
        f"<span>{glyph(state, language)}{word(state, language)}</span>" for state in STATES
    )
    folders = "".join(
        _folder(name, topics, now, language) for name, topics in by_folder(now.topics).items()
    )
    line = word("map_line", language, done=done, all=len(now.topics))
    return (
        f"<section class='map'><div class='map-head'><h2>{word('map', language)}</h2>"
        f"{quiet(line, 'span')}<div class='legend'>{legend}</div></div>"
        f"<div class='folders'>{folders}</div></section>"
    )


def _folder(name: str, topics: Sequence[Topic], now: Standing, language: Language) -> str:
    counted = Counter(now.state(topic) for topic in topics)
    told, bar = [], []
    for state in STATES:
        if state != "fresh" and counted[state]:
            told.append(f"<span>{glyph(state, language)}{counted[state]}</span>")
            share = 100 * counted[state] / len(topics)
            bar.append(f"<i class='{state}' style='width:{share:.1f}%'></i>")
    of_all = quiet(f"{'' if told else '0 '}/ {len(topics)}", "span")
    rows = []
    for level, group in enumerate(steps(topics)):
        head = word("first" if level == 0 else "then", language)
        label = quiet(head, "span") if level < 2 else ""
        chips = "".join(topic_button(topic, now.state(topic), language) for topic in group)
        rows.append(f"<li>{label}<div class='topics'>{chips}</div></li>")
    return (
        f"<details class='folder'><summary><span class='folder-name'>"
        f"{escape(named(name, language))}</span><span class='strip'>{''.join(told)}"
        f"{of_all}</span><span class='shares'>{''.join(bar)}</span></summary>"
        f"<ol class='path'>{''.join(rows)}</ol></details>"
    )


def topic_button(topic: Topic, state: State, language: Language, go: str = "read") -> str:
    """A topic that opens its note (or is practised), with its state as a shape, a colour and in
    words."""
    key = f"data-{'note' if go == 'read' else 'topic'}='{escape(topic.key)}'"
    return (
        f"<button type='button' class='go topic {state}' data-go='{go}' {key}>"
        f"{glyph(state, language)}<span>{escape(topic.name(language))}</span></button>"
    )


def glyph(state: State, language: Language, text: str | None = None) -> str:
    """The shape of a state; its words are for screen readers."""
    told = word(state, language) if text is None else text
    spoken = f"<span class='spoken'>{told}</span>" if told else ""
    return f"<i class='glyph {state}'>{spoken}</i>"


def named(folder: str, language: Language) -> str:
    """A folder's name: the interface's word for it where there is one, else its own."""
    if not folder:
        return word("other_folder", language)
    key = f"folder_{folder}"
    return word(key, language) if known(key) else folder_name(folder)
