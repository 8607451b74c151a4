"""What the browser gets of films and readings, as plain data. No Streamlit.

Pixels are not among it: they come from the film route under the addresses that a pane names.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from chexview.exports.records import NOTICE
from chexview.figures.colours import ENTRIES
from chexview.films.grey import display_shape
from chexview.films.radiograph import Radiograph, View, VoiTable, VoiView
from chexview.findings import title as title_of
from chexview.geometry import Rectangle
from chexview.model.reading import FindingScore, Reading
from chexview.text.reading import chance, ordered, written_sum
from chexview.viewer.heatmap import FLOOR, paint
from chexview.viewer.pixel_coding import PixelCoding
from chexview.viewer.window_presets import presets

ORIENTATION = "Patient Orientation"
"""The name under which a Radiograph's header keeps (0020,0020)."""
_OPPOSITE = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}


class PaneLayout(StrEnum):
    """How panes are arranged at first; the reader may change it."""

    ONE = "one"
    BESIDE = "beside"
    """The film twice, the left one bare."""
    PAIR = "pair"
    """The first two panes."""


class Painter(StrEnum):
    """What draws; the browser chooses, tests may name one."""

    AUTOMATIC = ""
    CANVAS = "2d"
    WEBGL = "webgl"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a film; ``by_model`` says that no person drew it, ``by_reader`` that this session's reader did;
    ``finding`` is what it is of, "" if that is not known.
    """

    label: str
    place: Rectangle
    by_model: bool = True
    by_reader: bool = False
    finding: str = ""

    @property
    def words(self) -> str:
        """What is written over the box: whose it is, and what it is of."""
        return (
            self.label if self.by_model or self.by_reader else f"Radiologist: {self.label[:1].lower()}{self.label[1:]}"
        )


def radiologists_box(finding: str, place: Rectangle) -> Box:
    """The box that a radiologist drew around a finding."""
    return Box(title_of(finding), place, by_model=False, finding=finding)


@dataclass(frozen=True, slots=True)
class Covered:
    """What covering ``place`` on the pane ``film`` does to each finding, as text by the finding's name."""

    film: str
    place: Rectangle
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edges:
    """Letters for the edges of the film as it is shown unturned: L, R, A, P, H or F; "" if the header is silent."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""


@dataclass(frozen=True, slots=True)
class Millimetres:
    """Millimetres from row to row and from column to column, and the plane in which they are true."""

    row_mm: float
    column_mm: float
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class HeatFinding:
    """One finding's map on one film, and how it scored.

    ``maps`` float32 (rows, columns) are what is coloured: calibrated class maps, whose unit no grid changes. ``contributions``
    are what each cell adds to ``total``, in ``unit``: its map times its weight. ``score`` and ``total`` are written as
    everywhere. Colours are full at ``scale``, in log-odds.
    """

    name: str
    title: str
    unit: str
    score: str
    flagged: bool
    total: str
    scale: float
    maps: npt.NDArray[np.float32]
    contributions: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """The maps of one film, the findings in the order of the page's list. ``rectangle`` is where the film lies on the network's
    square, ``rows`` and ``columns`` are the map's; ``colours`` are 256 RGBA entries from one end of a finding's scale to the
    other, base64; ``floor`` is the share of the scale under which nothing is ever drawn; ``words`` say how large a cell is.
    """

    rectangle: Rectangle
    rows: int
    columns: int
    colours: str
    floor: float
    findings: tuple[HeatFinding, ...]
    words: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Pane:
    """One film. ``views`` are its own and then the presets; ``aspect`` is the height of a pixel over its width, and
    ``display_rows`` and ``display_columns`` its shape in square pixels. ``pixels`` and ``mask`` are addresses.
    """

    id: str
    title: str
    alt: str
    pixels: str
    mask: str | None
    rows: int
    columns: int
    display_rows: int
    display_columns: int
    aspect: float
    scale: float
    offset: float
    inverted: bool
    views: tuple[VoiView, ...]
    spacing: Millimetres | None = None
    edges: Edges = Edges()
    boxes: tuple[Box, ...] = ()
    heat: Heat | None = None
    coding: PixelCoding = PixelCoding.DELTA
    awaited: bool = False
    """Whether its heatmap is still to come, so that its place is kept."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the viewer shows. What the reader changes in the browser is kept until one of these changes here."""

    panes: tuple[Pane, ...]
    chosen: str = ""
    linked: bool = True
    layout: PaneLayout = PaneLayout.ONE
    painter: Painter = Painter.AUTOMATIC
    regions: bool = False
    """Whether a region can be drawn for the page to test."""
    covered: tuple[Covered, ...] = ()
    """What the page answered."""
    heat_on: bool = False
    """Whether the first film opens with its heatmap; from then on the reader's own switch counts."""
    arrival: str = ""
    """Where the viewer asks for a film while it is being uploaded; "" if it does not."""

    def as_data(self) -> dict[str, Any]:
        """The scene as dicts, lists, str, float, int, bool and None, as JSON has them."""
        return {
            "panes": [_pane_data(pane) for pane in self.panes],
            "chosen": self.chosen if self.panes else None,
            "linked": self.linked,
            "layout": self.layout.value,
            "painter": self.painter.value,
            "regions": self.regions,
            "covered": [
                {"film": answer.film, **_sized(answer.place), "words": dict(answer.words)} for answer in self.covered
            ],
            "heat_on": self.heat_on,
            "arrival": self.arrival,
            "notice": NOTICE,
        }


