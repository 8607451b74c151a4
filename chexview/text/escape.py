"""Text from outside as text: file names, column names, titles of runs and lists, whatever a file says of itself.

Streamlit reads labels, headings and messages as Markdown with its own directives, pages hold pieces of HTML, and Plotly
reads its texts as a small HTML of its own, links included. All three know numeric character references, and in none of
them does a reference begin anything (CommonMark 0.31, 2.5; HTML, 13.1.4). So one form fits all three. Where text is drawn
and not parsed (PDF, PNG, CSV), it stands as it is.
"""

import re
from html import unescape

JOINER = "\u2060"
"""Word joiner: no width, and no line breaks at it."""
_ADDRESS = re.compile(r"(?i)(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)")
_DIRECTIVE = re.compile(r"(?<=:)(?=\w)")
_ARROW = re.compile(r"(?<=[-<=])(?=[->=])")
_SPECIAL = re.compile(r"""[\\`*_{}\[\]#+!|~<>&$:"'=^@]|(?<!\w)-|-(?!\w)""")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
_HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def for_terminal(text: str) -> str:
    """``text`` in one line of a terminal: what does not print, and could steer the terminal, is replaced."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def escaped(text: str) -> str:
    """``text`` for Markdown, HTML (also in quoted attributes) and Plotly: it reads the same and is nothing but text.

    Lines become one, and runs of blanks one blank. Addresses, ``:name:`` and arrows, which are replaced in finished
    text, are held apart by a joiner that has no width. Marks that turn the direction of writing, and control
    characters, are left out.
    """
    text = " ".join(_HIDDEN.sub("", text).split())
    for apart in (_ADDRESS, _DIRECTIVE, _ARROW):
        text = apart.sub(JOINER, text)
    text = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
    return _NUMBERED.sub(lambda found: f"{found[1]}&#{ord(found[2])};", text)


def unescaped(text: str) -> str:
    """What a reader sees of :func:`escaped` text, for those who draw it themselves."""
    return unescape(text).replace(JOINER, "")
