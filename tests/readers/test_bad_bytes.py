"""One bad byte in a note in GBK or Big5 costs no more than the characters beside it."""

from difflib import SequenceMatcher

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

GBK = (
    "# 灯塔\n\n灯塔的旋转透镜由四百块玻璃组成，每晚要擦拭一次，这样光才不会减弱。\n\n"
    + "模型 GPT-4 在训练时使用混合精度，学习率是 3e-4，批大小为九十六。" * 4
    + "\n\n第三行说的是守夜人的名字。\n"
)
BIG5 = (
    "# 燈塔\n\n燈塔的旋轉透鏡由四百塊玻璃組成，每晚要擦拭一次，這樣光才不會減弱。\n\n"
    + "模型 GPT-4 在訓練時使用混合精度，學習率是 3e-4，批次大小為九十六。" * 4
    + "\n\n第三行說的是守夜人的名字。\n"
)
HURT = {
    "ff": lambda data, at: data[:at] + b"\xff" + data[at + 1 :],
    "80": lambda data, at: data[:at] + b"\x80" + data[at + 1 :],
    "nul": lambda data, at: data[:at] + b"\0" + data[at + 1 :],
    "space": lambda data, at: data[:at] + b" " + data[at + 1 :],
    "letter": lambda data, at: data[:at] + b"A" + data[at + 1 :],
    "lost": lambda data, at: data[:at] + data[at + 1 :],
    "added": lambda data, at: data[:at] + b"\xff" + data[at:],
}


def kept(whole, text):
    blocks = SequenceMatcher(None, whole, text, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks)


@pytest.mark.parametrize("how", HURT)
@pytest.mark.parametrize(("whole", "encoding"), [(GBK, "gb18030"), (BIG5, "big5")])
def test_one_bad_byte(whole, encoding, how):
    data = whole.encode(encoding)
    first = len(whole.split("\n")[0].encode(encoding)) + 2
    for at in range(first, len(data) - 2, 23):
        hurt = HURT[how](data, at)
        if hurt == data or data[at : at + 1] == b"\n":
            continue
        note = read_bytes("n.md", hurt, DEFAULT_LIMITS)
        assert kept(whole, note.text) >= len(whole) - 5, at
        if "\ufffd" in note.text:
            assert "damaged" in note.gaps[0]


def test_rare_characters_are_no_damage():
    rare = "饕餮魑魅魍魉耄耋龃龉蹴鞠囹圄觊觎踟蹰彳亍旖旎䶮𠮷"
    usual = "这些字在书里不常用，我们要一个一个地学。" * 9
    text = f"# 生僻字\n\n{rare}，{usual}\n"
    note = read_bytes("n.md", text.encode("gb18030"), DEFAULT_LIMITS)
    assert rare in note.text and note.gaps == ()


def test_a_page_that_names_its_encoding_loses_no_more():
    body = f'<meta charset="gbk"><p>{"灯塔的透镜每晚要擦拭一次。" * 9}</p>'.encode("gbk")
    note = read_bytes("n.html", body[:60] + b"\xff" + body[61:], DEFAULT_LIMITS)
    assert note.text.count("每晚要擦拭") >= 8 and "damaged" in note.gaps[0]
