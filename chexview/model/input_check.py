"""The input check: is a picture a frontal chest film as the network expects it? Asked before any score, without torch.

A network of a few small convolutions looks at the film reduced to 64 x 64 pixels, blurred so far that soft and sharp films
look alike. Where it finds an ordinary frontal film too unlikely, the film's score is withheld until the user insists. The
network stretches every contrast and so sees a film in what is almost black: how many greys a picture has is checked before. The
folder ``bundled/input_check`` holds its weights and a card that says how often it errs; ``train.input_check`` makes both.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from chexview import settings
from chexview.errors import CheckpointError
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, no_meaning
from chexview.geometry import Rectangle
from chexview.model.eye import VERSION, eye
from chexview.schema import build, decode, encode

FILE = "card.json"
SCHEMA = 1
WEIGHTS = "weights.safetensors"

SIDE = 64
"""Pixels across of what the check looks at."""

CHANNELS = (1, 16, 32, 48, 64)
"""Channels before and after each convolution; each halves the side."""

CELLS = (SIDE >> len(CHANNELS) - 1) ** 2
"""Positions that are left after the last convolution."""

SIZE = 192
"""Pixels across of the eye's picture that the application checks; other sizes give the same answers."""

FLAT = 2.0
"""The spread in grey levels below which a picture's contrast is not stretched any further."""

EVEN = 10
"""Grey levels within which a row or column at the edge of a picture is a frame."""

Floats = npt.NDArray[np.float32]


class InputKind(StrEnum):
    """What a picture looks like. Turns are clockwise: the film lies as if it had been turned so far from upright."""

    ORDINARY = "ordinary frontal film"
    INVERTED = "inverted"
    TURNED_90 = "turned by 90 degrees"
    TURNED_180 = "turned by 180 degrees"
    TURNED_270 = "turned by 270 degrees"
    NOT_FRONTAL = "not frontal"
    NOT_CHEST = "not a chest film"
    CROPPED = "cropped"
    DARK = "almost black"
    BRIGHT = "almost white"
    FEW_GREYS = "of few greys"


TONES = (InputKind.DARK, InputKind.BRIGHT, InputKind.FEW_GREYS)
"""The kinds that are recognised by a picture's greys alone; the network was not trained on them."""

KINDS = tuple(kind for kind in InputKind if kind not in TONES)
"""The kinds in the order of the network's outputs."""

_UPRIGHT = "upright frontal chest films"
_LOOKS = {
    InputKind.INVERTED: "This film looks inverted, black for white",
    InputKind.TURNED_90: "This film looks turned by 90 degrees clockwise",
    InputKind.TURNED_180: "This film looks upside down",
    InputKind.TURNED_270: "This film looks turned by 90 degrees counter-clockwise",
    InputKind.NOT_FRONTAL: "This does not look like a frontal view of the chest",
    InputKind.NOT_CHEST: "This does not look like a chest film",
    InputKind.CROPPED: "This film looks cut down to a part of the chest",
    InputKind.DARK: "This picture is almost black, as where its depth was read wrongly",
    InputKind.BRIGHT: "This picture is almost white, as where its depth was read wrongly",
    InputKind.FEW_GREYS: "This picture has too few greys for a film",
}


@dataclass(frozen=True, slots=True, eq=False)
class InputVerdict:
    """What the check says of one picture.

    ``sentence`` is None for a film that passes, else one sentence for the user. ``scores`` is float32 (kinds,), the share
    of belief in each kind in the order of ``KINDS``; it sums to 1 and is not calibrated.
    """

    kind: InputKind
    sentence: str | None
    scores: Floats


