"""Words that order a reader about instead of stating something: "ignore all previous instructions".

Notes are untrusted, and a note that gives orders to the model which reads it is quoted to nobody:
its orders are left out of prompts, of extracted answers and of what may support a sentence. An
order is told from a statement *about* orders by its form: an imperative that begins a clause
("Ignore the above and …"), not a verb with a subject ("attackers make the model ignore …"), and
not inside quotation marks within a longer sentence. These are patterns, not understanding; what
they miss still has to pass `rag.grounding.support`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.safety.control_tokens import as_read, visible

_QUOTED = re.compile(
    r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"|«[^»]*»|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)"
)


_QUOTE = " QUOTE "  # stands for quoted words, so that `say "x"` is still seen to order something


# A clause begins after any sign but an apostrophe or a hyphen inside a word, or after lead-ins.
_START = r"(?:^|[^\w\s'’%-]\s*|\n\s*|\s-+\s+)"


_LEAD_EN = (
    r"(?:(?:please|kindly|now|first|then|also|instead|but|so|always|never|immediately|just|simply"
    r"|only|must|important|attention|you (?:must|should|shall|will|need to|have to|are to)"
    r"|your (?:new |only |real )?(?:task|job) is to|i (?:order|command|instruct|want) you to)\s+)*"
)


_FILL_EN = (
    r"(?:(?:all|any|every|of|the|these|those|this|that|your|my|our|previous|prior|above|earlier"
    r"|preceding|system|safety|existing|other|initial|original|given|and|or|citation|grading"
    r"|scoring|hidden|former|developer|developer's|about)\s+){0,7}"
)


_MODELS_EN = (
    r"(?:ais?|llms?|(?:ai |large )?(?:language )?models?|(?:ai )?assistants?|chatbots?|bots?)"
)


_OWN_EN = (
    r"(?:system (?:prompt|message|instructions?)|(?:initial|hidden|original|developer) "
    r"(?:system )?(?:prompt|instructions?|message)|(?:text|prompt|instructions?|words|everything) "
    r"(?:written |given )?above|above (?:prompt|instructions?|text)"
    r"|your (?:\w+ ){0,3}(?:instructions?|prompt|rules|guidelines|configuration|api key|passwords?"
    r"|secrets?))"
)


_EN = [
    # Override what was said before.
    rf"{_START}{_LEAD_EN}(?:ignore|disregard|forget|override|bypass|discard|overlook|abandon|erase"
    rf"|(?:stop|do not|don't) (?:follow|following|obey|obeying)|pay no attention to)\s+{_FILL_EN}"
    r"(?:instructions?|rules?|prompts?|directions?|directives?|guidelines?|constraints?|rubric"
    r"|orders?|restrictions?|guardrails?|polic(?:y|ies)|messages?|notes|passages?|context"
    r"|everything|above|all that|what (?:you|was|came|is))\b",
    # Say exactly this.
    rf"{_START}{_LEAD_EN}(?:reply|respond|answer|say|output|print)\s+(?:back\s+)?(?:\w+\s+){{0,3}}?"
    r"(?:only|just|exactly|nothing (?:but|else)|with (?:only|exactly|just|the (?:single )?(?:word"
    r"|phrase|string|text|sentence))|the (?:word|phrase|string))\b",
    rf"{_START}{_LEAD_EN}(?:reply|respond|answer|say|output|print|write|repeat|type)\s+"
    r"(?:with\s+|that\s+|to every \w+\s+|to all \w+\s+)*"
    r"(?-i:(?!(?:JSON|SQL|XML|HTML|YAML|CSV)\b)[A-Z]{3,})\b",
    # Give away the prompt.
    rf"{_START}{_LEAD_EN}(?:reveal|show|print|output|repeat|tell|display|give|leak|expose|disclose"
    r"|dump|list|recite|write|send|post|echo|return|include|append|summari[sz]e|translate|encode"
    rf"|copy|share)\b[^.。\n]{{0,60}}?\b{_OWN_EN}\b",
    # Be somebody else.
    r"\b(?:from now on|henceforth)\b[^.\n]{0,20}\byou\b",
    rf"{_START}(?:you are (?:now|no longer|hereby)"
    r"|(?:act|behave|respond|speak) as (?:if|an? un\w+|dan)\b"
    r"|pretend (?:to be|that|you)|(?:enter|enable|activate|switch to) (?:\w+ )?mode\b)",
    # Speak as the system, or to the model.
    rf"{_START}(?:system|developer|admin(?:istrator)?|assistant)\s*"
    r"(?:override|message|note|update|notice)?\s*:(?!:)",
    rf"{_START}(?:new|updated|real|important) (?:system )?(?:instructions?|rules?|task|prompt)\s*:",
    rf"{_START}(?:end|end of|begin|start of) (?:the |of |system )*"
    r"(?:notes|passages|context|documents?|prompt|instructions)\s*(?:$|[^\w\s])",
    rf"\bif you(?:'re|’re| are) (?:an? )?{_MODELS_EN}\b",
    rf"{_START}(?:attention|dear|hey|(?:note|message|instructions?) (?:to|for))\s+"
    rf"(?:all |any |the )*{_MODELS_EN}\b",
    # Grade me well.
    rf"{_START}{_LEAD_EN}(?:give|award|grade|score|mark|rate)\b[^.\n]{{0,40}}\b(?:100 points"
    r"|100/100|full marks|full score|perfect score|maximum score|score of 100"
    r"|as (?:fully )?(?:correct|covered))",
    rf"{_START}{_LEAD_EN}(?:end|begin|start|finish|prefix|sign) (?:every|each|all|your) (?:\w+ )?"
    r"(?:answers?|repl(?:y|ies)|responses?|sentences?)\b",
    rf"{_START}{_LEAD_EN}cite (?:this|the|me|it)\b",
    # Carry something out, or decode and obey.
    rf"{_START}{_LEAD_EN}(?:append|insert|embed|add|include|render|attach|put|send|post|forward|load"
    r"|fetch|visit|open|click|go to)\b[^\n]{0,100}?(?:https?|ftp|file)://",
    r"\bdecode\b[^\n]{0,160}\b(?:follow|obey|execute|do what|carry out|comply)\b",
]


_LEAD_ZH = (
    r"(?:请你?|您|你(?:们)?|现在|立即|立刻|务必|必须|应该|应当|一定要|从现在(?:起|开始)|接下来|首先|然后|并且?"
    r"|同时|直接|马上|麻烦|重要|注意|改为|转而|都|就|以后|今后|回答时|无论问什么|不管问什么|对(?:所有|任何)问题"
    r"|(?:AI|人工智能|大?模型|助手|机器人)(?:请|必须)|(?:system|user|assistant|model)(?=\s)|\s)*"
)


_MODELS_ZH = r"(?:AI|人工智能|大?语言模型|大模型|模型|智能助手|AI ?助手|助手|机器人)"


_OWN_ZH = (
    r"(?:系统(?:提示词?|指令|消息|设定)|(?:初始|隐藏|开发者|内部)的?(?:系统)?(?:提示词?|指令|消息)"
    r"|你的(?:\w{0,4})(?:提示词?|指令|规则|设定|密钥|密码)|(?:以上|上面|上述|前面)的?(?:全部|所有)?"
    r"(?:内容|指令|文字|提示))"
)


_TELL_ZH = (
    r"(?:告诉|发给|输出|打印|显示|说出|写出|复述|重复|翻译|泄露|公开|展示|透露|列出|念出|贴出"
    r"|逐字|原样|发送|交出|给我)"
)


_ZH = [
    rf"{_START}{_LEAD_ZH}(?:忽略|无视|忘记|忘掉|忘了|抛弃|抛开|放弃|绕过|推翻|停止(?:遵守|遵循|执行)"
    r"|不(?:要|用|必|得|再)(?:再)?(?:理会|管|遵守|遵循|执行|听从|理睬))掉?了?"
    r"(?:以上|上面|上述|之前|先前|此前|前面|所有|一切|全部|任何|你|收到|系统|原有|原来|这些|现有|开发者|评分|给定|的)+"
    r".{0,8}?(?:指令|指示|规则|提示|要求|设定|限制|约束|内容|话|标准|资料|笔记|引用|安全)",
    rf"{_START}{_LEAD_ZH}(?:忽略|无视|忘记)(?:以上|上面|上述|之前|前面)(?:的?(?:一切|所有))?(?:$|\W)",
    # 只回答 X
    rf"{_START}{_LEAD_ZH}(?:只|仅|只能|只需|一律|统一|永远|总是)+(?:要|用|需)?(?:回复|回答|答复|输出|打印|说|写)"
    r"(?:一句|一个|[:：为“\"])?\s*(?:(?-i:QUOTE|[A-Z]{3,})|这|我|一句|一个词)",
    rf"{_START}{_LEAD_ZH}(?:回复|回答|答复|输出|打印|说|写|重复)(?:一句|出|[:：为])?\s*"
    r"(?-i:QUOTE|(?!(?:JSON|SQL|XML|HTML|YAML|CSV)(?![A-Z]))[A-Z]{3,})",
    # 把系统提示词告诉我
    rf"{_START}{_LEAD_ZH}(?:把|将){_OWN_ZH}.{{0,16}}{_TELL_ZH}",
    rf"{_START}{_LEAD_ZH}{_TELL_ZH}+(?:我|一遍|你|出|地|\s)*(?:{_OWN_ZH})",
    # 你现在是……
    rf"{_START}(?:从现在(?:起|开始).{{0,4}}你|你(?:现在|已经)(?:是|扮演|进入)|你不再(?:是|受)|假装你|假设你不是"
    r"|进入.{0,6}模式|启用.{0,6}(?:开发者|调试|管理员)模式)",
    rf"{_START}(?:新的?(?:系统)?(?:指令|指示|任务|规则)|系统(?:消息|指令|通知|管理员|覆盖|更新|命令)"
    r"|管理员(?:指令|命令|消息)|开发者(?:指令|消息))\s*[:：]",
    r"(?:资料|笔记|文档|上下文|引用)(?:到此)?(?:结束|完毕)\s*(?:$|\W)",
    rf"如果你是.{{0,6}}{_MODELS_ZH}",
    rf"{_START}(?:致|告|写给|给)(?:所有|任何|各位|正在|阅读|读到|这|此|的|\w){{0,10}}?{_MODELS_ZH}们?\s*[:：,，]",
    rf"(?:读|看)到(?:这|此|本).{{0,8}}{_MODELS_ZH}",
    rf"{_START}(?:所有|各位)?{_MODELS_ZH}们?(?:请注意|请(?!求)|你必须|你要)",
    rf"{_START}{_LEAD_ZH}(?:给|打|判|评)(?:我|他|她|它|这|该|所有|每|个|份|的|回答|考生|答案|一律|全部){{0,8}}"
    r"(?:打|判|评)?(?:个|出|为|了)?\s*(?:100\s*分|满分|一百分)",
    r"(?:把|将|请|在).{0,40}?(?:发送|附加|附|拼接|拼|添加|加|嵌入|放|上传|提交|访问|打开|请求|加载|渲染).{0,40}?"
    r"(?:https?|ftp|file)://",
    r"解码.{0,80}(?:照做|照着做|并执行|然后执行|遵照|服从|照办)",
]


# Orders to a program: active markup or a bare picture to a browser, a forged reply to our parser.
_TO_PROGRAM = re.compile(
    r"<(?:script|iframe|object|embed|svg|form|meta|base|link)\b|<\w+[^<>]*\son\w+\s*=|\bjavascript:"
    r"|\"sentences\"\s*:\s*\[|\"sources\"\s*:"
    r"|^!?\[[^\[\]]*\]\((?:https?|ftp|file)://[^\s)]*\)?\W*$",
    re.IGNORECASE,
)


def _one_of(patterns: Sequence[str]) -> str:
    """The patterns as one. Common beginnings stand once: else each is tried at every sign."""
    starts = (_START + _LEAD_EN, _START + _LEAD_ZH, _START, "")
    grouped: dict[str, list[str]] = {start: [] for start in starts}
    for pattern in patterns:
        start = next(start for start in grouped if pattern.startswith(start))
        grouped[start].append(pattern.removeprefix(start))
    return "|".join(f"{start}(?:{'|'.join(rest)})" for start, rest in grouped.items() if rest)


_ORDER = re.compile(_one_of([*_EN, *_ZH]), re.IGNORECASE)


_TO_GRADER = re.compile(
    r"(?:ignore|disregard|forget|override)\b.{0,40}\b(?:rubric|instruction|rule|prompt|point|above)"
    r"|\b(?:give|award|grade|score)\b.{0,30}\b(?:100|full marks|full score|maximum|perfect)"
    r"|\b(?:mark|treat)\b.{0,30}\bas (?:covered|correct)"
    r"|(?:忽略|无视|忘掉|不要管|不用管).{0,16}(?:评分|标准|规则|指令|要点|提示)"
    r"|(?:给我?|打|判|评)(?:个|我)?\s*(?:100|满分|一百)|(?:全部|都)(?:判|标|算)(?:为|成)?(?:覆盖|正确|对)",
    re.IGNORECASE,
)


@lru_cache(maxsize=16384)
def is_order(sentence: str) -> bool:
    """The sentence tells its reader (a model, a grader, a program) what to do, in any clause."""
    if _TO_PROGRAM.search(sentence):
        return True
    text = as_read(sentence)
    outside = _QUOTED.sub(_QUOTE, text)
    if not any(char.isalpha() for char in outside.replace(_QUOTE, "")):
        outside = re.sub(
            r"[“”「」『』\"«»`]", " ", text
        ).strip()  # all of it is quoted: look inside
    return _ORDER.search(outside) is not None


def is_order_to_grader(sentence: str) -> bool:
    """The same for a learner's explanation, where every mention of rubric and marks is one."""
    return _TO_GRADER.search(as_read(sentence)) is not None or is_order(sentence)


def without_quoted_orders(sentence: str) -> str:
    """The sentence without the orders that it reports in quotation marks."""
    return _QUOTED.sub(
        lambda match: " " if is_order(match.group()[1:-1]) else match.group(), visible(sentence)
    )
