"""Notes in one language, asked in the other: found, answered, and translated where a model is."""

import pytest

from rag.answer.answer import Answer, Sentence
from rag.answer.translation import is_faithful, needs_translation, translating
from rag.search.word_pairs import in_other_language

ENGLISH = {
    "kv": (
        "# KV cache\n\nThe KV cache keeps the keys and values of past tokens, so that each new "
        "token computes its own only.\n\n## Memory\n\nIts memory grows linearly with the sequence "
        "length and the batch size.\n"
    ),
    "formulas": (
        "# Formulas\n\nThe cost of one Dengta attention layer is O(n^2 d) for n tokens.\n\n"
        "The learning rate of Dengta is 3 x 10^-5 in the second stage.\n"
    ),
    "quant": (
        "# Quantization\n\nQuantization stores weights with fewer bits, which saves memory.\n\n"
        "## Outliers\n\nA few outlier channels cause most of the accuracy loss at 8 bits.\n"
    ),
}
CHINESE = {
    "lora": (
        "# LoRA\n\nLoRA 冻结原权重，只训练两个低秩矩阵。\n\n## 秩\n\n"
        "秩越大，可训练的参数越多，显存占用也越大。\n"
    ),
    "rag": "# 检索\n\n分块太大会让检索变得不准，分块太小会丢掉上下文。\n",
}


@pytest.fixture
def ask(assistant):
    def asked(notes, question):
        made = assistant.library.registry.create("own")
        for each, text in notes.items():
            (made.folder / f"{each}.md").write_text(text, "utf-8")
        assistant.build(name="own")
        return assistant.answer(question, collections=["own"])

    return asked


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("灯塔第二阶段的学习率是多少？", "3 x 10^-5"),
        ("KV cache 的显存随什么增长？", "grows linearly"),
        ("量化为什么会掉精度？离群通道有什么影响？", "outlier channels"),
    ],
)
def test_a_chinese_question_is_answered_from_english_notes(ask, question, quoted):
    answer = ask(ENGLISH, question)
    assert not answer.abstained
    assert quoted in " ".join(citation.quote for citation in answer.citations[:2])


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("What happens when the LoRA rank gets larger?", "秩越大"),
        ("why is a chunk size that is too large bad for retrieval", "分块太大"),
    ],
)
def test_an_english_question_is_answered_from_chinese_notes(ask, question, quoted):
    answer = ask(CHINESE, question)
    assert not answer.abstained
    assert quoted in " ".join(citation.quote for citation in answer.citations[:2])


@pytest.mark.parametrize("question", ["红烧肉要炖多久？", "房贷利率怎么算？", "围棋怎么收官？"])
def test_what_the_notes_lack_is_not_answered_across_languages(ask, question):
    assert ask(ENGLISH, question).abstained


def test_words_of_the_field_are_known_in_both_languages():
    assert {"learn", "rate"} & set(in_other_language("学习"))
    assert "量化" in in_other_language("quantiz")


SENTENCE = "The learning rate of Dengta is 3e-5 in the second stage, as GPT-4 says."


@pytest.mark.parametrize(
    ("told", "faithful"),
    [
        ("如 GPT-4 所说，Dengta 第二阶段的学习率是 3e-5。", True),
        ("如 GPT-4 所说，Dengta 第二阶段的学习率是 3e-4。", False),  # another number
        ("如 GPT-4o 所说，Dengta 第二阶段的学习率是 3e-5。", False),  # another name
        ("The learning rate is 3e-5, as GPT-4 says.", False),  # no translation
    ],
)
def test_a_translation_keeps_numbers_and_names(told, faithful):
    assert is_faithful(SENTENCE, told, "zh") is faithful


def foreign_answer(text):
    return Answer("学习率？", "zh", (Sentence(text, (1,), True),), (), "local", {})


@pytest.mark.llm
def test_the_embedded_model_translates_and_the_quote_stays(assistant):
    model = assistant.model("local")
    answer = foreign_answer("The KV cache grows linearly with the sequence length.")
    assert needs_translation(answer)
    *_, told = translating(model, answer)
    (sentence,) = told.sentences
    assert sentence.translated and sentence.citations == (1,)
    assert "KV" in sentence.text and "线性" in sentence.text
    assert not needs_translation(told)


@pytest.mark.llm
def test_a_chinese_answer_from_english_notes_is_told_in_chinese(ask, assistant):
    ask(ENGLISH, "KV cache 的显存随什么增长？")
    answer = assistant.answer("KV cache 的显存随什么增长？", llm="local", collections=["own"])
    assert any(sentence.translated for sentence in answer.sentences)
    assert answer.to_dict()["sentences"][0]["translated"]
    assert "grows linearly" in " ".join(citation.quote for citation in answer.citations)
