"""Letters that look alike made one, for finding: radicals, ligatures, full width, invisible signs.

A note's own text stays as it was read (spans count its characters). What is drawn from a PDF or an
office file is folded as it is written down, so that it can be copied and searched for.
"""

import re
import unicodedata

# Radicals that Unicode gives no decomposition for (EquivalentUnifiedIdeograph.txt).
_RADICALS = dict(zip(
    "⺁⺄⺅⺆⺈⺉⺊⺌⺍⺎⺏⺐⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺶⺷⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲",
    "厂乙亻冂刀刂卜小小兀尣尢巳幺彑彐忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王疋目示礻竹糹纟罓罒羊羊耂肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
    strict=False,
))  # fmt: skip
_RADICALS["\u2ef3"] = "龟"
_ODD = re.compile(
    "[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06\ufe10-\ufe19\ufe30-\ufe4f\u3300-\u33ff]"
)
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufe00-\ufe0f]"
)


def folded(text: str) -> str:
    """Radicals as the characters they look like, ligatures as their letters, nothing invisible."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", _ODD.sub(_common, text))


def _common(match: re.Match[str]) -> str:
    char = match.group()
    return _RADICALS.get(char) or unicodedata.normalize("NFKC", char)
