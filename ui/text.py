"""Every word of the interface, in Chinese and English."""

from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: dict[str, Language] = {"中文": "zh", "English": "en"}

_TABLE: dict[str, tuple[str, str]] = {
    "title": ("大模型面试学习助手", "LLM interview study assistant"),
    "subtitle": (
        "回答的每句话都有出处；笔记里没有的，会如实说没有。",
        "Every sentence is cited; what the notes do not say, it does not say either.",
    ),
    "ask_tab": ("提问", "Ask"),
    "practice_tab": ("练习", "Practice"),
    "practise_this": ("练习这个主题", "Practise this"),
    "ask_about": ("就此提问", "Ask about this"),
    "profile": ("学习者", "Learner"),
    "topic": ("主题（留空则先复习到期的）", "Topic (empty: what is due first)"),
    "topic_info": ("可选笔记，也可自己输入", "pick a note or type your own"),
    "tag": ("标签", "Tag"),
    "difficulty": ("难度", "Difficulty"),
    "minutes": ("限时（分钟）", "Time limit (min)"),
    "next": ("出题", "Ask me"),
    "no_question": ("点击“出题”开始。", "Press “Ask me” to begin."),
    "due_now": ("到期主题：{n} 个", "Topics due: {n}"),
    "explanation": (
        "用自己的话解释（草稿自动保存）",
        "Explain in your own words (saved as you type)",
    ),
    "hint": ("提示", "Hint"),
    "hint_text": ("提示 {n}：想想“{heading}”。", "Hint {n}: think of “{heading}”."),
    "no_hints": ("没有更多提示了。", "There are no more hints."),
    "grade": ("评分", "Grade"),
    "grading": ("正在逐点核对…", "Checking point by point…"),
    "covered": ("讲全", "covered"),
    "partly": ("讲到一部分", "partly"),
    "missed": ("漏掉", "missed"),
    "contradicted": ("讲错", "contradicted"),
    "you_said": ("你说：", "You said: "),
    "wrong_statements": (
        "与笔记不符或没有依据的说法",
        "Statements that the notes contradict or do not hold",
    ),
    "unsupported": ("笔记没有依据", "not in the notes"),
    "follow_up": ("追问：", "Follow-up: "),
    "rating": ("自评（按得分建议，可改）", "Rating (suggested by the score, change it freely)"),
    "again": ("忘了", "Again"),
    "hard": ("困难", "Hard"),
    "good": ("良好", "Good"),
    "easy": ("轻松", "Easy"),
    "schedule": ("安排复习", "Schedule"),
    "scheduled": ("已安排，下次复习：{due}", "Scheduled; next review: {due}"),
    "progress": ("学习进度", "Progress"),
    "progress_line": (
        "已练 {practised}/{topics} 个主题，到期 {due} 个，平均分 {score}，记忆保持 {retention}",
        "{practised}/{topics} topics practised, {due} due, mean score {score}, "
        "retention {retention}",
    ),
    "plot_due": ("未来 14 天到期的主题", "Topics due in the next 14 days"),
    "plot_scores": ("每次得分", "Score of each attempt"),
    "plot_folders": ("各目录已练比例（%）", "Practised in each folder (%)"),
    "weakest": ("薄弱要点", "Weakest key points"),
    "chat": ("对话", "Conversation"),
    "placeholder": ("输入问题，回车发送", "Type a question, Enter sends it"),
    "send": ("发送", "Send"),
    "stop": ("停止", "Stop"),
    "chats": ("历史对话", "Conversations"),
    "clear": ("新对话", "New conversation"),
    "examples": ("试试这些问题", "Try one of these"),
    "settings": ("设置", "Settings"),
    "model": ("模型", "Model"),
    "model_info": (
        "local:内置模型；none:只摘录笔记；也可输入 openai:MODEL、ollama:MODEL 等",
        "local: embedded; none: quotes only; or type openai:MODEL, ollama:MODEL …",
    ),
    "k": ("检索段落数", "Passages to read"),
    "sources": ("出处", "Sources"),
    "no_sources": (
        "提问后，这里显示找到的段落。",
        "The passages found for your question appear here.",
    ),
    "cites_nothing": ("这条回答没有引用笔记。", "This answer cites no note."),
    "found": ("找到的段落", "Passages found"),
    "note": ("笔记原文", "The note"),
    "no_note": ("点击引用编号，在笔记里查看原文。", "Click a citation to read it in its note."),
    "searching": ("正在检索笔记…", "Searching the notes…"),
    "writing": ("正在作答（尚未核对）…", "Writing (not verified yet)…"),
    "waiting": ("模型正忙，前面还有 {n} 个问题…", "The model is busy, {n} ahead of you…"),
    "nearest": ("最接近的笔记：", "Nearest notes:"),
    "dropped": (
        "有 {n} 句没有笔记支持，已删去。",
        "{n} sentence(s) that no note supports were left out.",
    ),
    "stopped": ("已停止，问题已放回输入框。", "Stopped; your question is back in the box."),
    "no_chats": ("还没有保存的对话。", "No conversation is kept yet."),
    "chat_turns": ("{n} 问", "{n} asked"),
    "chat_title": ("当前对话的标题", "Title of this conversation"),
    "rename": ("改名", "Rename"),
    "export": ("导出", "Export"),
    "delete": ("删除", "Delete"),
    "delete_sure": (
        "删除这个对话和对它的评价？无法恢复。",
        "Delete this conversation and the feedback on it? It cannot be undone.",
    ),
    "delete_yes": ("确认删除", "Yes, delete"),
    "delete_no": ("取消", "Cancel"),
    "no_chat_open": ("先打开一个对话。", "Open a conversation first."),
    "not_kept": (
        "这条回答没有保存，无法评价。",
        "This answer is not kept, so it cannot be rated.",
    ),
    "thanks": ("已记录，谢谢！", "Noted, thank you!"),
    "reason": ("哪里不好？", "What is wrong with it?"),
    "reason_wrong": ("说错了", "It is wrong"),
    "reason_wrong-citation": ("引用的原文不支持", "The citation does not support it"),
    "reason_beside-the-point": ("没答到点上", "It misses the point"),
    "reason_is-in-notes": ("笔记里有，却说没有", "The notes do say it"),
    "reason_not-in-notes": ("笔记里没有，不该回答", "The notes do not say it"),
    "reason_other": ("其他", "Something else"),
    "comment": ("补充说明（可不填）", "In your own words (optional)"),
    "save_reason": ("提交", "Save"),
    "reason_kept": ("原因已保存。", "The reason is saved."),
    "changed_note": (
        "笔记在回答之后改过，原文已不在其中。当时引用的是：",
        "The note has changed since and no longer holds the passage. What was cited:",
    ),
    "loading_embedder": ("正在加载向量模型…", "Loading the embedding model…"),
    "loading_index": ("正在读取索引…", "Reading the index…"),
    "loading_llm": (
        "正在加载语言模型（首次约需一分钟）…现在提问也可以，会排队。",
        "Loading the language model (about a minute the first time)… you may ask already.",
    ),
    "ready": ("就绪", "Ready"),
    "failed": ("加载失败：", "Loading failed: "),
}

EXAMPLES: dict[Language, list[str]] = {
    "zh": [
        "LoRA 和 Prefix Tuning 有什么区别？",
        "7B 模型全参数微调需要多少显存？",
        "为什么现在的大模型大多是 Decoder-only 结构？",
        "KV Cache 为什么能加速推理？",
    ],
    "en": [
        "How does LoRA differ from prefix tuning?",
        "Why do we divide by the square root of d_k in attention?",
        "What does PagedAttention solve?",
        "How is DPO different from PPO-based RLHF?",
    ],
}


def word(key: str, language: Language, **values: object) -> str:
    """The interface word of a key; `values` fill its braces."""
    text = _TABLE[key][0 if language == "zh" else 1]
    return text.format(**values) if values else text
