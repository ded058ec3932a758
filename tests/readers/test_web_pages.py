"""HTML pages are read as their reader sees them: forms opened, powers kept, tables whole."""

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes
from rag.text.html_tags import without_tags
from rag.text.raised import raised, with_marks

SAID = "灯塔的旋转透镜由四百块玻璃组成，每晚要擦拭一次，这样光才不会减弱。"


def page(body, name="n.html"):
    return read_bytes(name, f"<html><body>{body}</body></html>".encode(), DEFAULT_LIMITS)


def test_a_form_round_a_page_is_opened_and_only_its_controls_are_left_out():
    note = page(
        f'<form id="aspnetForm"><nav>menu</nav><h1>灯塔</h1><p>{SAID}</p><p>{SAID * 3}</p>'
        "<table><tr><th>灯</th><th>色</th></tr><tr><td>甲</td><td>61</td></tr></table>"
        "<select><option>选项</option></select><button>提交</button></form>"
    )
    assert SAID in note.text and "61" in note.text
    assert "选项" not in note.text and "提交" not in note.text
    assert "灯号" in page(f"<p>{SAID}</p><form><p>灯号是红色。</p></form>").text
    assert "Search" not in page(f"<p>{SAID}</p><form><label>Search</label><input></form>").text


def test_a_form_of_lines_without_paragraphs_is_read_where_it_says_much():
    assert SAID in page(f"<form><div>{SAID * 8}</div><input></form>").text


def test_a_heading_that_folds_its_text_is_read():
    assert "# 灯号" in page(f"<h2><button>灯号</button></h2><p>{SAID}</p>").text


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("O(n<sup>2</sup> d)", "O(n^2 d)"),
        ("3 x 10<sup>-5</sup>", "10^(-5)"),
        ("x<sub>i</sub>", "x_i"),
        ("x<sub>i+1</sub>", "x_(i+1)"),
        ("e<sup>x<sub>i</sub></sup>", "e^(x_i)"),
        ("the 1<sup>st</sup>", "the 1st"),
        ("Dengta<sup>TM</sup>", "DengtaTM"),
        ('见注<sup><a href="#n">1</a></sup>', "见注[1]"),
        ("<math><mfrac><mi>a</mi><mi>b</mi></mfrac><msup><mi>n</mi><mn>2</mn></msup></math>",
         "a/b n^2"),
        ("<math><mfrac><mrow><mi>m</mi><mo>+</mo><mn>1</mn></mrow><mrow><mi>n</mi><mo>+</mo>"
         "<mi>k</mi></mrow></mfrac></math>", "(m+1)/(n+k)"),
        ("<math><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi>"
         "</munderover><msub><mi>x</mi><mi>i</mi></msub></math>", "∑_(i=1)^nx_i"),
        ("<math><msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt></math>", "√(a+b)"),
        ("<math><mroot><mi>a</mi><mn>3</mn></mroot></math>", "3√a"),
        ("<math><mover><mi>x</mi><mo>^</mo></mover></math>", "x\u0302"),
        ("<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>", "x_i^2"),
        ("<math><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn>"
         "</mtd><mtd><mn>4</mn></mtd></mtr></mtable></math>", "[1, 2; 3, 4]"),
        ("<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation>"
         "</semantics></math>", "$x^2$"),
        ("<m:math><m:msup><m:mi>n</m:mi><m:mn>2</m:mn></m:msup></m:math>", "n^2"),
        ('<span class="MathJax">x2</span><script type="math/tex">x^2</script>', "$x^2$"),
    ],
)  # fmt: skip
def test_powers_and_fractions_stay_such(markup, said):
    assert said in page(f"<p>成本是 {markup} 元。</p>").text
    # A page whose main content is picked from among furniture keeps them as well.
    long = (
        f"<nav>menu</nav><main><h1>灯塔</h1><p>{SAID}</p><p>成本是 {markup} 元。{SAID}</p></main>"
    )
    assert said in page(f"{long}<footer>foot</footer>").text


def test_tags_in_markdown_are_searched_as_powers():
    assert without_tags("O(n<sup>2</sup> d), 10<sup>-5</sup>, x<SUB>i</SUB>") == (
        "O(n^2 d), 10^(-5), x_i"
    )
    assert without_tags("a <b>bold</b> word<sup></sup>") == "a bold word"


def test_pieces_with_one_mark_belong_together():
    assert with_marks([("", "10"), ("^", "-"), ("^", "5"), ("", " m")]) == "10^(-5) m"
    assert raised("^", "(n)") == "^(n)"
    assert raised("_", " ") == " "


def test_merged_cells_stand_in_every_row_and_column():
    note = page(
        "<table><caption>表一</caption><tr><th rowspan=2>模型</th><th colspan=2>精度</th></tr>"
        "<tr><th>代码</th><th>诗</th></tr><tr><td rowspan=2>灯塔</td><td>61</td><td>72</td></tr>"
        "<tr><td colspan=2>无</td></tr></table>"
    )
    assert note.text == (
        "表一\n\n| 模型 | 精度 代码 | 精度 诗 |\n|---|---|---|\n"
        "| 灯塔 | 61 | 72 |\n| 灯塔 | 无 | 无 |"
    )


def test_what_is_hidden_or_a_reading_aid_is_not_read():
    note = page(
        f'<p style="color:red; display: none">秘密一</p><p hidden>秘密二</p>'
        f'<p style="visibility:hidden">秘密三</p><p>{SAID}</p>'
        "<ruby>灯<rp>(</rp><rt>deng</rt><rp>)</rp></ruby>"
    )
    assert "秘密" not in note.text and "deng" not in note.text and "(" not in note.text
    assert SAID in page(f'<p hidden="until-found">{SAID}</p>').text
    shown = f'<html><body style="display:none"><p>{SAID}</p></body></html>'  # until a script ran
    assert SAID in read_bytes("n.html", shown.encode(), DEFAULT_LIMITS).text


def test_pictures_that_nothing_describes_are_counted():
    note = page(
        f'<p>{SAID}</p><img src="a.png"><img src="b.png" alt="b.png">'
        '<img src="c.png" alt="图二说明">'
        '<img src="dot.gif" width="1" height="1"><svg><text>透镜</text></svg>'
    )
    assert "图二说明" in note.text and "透镜" in note.text and "b.png" not in note.text
    assert note.gaps[0].startswith("2 pictures without a description")
    assert page(f"<p>{SAID}</p>").gaps == ()


def test_a_list_that_begins_at_five_says_so():
    assert "5. 五\n6. 六" in page('<ol start="5"><li>五</li><li>六</li></ol>').text


WHOLE = "<html><body><h1>缓存</h1><p>缓存保存键和值。</p><p>它随长度增长。</p></body></html>"


@pytest.mark.parametrize("end", ["</body></html>", "长。</p></body></html>", "p></body></html>"])
def test_a_page_without_its_end_says_so(end):
    whole = read_bytes("a.html", WHOLE.encode(), DEFAULT_LIMITS)
    assert whole.gaps == ()
    cut = WHOLE.removesuffix(end)
    said = read_bytes("a.html", cut.encode(), DEFAULT_LIMITS).gaps
    assert len(said) == 1 and "cut off" in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "<h1>缓存</h1><p>一段没有外壳的导出，缓存保存键和值。</p>",
        "<!-- 说明 --><p>缓存保存键和值，a < b 也可以。</p>",
        "<HTML><BODY><p>缓存保存键和值。</p></BODY>",
    ],
)
def test_a_page_with_its_end_says_nothing(text):
    assert read_bytes("a.html", text.encode(), DEFAULT_LIMITS).gaps == ()
