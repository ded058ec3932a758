"""Words of the Read page: key → (Chinese, English)."""

WORDS: dict[str, tuple[str, str]] = {
    "find_note": ("找一篇笔记", "Find a note"),
    "pick_to_read": ("从左边选一篇笔记，或者读：", "Choose a note on the left, or read:"),
    "contents": ("目录", "Contents"),
    "previous": ("上一篇", "Previous"),
    "following": ("下一篇", "Next"),
    "self_test": ("先自己想一遍：这篇的要点", "Recall first: what this note teaches"),
    "point_n": ("要点 {n}", "Point {n}"),
    "show_point": ("看答案", "Show"),
    "ask_note": ("问这篇", "Ask about it"),
    "ask_note_text": ("{topic} 的要点是什么？", "What matters most about {topic}?"),
    "ask_selection": ("问这一段", "Ask about this"),
    "ask_selection_text": ("这句话是什么意思：“{text}”", "What does this mean: “{text}”"),
    "practise_note": ("练这个", "Practise it"),
    "all_notes": ("全部笔记", "All notes"),
    "before_this": ("先读：", "Read first: "),
    "difficulty_easy": ("入门", "easy"),
    "difficulty_medium": ("进阶", "medium"),
    "difficulty_hard": ("较难", "hard"),
    "other_language": ("Read in English", "读中文版"),
    "nothing_found": ("没有找到。", "Nothing found."),
}
