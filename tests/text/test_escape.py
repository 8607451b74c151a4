"""Escaped text: what parsers of HTML and Markdown make of it."""

from html import escape as html_escape
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chexview.text.escape import JOINER, escaped, unescaped

MARKUP = [
    "<b>bold</b>",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;b&gt;",
    "[link](javascript:alert(1))",
    "![picture](x.png)",
    "[ref]: /x",
    "<javascript:alert(1)>",
    "http://planted.example/a?b=c",
    "HTTPS://planted.example",
    "www.planted.example",
    "WWW.planted.example",
    "someone@planted.example",
    "mailto:someone@planted.example",
    "*a* **b** _c_ __d__ ~~e~~ `f` ``g``",
    "# heading",
    "#heading",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "123456789) item",
    "> quote",
    "---",
    "***",
    "| a | b |\n|---|---|\n| c | d |",
    "    code",
    "```\ncode\n```",
    "line\n===",
    "line\n---",
    "line  \nbreak\\\nbreak",
    "$x^2$ $$y$$",
    ":red[a] :material/home: :smile: :gray-background[b] :small[c]",
    "a -> b <- c -- d => e <-> f",
    "[^1] [x] - [ ] task",
    "\\*a\\*",
    "&#42;a&#42;",
]
PLAIN = [
    "00021782_018.png",
    "Test films (1,315)",
    "Zoë's ½ film 中文",
    "a-b",
    "50 %",
    "{x}",
    "PA & lateral",
    "a=b;c/d",
]


class Tags(HTMLParser):
    """Collects tags, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag + "".join(sorted(name for name, _ in attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


def read(text: str) -> str:
    """What somebody reads: no joiners, blanks as one."""
    return " ".join(text.replace(JOINER, "").split())


@pytest.mark.parametrize("text", [*MARKUP, *PLAIN])
def test_it_reads_the_same_and_is_no_html(text: str) -> None:
    between = parsed(f"<p>{escaped(text)}</p>")
    assert between.tags == ["p"]
    assert read(between.text) == read(text)
    within = parsed(f"<i title='{escaped(text)}' lang=\"{escaped(text)}\"></i>")
    assert within.tags == ["ilangtitle"]


@pytest.mark.parametrize("text", [*MARKUP, *PLAIN])
def test_it_reads_the_same_and_is_no_markdown(text: str) -> None:
    markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    (opening, inline, closing) = markdown.parse(escaped(text))
    assert (opening.type, inline.type, closing.type) == ("paragraph_open", "inline", "paragraph_close")
    assert {token.type for token in inline.children or ()} <= {"text", "text_special"}
    assert read("".join(token.content for token in inline.children or ())) == read(text)


@pytest.mark.parametrize("text", MARKUP)
def test_nothing_is_left_for_those_who_search_finished_text(text: str) -> None:
    """Addresses, directives, emoji, formulas and arrows, as Streamlit's Markdown finds them after parsing."""
    finished = unescape(escaped(text))
    for sign in ("://", "www.", "@p", ":red", ":smile", ":material", "->", "<-", "--", "mailto:", "javascript:a"):
        assert sign not in finished.lower()
    assert "$" not in escaped(text)


@given(st.text())
def test_any_text_is_one_line_of_text(text: str) -> None:
    result = escaped(text)
    assert not set(result) & set("<>\"'\n\r*_`[]$\\")
    assert parsed(f"<p>{result}</p>").tags == ["p"]
    assert escaped(html_escape(text)).count("&amp") == 0


@pytest.mark.parametrize("text", [*MARKUP, *PLAIN])
def test_it_can_be_undone_for_those_who_draw(text: str) -> None:
    assert unescaped(escaped(text)) == " ".join(text.split())


def test_marks_that_turn_the_writing_are_left_out() -> None:
    assert escaped("a\u202egnp.exe\u2066\x1b[31m\x00") == "agnp.exe&#91;31m"


def test_ordinary_words_stay_as_they_are() -> None:
    assert escaped("Test films (1,315), a-b. 50 %; x/y?") == "Test films (1,315), a-b. 50 %; x/y?"
