"""How wide words are on paper, measured in their font, and where lines of them break."""

from functools import lru_cache

from matplotlib.font_manager import FontProperties
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
