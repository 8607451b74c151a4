"""Words on paper: how wide they are in their font, where lines of them break, and which letters the font does not have."""

from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.textpath import text_to_path


@lru_cache(maxsize=4096)
def text_width(words: str, size: float, bold: bool = False) -> float:
    """Points from the left to the right end of one line of words in the sans-serif font, ``size`` in points."""
    font = FontProperties(family="sans-serif", size=size, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(words, font, ismath=False)[0])


def broken(words: str, size: float, room: float, bold: bool = False) -> list[str]:
    """Lines of ``words`` that are at most ``room`` points wide; one line at least. A word that is wider is broken itself."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, bold) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size, bold) > room and len(line) > 1:
            fits = next((n for n in range(len(line) - 1, 1, -1) if text_width(line[:n], size, bold) <= room), 1)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line or not lines else lines


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=["sans-serif"]))).get_charmap())


def is_printable(words: str) -> bool:
    """Whether the font has every letter of ``words``."""
    return all(ord(letter) in _letters() for letter in words if not letter.isspace())


def printable(words: str) -> str:
    """``words`` with a question mark for each letter that the font does not have."""
    if is_printable(words):
        return words
    return "".join(letter if letter.isspace() or ord(letter) in _letters() else "?" for letter in words)
