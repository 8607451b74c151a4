"""Colours, words and sizes of plotly's figures as matplotlib takes them."""

import re
from typing import Any

from chexview.text.escape import unescaped

DPI = 96
POINTS = 72 / DPI
"""Points of a pixel."""
INK = "#1F1E1C"
"""What words are written in where a figure names no colour."""
DASHES: dict[str, Any] = {"solid": "-", "dash": (0, (6, 3)), "dot": (0, (1.5, 2.5)), "dashdot": (0, (6, 2, 1.5, 2))}


class UndrawableError(ValueError):
    """A figure holds something that this module cannot draw."""


def colour(text: str | None) -> Any:
    """``#rrggbb``, ``rgb(...)``, ``rgba(...)`` or a name as matplotlib takes it; None stays None."""
    if text is None:
        return None
    if found := re.fullmatch(r"rgba?\(([^)]*)\)", text):
        numbers = [float(part) for part in found[1].split(",")]
        return (*(value / 255 for value in numbers[:3]), numbers[3] if len(numbers) > 3 else 1.0)
    return text


def lines_of(text: str) -> list[tuple[str, bool]]:
    """The lines of plotly's small HTML, each with whether it is bold. Raises UndrawableError for other tags."""
    parts = []
    for line in re.split(r"<br ?/?>", text):
        bold = line.startswith("<b>")
        plain = re.sub(r"</?[bi]>", "", line)
        if "<" in plain and re.search(r"</?\w", plain):
            raise UndrawableError(f"no way to write {line!r}")
        parts.append((words_of(plain), bold))
    return parts


def words_of(text: str) -> str:
    """Plotly's text as matplotlib's: characters for their references, and no formulas."""
    return unescaped(text).replace("$", r"\$")
