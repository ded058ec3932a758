"""Words of own notes' key points, and of the voice: key → (Chinese, English)."""

WORDS: dict[str, tuple[str, str]] = {
    "own_points": ("这篇笔记的要点与问题（可修改）", "Key points and questions of this note"),
    "own_text": (
        "一行一个：“1. 要点”“+ 新要点”“? 问题 (1 2)”；删掉一行就去掉它",
        "One a line: “1. point”, “+ new point”, “? question (1 2)”; a line that is gone is dropped",
    ),
    "own_keep": ("保存在笔记旁", "Keep beside the note"),
    "own_headings": ("按标题重新起草", "Draft anew from headings"),
    "own_model": ("让模型起草", "Let the model draft"),
    "own_drafting": ("正在起草…", "Drafting…"),
    "own_is_draft": (
        "自动起草，还没有人看过。改好后保存，以后就按它出题和评分。",
        "Drafted, and not looked through yet. Correct and keep it: it is what you are asked.",
    ),
    "own_unkept": (
        "这里是你上次输入、还没有保存的内容。",
        "This is what you typed here and have not kept yet.",
    ),
    "own_by": ("由 {by} 起草。", "Drafted by {by}."),
    "own_left_out": (
        "模型写的 {n} 条在笔记里找不到依据，已去掉。",
        "{n} of what the model wrote did not rest on the note and was left out.",
    ),
    "own_unread": (
        "笔记最后 {n} 个字符太长，模型没有读。",
        "The last {n} characters of the note were too many for one call.",
    ),
    "voice": (
        "语音：口述回答、朗读题目（由浏览器提供；有的浏览器会把声音发给其厂商）",
        "Voice: speak your answer, hear the question (your browser's own; some browsers send "
        "what you say to their maker)",
    ),
    "voice_dictate": ("口述", "Dictate"),
    "voice_aloud": ("朗读题目", "Read aloud"),
    "voice_no_microphone": (
        "麦克风不可用，请检查浏览器的权限。",
        "The microphone cannot be used; check the permissions of your browser.",
    ),
    "own_kept": (
        "已保存：{file}。下一题起生效。",
        "Kept: {file}. It counts from the next question.",
    ),
}