@dataclass(frozen=True, slots=True)
class Rate:
    """How often the check withheld the pictures of one list, measured on patients it was not made with.

    ``kinds`` are the names that fit; ``named`` counts those of the withheld that got one of them. ``low`` and ``high`` are
    Wilson's 95 % interval of ``withheld / films`` for films that cluster in patients; None if there are too few
    patients, or none are known.
    """

    title: str
    kinds: tuple[InputKind, ...]
    films: int
    patients: int
    withheld: int
    named: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class InputCard:
    """The check's ``card.json``: a film passes where its score as an ordinary film is at least ``threshold`` (float32).

    Before that it must have at least ``fewest_levels`` grey levels, counted as :func:`levels` does.
    ``weights`` is the SHA-256 of the weights file, ``data`` and ``recipe`` are plain facts for readers.
    """

    threshold: float
    weights: str
    fewest_levels: float = 0.0
    classes: tuple[InputKind, ...] = KINDS
    eye: str = VERSION
    rates: tuple[Rate, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    software: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA

    def to_json(self) -> str:
        """The text of ``card.json``."""
        return encode(self)


def parse(text: str | bytes) -> InputCard:
    """A card from JSON, checked. Raises CheckpointError in one sentence."""
    card = build(InputCard, decode(text, FILE, CheckpointError), FILE, CheckpointError)
    if card.schema_version != SCHEMA or card.eye != VERSION:
        raise CheckpointError(
            f"The input check was made for schema {card.schema_version} and eye {card.eye}; this CheXView has {SCHEMA} "
            f"and {VERSION}."
        )
    if card.classes != KINDS:
        raise CheckpointError("The input check's card names other kinds of pictures, or in another order.")
    if not (0 < card.threshold < 1 and float(np.float32(card.threshold)) == card.threshold):
        raise CheckpointError("The input check's threshold is not a float32 number between 0 and 1.")
    if not 0 <= card.fewest_levels <= 254:
        raise CheckpointError("The input check's fewest grey levels are not a number from 0 to 254.")
    return card


def shapes() -> dict[str, tuple[int, ...]]:
    """The tensors that a weights file must hold, by name."""
    wanted: dict[str, tuple[int, ...]] = {}
    for k, (before, after) in enumerate(pairwise(CHANNELS)):
        wanted[f"conv{k}.weight"] = (after, before, 3, 3)
        wanted[f"conv{k}.bias"] = (after,)
    wanted["linear.weight"] = (len(KINDS), CHANNELS[-1] * CELLS)
    wanted["linear.bias"] = (len(KINDS),)
    return wanted


def reduce(picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> Floats:
    """What the check looks at: the film's part of network input (S, S), float32 (64, 64) of mean 0 and spread 1.

    Averaged by area, then blurred by [1, 2, 1] / 4 along both sides, so that neither the input size nor sharpness shows.
    """
    film = Image.fromarray(np.ascontiguousarray(_film(picture, rectangle), dtype=np.float32))
    small = np.asarray(film.resize((SIDE, SIDE), Image.Resampling.BOX))
    for axis in (0, 1):
        small = _blurred(small, axis)
    return np.asarray((small - small.mean()) / max(float(small.std()), FLAT), dtype=np.float32)


def _blurred(small: Floats, axis: int) -> Floats:
    """[1, 2, 1] / 4 along ``axis``, the border repeated: SciPy's ``ndimage.convolve1d`` to the last bit, without loading SciPy."""
    count = small.shape[axis]
    wide = small.astype(np.float64)
    before = wide.take([0, *range(count - 1)], axis)
    after = wide.take([*range(1, count), count - 1], axis)
    return np.asarray(0.5 * wide + 0.25 * (before + after), dtype=np.float32)


def levels(picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> float:
    """How many grey levels the film's part of network input (S, S) has: the perplexity of its histogram, 0 to 254.

    Black and white are left out: they are collimators, padding and markers. So is an even frame around the film.
    """
    film = _film(picture, rectangle)
    for axis in (0, 1):
        uneven = np.flatnonzero(np.ptp(film, axis=1 - axis) > EVEN)
        if len(uneven):
            film = np.take(film, range(uneven[0], uneven[-1] + 1), axis)
    counts = np.bincount(film.ravel(), minlength=256)[1:255].astype(np.float64)
    if not counts.any():
        return 0.0
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def tone(picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> InputKind:
    """Which of ``TONES`` a picture with too few grey levels is."""
    film = _film(picture, rectangle)
    if np.quantile(film, 0.99) < 128:
        return InputKind.DARK
    return InputKind.BRIGHT if np.quantile(film, 0.01) > 127 else InputKind.FEW_GREYS


def _film(picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> npt.NDArray[np.uint8]:
    """The film's part of network input."""
    return picture[rectangle.slices(*picture.shape)]


class InputCheck:
    """The check with its weights. Safe to share between threads; one picture takes about a millisecond."""

    def __init__(self, card: InputCard, tensors: dict[str, Floats]) -> None:
        self.card = card
        self.tensors = tensors

    def judge(self, picture: npt.NDArray[np.uint8], rectangle: Rectangle) -> InputVerdict:
        """The verdict on network input ``picture`` uint8 (S, S), of which the film fills ``rectangle``."""
        scores = self.scores(reduce(picture, rectangle))
        if levels(picture, rectangle) < self.card.fewest_levels:
            kind = tone(picture, rectangle)
            return InputVerdict(kind, f"{_LOOKS[kind]}; {no_meaning(_UPRIGHT)}", scores)
        if scores[0] >= self.card.threshold:
            return InputVerdict(InputKind.ORDINARY, None, scores)
        kind = KINDS[1 + int(scores[1:].argmax())]
        return InputVerdict(kind, f"{_LOOKS[kind]}; {no_meaning(_UPRIGHT)}", scores)

    def scores(self, reduced: Floats) -> Floats:
        """The scores float32 (kinds,) of what ``reduce`` gives."""
        x = reduced[None]
        for k in range(len(CHANNELS) - 1):
            x = np.maximum(_convolve(x, self.tensors[f"conv{k}.weight"], self.tensors[f"conv{k}.bias"]), 0)
        logits = self.tensors["linear.weight"] @ x.ravel() + self.tensors["linear.bias"]
        shares = np.exp(logits - logits.max())
        return np.asarray(shares / shares.sum(), dtype=np.float32)


def _convolve(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """A 3 x 3 convolution of (C, H, W) with one pixel of zeros around it, at every other row and column."""
    channels, height, width = x.shape
    edged = np.pad(x, [(0, 0), (1, 1), (1, 1)])
    windows = np.lib.stride_tricks.sliding_window_view(edged, (3, 3), axis=(1, 2))[:, ::2, ::2]
    columns = windows.transpose(0, 3, 4, 1, 2).reshape(channels * 9, -1)
    flat = weight.reshape(len(bias), -1) @ columns + bias[:, None]
    return np.asarray(flat.reshape(len(bias), height // 2, width // 2), dtype=np.float32)


def load(folder: Path) -> InputCheck:
    """The input check in ``folder``. Raises CheckpointError if anything does not fit exactly."""
    try:
        text, data = (folder / FILE).read_bytes(), (folder / WEIGHTS).read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"{folder.name} lacks {FILE} or {WEIGHTS}; copy the whole folder of the check."
        ) from error
    card = parse(text)
    if hashlib.sha256(data).hexdigest() != card.weights:
        raise CheckpointError(f"{WEIGHTS} of {folder.name} is not the file its card was written for (SHA-256 differs).")
    try:
        tensors = load_tensors(data)
    except SafetensorError as error:
        raise CheckpointError(f"{WEIGHTS} of {folder.name} is not a safetensors file ({error}).") from error
    wanted = shapes()
    for name in sorted(set(wanted) | set(tensors)):
        if name not in tensors or name not in wanted:
            raise CheckpointError(
                f"{WEIGHTS} of {folder.name} {'lacks' if name in wanted else 'has a strange'} {name}."
            )
        if tensors[name].shape != wanted[name] or tensors[name].dtype != np.float32:
            raise CheckpointError(f"{WEIGHTS} of {folder.name}: {name} is not float32 of shape {wanted[name]}.")
        if not np.isfinite(tensors[name]).all():
            raise CheckpointError(f"{WEIGHTS} of {folder.name}: {name} holds numbers that are not finite.")
    return InputCheck(card, tensors)


@cache
def bundled() -> InputCheck:
    """The check that ships. Raises CheckpointError if it does not load exactly."""
    return load(settings.load().input_check)


def objection(film: Radiograph) -> str | None:
    """One sentence on why a film's score is withheld: its own, else the check's; None if nothing speaks against it."""
    if film.withheld is not None:
        return film.withheld
    sight = eye(grey(film), SIZE)
    return bundled().judge(sight.picture, sight.rectangle).sentence
