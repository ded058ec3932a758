"""Text → search tokens: segmented Chinese, stemmed English, without words that carry no content."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from rag.text.folding import folded
from rag.text.language import CJK
from rag.text.spelling import american

_TOKEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[a-z]+|\d+(?:[.,]\d+)*")


# Formulas as they are typed and as they are spoken: d_k, d_{k} and dk; √, \sqrt and 根号.
_SUBSCRIPT = re.compile(r"(?<![a-z0-9_])([a-z])_\{?([a-z0-9]{1,6})\}?(?![a-z0-9_])")


# After 多 they ask how much.
_HOW_MUCH = frozenset("大小高低快慢远近宽窄深浅厚薄早晚贵久长重")


_SENTENCE = 500  # characters up to which a text's words are remembered


# In no name; a word that jieba guesses and that holds one is a piece of speech: 选多大, 条才够.
_PARTICLE = re.compile(r"[多少才够要会能该就都也还把被给让很更最又再吗呢吧啥咋哪这那是在不没]")


_ROOT = re.compile(r"√|根号")


# Words that carry no content: question words, particles, copulas.
STOP_WORDS = frozenset(
    [
        "的",
        "了",
        "是",
        "在",
        "和",
        "与",
        "或",
        "及",
        "有",
        "吗",
        "呢",
        "吧",
        "啊",
        "什么",
        "怎么",
        "怎样",
        "如何",
        "为什么",
        "为何",
        "哪些",
        "哪个",
        "哪",
        "谁",
        "多少",
        "几",
        "这",
        "那",
        "它",
        "其",
        "它们",
        "我",
        "你",
        "我们",
        "请",
        "说",
        "一下",
        "一个",
        "一种",
        "可以",
        "能",
        "会",
        "要",
        "就",
        "都",
        "也",
        "还",
        "对",
        "于",
        "中",
        "里",
        "上",
        "下",
        "被",
        "把",
        "从",
        "到",
        "以",
        "而",
        "之",
        "并",
        "但",
        "不",
        "没",
        "没有",
        "时",
        "时候",
        "个",
        "种",
        "请问",
        "解释",
        "介绍",
        "简述",
        "简单",
        "谈谈",
        "讲讲",
        "啥",
        "咋",
        "咋办",
        "咋样",
        "怎么办",
        "怎么样",
        "干嘛",
        "干吗",
        "干什么",
        "为啥",
        "到底",
        "究竟",
        "应该",
        "该",
        "是否",
        "是不是",
        "有没有",
        "能不能",
        "多大",
        "多久",
        "多长",
        "何时",
        "嘛",
        "呀",
        "告诉",
        "意思",
        "区别",
        "不同",
        "what",
        "how",
        "why",
        "which",
        "who",
        "when",
        "where",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "for",
        "and",
        "or",
        "by",
        "with",
        "from",
        "as",
        "at",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "do",
        "does",
        "did",
        "can",
        "could",
        "should",
        "much",
        "many",
        "would",
        "will",
        "may",
        "might",
        "i",
        "you",
        "we",
        "they",
        "he",
        "she",
        "me",
        "my",
        "your",
        "our",
        "their",
        "there",
        "here",
        "than",
        "then",
        "so",
        "if",
        "not",
        "no",
        "please",
        "explain",
        "describe",
        "tell",
        "about",
        "between",
        "difference",
        "into",
        "out",
        "up",
        "down",
        "over",
        "under",
        "only",
        "also",
        "one",
        "have",
        "has",
        "had",
        "s",
        "t",
    ]
)


@lru_cache(maxsize=1)
def segmenter() -> Any:
    """Cuts Chinese into words; its dictionary is compiled in."""
    import rjieba

    return rjieba.Jieba()


def words(text: str) -> list[str]:
    """Lower-case search tokens: jieba words (short and long) and stemmed Latin words."""
    tokens: list[str] = []
    text = _ROOT.sub(" sqrt ", _SUBSCRIPT.sub(r"\1\2", folded(text).lower()))
    for run in _TOKEN.findall(text):
        if CJK.match(run):
            cut = segmenter()
            for word in cut.cut_for_search(run):
                guessed = _PARTICLE.search(word) and not cut.has_word(word)
                tokens.extend(cut.cut_for_search(word, hmm=False) if guessed else [word])
        elif run.isalpha():
            tokens.append(stem(run))
        else:
            tokens.append(run.replace(",", ""))
    return tokens


def content_words(text: str) -> list[str]:
    """`words` without those that carry no content, in order, repeats kept."""
    return list(_content_of_sentence(text) if len(text) <= _SENTENCE else _content(text))


def _content(text: str) -> tuple[str, ...]:
    every = words(text)
    asks = set()  # 多 大: segmented or not, it asks how large
    for place, (word, after) in enumerate(pairwise(every)):
        if word == "多" and after in _HOW_MUCH:
            asks |= {place, place + 1}
    return tuple(
        word for place, word in enumerate(every) if word not in STOP_WORDS and place not in asks
    )


# One answer looks at the same sentences from several sides.
_content_of_sentence = lru_cache(maxsize=8192)(_content)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball English stem of a lower-case word, however it is spelt."""
    stemmed: str = _stemmer().stemWord(american(word))
    return stemmed


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")