def _pane_data(pane: Pane) -> dict[str, Any]:
    return {
        "id": pane.id,
        "title": pane.title,
        "alt": pane.alt,
        "pixels": pane.pixels,
        "mask": pane.mask,
        "rows": int(pane.rows),
        "columns": int(pane.columns),
        "display_rows": int(pane.display_rows),
        "display_columns": int(pane.display_columns),
        "aspect": float(pane.aspect),
        "scale": float(pane.scale),
        "offset": float(pane.offset),
        "inverted": bool(pane.inverted),
        "views": [_view_data(view) for view in pane.views],
        "spacing": None if pane.spacing is None else asdict(pane.spacing),
        "edges": asdict(pane.edges),
        "boxes": [{"label": box.words, "by_model": box.by_model, **_sized(box.place)} for box in pane.boxes],
        "heat": None if pane.heat is None else _heat_data(pane.heat),
        "coding": pane.coding.value,
        "awaited": pane.awaited,
    }


def _sized(place: Rectangle) -> dict[str, float]:
    return {
        "left": float(place.left),
        "top": float(place.top),
        "width": float(place.width),
        "height": float(place.height),
    }


def packed(values: npt.NDArray[np.float32]) -> str:
    """Numbers of any shape, row after row, as float32 of four bytes each, the low one first, base64."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")


def _view_data(view: VoiView) -> dict[str, Any]:
    if isinstance(view, VoiTable):
        values = base64.b64encode(view.values.astype("<u2").tobytes()).decode("ascii")
        return {"name": view.name, "first": float(view.first), "bits": int(view.bits), "values": values}
    return {
        "name": view.name,
        "centre": float(view.centre),
        "width": float(view.width),
        "function": view.function.value,
    }


def _heat_data(heat: Heat) -> dict[str, Any]:
    plain = {field.name: getattr(heat, field.name) for field in fields(heat)}
    return {**plain, "rectangle": asdict(heat.rectangle), "findings": [_finding_data(each) for each in heat.findings]}


def _finding_data(finding: HeatFinding) -> dict[str, Any]:
    plain = {field.name: getattr(finding, field.name) for field in fields(finding)}
    return {**plain, "maps": packed(finding.maps), "contributions": packed(finding.contributions)}


def pane_of(
    film: Radiograph,
    reading: Reading | None,
    *,
    pixels: str,
    mask: str | None = None,
    title: str = "",
    alt: str = "",
    boxes: Sequence[Box] = (),
    id: str = "",
    coding: PixelCoding = PixelCoding.DELTA,
    awaited: bool = False,
) -> Pane:
    """The pane of a film and its reading, if there is one.

    ``pixels`` and ``mask`` are where the bytes of :mod:`chexview.viewer.pixel_coding` are served; a film with padding needs
    its mask. ``id`` is the film's digest unless another is given.
    """
    if (film.padding is None) != (mask is None):
        raise ValueError("a film has a mask exactly where it has padding")
    rows, columns = film.pixels.shape
    display_rows, display_columns = display_shape(film)
    return Pane(
        id=id or film.digest,
        title=title,
        alt=alt,
        pixels=pixels,
        mask=mask,
        rows=rows,
        columns=columns,
        display_rows=display_rows,
        display_columns=display_columns,
        aspect=film.pixel_aspect,
        scale=film.scale,
        offset=film.offset,
        inverted=film.inverted,
        views=_named_apart((*film.views, *presets(film))),
        spacing=_millimetres(film),
        edges=edges_of(film),
        boxes=tuple(boxes),
        heat=None if reading is None else heat_of(film, reading),
        coding=coding,
        awaited=awaited,
    )


def _named_apart(views: Sequence[VoiView]) -> tuple[VoiView, ...]:
    """The views, those of a name that came before numbered: headers give several windows one name."""
    named: dict[str, VoiView] = {}
    for view in views:
        name, number = view.name, 2
        while name in named:
            name, number = f"{view.name} {number}", number + 1
        named[name] = replace(view, name=name)
    return tuple(named.values())


def _millimetres(film: Radiograph) -> Millimetres | None:
    known = film.spacing
    if known is None:
        return None
    return Millimetres(float(known.row_mm), float(known.column_mm), known.plane.value)


def edges_of(film: Radiograph) -> Edges:
    """The letters of the film's edges by its header (PS3.3 C.7.6.1.1.1), after the turn that it was given when read."""
    said = dict(film.header).get(ORIENTATION, "").upper().split("\\")
    if len(said) < 2:
        return Edges()
    across, down = (value.strip()[:1] for value in said[:2])
    if film.view is not View.LATERAL and {across, down} in ({"L", "F"}, {"L", "H"}, {"R", "F"}, {"R", "H"}):
        return Edges(left="R", right="L", top="H", bottom="F")
    return Edges(
        left=_OPPOSITE.get(across, ""),
        right=across if across in _OPPOSITE else "",
        top=_OPPOSITE.get(down, ""),
        bottom=down if down in _OPPOSITE else "",
    )


