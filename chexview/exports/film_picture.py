"""A film as a picture to look at on paper or in any viewer: its greys, a finding's heatmap over them, outlines, and beside it what
was found, the colours' scale and the notice."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from chexview.exports.film_result import FilmResult
from chexview.exports.outlines import outlines
from chexview.exports.records import NOTICE
from chexview.figures.colours import blend
from chexview.films.grey import display_shape, grey
from chexview.findings import title
from chexview.model.reading import FindingScore
from chexview.text.numbers import scale_ends
from chexview.text.reading import chance, none_flagged, ordered
from chexview.text.result import model_words, threshold_text, withheld_words
from chexview.viewer.heatmap import layer, paint
from chexview.viewer.scene import coloured_map

LONGEST = 1024
"""Pixels of the film's longer side in a picture."""
PANEL = 460
"""Pixels across of the panel beside the film."""
MOST = 6
"""Pictures of one film."""
INK, MUTED, PAPER, LINE = (240, 240, 240), (165, 165, 165), (18, 18, 18), (255, 214, 92)
Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Whether a film's picture has colours and outlines of a finding over it."""

    finding: str = ""
    colours: bool = True
    lines: bool = True


def film_greys(result: FilmResult, longest: int = LONGEST) -> npt.NDArray[np.uint8]:
    """The film under its first view, uint8 (rows, columns) of square pixels, at most ``longest`` a side."""
    seen = grey(result.film)
    factor = min(1.0, longest / max(seen.shape))
    if factor < 1.0:
        rows, columns = (max(1, round(side * factor)) for side in seen.shape)
        seen = np.asarray(Image.fromarray(seen).resize((columns, rows), Image.Resampling.BOX))
    return np.asarray(np.floor(np.clip(seen, 0, 1) * 255 + 0.5), np.uint8)


def film_picture(result: FilmResult, drawn: Overlay, longest: int = LONGEST) -> Rgb:
    """The film, uint8 (rows, columns, 3), with the overlay drawn over it."""
    greys = film_greys(result, longest)
    rows, columns = greys.shape
    picture = np.repeat(greys[..., None], 3, axis=2)
    reading = result.reading
    if reading is None or not drawn.finding:
        return picture
    if drawn.colours:
        scale = reading.score(drawn.finding).heatmap_scale
        over = layer(coloured_map(reading, drawn.finding), reading.rectangle, rows, columns, scale)
        picture = blend(greys, over)
    if drawn.lines:
        canvas = Image.fromarray(picture)
        pen = ImageDraw.Draw(canvas)
        for line in outlines(reading, drawn.finding, display_shape(result.film)):
            pen.line([tuple(point) for point in line.at(rows, columns)], fill=LINE, width=max(1, rows // 240))
        picture = np.asarray(canvas)
    return picture


def captioned_picture(result: FilmResult, finding: str = "") -> Rgb:
    """The film with a finding's heatmap and outline, and beside it every finding, the scale and the notice.

    uint8 (rows, columns, 3); without ``finding`` the bare film stands there.
    """
    picture = film_picture(result, Overlay(finding))
    height = max(picture.shape[0], 900)
    page = Image.new("RGB", (picture.shape[1] + PANEL, height), PAPER)
    page.paste(Image.fromarray(picture), (0, 0))
    _panel(ImageDraw.Draw(page), page, result, finding, picture.shape[1] + 18)
    return np.asarray(page)


def captioned_pngs(result: FilmResult) -> tuple[bytes, ...]:
    """The captioned pictures as PNG, one a flagged finding, :data:`MOST` at most; of the bare film where nothing is flagged."""
    shown = [score.name for score in result.flagged][:MOST] or [""]
    return tuple(png(captioned_picture(result, finding)) for finding in shown)


@cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The letters, which come with matplotlib, so that a picture is the same on each machine."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)


def wrapped(words: str, letters: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines of ``words`` that are at most ``width`` pixels long."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _panel(pen: ImageDraw.ImageDraw, page: Image.Image, result: FilmResult, finding: str, left: int) -> None:
    width, down = PANEL - 36, 16

    def write(words: str, size: int = 15, colour: tuple[int, int, int] = INK, bold: bool = False) -> None:
        nonlocal down
        for line in wrapped(words, font(size, bold), width):
            pen.text((left, down), line, font=font(size, bold), fill=colour)
            down += round(1.35 * size)

    reading = result.reading
    write("CheXView", 20, bold=True)
    write(f"{NOTICE}", 15, LINE)
    down += 8
    write(_said(result))
    down += 10
    if reading is not None:
        down = _table(pen, result, finding, left, down)
        if finding:
            down = _scale(pen, page, reading.score(finding), left, down + 10)
        for caution in result.cautions[:3]:
            write(caution, 12, MUTED)
    write(f"Read with {model_words(result.card)}.", 12, MUTED)
    if reading is not None and finding:
        write("Outline: half of the map's highest point, not a lesion's edge.", 12, MUTED)


def _said(result: FilmResult) -> str:
    if result.reading is None:
        return withheld_words(result.withheld)
    if not result.flagged:
        return none_flagged(result.reading)
    return f"{len(result.flagged)} of {len(result.reading.findings)} findings assessed are flagged."


def _table(pen: ImageDraw.ImageDraw, result: FilmResult, finding: str, left: int, down: int) -> int:
    """Every finding with probability and threshold; what is flagged is bold. Gives how far down it reaches."""
    assert result.reading is not None
    columns: Sequence[tuple[int, str]] = ((290, "ra"), (400, "ra"))
    for (x, anchor), words in zip(columns, ("probability", "threshold"), strict=True):
        pen.text((left + x, down), words, font=font(12), fill=MUTED, anchor=anchor)
    down += 20
    for score in ordered(result.reading):
        letters, colour = font(15, score.flagged), INK if score.flagged else MUTED
        mark = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} " if score.name == finding else ""
        pen.text((left, down), f"{mark}{title(score.name)}", font=letters, fill=colour)
        for (x, anchor), words in zip(columns, _numbers(result, score), strict=True):
            pen.text((left + x, down), words, font=letters, fill=colour, anchor=anchor)
        down += 22
    return down + 6


def _numbers(result: FilmResult, score: FindingScore) -> tuple[str, str]:
    return chance(score), threshold_text(score, result.card)


def _scale(pen: ImageDraw.ImageDraw, page: Image.Image, score: FindingScore, left: int, down: int) -> int:
    """The colours' scale, in log-odds. Gives how far down it reaches."""
    full = score.heatmap_scale
    bar = paint(np.linspace(-full, full, 400)[None].repeat(14, axis=0), full)
    page.paste(Image.fromarray(blend(np.full(bar.shape[:2], 90, np.uint8), bar)), (left, down))
    lowest, highest = scale_ends(full)
    words = (f"{lowest} against", "log-odds, 0", f"for {highest}")
    for x, anchor, text in zip((0, 200, 400), ("la", "ma", "ra"), words, strict=True):
        pen.text((left + x, down + 18), text, font=font(12), fill=MUTED, anchor=anchor)
    return down + 44


def png(picture: Rgb) -> bytes:
    """A picture as PNG."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=6)
    return out.getvalue()
