"""Parts of the pages that are not Streamlit's own widgets: a film's findings, films to choose from, and galleries of cases.

Each takes plain data and draws it; words come in as words and are only ever written as text. A choice comes back as a
trigger in ``st.session_state[key]``.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from chexview.geometry import CellGrid
from chexview.viewer.javascript import ASSETS, joined
from chexview.viewer.scene import Box, packed


@dataclass(frozen=True, slots=True, eq=False)
class FindingRow:
    """A finding in the list, and what is said of it when it is chosen.

    ``share`` is where its bar ends, -1 to 1 about the threshold; None draws no bar. ``sum`` is the written-out sum up to its
    ``outcome``. ``label`` are a word or two on what is known of the film, ``known`` sentences on how far the finding's score can
    be believed. ``contributions`` float32 (rows, columns) are what the cells add to the log-odds, ``maps`` what colours them, fully
    at ``scale``.
    """

    name: str
    title: str
    chance: str
    over: str
    share: float | None
    scale: float
    flagged: bool
    meaning: str
    sum: str
    outcome: str
    threshold: str
    alike: str
    label: str
    known: tuple[str, ...]
    maps: npt.NDArray[np.float32]
    contributions: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FilmFindings:
    """The findings of one film in the order given; ``film`` is the id of its pane, ``none`` what is said where none is flagged."""

    film: str
    title: str
    rows: tuple[FindingRow, ...]
    flagged_title: str
    rest_title: str
    none: str


@dataclass(frozen=True, slots=True)
class FilmItem:
    """A film to choose; ``id`` comes back. ``picture`` is None while there is none yet; then the film cannot be chosen."""

    id: str
    title: str
    status: str
    picture: str | None
    flags: int = 0


@dataclass(frozen=True, slots=True)
class CaseCard:
    """A film in a gallery; ``id`` comes back when it is chosen, "" if it cannot be.

    ``picture`` is None if the film is not here, and ``absent`` says why. ``tone`` is tp, fp, fn, tn, warn or "". ``badge`` says
    whose heatmap ``heat`` is.
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
    badge: str = "AI"
    rows: int = 1
    columns: int = 1
    boxes: tuple[Box, ...] = ()
    grid: CellGrid | None = None


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
    sheets = [sheet for part in ("common", name) if (sheet := ASSETS / f"{part}.css").is_file()]
    css = "\n".join(sheet.read_text("utf-8") for sheet in sheets)
    return st.components.v2.component(f"chexview_{name}", css=css, js=joined(ASSETS / f"{name}.js"))


def _mount(name: str, key: str, data: dict[str, Any], **triggers: Callable[[], None]) -> None:
    _component(name)(key=key, data=data, **{f"on_{trigger}_change": act for trigger, act in triggers.items()})


def findings_list(
    films: Sequence[FilmFindings],
    chosen: str,
    key: str,
    *,
    columns: tuple[str, str, str],
    opens: bool = False,
) -> None:
    """Draws the findings; the flagged ones stand in a group of their own on top. Of several films each has a column, and the list
    is of the one whose pane is active.

    A choice stays in the browser: the viewer hears of it, and the address tells it. With ``opens`` it tells ``chosen``, too.
    """
    data = {
        "films": [_film_data(each) for each in films],
        "chosen": chosen,
        "columns": list(columns),
        "opens": opens,
    }
    _mount("findings", key, data)


def _film_data(found: FilmFindings) -> dict[str, Any]:
    plain = {name: getattr(found, name) for name in ("film", "title", "flagged_title", "rest_title", "none")}
    columns = int(found.rows[0].maps.shape[1]) if found.rows else 1
    return {**plain, "rows": [_row_data(row) for row in found.rows], "grid_columns": columns}


def _row_data(row: FindingRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {**values, "maps": packed(row.maps), "contributions": packed(row.contributions)}


def film_chooser(
    items: Sequence[FilmItem], chosen: str | None, key: str, on_chosen: Callable[[], None], *, label: str, cards: bool
) -> None:
    """Draws films to choose from, as ``cards`` or as a strip; ``chosen`` is None if none is open."""
    data = {"items": [asdict(item) for item in items], "chosen": chosen, "label": label, "cards": cards}
    _mount("chooser", key, data, chosen=on_chosen)


def _group_data(group: CaseGroup) -> dict[str, Any]:
    return {"cards": [_card_data(card) for card in group.cards], "note": group.note}


def _card_data(card: CaseCard) -> dict[str, Any]:
    boxes = [{"label": box.words, "place": asdict(box.place)} for box in card.boxes]
    return {**asdict(card), "boxes": boxes}


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
    data = {"groups": [_group_data(group) for group in groups], "kind": kind.value, "label": label, **asdict(bar)}
    _mount("gallery", key, data, chosen=on_chosen)


def theme_choice(paths: Sequence[str], key: str) -> None:
    """Draws the choice of dark, light or the system's colours. The browser keeps it for all ``paths`` and loads the page anew.

    It stands on every page, so that it also corrects what Streamlit's own widgets give to a screen reader.
    """
    choices = {"Dark": "Dark", "Light": "Light", "System": "As the system"}
    _mount("theme", key, {"label": "Colours", "choices": choices, "paths": list(paths)})


def scroll_to(container: str, once: str) -> None:
    """Scrolls the page to the container of that Streamlit key, once for each value of ``once``."""
    _component("reveal")(key="reveal", data={"selector": f".st-key-{container}", "once": once}, height=1)


def chosen(key: str) -> str | None:
    """What was chosen in the component ``key`` in this run; None if nothing was."""
    value = getattr(st.session_state.get(key), "chosen", None)
    return str(value) if value is not None else None