def heat_of(film: Radiograph, reading: Reading) -> Heat:
    """The maps of ``reading`` as the browser needs them."""
    rows, columns = reading.cell_contributions.shape[1:]
    where = reading.rectangle
    return Heat(
        rectangle=Rectangle(float(where.left), float(where.top), float(where.right), float(where.bottom)),
        rows=int(rows),
        columns=int(columns),
        colours=base64.b64encode(paint(np.linspace(-1.0, 1.0, ENTRIES), 1.0).tobytes()).decode("ascii"),
        floor=FLOOR,
        findings=tuple(_finding(reading, score) for score in ordered(reading)),
        words=cell_words(film, where, int(rows), int(columns)),
        checkpoint=reading.checkpoint,
    )


def coloured_map(reading: Reading, name: str) -> npt.NDArray[np.float32]:
    """The class map of a finding as it is coloured, float32 (rows, columns): calibrated, so that it is in log-odds."""
    return np.asarray(np.float32(reading.score(name).slope) * reading.maps[reading.index(name)], np.float32)


def _finding(reading: Reading, score: FindingScore) -> HeatFinding:
    total = written_sum(score)
    return HeatFinding(
        name=score.name,
        title=title_of(score.name),
        unit=total.kind,
        score=chance(score),
        flagged=bool(score.flagged),
        total=total.log_odds,
        scale=score.heatmap_scale,
        maps=coloured_map(reading, score.name),
        contributions=reading.contributions(score.name),
    )


def cell_words(film: Radiograph, where: Rectangle, rows: int, columns: int) -> str:
    """How many cells the map has and how large one is on the film: in mm where the spacing is known, else as a share."""
    wide = 1.0 / columns / (where.right - where.left)
    tall = 1.0 / rows / (where.bottom - where.top)
    if film.spacing is None:
        across, down = f"{wide:.0%}".replace("%", " %"), f"{tall:.0%}".replace("%", " %")
        size = f"{across} of the width" if across == down else f"{across} of the width, {down} of the height"
    else:
        matrix_rows, matrix_columns = film.pixels.shape
        across = f"{wide * matrix_columns * film.spacing.column_mm:.0f}"
        down = f"{tall * matrix_rows * film.spacing.row_mm:.0f}"
        size = f"{across} mm" if across == down else f"{across} x {down} mm"
    return f"{columns} x {rows} map, 1 cell = {size}"
