"""Why a film looks as it does: what :func:`chexview.films.grey.grey` does to it, one stage after the other, each to be looked at.

The stages are those of DICOM's grayscale pipeline (PS3.4 Annex N.2): modality, values of interest, presentation; padding and the
shape of pixels beside it. A film keeps its pixels as the modality transformation gives them. Stored values are worked out of that
where it can be undone, and where it cannot the stage says so.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.films.grey import apply, display_shape, grey, look_up
from chexview.films.radiograph import Radiograph, VoiTable, VoiView

SMALL = 160
"""Pixels of a stage's picture on its longer side, at most."""

BINS = 64

GREY_UNIT = "grey, 0 black to 1 white"

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_MODALITY_LUT, _RESCALE = "PS3.3 C.11.1.1", "PS3.3 C.11.1.1.2"
_PADDING, _INVERSION = "PS3.3 C.7.5.1.1.2", "PS3.3 C.11.6.1.2"
_WINDOW, _VOI_LUT = "PS3.3 C.11.2.1.2", "PS3.3 C.11.2.1.1"
_ORIENTATION, _PIXEL_ASPECT = "PS3.3 C.7.6.1.1.1", "PS3.3 C.7.6.3.1.7"
_COLOUR = ("PS3.3 C.7.6.3.1.2", "PS3.3 C.7.6.3.1.5")
_LATER = (_MODALITY_LUT, _RESCALE, _PADDING, _INVERSION, _WINDOW, _VOI_LUT, _ORIENTATION, _PIXEL_ASPECT)
_READ_AS = re.compile(r"read as (\d+)-bit (signed|unsigned) values")


class StageKind(StrEnum):
    """The stages, in their order."""

    STORED = "stored values"
    MODALITY = "modality transformation"
    PADDING = "padding"
    VOI = "window"
    INVERSION = "inversion"
    SHAPE = "shape of pixels"
    EYE = "network's eye"


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many pixels have which value: ``counts`` int64 (64,) of equal bins from ``low`` to ``high``, in ``unit``."""

    counts: npt.NDArray[np.int64]
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class DisplayStage:
    """A film after one stage.

    ``section`` is the part of the DICOM standard that asks for it, "" for pictures of other formats and for what no standard
    asks. ``changed`` says whether it did anything to this film. ``picture`` is small, uint8 (rows, columns): greys as they are
    from the window on, before that from the lowest value black to the highest white. Where padding is known its pixels are left
    out of the histogram and are black.
    """

    kind: StageKind
    title: str
    words: str
    section: str
    changed: bool
    picture: Pixels
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class StoredLine:
    """How a film's pixels lead back to what the file holds: ``pixels * scale + offset``.

    ``exact`` says whether that is the stored value itself; else it is the earliest that was kept, and ``words`` says why.
    """

    scale: float
    offset: float
    exact: bool
    words: str


def stored_line(film: Radiograph) -> StoredLine:
    """The way back from a film's pixels to its stored values, as far as its steps tell."""
    sections = {step.section for step in film.steps}
    if _MODALITY_LUT in sections:
        return StoredLine(
            1.0, 0.0, False, "Values before the modality LUT were not kept: shown is what the table gave."
        )
    if sections.intersection(_COLOUR):
        return StoredLine(film.scale, film.offset, False, "The file holds colours: shown is their luminance.")
    for step in film.steps:
        if match := _READ_AS.fullmatch(step.text):
            base = -(1 << (int(match[1]) - 1)) if match[2] == "signed" else 0
            return StoredLine(1.0, float(base), True, "These are the stored values themselves.")
    if film.steps and sections == {""}:
        if "luminance" in film.steps[0].text:
            return StoredLine(film.scale, film.offset, False, "The file holds colours: shown is their luminance.")
        return StoredLine(film.scale, film.offset, True, "These are the picture's own values.")
    return StoredLine(
        film.scale, film.offset, False, "What was stored is not known: shown are the values that were kept."
    )


