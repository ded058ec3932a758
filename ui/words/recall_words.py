"""Words of quick recall on the Practice page: key → (Chinese, English)."""

WORDS: dict[str, tuple[str, str]] = {
    "mode_recall": ("速记", "Quick recall"),
    "rc_title": ("想一想，再看答案", "Think, then look"),
    "rc_lead": (
        "一张卡一个小问题：先在心里答，再看要点和出处，给自己打分。和练习用同一个复习计划。",
        "A card, a short question: answer in your head, see the points and where they stand, rate "
        "yourself. It is the same schedule as the rest of practice.",
    ),
    "rc_begin": ("出一张卡", "Give me a card"),
    "rc_show": ("想好了，看要点", "Show the answer"),
    "rc_other": ("换一张", "Another card"),
    "rc_rate": ("想起来多少？", "How well did you recall it?"),
    "rc_no_topic": (
        "没有叫“{topic}”的主题，先来这张。",
        "There is no topic called “{topic}”; here is another card.",
    ),
    "rc_rated": (
        "{title}：{rating}，下次复习 {due}。",
        "{title}: {rating}; next review {due}.",
    ),
}
