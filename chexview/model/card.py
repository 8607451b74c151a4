"""The card of a checkpoint: everything that must be known of its weights to use them, and what they were measured to do."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chexview.calibration import Calibration
from chexview.errors import CheckpointError
from chexview.findings import COMPOSITES
from chexview.model.architecture import STANDARD, STRIDES, Architecture
from chexview.model.eye import VERSION
from chexview.schema import Migrations, build, decode, encode, migrated

FILE = "card.json"
SCHEMA = 3
"""Version 1 named no architecture: every network then was a DenseNet-121 of stride 32 that pooled by the mean. Version 2 had one
``heatmap_scale`` for all findings."""

HEATMAP_SCALE = 10.0
"""The scale of a heatmap, in log-odds, where a card names none."""


def _scale_of_each(data: dict[str, Any]) -> dict[str, Any]:
    one = data.pop("heatmap_scale", None)
    names = data.get("findings")
    if one is not None and isinstance(names, list):
        data["heatmap_scales"] = dict.fromkeys(names, one)
    return data


MIGRATIONS: Migrations = {1: lambda data: data, 2: _scale_of_each}


@dataclass(frozen=True, slots=True)
class Auroc:
    """One finding's AUROC with its 95 % interval (None: too few patients), and the films and patients that have it."""

    value: float
    low: float | None
    high: float | None
    positive_films: int
    positive_patients: int


@dataclass(frozen=True, slots=True)
class Performance:
    """Measured on one list: the mean AUROC over ``findings`` and its 95 % patient-bootstrap interval, and each AUROC.

    None if too few patients have a finding.
    """

    title: str
    films: int
    patients: int
    mean_auroc: float | None
    low: float | None
    high: float | None
    left_out: tuple[str, ...]
    aurocs: dict[str, Auroc]


@dataclass(frozen=True, slots=True)
class Card:
    """A checkpoint's ``card.json``.

    ``architecture`` says what the network is built of.
    ``operating_points`` maps a policy's name to float32 logits per finding, ``default_policy`` is the one used until the
    user chooses. ``heatmap_scales`` holds by finding the absolute value of ``slope * map``, in log-odds, at which colours are full:
    the same for all films. ``data`` and ``recipe`` are plain facts for readers. ``weights`` is the SHA-256 of
    ``model.safetensors``.
    """

    name: str
    title: str
    findings: tuple[str, ...]
    input_size: int
    weights: str
    architecture: Architecture = STANDARD
    eye: str = VERSION
    calibration: dict[str, Calibration] = field(default_factory=dict)
    operating_points: dict[str, dict[str, float]] = field(default_factory=dict)
    default_policy: str = ""
    heatmap_scales: dict[str, float] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    performance: dict[str, Performance] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    software: dict[str, str] = field(default_factory=dict)
    created: str = ""
    schema_version: int = SCHEMA

    def heatmap_scale(self, finding: str) -> float:
        """The log-odds at which a heatmap of ``finding`` has its full colours; of a composite the largest of its parts'."""
        parts = (finding,) if finding in self.findings else COMPOSITES.get(finding, (finding,))
        return max(self.heatmap_scales.get(part, HEATMAP_SCALE) for part in parts)

    def to_json(self) -> str:
        """The text of ``card.json``."""
        return encode(self)


def _checked(card: Card) -> Card:
    if card.eye != VERSION:
        raise CheckpointError(
            f"The card asks for version {card.eye} of the network's eye; this CheXView has {VERSION}."
        )
    if not card.findings or len(set(card.findings)) != len(card.findings):
        raise CheckpointError("The card names no findings, or one of them twice.")
    if card.architecture.stride not in STRIDES:
        raise CheckpointError(f"The card's stride must be 16 or 32, not {card.architecture.stride!r}.")
    if card.input_size < 32 or card.input_size % 32:
        raise CheckpointError(f"The card's input size must be a multiple of 32, not {card.input_size}.")
    for name, scale in card.heatmap_scales.items():
        if not (math.isfinite(scale) and scale > 0):
            raise CheckpointError(f"The card's heatmap scale of {name} must be above 0.")
    spoken = {
        "calibration": list(card.calibration),
        "heatmap scales": list(card.heatmap_scales),
        **{p: list(t) for p, t in card.operating_points.items()},
    }
    for what, names in spoken.items():
        if strange := sorted(set(names) - set(card.findings)):
            raise CheckpointError(f"The card's {what} speaks of {strange[0]}, which is not one of its findings.")
    for name, calibration in card.calibration.items():
        if not (math.isfinite(calibration.slope) and math.isfinite(calibration.intercept) and calibration.slope > 0):
            raise CheckpointError(f"The card's calibration of {name} is not a rising line.")
    for policy, points in card.operating_points.items():
        for name, threshold in points.items():
            if float(np.float32(threshold)) != threshold or not math.isfinite(threshold):
                raise CheckpointError(f"The card's operating point {policy} of {name} is not a float32 logit.")
    if card.default_policy and card.default_policy not in card.operating_points:
        raise CheckpointError(f"The card has no operating points for its own default policy, {card.default_policy}.")
    return card


def parse(text: str | bytes) -> Card:
    """A card from JSON, migrated and checked. Raises CheckpointError in one sentence that names the key."""
    data = migrated(decode(text, FILE, CheckpointError), SCHEMA, MIGRATIONS, FILE, CheckpointError)
    return _checked(build(Card, data, FILE, CheckpointError))


def read(folder: Path) -> Card:
    """The card of the checkpoint in ``folder``. Raises CheckpointError."""
    path = folder / FILE
    if not path.is_file():
        raise CheckpointError(
            f"{folder.name} has no card.json; a checkpoint is a folder with card.json and model.safetensors."
        )
    return parse(path.read_bytes())
