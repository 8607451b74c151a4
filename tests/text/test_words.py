"""The words that users read: those that readers asked for are used, and those that they stumbled over are nowhere.

Every text of the code is looked at, but documentation: literals of Python, the parts of f-strings, literals of JavaScript.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "chexview"
ROOMS = ("pages", "text", "figures", "viewer", "exports", "studies", "worklist", "pacs")
JAVASCRIPT = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')


def literals(source: str) -> Iterator[str]:
    """The texts of a module, neighbours joined as Python joins them, ``{}`` for what an f-string fills in; no documentation."""
    tree = ast.parse(source)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Each text with the file that it is in."""
    found = [
        (str(path.relative_to(PACKAGE)), text)
        for room in ROOMS
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for text in literals(path.read_text())
    ]
    for path in sorted((PACKAGE / "viewer" / "assets").rglob("*.js")):
        plain = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        found += [(path.name, first or second) for first, second in JAVASCRIPT.findall(plain)]
    return tuple(found)


def test_texts_are_found_and_documentation_is_not() -> None:
    source = 'def f(x):\n    """Not this."""\n    return f"{x} of " "these", "and this"\n\nY = 1\n"""Nor this."""\n'
    assert sorted(literals(source)) == ["and this", "{} of these"]
    assert len(texts()) > 3000
    assert {"viewer_panel.py", "keys.js"} <= {Path(name).name for name, _ in texts()}


@pytest.mark.parametrize(
    "words",
    [
        "Robustness checks",
        "From file to network input",
        "Other saliency methods",
        "Co-occurrence",
        "Previous",
        "Only films on this machine",
        "Log-odds above threshold",
        "Hide below",
        "most flagged first",
        "custom",
        " minus ",
        "Minimum detectable difference",
        "80 % power",
        "are right only in the first",
        "correctly flagged",
        "Limitations",
        "well-calibrated",
        "compressed",
    ],
)
def test_words_that_readers_asked_for_are_used(words: str) -> None:
    assert any(words in text for _, text in texts())


@pytest.mark.parametrize(
    "words",
    [
        r"^Covered and moved",
        r"^Why it looks so",
        r"[Ss]econd opinion",
        r"^Ask\b",
        r"^Together$",
        r"^Earlier, later",
        r"^Only films here",
        r"^Hide under",
        r"\b[Tt]riage\b|\b[Uu]rgent\b",
        r"\{\} less \{\}",
        r"[Ss]mallest difference",
        r"right in the first only|only the first is right",
        r"[Mm]ass inside the box",
        r"[Rr]ightly flagged|flagged rightly",
        r"\bwell calibrated\b",
        r"packed films|films are packed",
        r"^Limits$",
        r"[Aa]t least 90 ?%",
        r"\b[Nn]ormal (film|chest|finding)|[Dd]isease detected|is healthy",
        r"\bdiagnosis\b(?<!not for diagnosis)(?<!A clinical diagnosis)",
        r"\b[Ss]urely (absent|present)",
        r"[Gg]ave way|[Ii]n vain|whose turn|all the same\b",
        r"[Pp]atient's number",
    ],
)
def test_words_that_readers_stumbled_over_are_nowhere(words: str) -> None:
    pattern = re.compile(words)
    assert [(name, text) for name, text in texts() if pattern.search(text)] == []
