"""What single cells mean: numbers, labels, sex, age, view, and several names in one cell. What is not understood is said so."""

import ast
import re
from dataclasses import dataclass

from chexview.labels.aliases import Meaning, plain, word

OLDEST = 120
"""Ages above are typing errors of the source (NIH has some of 400 and more): unknown."""

_POINT = re.compile(r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$")
_COMMA = re.compile(r"^[+-]?([0-9]+,[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?$")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})
_AGE = re.compile(r"^([0-9]{1,3})(?:\.0+)?\s*(y|yr|yrs|year|years|a|m|mo|months|w|weeks|d|days)?$", re.IGNORECASE)
_LABELS = {
    **dict.fromkeys(("true", "yes", "y", "positive", "pos", "present"), 1),
    **dict.fromkeys(("false", "no", "n", "negative", "neg", "absent"), 0),
}
_UNSURE = ("uncertain", "u")
_EMPTY = ("", "nan", "none", "null", "na", "n/a", "?", "unknown")
_VIEWS = {
    **dict.fromkeys(("pa", "postero anterior", "posteroanterior"), "PA"),
    **dict.fromkeys(
        ("ap", "antero posterior", "anteroposterior", "ap horizontal", "ap supine", "ap erect", "ap portable"), "AP"
    ),
    **dict.fromkeys(("l", "ll", "lat", "lateral", "left lateral", "right lateral", "rl", "xtable lateral"), "lateral"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a cell: ``percent`` with a per cent sign, ``comma`` with a decimal comma."""

    value: float
    percent: bool = False
    comma: bool = False


def number(text: str) -> Number | None:
    """A number in a cell: with a decimal point or comma, with a per cent sign or without; None for anything else."""
    bare = text.translate(_MINUS).strip()
    percent = bare.endswith("%")
    bare = bare.removesuffix("%").strip()
    if _POINT.match(bare):
        return Number(float(bare), percent)
    if _COMMA.match(bare):
        return Number(float(bare.replace(",", ".")), percent, comma=True)
    return None


def label(text: str) -> int | None:
    """1, 0, -1 for a cell that says it is uncertain, -2 for an empty one; None for what is not understood."""
    bare = text.strip().lower()
    if bare in _LABELS:
        return _LABELS[bare]
    if bare in _UNSURE:
        return -1
    if bare in _EMPTY:
        return -2
    found = number(text)
    return int(found.value) if found is not None and not found.percent and found.value in (1.0, 0.0, -1.0) else None


def sex(text: str) -> str:
    """M, F, or "" if it is not known."""
    return {"m": "M", "male": "M", "f": "F", "female": "F", "w": "F"}.get(text.strip().lower(), "")


def age(text: str) -> int:
    """Whole years from ``58``, ``58.0``, ``058Y``, ``013M`` or ``003D`` (DICOM's AS); -1 where it is not known."""
    found = _AGE.match(text.strip())
    if found is None:
        return -1
    unit = (found[2] or "y")[0].lower()
    years = int(found[1]) // {"y": 1, "a": 1, "m": 12, "w": 52, "d": 365}[unit]
    return years if years <= OLDEST else -1


def view(text: str) -> str:
    """PA, AP, lateral, or "" if it is not known."""
    return _VIEWS.get(plain(text), "")


@dataclass(frozen=True, slots=True)
class Words:
    """Several names in one cell: findings that are ``given`` and left ``open``, and words ``unknown``.

    ``said`` is False if the cell says nothing at all, so that nothing is denied.
    """

    given: frozenset[str]
    open: frozenset[str]
    unknown: tuple[str, ...]
    said: bool

    def label(self, finding: str, parts: tuple[str, ...] = ()) -> int:
        """1, 0 or -1 (unknown) for a finding; ``parts`` are those of a composite, any of which makes it."""
        wanted = {finding, *parts}
        if self.given & wanted:
            return 1
        if self.unknown or not self.said or self.open & wanted:
            return -1
        return 0


def names_in(text: str) -> tuple[str, ...]:
    """The names in a cell: parted by bars, semicolons or commas, or a Python list as PadChest prints it."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]"):
        try:
            items = ast.literal_eval(bare)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            items = re.findall(r"[^\[\]'\",]+", bare)
        return tuple(name for item in items if (name := str(item).strip()))
    parts = re.split(r"[|;,\n]", bare)
    return tuple(name for part in parts if (name := part.strip().strip("'\"").strip()))


def words_in(text: str) -> Words:
    """What the names in a cell give, leave open and do not tell. An empty cell says nothing."""
    given: set[str] = set()
    left_open: set[str] = set()
    unknown: list[str] = []
    names = names_in(text)
    for name in names:
        found = word(name)
        if found.meaning is Meaning.FINDING:
            given.update(found.findings)
            if "nodule_mass" in found.findings:
                left_open.update(("Nodule", "Mass"))
        elif found.meaning is Meaning.BROADER:
            left_open.update(found.findings)
        elif found.meaning is Meaning.UNKNOWN:
            unknown.append(name)
    if given and (denied := next((name for name in names if word(name).meaning is Meaning.NOTHING), None)):
        unknown.append(denied)  # beside a finding it contradicts it
    return Words(frozenset(given), frozenset(left_open - given), tuple(unknown), bool(names))