def stages(film: Radiograph) -> tuple[DisplayStage, ...]:
    """The film's way from the file to :func:`grey` under its first view; all stages, also those that changed nothing.

    The last of them is ``grey(film)`` itself, made small.
    """
    step_texts = {step.section: _sentence(step.text) for step in film.steps}
    is_dicom = any(step.section for step in film.steps)
    line, view = stored_line(film), film.views[0]
    levels = np.arange(int(film.pixels.max(initial=0)) + 1, dtype=np.float64)
    modality = levels * film.scale + film.offset
    seen = apply(view, modality)
    shown = look_up(film).astype(np.float64)
    every = np.bincount(film.pixels.ravel(), minlength=len(levels))
    inside = every if film.padding is None else every - np.bincount(film.pixels[film.padding], minlength=len(levels))

    def stage(kind: StageKind, words: str, section: str, changed: bool, values: Floats, unit: str) -> DisplayStage:
        is_padded = kind not in (StageKind.STORED, StageKind.MODALITY)
        histogram = _histogram(values, inside if is_padded else every, unit)
        black, white = (0.0, 1.0) if unit == GREY_UNIT else (histogram.low, histogram.high)
        small = _mapped(film, np.clip((values - black) / (white - black), 0.0, 1.0), is_padded)
        return DisplayStage(
            kind, kind.value.capitalize(), words, section if is_dicom else "", changed, small, histogram
        )

    read = [step.text for step in film.steps if step.section not in _LATER]
    if not is_dicom:
        read = read[:1]
    stored_words = " ".join([*map(_sentence, read), line.words])
    transformed = step_texts.get(_MODALITY_LUT) or step_texts.get(_RESCALE)
    first = (
        stage(StageKind.STORED, stored_words, "PS3.5 8.1.1", True, levels * line.scale + line.offset, "stored value"),
        stage(
            StageKind.MODALITY,
            transformed or "None is asked for: values stay as they are.",
            _MODALITY_LUT if _MODALITY_LUT in step_texts else _RESCALE,
            _MODALITY_LUT in step_texts or (line.exact and (line.scale, line.offset) != (film.scale, film.offset)),
            modality,
            "modality unit",
        ),
        stage(StageKind.PADDING, _padding_words(film), _PADDING, film.padding is not None, modality, "modality unit"),
        stage(
            StageKind.VOI,
            _view_words(view),
            _VOI_LUT if isinstance(view, VoiTable) else _WINDOW,
            True,
            seen,
            GREY_UNIT,
        ),
        stage(
            StageKind.INVERSION,
            "Black and white change places, once." if film.inverted else "None is asked for: low values are dark.",
            _INVERSION,
            film.inverted,
            shown,
            GREY_UNIT,
        ),
    )
    return (*first, _shape(film, first[-1], step_texts, is_dicom))


def _shape(film: Radiograph, before: DisplayStage, step_texts: dict[str, str], is_dicom: bool) -> DisplayStage:
    """The last stage: pixels made square. Films are turned as they are read, which all pictures show."""
    changed = display_shape(film) != film.pixels.shape
    rows, columns = display_shape(film)
    words = step_texts.get(_PIXEL_ASPECT, "Pixels are square already.") if changed else "Pixels are square already."
    if _ORIENTATION in step_texts:
        words = f"{words} {step_texts[_ORIENTATION]} All pictures here show it turned."
    whole = grey(film)
    histogram = before.histogram
    if changed:
        counts, _ = np.histogram(whole, BINS, (0.0, 1.0))
        histogram = Histogram(counts.astype(np.int64), 0.0, 1.0, GREY_UNIT)
    return DisplayStage(
        StageKind.SHAPE,
        StageKind.SHAPE.value.capitalize(),
        f"{words} {rows} rows of {columns}.",
        _PIXEL_ASPECT if is_dicom else "",
        changed or _ORIENTATION in step_texts,
        small(whole),
        histogram,
    )


def small(picture: npt.NDArray[np.floating]) -> Pixels:
    """Greys 0 to 1 (rows, columns) as uint8 of at most ``SMALL`` pixels on the longer side, mixed by area."""
    rows, columns = picture.shape
    share = min(1.0, SMALL / max(rows, columns))
    size = max(1, round(columns * share)), max(1, round(rows * share))
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    return np.floor(np.asarray(image.resize(size, Image.Resampling.BOX)) * 255.0 + 0.5).astype(np.uint8)


def _mapped(film: Radiograph, greys: Floats, is_padded: bool) -> Pixels:
    """The film's pixels through a table of greys, small; padding is black from the stage on that finds it."""
    seen = greys.astype(np.float32)[film.pixels]
    if is_padded and film.padding is not None:
        seen[film.padding] = 0.0
    return small(seen)


def _histogram(values: Floats, counts: npt.NDArray[np.int64], unit: str) -> Histogram:
    """The histogram of pixels that have each of ``values`` so many times; greys from 0 to 1, others from end to end."""
    used = values[counts > 0]
    low, high = (0.0, 1.0) if unit == GREY_UNIT else (float(used.min()), float(used.max()))
    if high <= low:
        high = low + 1.0
    found, _ = np.histogram(values, BINS, (low, high), weights=counts)
    return Histogram(np.rint(found).astype(np.int64), low, high, unit)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _padding_words(film: Radiograph) -> str:
    if film.padding is None:
        return "None is marked."
    return f"{float(film.padding.mean()):.0%} of the film is padding: found here, and black whatever window and inversion say."


def _view_words(view: VoiView) -> str:
    if isinstance(view, VoiTable):
        return f"{view.name}: a table of {len(view.values)} entries from {view.first:g} on."
    return f"{view.name}: centre {view.centre:g}, width {view.width:g}, {view.function}."
