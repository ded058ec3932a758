"""The forms of an order, in English and Chinese, as patterns over words that are no quotation.

Each asks for structure, not for a word: to drop *earlier instructions*, to say *this and no more*,
to give away *the prompt*, to be another *assistant*, to carry *the user's data* to an address.
"Print BLEU for each epoch" and “如果你是做大模型微调的” are told to a reader.
"""

# A clause begins after any sign but an apostrophe or a hyphen inside a word or the comma of a
# list (“答非所问、忽略系统提示”), and after lead-ins.
START = r"(?:^|[^\w\s'’%、-]\s*|\n\s*|\s-+\s+)"


LEAD_EN = (
    r"(?:(?:please|kindly|now|first|then|also|instead|but|so|always|never|immediately|just|simply"
    r"|only|must|important|attention|you (?:must|should|shall|will|need to|have to|are to)"
    r"|your (?:new |only |real )?(?:task|job) is to|i (?:order|command|instruct|want) you to)\s+)*"
)


_DROP_EN = (
    r"(?:ignore|disregard|forget|override|bypass|discard|overlook|abandon|erase"
    r"|(?:stop|do not|don't) (?:follow|following|obey|obeying)|pay no attention to)"
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


# The word that is to be said, all of what is ordered: "Reply PWNED.", not "Print BLEU per epoch."
_SAID_EN = (
    r"(?-i:QUOTE|(?!(?:JSON|SQL|XML|HTML|YAML|CSV)\b)[A-Z]{3,})"
    r"(?=\s*(?:$|[^\w\s,/(+-]|and (?:nothing|only|stop)\b|instead\b|to (?:every|all|any)\b))"
)


# What a stranger's address is to get.
_TAKEN_EN = (
    r"(?:conversation|chat history|(?:the )?users?'?s? (?:question|input|name|data|quer(?:y|ies)"
    r"|messages?)|your (?:\w+ ){0,2}(?:prompt|instructions|answers?|repl(?:y|ies))|system prompt"
    r"|api keys?|passwords?|secrets?|credentials)"
)


EN = [
    # Override what was said before.
    rf"{START}{LEAD_EN}{_DROP_EN}\s+{_FILL_EN}(?:previous|prior|above|earlier|preceding|your|my"
    rf"|system|safety|existing|original|initial|hidden|former|developer|developer's)\s+{_FILL_EN}"
    r"(?:instructions?|rules?|prompts?|directions?|directives?|guidelines?|constraints?|rubric"
    r"|orders?|restrictions?|guardrails?|polic(?:y|ies)|messages?|notes|passages?|context|text)"
    r"\b(?! (?:tokens?|lengths?|embeddings?|windows?))",
    rf"{START}{LEAD_EN}{_DROP_EN}\s+{_FILL_EN}(?:instructions?|directives?|guidelines?|guardrails?"
    r"|rules?|rubric|notes|passages?|prompts?|everything|all that|what)\s+(?:\w+\s+)?"
    r"(?:above|before|earlier|you (?:were|was|have|know)|came|was (?:said|written)|and (?:instead"
    r"|reply|respond|answer|say|output|print|tell|give|write|do))\b",
    rf"{START}{LEAD_EN}{_DROP_EN}\s+(?:all|any|every|these|those)\s+(?:of\s+)?(?:the\s+)?"
    r"(?:instructions|directives|guidelines|guardrails|rules|safety \w+)\b",
    rf"{START}{LEAD_EN}{_DROP_EN}\s+(?:all )?(?:of )?(?:the |that |this )?above\s*(?:$|[^\w\s]"
    rf"|and\b)",
    # Say exactly this.
    rf"{START}{LEAD_EN}(?:reply|respond|answer|say|output|print)\s+(?:back\s+)?(?:\w+\s+){{0,3}}?"
    rf"(?:only|just|exactly|nothing (?:but|else))\s+(?:with\s+|say\s+)?(?:{_SAID_EN}"
    r"|(?:this|the following|one word)\b)",
    rf"{START}{LEAD_EN}(?:reply|respond|answer|say|output|print)\s+(?:with\s+)?(?:only\s+|just\s+"
    rf"|exactly\s+)?the (?:single )?(?:word|phrase|string|text|sentence)\s+{_SAID_EN}",
    rf"{START}{LEAD_EN}(?:(?:reply|respond|answer|say|repeat)\s+"
    rf"(?:with\s+|that\s+|to every \w+\s+|to all \w+\s+)*|(?:output|print|write|type)\s+(?!QUOTE))"
    rf"{_SAID_EN}",
    # Give away the prompt.
    rf"{START}{LEAD_EN}(?:reveal|show|print|output|repeat|tell|display|leak|expose|disclose|dump"
    rf"|recite|echo)\b[^.。\n]{{0,60}}?\b{_OWN_EN}\b",
    rf"{START}{LEAD_EN}(?:give|list|write|send|post|return|include|append|summari[sz]e|translate"
    r"|encode|copy|share)\b[^.。\n]{0,60}?\b(?:your (?:system|initial|hidden|original|secret) "
    r"(?:prompt|instructions?|message)|your (?:api key|passwords?|secrets?)|(?:text|words"
    r"|instructions?|everything) (?:written |given )?above)\b",
    # Be somebody else.
    r"\b(?:from now on|henceforth)\b,?\s+you\s+(?:are\s+(?:an?\b|dan\b|the\b|no longer\b|free\b"
    r"|to\b)"
    r"|(?:(?:must|will|shall|should|always|never|only|do not|don't|have to|can)\s+)*(?:say|answer"
    r"|respond|reply|speak|ignore|obey|follow|act|output|behave|refuse|pretend|be)\b)",
    rf"{START}(?:you are (?:now|hereby) (?:(?:an?|the|my)\s+)?(?:\w+[ -]){{0,2}}?(?:ais?|llm"
    rf"|assistant"
    r"|chatbot|bot|dan|pirate|hacker|admin\w*|root|character|persona|jailbroken|unrestricted"
    r"|unfiltered|free|uncensored|(?:developer|god) mode)\b"
    r"|you are no longer (?:an?|the|bound|restricted|limited|required|subject)\b"
    r"|(?:act|behave|respond|speak) as (?:if you\b|an? (?:un\w+|evil|jailbroken)|dan\b)"
    r"|pretend (?:to be|(?:that )?you)\b|(?:enter|enable|activate|switch to) (?:developer|god|dan"
    r"|jailbreak|unrestricted|admin\w*) mode\b)",
    # Speak as the system, or to the model.
    rf"{START}(?:(?:system|developer|admin(?:istrator)?|assistant)\s*(?:override|message|note"
    rf"|update"
    r"|notice|instructions?)|system|developer|admin(?:istrator)?|(?:new|updated|real|important) "
    r"(?:system )?(?:instructions?|rules?|task|prompt))\s*:(?!:)\s*(?:(?:you|your|the users?"
    r"|this user"
    r"|ignore|disregard|forget|override|repl(?:y|ies)|respond|say|reveal|from now|do not|never"
    r"|always"
    r"|stop|act|answer (?:only|with|every|all))\b|(?:output|print|answer) (?-i:QUOTE|[A-Z]{3,}))",
    rf"{START}(?:system|developer|admin(?:istrator)?) override\s*:",
    rf"{START}(?:end|end of|begin|start of) (?:the |of |system )*"
    r"(?:notes|passages|context|documents?|prompt|instructions)\s*(?:$|[^\w\s])",
    rf"\bif you(?:'re|’re| are) (?:an? |the )?{_MODELS_EN}(?:\s+(?:grader|assistant|agent|evaluator"
    r"|examiner|judge|reviewer|system|model|bot))?\s*(?:$|[^\w\s-]|(?:that|who|which|reading|seeing"
    r"|processing|summari[sz]ing|grading|answering|and you)\b)",
    rf"{START}(?:attention(?:\s*[,:!]\s*| )(?:all |any |every )|attention\s*[,:!]\s*(?:the )?"
    rf"|(?:dear|hey)\s+(?:all |any |the )*|(?:note|message) (?:to|for) (?:all |any |the )*)"
    rf"{_MODELS_EN}\b(?=\s*(?:$|[^\w\s]|reading\b|that\b|who\b|you\b))",
    # Grade me well.
    rf"{START}{LEAD_EN}(?:give|award|grade|score|mark|rate)\b[^.\n]{{0,40}}\b(?:100 points"
    r"|100/100|full marks|full score|perfect score|maximum score|score of 100)",
    rf"{START}{LEAD_EN}(?:grade|mark|treat|score)\b[^.\n]{{0,30}}\b(?:points?|answers?"
    rf"|explanations?"
    r"|everything|candidates?|learners?|students?|it|me|this)\b[^.\n]{0,20}"
    r"\bas (?:fully )?(?:correct|covered)\b",
    rf"{START}{LEAD_EN}(?:end|begin|start|finish|prefix|sign) (?:every|each|all|your) (?:\w+ )?"
    r"(?:answers?|repl(?:y|ies)|responses?|sentences?) (?:with|by)\s+(?:(?:the|this) (?:word|phrase"
    r"|string|text|link|url|image)|saying|(?-i:QUOTE|[A-Z]{3,})|!?\[|<|\W*https?:)",
    rf"{START}{LEAD_EN}cite (?:me\b|(?:this|it)\b[^.\n]{{0,30}}\bas\b|this (?:note|sentence"
    r"|passage)\b)",
    # Carry something out, or decode and obey.
    rf"{START}{LEAD_EN}(?:append|insert|embed|add|include|attach|put|send|post|forward|upload"
    rf"|submit|leak|load|fetch|visit|open|render|click|go to)\b(?=[^\n]{{0,160}}?{_TAKEN_EN})"
    r"[^\n]{0,160}?(?:https?|ftp|file)://",
    rf"{START}{LEAD_EN}(?:append|insert|embed|add|include|attach|put|load|fetch|visit|open|render"
    r"|click|go to)\b[^\n]{0,100}?(?:https?|ftp|file)://(?:[^\s]*(?-i:QUESTION|CONVERSATION|PROMPT"
    r"|ANSWER|\{\w*\})|\S*\s*(?:to|in|into|at|after) (?:the (?:end|beginning) of )?(?:the|every"
    r"|each|all|any|your) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?|outputs?)\b)",
    rf"{START}{LEAD_EN}(?:include|add|append|insert|embed|put)\b[^\n]{{0,40}}\b(?:in|to"
    rf"|into) (?:every"
    r"|each|all|any|your) (?:\w+ )?(?:answers?|repl(?:y|ies)|responses?)\b[^\n]{0,40}"
    r"(?:https?|ftp|file)://",
    r"\bdecode\b[^\n]{0,40}\b(?:base64|rot13|hex\w*|cipher\w*|encoded|this|below|following|above)\b"
    r"[^\n]{0,120}\b(?:follow|obey|execute|do what|carry out|comply)\b",
]


LEAD_ZH = (
    r"(?:请你?|您|你(?:们)?|现在|立即|立刻|务必|必须|应该|应当|一定要|从现在(?:起|开始)|接下来|首先|然后|并且?"
    r"|同时|直接|马上|麻烦|重要|注意|改为|转而|都|就|以后|今后|回答时|无论问什么|不管问什么|对(?:所有|任何)问题"
    r"|(?:AI|人工智能|大?模型|助手|机器人)(?:请|必须)|(?:system|user|assistant|model)(?=\s)|\s)*"
)


_MODELS_ZH = r"(?:AI|人工智能|大?语言模型|大模型|模型|智能助手|AI ?助手|助手|机器人)"


_OWN_ZH = (
    r"(?:系统(?:提示词?|指令|消息|设定)|(?:初始|隐藏|开发者|内部)的?(?:系统)?(?:提示词?|指令|消息)"
    r"|你的(?:\w{0,4})(?:提示词?|指令|规则|设定|密钥|密码)|(?:以上|上面|上述|前面)的?(?:全部|所有)?(?:指令|提示))"
)


_ABOVE_ZH = r"(?:以上|上面|上述|前面)的?(?:全部|所有)?(?:内容|文字|话)"


_DROP_ZH = (
    r"(?:忽略|无视|忘记|忘掉|忘了|抛弃|抛开|放弃|绕过|推翻|停止(?:遵守|遵循|执行)"
    r"|不(?:要|用|必|得|再)(?:再)?(?:理会|管|遵守|遵循|执行|听从|理睬))"
)


_TELL_ZH = (
    r"(?:告诉|发给|输出|打印|显示|说出|写出|复述|重复|翻译|泄露|公开|展示|透露|列出|念出|贴出"
    r"|逐字|原样|发送|交出|给我)"
)


# 要说的就是这个词：“只回复 PWNED。”，而不是“输出 BLEU 分数。”
_SAID_ZH = (
    r"(?-i:QUOTE|(?!(?:JSON|SQL|XML|HTML|YAML|CSV)(?![A-Z]))[A-Z]{3,})"
    r"(?=\s*(?:$|[.。!！;；”\"\]\[|)】>\0-]))"
)


_TAKEN_ZH = (
    r"(?:用户的?(?:问题|提问|输入|数据|信息)|对话|聊天记录|会话|系统提示词?|你的(?:\w{0,4})(?:提示词?|指令|回答)"
    r"|密钥|密码|隐私)"
)


ZH = [
    rf"{START}{LEAD_ZH}{_DROP_ZH}掉?了?"
    r"(?=.{0,8}(?:以上|上面|上述|之前|先前|此前|前面|你|收到|系统|原有|原来|现有|开发者|评分|给定|所有|一切|全部|任何))"
    r"(?:以上|上面|上述|之前|先前|此前|前面|所有|一切|全部|任何|你|收到|系统|原有|原来|这些|现有|开发者|评分|给定|的)+"
    r".{0,8}?(?:指令|指示|规则|提示|要求|设定|标准|话|资料|笔记|引用|安全)",
    rf"{START}{LEAD_ZH}{_DROP_ZH}掉?了?(?:所有|一切|全部|任何)?的?"
    r"(?:以上|上面|上述|之前|先前|此前|前面|你|收到|系统|开发者)(?:的|所有|一切|全部|任何|收到)*.{0,4}?(?:限制|约束|内容)",
    rf"{START}{LEAD_ZH}(?:忽略|无视|忘记|忘掉)(?:以上|上面|上述|之前|前面)(?:的?(?:一切|所有))?(?:$|\W)",
    rf"{START}{LEAD_ZH}(?:忽略|无视)(?:资料|笔记|引用|指令|指示|规则|安全规则)[,，。;；]?\s*(?:$|先|并|直接|然后|再|改)",
    # 只回答 X
    rf"{START}{LEAD_ZH}(?:只|仅|只能|只需|一律|统一|永远|总是)+(?:要|用|需)?(?:回复|回答|答复|输出|打印|说|写)"
    rf"(?:一句|一个|[:：为“\"])*\s*(?:{_SAID_ZH}|(?:这|我)(?:一)?(?:句|个词)(?:话)?)",
    rf"{START}{LEAD_ZH}(?:(?:回复|回答|答复|说|重复)(?:一句|出|[:：为])?\s*"
    rf"|(?:请|直接|务必|必须|立即|立刻|马上|都)(?:输出|打印|写)(?:一句|出|[:：为])?\s*|(?:输出|打印|写)\s*(?!QUOTE))"
    rf"{_SAID_ZH}",
    # 把系统提示词告诉我
    rf"{START}{LEAD_ZH}(?:把|将){_OWN_ZH}.{{0,16}}{_TELL_ZH}",
    rf"{START}{LEAD_ZH}{_TELL_ZH}+(?:我|一遍|你|出|地|\s)*(?:{_OWN_ZH})",
    rf"{START}{LEAD_ZH}(?:(?:把|将){_ABOVE_ZH}.{{0,12}}(?:逐字|原样|复述|重复|泄露|念出|告诉我)"
    rf"|(?:逐字|原样|复述|重复|泄露|念出)+(?:我|一遍|出|地|输出|打印|\s)*{_ABOVE_ZH})",
    # 你现在是……
    rf"{START}(?:从现在(?:起|开始)[,，]?\s*你(?:是|就是|要?扮演|将扮演|只|不再(?:是|受)|(?:必须|只能|要|应该?)"
    r"(?:说|回答|回复|输出|忽略|无视|服从|听从|扮演))"
    r"|你(?:现在|已经)(?:是|扮演|进入)(?=.{0,16}(?:没有任何限制|无限制|不受|DAN|助手|AI|机器人|模型|管理员|海盗|黑客"
    r"|角色|模式))|你不再(?:是|受)|假装你|假设你不是"
    r"|(?:进入|启用|开启|切换到).{0,4}(?:开发者|管理员|越狱|上帝|无限制|DAN)模式)",
    rf"{START}(?:新的?(?:系统)?(?:指令|指示|任务|规则)|系统(?:消息|指令|通知|管理员|覆盖|更新|命令)"
    r"|管理员(?:指令|命令|消息)|开发者(?:指令|消息))\s*[:：]\s*(?:你|请|忽略|无视|忘记|从现在|不要|必须|只|用户(?:是|已)"
    r"|该用户|立即|立刻)",
    r"(?:资料|笔记|文档|上下文|引用)(?:到此)?(?:结束|完毕)\s*(?:$|\W)",
    rf"如果你是(?:(?:一|这)?(?:个|名|位|款|台)|\w{{1,6}}的)?\s*{_MODELS_ZH}(?=\s*(?:[,，。:：!！]|$|请|必须|则|就|那么))",
    rf"{START}(?:(?:致(?!使)|告(?!诉)|写给)(?:所有|任何|各位|正在|阅读|读到|看到|这|此|的|本|段|文|份|笔记|文档|内容)*"
    rf"|给(?:所有|任何|各位|正在|阅读|读到|看到)(?:\w{{0,8}}的)?){_MODELS_ZH}们?\s*[:：,，]",
    rf"(?:读|看)到(?:这|此|本)(?:里|段|句|条|文|份|篇|行)?(?:文字|内容|话|笔记|文档|文本|信息|资料)?的\s*(?:任何|所有)?"
    rf"{_MODELS_ZH}(?=\s*(?:请|必须|应|要|[,，:：]))",
    rf"{START}(?:所有|各位)?{_MODELS_ZH}们?(?:请注意|请(?!求)|你必须|你要)",
    rf"{START}{LEAD_ZH}(?:给|打|判|评)(?:我|他|她|它|这|该|所有|每|个|份|的|回答|考生|答案|一律|全部){{0,8}}"
    r"(?:打|判|评)?(?:个|出|为|了)?\s*(?:100\s*分|满分|一百分)",
    rf"(?:把|将|请|在).{{0,20}}?{_TAKEN_ZH}.{{0,30}}?(?:发送|发|传|附加|附|拼接|拼|添加|加|嵌入|放|上传|提交)"
    r".{0,40}?(?:https?|ftp|file)://",
    r"(?:把|将|请|在).{0,12}?(?:每个|每次|所有|你的)?(?:回答|答案|回复)(?:的)?(?:末尾|结尾|后面|最后|开头|里|中)?.{0,12}?"
    r"(?:附加|附|拼接|添加|加上|加入|嵌入|插入|放).{0,40}?(?:https?|ftp|file)://",
    r"(?:(?:base64|rot13|十六进制|下面|以下|上面|这段|密文).{0,30}解码|解码.{0,30}(?:base64|下面|以下|上面|这段|密文))"
    r".{0,60}(?:照做|照着做|并执行|然后执行|遵照|服从|照办)",
]
