"""What pages fold, pack away or draw is read, within a web page as in a bare document, or named."""

import pytest

from rag.limits import DEFAULT_LIMITS
from rag.readers import read_bytes

LONG = (
    "<p>" + "The keeper lights the lamp for the ships at sea every night of the year. " * 6 + "</p>"
)
MATH = (
    '<span style="display: none;"><math><msup><mi>x</mi><mn>2</mn></msup></math></span>'
    '<img alt="{\\displaystyle x^{2}}" aria-hidden="true" src="x.svg">'
)
OPENED = {
    "a remark": ("<aside class=note><p>The oil is blue.</p></aside>", "The oil is blue."),
    "footnotes": ('<aside role=doc-endnotes><ol><li id=f>The oil is blue. <a href="#r">↩</a></li>'
                  "</ol></aside>", "The oil is blue."),
    "a tab": ("<div role=tabpanel hidden><p>The oil is blue.</p></div>", "The oil is blue."),
    "what folds": ("<details><summary>Why?</summary><p>It is cold.</p></details>", "It is cold."),
    "a component": ("<x-a><template shadowrootmode=open><p>The oil is blue.</p></template></x-a>",
                    "The oil is blue."),
    "a packed frame": ('<iframe srcdoc="&lt;p&gt;The oil is blue.&lt;/p&gt;"></iframe>',
                       "The oil is blue."),
    "a field of text": ("<textarea>Say it thrice, keeper.</textarea>", "Say it thrice, keeper."),
    "a caption": ("<figure><img src=a.png><figcaption>The lens turned.</figcaption></figure>",
                  "The lens turned."),
    "lines without paragraphs": ("<div>The first lamp.<br><br>The second lamp.</div>",
                                 "The first lamp."),
    "a chart's labels": ("<div><svg><g><foreignObject><div><span>Amber queue</span></div>"
                         "</foreignObject></g></svg></div>", "Amber queue"),
    "a formula of Wikipedia": (f"<p>The loss {MATH} is small.</p>", "loss $x^{2}$ is small"),
    "a formula of Zhihu": ('<p>The loss <img eeimg=1 src="//z/x.svg" alt="x^2"> falls.</p>',
                           "loss $x^2$ falls"),
    "a formula by a script": ('<p>The loss <span data-tex="x^2"><svg></svg></span> falls.</p>',
                              "loss $x^2$ falls"),
    "lines of code": ("<pre><code><div>def lamp():</div><div>    return 1</div></code></pre>",
                      "def lamp():\n    return 1"),
    "merged cells": ("<table><tr><th>lamp</th><th>watt</th></tr><tr><td rowspan=2>amber</td>"
                     "<td>40</td></tr><tr><td>60</td></tr></table>", "| amber | 60 |"),
    "what replaces what is struck out": ("<p>It is <del>blue</del><ins>amber</ins> now.</p>",
                                         "It is amber now."),
}  # fmt: skip


def bare(body):
    return f"<!DOCTYPE html><body><h1>Beacon</h1>{body}</body>"


def page(body):
    return (
        f"<!DOCTYPE html><body><nav><a href=/>Home</a></nav><main><article><h1>Beacon</h1>{LONG}"
        f"{body}{LONG}</article></main><footer>Imprint</footer></body>"
    )


def read(text, name="n.html"):
    data = text if isinstance(text, bytes) else text.encode()
    return read_bytes(name, data, DEFAULT_LIMITS)


@pytest.mark.parametrize("write", [bare, page])
@pytest.mark.parametrize("name", OPENED)
def test_what_a_page_folds_or_draws_is_read(name, write):
    body, said = OPENED[name]
    text = read(write(body)).text
    flat = " ".join(text.split()) if "\n" not in said else text
    assert said in flat and "Home" not in text and "Imprint" not in text


def test_what_stands_beside_an_article_is_not_read():
    text = read(
        f"<body><nav>x</nav><aside><p>About the author of it.</p></aside><main>{LONG}"
        "<aside><a href=/1>One more lamp</a> <a href=/2>Another lamp</a></aside>"
        "<div class=comments><p>I like this lamp.</p></div><details><summary>Why?</summary>"
        "<p>It is cold.</p></details></main></body>"
    ).text
    assert "It is cold." in text
    assert not any(said in text for said in ("author", "more lamp", "I like"))


def test_numbers_beside_code_are_not_read():
    line = "<span>{}</span><br>"
    table = (
        f"<table><tr><td><pre>{line.format(1)}{line.format(2)}</pre></td><td><pre>"
        f"{line.format('a = 1')}{line.format('b = 2')}</pre></td></tr></table>"
    )
    text = read(bare(table)).text
    assert "a = 1\nb = 2" in text and "1\n2" not in text
    assert "7\n8" in read(bare("<pre>7\n8</pre>")).text


@pytest.mark.parametrize("write", [bare, page])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<mjx-container><svg><path d='M1 1'/></svg></mjx-container>", "picture"),
        ("<svg width=600 height=400><path d='M1 1'/></svg>", "picture"),
        ("<video src=a.mp4></video>", "recording"),
        ("<iframe src='https://www.youtube.com/embed/x'></iframe>", "recording"),
    ],
)
def test_what_cannot_be_read_is_named(body, said, write):
    assert said in read(write(f"<p>The lamp is lit.</p>{body}")).gaps[0].lower()


def test_signs_are_no_pictures():
    sign = "<svg width=24 height=24><path d='M1 1'/></svg><svg viewBox='0 0 512 512'></svg>"
    assert read(bare(f"<p>The lamp.</p>{sign}")).gaps == ()


MHTML = (
    "From: <Saved by Blink>\r\nSubject: Beacon\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--M"\r\n\r\n'
    "----M\r\nContent-Type: text/css\r\n\r\np { color: red }\r\n"
    "----M\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<html><body><p>=E7=81=AF=E5=A1=94=E6=98=AF=E6=A9=99=\r\n=E8=89=B2</p></body></html>\r\n"
    "----M--\r\n"
)


@pytest.mark.parametrize("name", ["n.mhtml", "n.mht", "n.html"])
def test_a_page_saved_as_one_file(name):
    note = read(MHTML, name)
    assert note.text == "灯塔是橙色" and note.gaps == ()


def test_a_page_about_mails_is_no_saved_page():
    text = "<html><body><p>Content-Type: multipart/related</p></body></html>"
    assert "multipart" in read(text).text
