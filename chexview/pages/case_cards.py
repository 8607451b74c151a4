"""What the galleries of Cases hold: a film of a run as a card, with its score, its labels, its heatmap and its boxes."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from chexview.errors import ChexviewError
from chexview.evaluation.cases import CaseOrder, CaseSet
from chexview.evaluation.confusion import Cell
from chexview.evaluation.examination import Examination
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.references import ReferenceStandard
from chexview.evaluation.verdicts import Said
from chexview.films.library import Library
from chexview.findings import COMPOSITES
from chexview.geometry import CellGrid
from chexview.model.card import HEATMAP_SCALE
from chexview.model.predictor import Predictor
from chexview.pages.cached_numbers import ReaderBox, look_alikes
from chexview.pages.case_films import CaseFilms
from chexview.pages.colour_bars import signed_bar
from chexview.text import cases as cases_text
from chexview.viewer.components import CaseCard, ColourBar
from chexview.viewer.scene import Box, radiologists_box


@dataclass(frozen=True, slots=True, eq=False)
class CasesContext:
    """Everything that the page was drawn with. ``at_hand``, bool (rows of the run,), says which films are here.

    ``judged`` is the examination by another truth, whose word ``said`` chooses among a cell's films; None if none does.
    ``references`` are the reference standards that speak of these films.
    """

    examination: Examination
    points: OperatingPoints
    films: CaseFilms
    library: Library
    predictor: Predictor | None
    boxes: dict[str, tuple[ReaderBox, ...]]
    at_hand: npt.NDArray[np.bool_]
    open_case: int | None
    judged: Examination | None = None
    said: Said | None = None
    references: tuple[ReferenceStandard, ...] = ()

    @property
    def threshold(self) -> float:
        """The logit from which films are flagged."""
        return self.examination.confusion().counts.threshold

    def groups(self, shown: CaseSet, order: CaseOrder) -> tuple[list[tuple[int, ...]], list[str]]:
        """Rows of the run that are shown together, and what is said of them: films of a cell alone, look-alikes in pairs."""
        if shown.cell is None:
            pairs = look_alikes(self.examination, self.threshold)
            return [(pair.with_it, pair.without_it) for pair in pairs], [cases_text.between(pair) for pair in pairs]
        found = self.examination.rows(shown.cell, order=order)
        if self.judged is not None and self.said is not None:
            found = found[np.isin(found, rows_said(self.judged, self.said))]
        rows = found.tolist()
        return [(row,) for row in rows], [""] * len(rows)

    def boxes_on(self, row: int) -> tuple[ReaderBox, ...]:
        """The radiologists' boxes on a film: those that came with the run, and the regions of reference standards."""
        image = self.films.images[row]
        drawn = tuple(
            ReaderBox(finding, region.box)
            for reference in self.references
            if reference.has_regions
            for finding in reference.meta.judges
            if finding not in COMPOSITES
            for region in reference.regions_on(image, finding)
        )
        return *self.boxes.get(image, ()), *drawn


def rows_said(judged: Examination, said: Said) -> npt.NDArray[np.int64]:
    """The rows of the run of which the truth of an examination says yes, or no."""
    rows: npt.NDArray[np.int64] = judged.selection.rows[judged.labels == (said is Said.YES)]
    return rows


def marks(context: CasesContext, row: int) -> tuple[Box, ...]:
    """The boxes of a film: those of the finding that is shown, in a case that is open those of all findings."""
    finding, found = context.examination.finding, context.boxes_on(row)
    if context.open_case != row:
        found = tuple(box for box in found if box.finding in {finding, *COMPOSITES.get(finding, ())})
    return tuple(radiologists_box(box.finding, box.place) for box in found)


def card(context: CasesContext, row: int, large: bool = False) -> CaseCard:
    """A film as it stands in the gallery."""
    examination, films = context.examination, context.films
    selection, run = examination.selection, examination.run
    position = int(np.flatnonzero(selection.rows == row)[0])
    logit, positive = float(selection.logits[position]), bool(selection.labels[position])
    cell = Cell.of(positive, bool(logit >= np.float32(context.threshold)))
    person = cases_text.person_of(run, row)
    labels = cases_text.labelled(run, row)
    is_small = context.library.is_small_copy(films.images[row])
    made = CaseCard(
        id="" if large else str(row),
        tone=CaseSet.of(cell).value,
        kind=cell.value.capitalize(),
        score=cases_text.scored(logit, examination.calibration),
        note=f"{person} · {labels}{cases_text.SMALL_NOTE if is_small else ''}",
        alt=f"Film of row {row}, {person}; labels: {labels}",
        absent=films.refused.get(row, "The film is not on this machine."),
    )
    case = films.found.get(row)
    if case is None:
        return made
    grid = None
    if case.reading is not None:
        _, cell_rows, cell_columns = case.reading.maps.shape
        grid = CellGrid(cell_rows, cell_columns, case.reading.rectangle)
    try:
        picture = films.picture(row, context.library, large)
        heat = films.heatmap(row, examination.finding, heatmap_scale(context))
    except (ChexviewError, KeyError):
        return made
    rows, columns = case.shape
    badge = cases_text.badge(examination.finding, case.reading)
    if case.small:
        badge = cases_text.stored_badge(run, row, examination.finding, case.reading)
    return replace(
        made, picture=picture, heat=heat, badge=badge, rows=rows, columns=columns, boxes=marks(context, row), grid=grid
    )


def look(context: CasesContext, rows: list[int]) -> None:
    """Reads the films of ``rows`` that were not looked at yet, with a bar that says how far it is."""
    films, library = context.films, context.library
    if not [row for row in rows if row not in films.found and films.images[row] in library]:
        return
    bar = st.progress(0.0)
    films.look(rows, library, context.predictor, lambda share, text: bar.progress(share, text=text))
    bar.empty()


def signed_scale(context: CasesContext) -> ColourBar:
    """The colours of the heatmaps."""
    return signed_bar(heatmap_scale(context))


def heatmap_scale(context: CasesContext) -> float:
    """The log-odds at which the heatmaps of the finding in question have their full colours."""
    return context.predictor.card.heatmap_scale(context.examination.finding) if context.predictor else HEATMAP_SCALE
