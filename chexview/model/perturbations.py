"""What a score hangs on: parts of a film are covered, the film is mirrored, moved and turned, and its findings read again.

Nothing here proves what the network looks at: a covered film is one that it was never trained on, and its score may move for that
alone. A score that falls when a marker is covered, or moves when the film is shifted by a twentieth, is a reason for doubt
(Zech et al., PLOS Medicine 2018; DeGrave et al., Nature Machine Intelligence 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from chexview.calibration import Calibration
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from chexview.geometry import Rectangle
from chexview.model.card import Card
from chexview.model.eye import eye
from chexview.model.predictor import Predictor

STRIP = 0.02
"""Share of the covered region's surroundings, of the film's shorter side, whose mean the filling starts from."""

CORNER = 0.14
"""Side of a covered corner, as a share of the film's own."""

OUTER = 0.22
"""The outer part of a film, as a share of each side, in which markers are looked for."""

SHIFT = 0.05
"""How far the film is shifted, as a share of its own side."""

TURN = 4.0
"""How far the film is turned, in degrees; patients are turned by as much."""

_MARKER_SIDE = 0.1
_MARKER_OVER = 0.18
_FEWEST_PIXELS = 4
_ROUND = 2
"""Pixels around a marker that are covered with it."""

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One finding of one film before and after something was done to the film.

    Log-odds and probabilities are calibrated where ``calibrated`` says so; else they are the bare logit and its sigmoid.
    """

    finding: str
    calibrated: bool
    logit_before: float
    logit_after: float
    log_odds_before: float
    log_odds_after: float
    probability_before: float
    probability_after: float

    @property
    def moved(self) -> float:
        """By how much the log-odds rose (below 0: fell)."""
        return self.log_odds_after - self.log_odds_before

    @property
    def words(self) -> str:
        """Both probabilities, as in ``0.62 -> 0.31``."""
        return f"{self.probability_before:.2f} -> {self.probability_after:.2f}"


def score_changes(card: Card, before: Floats, after: Floats) -> tuple[ScoreChange, ...]:
    """The change of every finding, in the card's order, between two rows of logits (K,)."""
    found = []
    for k, name in enumerate(card.findings):
        calibration = card.calibration.get(name)
        line = calibration or Calibration(1.0, 0.0)
        first, last = float(before[k]), float(after[k])
        found.append(
            ScoreChange(
                finding=name,
                calibrated=calibration is not None,
                logit_before=first,
                logit_after=last,
                log_odds_before=float(line.log_odds(first)),
                log_odds_after=float(line.log_odds(last)),
                probability_before=float(line.probability(first)),
                probability_after=float(line.probability(last)),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Occlusion:
    """What covering ``region`` changed; ``picture`` is the uint8 (size, size) input that the network saw covered."""

    region: Rectangle
    changes: tuple[ScoreChange, ...]
    picture: Pixels


def occlude(predictor: Predictor, film: Radiograph, region: Rectangle) -> Occlusion:
    """What every finding scores with ``region`` covered (Zeiler and Fergus, ECCV 2014), and without.

    The region takes on the greys of its own surroundings (:func:`cover`) at the film's full size, before the network's eye: no
    edge is drawn that a network could see. The filling is a guess, not anatomy, and large regions are badly guessed.
    """
    whole = grey(film)
    size = predictor.card.input_size
    before = eye(whole, size).picture
    after = eye(cover(whole, region), size).picture
    logits, _ = predictor.forward(np.stack([before, after]))
    return Occlusion(region, score_changes(predictor.card, logits[0], logits[1]), after)


def cover(picture: Floats, region: Rectangle) -> Floats:
    """A copy of ``picture`` (rows, columns) whose region is filled from its surroundings.

    On each side that lies inside the picture the mean of a strip (``STRIP``) is taken, one value for each row or column; a
    covered pixel is the mean of its four, weighted by one over the distance (transfinite interpolation, Gordon and Wixom 1974),
    so that the filling meets the surroundings without an edge. A region that is the whole picture takes its mean. Raises
    ValueError where the region is empty or leaves the picture.
    """
    for start, end in ((region.left, region.right), (region.top, region.bottom)):
        if not 0.0 <= start < end <= 1.0 + 1e-9:
            raise ValueError("a region is not empty and lies within the film")
    rows, columns = picture.shape
    down, across = region.slices(rows, columns)
    height, width = down.stop - down.start, across.stop - across.start
    strip = max(1, round(STRIP * min(rows, columns)))
    y: Floats = np.arange(0.5, height, dtype=np.float32)[:, None]
    x: Floats = np.arange(0.5, width, dtype=np.float32)[None, :]
    sides: list[tuple[Floats, Floats]] = []  # values, and how far away
    if down.start > 0:
        sides.append((_profile(picture[max(0, down.start - strip) : down.start, across], 0, strip)[None, :], y))
    if down.stop < rows:
        sides.append((_profile(picture[down.stop : down.stop + strip, across], 0, strip)[None, :], y[::-1]))
    if across.start > 0:
        sides.append((_profile(picture[down, max(0, across.start - strip) : across.start], 1, strip)[:, None], x))
    if across.stop < columns:
        sides.append((_profile(picture[down, across.stop : across.stop + strip], 1, strip)[:, None], x[:, ::-1]))
    filled = picture.copy()
    if not sides:
        filled[:] = picture.mean()
        return filled
    total = np.zeros((height, width), np.float32)
    weights = np.zeros((height, width), np.float32)
    for values, distance in sides:
        total += values / distance
        weights += 1.0 / distance
    filled[down, across] = total / weights
    return filled


def _profile(strip: Floats, axis: int, width: int) -> Floats:
    """The mean of a strip across it, smoothed along it, so that noise at the edge is not drawn out into streaks."""
    return np.asarray(ndimage.uniform_filter1d(strip.mean(axis), 2 * width + 1, mode="nearest"), np.float32)


class Perturbation(StrEnum):
    """What is done to a film that should change no reading of its lungs."""

    CORNERS = "corners"
    MARKERS = "markers"
    FLIP = "flip"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    CLOCKWISE = "clockwise"
    ANTICLOCKWISE = "anticlockwise"

    @property
    def words(self) -> str:
        """What was done, for people."""
        return {
            Perturbation.CORNERS: "the four corners covered",
            Perturbation.MARKERS: "bright marks near the edges covered",
            Perturbation.FLIP: "mirrored",
            Perturbation.LEFT: f"moved left by {100 * SHIFT:.0f} %",
            Perturbation.RIGHT: f"moved right by {100 * SHIFT:.0f} %",
            Perturbation.UP: f"moved up by {100 * SHIFT:.0f} %",
            Perturbation.DOWN: f"moved down by {100 * SHIFT:.0f} %",
            Perturbation.CLOCKWISE: f"turned clockwise by {TURN:g} degrees",
            Perturbation.ANTICLOCKWISE: f"turned anticlockwise by {TURN:g} degrees",
        }[self]

    @property
    def note(self) -> str:
        """How far a change can be held against the network."""
        if self is Perturbation.FLIP:
            return "The heart changes sides. Training here mirrors films, and should change little; adopted networks may mind."
        if self in (Perturbation.CORNERS, Perturbation.MARKERS):
            return "Nothing of the lungs should lie there; look at the picture before you believe it."
        return "What leaves the film is lost, and its edge is mirrored into the gap. Training here moves and turns films likewise."


@dataclass(frozen=True, slots=True, eq=False)
class PerturbationResult:
    """What one perturbation changed; ``picture`` is the uint8 (size, size) input that the network saw for it."""

    perturbation: Perturbation
    changes: tuple[ScoreChange, ...]
    picture: Pixels

    @property
    def largest(self) -> ScoreChange:
        """The finding whose log-odds moved most, up or down."""
        return max(self.changes, key=lambda change: abs(change.moved))


def perturb(
    predictor: Predictor, film: Radiograph, perturbations: Sequence[Perturbation] = tuple(Perturbation)
) -> tuple[PerturbationResult, ...]:
    """What each of ``perturbations`` changes of every finding, in their order, all read in one go.

    They are done to the network's own picture, within the part that the film fills. A film without bright marks near its edges
    has no ``MARKERS``: that probe is left out.
    """
    sight = eye(grey(film), predictor.card.input_size)
    made = [(perturbation, _done(perturbation, sight.picture, sight.rectangle)) for perturbation in perturbations]
    shown = [(perturbation, picture) for perturbation, picture in made if picture is not None]
    logits, _ = predictor.forward(np.stack([sight.picture, *(picture for _, picture in shown)]))
    return tuple(
        PerturbationResult(perturbation, score_changes(predictor.card, logits[0], logits[i]), picture)
        for i, (perturbation, picture) in enumerate(shown, 1)
    )


def _done(perturbation: Perturbation, picture: Pixels, where: Rectangle) -> Pixels | None:
    """The network's picture with one perturbation done to its film; None if there is nothing to do it to."""
    part = where.slices(*picture.shape)
    done = _film_done(perturbation, picture[part])
    if done is None:
        return None
    whole = picture.copy()
    whole[part] = done
    return whole


def _film_done(perturbation: Perturbation, film: Pixels) -> Pixels | None:
    rows, columns = film.shape
    match perturbation:
        case Perturbation.CORNERS:
            far = 1.0 - CORNER
            return _covered(film, [Rectangle.of_size(x, y, CORNER, CORNER) for x in (0.0, far) for y in (0.0, far)])
        case Perturbation.MARKERS:
            found = markers(film)
            return _covered(film, found) if found else None
        case Perturbation.FLIP:
            return film[:, ::-1]
        case Perturbation.LEFT:
            return _shifted(film, 0, -max(1, round(SHIFT * columns)))
        case Perturbation.RIGHT:
            return _shifted(film, 0, max(1, round(SHIFT * columns)))
        case Perturbation.UP:
            return _shifted(film, -max(1, round(SHIFT * rows)), 0)
        case Perturbation.DOWN:
            return _shifted(film, max(1, round(SHIFT * rows)), 0)
        case Perturbation.CLOCKWISE:
            return _turned(film, -TURN)
        case Perturbation.ANTICLOCKWISE:
            return _turned(film, TURN)


def _covered(film: Pixels, regions: Sequence[Rectangle]) -> Pixels:
    filled = film.astype(np.float32)
    for region in regions:
        filled = cover(filled, region)
    return np.rint(filled).clip(0, 255).astype(np.uint8)


def _shifted(film: Pixels, down: int, across: int) -> Pixels:
    """The film moved by whole pixels; its edge is mirrored into what it left."""
    rows, columns = film.shape
    wide = np.pad(film, ((abs(down),) * 2, (abs(across),) * 2), mode="reflect")
    top, left = abs(down) - down, abs(across) - across
    return wide[top : top + rows, left : left + columns]


def _turned(film: Pixels, degrees: float) -> Pixels:
    """The film turned anticlockwise about its middle; its edge is mirrored into what it left."""
    reach = min(film.shape) // 4
    wide = Image.fromarray(np.pad(film, reach, mode="reflect"))
    turned = np.asarray(wide.rotate(degrees, Image.Resampling.BILINEAR))
    return turned[reach:-reach, reach:-reach]


def markers(film: Pixels) -> tuple[Rectangle, ...]:
    """Where small bright marks lie near a film's edges: lead letters and burnt-in text, as far as brightness tells.

    What is narrower than a tenth of the film and brighter than all around it by 18 % of white (a white top-hat, Serra 1982),
    compact, and in the film's outer part (``OUTER``). It misses faint marks and those over the patient, and takes the end of a
    tube or a bright edge of bone for one: the probe shows what it covered.
    """
    rows, columns = film.shape
    side = max(3, round(_MARKER_SIDE * min(rows, columns)))
    hat = ndimage.white_tophat(film, size=(side, side), mode="nearest")
    labels, _ = ndimage.label(hat > _MARKER_OVER * 255.0, np.ones((3, 3)))
    found = []
    for down, across in ndimage.find_objects(labels):
        y, x = (down.start + down.stop) / 2 / rows, (across.start + across.stop) / 2 / columns
        height, width = down.stop - down.start, across.stop - across.start
        outer = min(x, 1.0 - x, y, 1.0 - y) < OUTER
        if outer and height <= side and width <= side and height * width >= _FEWEST_PIXELS:
            top, bottom = max(0, down.start - _ROUND), min(rows, down.stop + _ROUND)
            left, right = max(0, across.start - _ROUND), min(columns, across.stop + _ROUND)
            found.append(Rectangle(left / columns, top / rows, right / columns, bottom / rows))
    return tuple(found)
