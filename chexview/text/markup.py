"""Small pieces of HTML that several pages show; every text in them is escaped."""

from collections.abc import Iterable
from html import escape


def fact(label: str, value: str, beside: str, below: str, pale: bool = False, remark: str = "") -> str:
    """One of the numbers at a page's head: its label, its value, what stands beside it, and a line below."""
    word = f" <em>{escape(remark)}</em>" if remark else ""
    return (
        f"<div class='fact{' pale' if pale else ''}'><dt>{escape(label)}</dt>"
        f"<dd><b>{escape(value)}</b> <span>{escape(beside)}</span>{word}<small>{escape(below)}</small></dd></div>"
    )


def facts(heading: str, parts: Iterable[str]) -> str:
    """A page's head: its heading, which only a screen reader hears, and its facts in a row."""
    return f"<h1 class='unseen'>{escape(heading)}</h1><dl class='facts-row'>{''.join(parts)}</dl>"


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Two columns of text; a file's own texts go no other way onto a page. A number and its per cent sign stay together."""
    body = "".join(
        f"<tr><th scope='row'>{escape(a)}</th><td>{escape(b).replace(' %', '&nbsp;%')}</td></tr>" for a, b in rows
    )
    return f"<table class='facts'><tbody>{body}</tbody></table>"


def refusal(name: str, sentence: str) -> str:
    """A file that was refused, with its sentence."""
    return f"<p class='refused' role='alert'><b>{escape(name)}</b> {escape(sentence)}</p>"


def paragraph(text: str, kind: str = "quiet") -> str:
    """A paragraph of one of the style sheet's kinds: quiet, fine, said."""
    return f"<p class='{kind}'>{escape(text)}</p>"


def progress(text: str) -> str:
    """What goes on, said by a screen reader as well."""
    return f"<p class='quiet' role='status'>{escape(text)}</p>"


def caution(text: str) -> str:
    """One sentence that the user should not miss."""
    return f"<p class='caution' role='status'>{escape(text)}</p>"
