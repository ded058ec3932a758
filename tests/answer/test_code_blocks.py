"""Where code is asked for, it is shown, whole and as it stands in the note."""

import pytest

from rag.answer.quoting.code_blocks import asks_for_code
from ui.answer_blocks import answer_text
from ui.answer_html import sentences_html

CODE = """```python
def softmax(x):
    x = x - x.max()

    e = [exp(v) for v in x]
    return e[0] if len(e) == 1 else [v / sum(e) for v in e]
```"""
NOTE = f"# Softmax 手写\n\nsoftmax 把打分变成概率，先减去最大值防止溢出。\n\n{CODE}\n"


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("手撕 softmax", True),
        ("pass@k formula and write it in python", True),
        ("implement causal attention", True),
        ("softmax 的代码", True),
        ("给我看看 LoRA 的代码怎么写", True),
        ("写一段注意力代码，要带掩码", True),
        ("show me the code for beam search", True),
        ("write the code", True),
        ("微调了一个数学模型和一个代码模型，怎么合并", False),
        ("代码补全为什么要用 FIM", False),
        ("代码生成模型怎么评测", False),
        ("how do code models differ from chat models", False),
        ("which coding agents are there", False),
        ("PyTorch 和 TensorFlow 有什么区别", False),
        ("FlashAttention 是怎么实现加速的", False),
        ("what does in-context learning mean", False),
    ],
)
def test_what_asks_for_code(question, asks):
    assert asks_for_code(question) == asks


def test_code_is_shown_behind_the_sentences(assistant):
    made = assistant.library.registry.create("own")
    (made.folder / "softmax.md").write_text(NOTE, "utf-8")
    assistant.build(name="own")
    answer = assistant.answer("手写一个 softmax", collections=["own"])
    *sentences, code = answer.sentences
    assert sentences and code.text == CODE and "e[0]" in answer.text
    cited = answer.citations[code.citations[0] - 1]
    assert NOTE[cited.start : cited.end] == cited.quote == CODE
    html = sentences_html(answer, 1)
    assert "<pre class='code'>" in html and "\n" not in html  # Markdown ends HTML at a blank line
    assert f"\n\n{CODE}\n[" in answer_text(answer, sources=True)
    plain = assistant.answer("softmax 为什么要减去最大值", collections=["own"])
    assert all("```" not in sentence.text for sentence in plain.sentences)


def test_a_block_that_was_cut_into_chunks_is_put_together(assistant):
    lines = "\n".join(f"    e{n} = exp(x[{n}] - peak)  # term {n} of the sum" for n in range(50))
    code = f"```python\ndef softmax(x):\n    peak = max(x)\n\n{lines}\n    return e0\n```"
    text = f"# Softmax 手写\n\nsoftmax 把打分变成概率，先减去最大值防止溢出。\n\n{code}\n"
    made = assistant.library.registry.create("own")
    (made.folder / "softmax.md").write_text(text, "utf-8")
    assistant.build(name="own")
    chunks = assistant.library.load(made).store.of_notes(["softmax.md"])
    assert not any(code in chunk.page_content for chunk in chunks)
    answer = assistant.answer("手写一个 softmax", collections=["own"])
    assert answer.sentences[-1].text == code
    cited = answer.citations[answer.sentences[-1].citations[0] - 1]
    assert text[cited.start : cited.end] == cited.quote == code
