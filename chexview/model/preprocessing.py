"""A film's preprocessing up to the network's eye, and what the film would score had a step been skipped or done wrongly.

Wrong steps are the usual ones of programs that read films: values stretched from lowest to highest in place of the header's window,
MONOCHROME1 taken for MONOCHROME2, padding taken for film, the shape of pixels or of the film ignored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.films.display_stages import BINS, DisplayStage, Histogram, StageKind, small, stages, stored_line
from chexview.films.grey import grey, span
from chexview.films.radiograph import Radiograph
from chexview.model.eye import Sight, eye
from chexview.model.perturbations import ScoreChange, score_changes
from chexview.model.predictor import Predictor

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Preprocessing:
    """A film's stages, the network's eye last, and what the network is shown."""

    stages: tuple[DisplayStage, ...]
    sight: Sight


def preprocess(film: Radiograph, size: int) -> Preprocessing:
    """The film's way from the file to the input of a network of ``size`` pixels; ``sight`` is exactly what it reads."""
    whole = grey(film)
    sight = eye(whole, size)
    counts, _ = np.histogram(sight.picture, BINS, (0, 256))
    words = f"Resized to {size} x {size} pixels with antialiasing, and rounded to 256 levels. {_shape_words(sight)}"
    last = DisplayStage(
        kind=StageKind.EYE,
        title=StageKind.EYE.value.capitalize(),
        words=words,
        section="",
        changed=True,
        picture=small(sight.picture / np.float32(255.0)),
        histogram=Histogram(counts.astype(np.int64), 0.0, 255.0, "level"),
    )
    return Preprocessing((*stages(film), last), sight)


def _shape_words(sight: Sight) -> str:
    return sight.caution or "The whole film is stretched to a square, as the films in training were."


class Mistake(StrEnum):
    """A step that programs skip or do wrongly."""

    INVERSION_SKIPPED = "inversion skipped"
    INVERTED = "inverted by mistake"
    RANGE = "lowest to highest value in place of the window"
    PADDING = "padding taken for film"
    MODALITY = "window laid over stored values"
    PIXEL_ASPECT = "pixels taken as square"
    PADDED = "padded to a square in place of stretched"
    STRETCHED = "stretched to a square in place of padded"

    @property
    def kind(self) -> StageKind:
        """The stage that it spoils."""
        return {
            Mistake.INVERSION_SKIPPED: StageKind.INVERSION,
            Mistake.INVERTED: StageKind.INVERSION,
            Mistake.RANGE: StageKind.VOI,
            Mistake.PADDING: StageKind.PADDING,
            Mistake.MODALITY: StageKind.MODALITY,
            Mistake.PIXEL_ASPECT: StageKind.SHAPE,
            Mistake.PADDED: StageKind.EYE,
            Mistake.STRETCHED: StageKind.EYE,
        }[self]


@dataclass(frozen=True, slots=True, eq=False)
class MistakeResult:
    """What one mistake does to the score: every finding's change from the right reading; ``picture`` is what the network saw."""

    mistake: Mistake
    changes: tuple[ScoreChange, ...]
    picture: npt.NDArray[np.uint8]

    @property
    def largest(self) -> ScoreChange:
        """The finding whose log-odds moved most, up or down."""
        return max(self.changes, key=lambda change: abs(change.moved))


def read_with_mistakes(predictor: Predictor, film: Radiograph) -> tuple[MistakeResult, ...]:
    """What each mistake that can happen to this film does to every finding, all read in one go.

    A mistake that shows the network the very same picture is left out, and one that needs stored values which are no longer there.
    """
    size = predictor.card.input_size
    right = eye(grey(film), size).picture
    shown = [(mistake, picture) for mistake, picture in _mistakes(film, size) if not np.array_equal(picture, right)]
    logits, _ = predictor.forward(np.stack([right, *(picture for _, picture in shown)]))
    return tuple(
        MistakeResult(mistake, score_changes(predictor.card, logits[0], logits[i]), picture)
        for i, (mistake, picture) in enumerate(shown, 1)
    )


def _mistakes(film: Radiograph, size: int) -> Iterator[tuple[Mistake, npt.NDArray[np.uint8]]]:
    """Each mistake by itself, and what it shows the network. The range is that of all pixels, padding among them."""

    def seen(wrong: Radiograph) -> npt.NDArray[np.uint8]:
        return eye(grey(wrong), size).picture

    inversion = Mistake.INVERSION_SKIPPED if film.inverted else Mistake.INVERTED
    yield inversion, seen(replace(film, inverted=not film.inverted))
    ends = [int(end) * film.scale + film.offset for end in (film.pixels.min(), film.pixels.max())]
    yield Mistake.RANGE, seen(replace(film, views=(span(Mistake.RANGE, min(ends), max(ends)),)))
    if film.padding is not None:
        yield Mistake.PADDING, seen(replace(film, padding=None))
    stored = stored_line(film)
    if stored.exact and (stored.scale, stored.offset) != (film.scale, film.offset):
        yield Mistake.MODALITY, seen(replace(film, scale=stored.scale, offset=stored.offset))
    if film.pixel_aspect != 1.0:
        yield Mistake.PIXEL_ASPECT, seen(replace(film, pixel_aspect=1.0))
    whole = grey(film)
    if eye(whole, size).caution:
        yield Mistake.STRETCHED, _stretched(whole, size)
    else:
        yield Mistake.PADDED, eye(_padded(whole), size).picture


def _stretched(whole: Floats, size: int) -> npt.NDArray[np.uint8]:
    """What the network would see without bars beside a long film."""
    square = Image.fromarray(whole).resize((size, size), Image.Resampling.BILINEAR)
    return eye(np.asarray(square), size).picture


def _padded(whole: Floats) -> Floats:
    """The film in the middle of a black square."""
    rows, columns = whole.shape
    side = max(rows, columns)
    square = np.zeros((side, side), np.float32)
    top, left = (side - rows) // 2, (side - columns) // 2
    square[top : top + rows, left : left + columns] = whole
    return square
