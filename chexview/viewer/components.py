"""Parts of the pages that are not Streamlit's own widgets: a film's findings, films to choose from, and galleries of cases.

Each takes plain data and draws it; words come in as words and are only ever written as text. A choice comes back as a
trigger in ``st.session_state[key]``.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in the list, and what is said of it when it is chosen.

    ``share`` is where its bar ends, -1 to 1 about the threshold; None draws no bar. ``sum`` is the base, the contributions, what
    they add up to and how much that is, and the outcome. ``cells`` are the contributions, laid out as on the film.
    """

    name: str
    title: str
    chance: str
    over: str
    share: float | None
    flagged: bool
    meaning: str
    sum: tuple[str, str, str, str, str]
    threshold: str
    alike: str
    cells: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class FilmItem:
    """A film to choose; ``id`` comes back. ``picture`` is None while there is none yet; then the film cannot be chosen."""

    id: str
    title: str
    status: str
    picture: str | None
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A box over a film: left, top, right and bottom as shares of it, and its words."""

    sides: tuple[float, float, float, float]
    label: str


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A film in a gallery; ``id`` comes back when it is chosen, "" where it cannot be.

    ``picture`` is None where the film is not here, and ``absent`` says why. ``tone`` is tp, fp, fn, tn or "". ``grid`` is the
    network's: its rows and columns, and the film's place in its square (left, top, right, bottom as shares).
    """

    id: str
    tone: str
    kind: str
    score: str
    note: str
    alt: str
    picture: str | None = None
    absent: str = ""
    heat: str | None = None
    rows: int = 1
    columns: int = 1
    boxes: tuple[Mark, ...] = ()
    grid: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Films that belong together, such as a pair, and what is said of them together."""

    cards: tuple[CaseCard, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ColourBar:
    """The colours of heatmaps from ``low`` to ``high``, and what they mean."""

    low: str
    high: str
    colours: tuple[str, ...]
    scale_alt: str


class GalleryKind(StrEnum):
    """How a gallery is laid out."""

    SINGLE = "single"
    PAIRS = "pairs"
    LARGE = "large"


@cache
def _component(name: str) -> Callable[..., object]:
    css, js = (
        "\n".join((_ASSETS / f"{part}.{kind}").read_text("utf-8") for part in ("common", name))
        for kind in ("css", "js")
    )
    return st.components.v2.component(f"chexview_{name}", css=css, js=js)


def _mount(name: str, key: str, data: dict[str, Any], **triggers: Callable[[], None]) -> None:
    _component(name)(key=key, data=data, **{f"on_{trigger}_change": act for trigger, act in triggers.items()})


def findings_list(
    rows: Sequence[FindingRow],
    film: str,
    chosen: str,
    scale: float,
    key: str,
    *,
    columns: tuple[str, str, str],
    flagged_title: str,
    rest_title: str,
    none: str,
) -> None:
    """Draws the findings in the order given; the flagged ones stand in a group of their own on top.

    ``film`` is the id of the viewer's pane. A choice stays in the browser: the viewer hears of it, and the address tells it.
    ``scale`` is the log-odds at which a cell has its full colour.
    """
    data = {
        "rows": [asdict(row) for row in rows],
        "film": film,
        "chosen": chosen,
        "scale": scale,
        "columns": list(columns),
        "flagged_title": flagged_title,
        "rest_title": rest_title,
        "none": none,
    }
    _mount("findings", key, data)


def film_chooser(
    items: Sequence[FilmItem], chosen: str | None, key: str, on_chosen: Callable[[], None], *, label: str, cards: bool
) -> None:
    """Draws films to choose from, as ``cards`` or as a strip; ``chosen`` is None where none is open."""
    data = {"items": [asdict(item) for item in items], "chosen": chosen, "label": label, "cards": cards}
    _mount("chooser", key, data, chosen=on_chosen)


def gallery(
    groups: Sequence[CaseGroup],
    kind: GalleryKind,
    bar: ColourBar,
    key: str,
    on_chosen: Callable[[], None],
    *,
    label: str,
) -> None:
    """Draws the films of cases; heatmaps, boxes and grids are switched in the browser alone."""
    data = {"groups": [asdict(group) for group in groups], "kind": kind.value, "label": label, **asdict(bar)}
    _mount("gallery", key, data, chosen=on_chosen)


def chosen(key: str) -> str | None:
    """What was chosen in the component ``key`` in this run; None where nothing was."""
    value = getattr(st.session_state.get(key), "chosen", None)
    return str(value) if value is not None else None
