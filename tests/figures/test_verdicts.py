"""Who was right as a picture, and readers on a ROC curve: what is drawn stands where the numbers say."""

import re

import pytest

from chexview import settings
from chexview.evaluation.confusion import Cell
from chexview.evaluation.examination import Examination, examine
from chexview.evaluation.readers import label_point, reader_points
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import load_run
from chexview.evaluation.verdicts import verdicts
from chexview.figures.readers import ReaderMarks
from chexview.figures.roc import RocExtras, roc_figure
from chexview.figures.theme import DARK, LIGHT, Theme
from chexview.figures.verdicts import verdicts_figure
from chexview.text.verdicts import alt, in_cell
from tests.figures.making import sound


@pytest.fixture(scope="module")
def examination() -> Examination:
    reference = load_reference(settings.BUNDLED / "references" / "four-findings")
    return examine(load_run(settings.BUNDLED / "runs" / "reproduce-chexnet"), "published", "nodule_mass", reference)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_cells_are_split_where_the_radiologists_split_them(examination: Examination, look: Theme) -> None:
    found = verdicts(examination, 0.0)
    figure = verdicts_figure(found, "NIH, from reports", look)
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(boxes) == 8
    for cell, (films, present) in {
        Cell.TRUE_POSITIVE: (33, 33),
        Cell.FALSE_POSITIVE: (15, 11),
        Cell.FALSE_NEGATIVE: (64, 29),
        Cell.TRUE_NEGATIVE: (823, 54),
    }.items():
        column, row = (0 if cell.flagged else 1), (1 if cell.positive else 0)
        left, right = (
            box for box in boxes if abs((box.y0 + box.y1) / 2 - row) < 0.1 and column - 0.5 < box.x1 <= column + 0.5
        )
        assert (left.x1 - left.x0) / (right.x1 - left.x0) == pytest.approx(present / films)
        strong, faint = (right, left) if cell.positive else (left, right)
        opacity = [float(re.findall(r"[\d.]+", box.fillcolor)[-1]) for box in (strong, faint)]
        assert opacity[0] > 3 * opacity[1]
        assert in_cell(found.cells[cell])[0] == f"{films:,}"
    assert "Of 15 flagged films free of a nodule or mass by NIH's label, 11 do show it" in alt(found, "NIH's label")
    sound(figure)


def test_readers_stand_where_their_rates_are(examination: Examination) -> None:
    reference = examination.truth
    points = reader_points(examination, reference)  # type: ignore[arg-type]
    label = label_point(examination)
    marks = ReaderMarks(points, None, label, "NIH <b>")
    figure = roc_figure(examination.curve, examination.auroc, None, LIGHT, RocExtras(readers=marks))
    traces = {trace.name: trace for trace in figure.data}
    readers = traces["Readers who made the truth"]
    assert readers.y == tuple(point.sensitivity.value for point in points) and len(points) == 6
    assert readers.x == pytest.approx([1 - (point.specificity.value or 0.0) for point in points])
    assert all(f"{point.films} films" in words for point, words in zip(points, readers.hovertext, strict=True))
    assert label is not None and any(trace.y == (label.sensitivity.value,) for trace in figure.data)
    assert "NIH <b>" not in traces
    assert figure.data[0].name == "Model"
    sound(figure)
