"""The one-page summary: one page, every number on it, the same file each time."""

import itertools
from dataclasses import replace

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from chexview.exports.sheet import Column, Row, Sheet, Thumbnail, page, pdf

SHEET = Sheet(
    title="A run",
    facts=(("Checkpoint", "one"), ("Split", "0123 " * 40)),
    headline="Mean AUROC 0.700 (0.600 to 0.800) over 2 findings.",
    columns=(Column("Finding"), Column("AUROC"), Column("TP", number=True)),
    rows=(Row(("Mass", "0.712", "17"), 0.712, 0.6, 0.8), Row(("Hernia", "none", "0"), None, None, None)),
    curves=(Thumbnail("Mass", "0.712", ((0, 0), (0.2, 0.6), (1, 1)), (0.2, 0.6)),),
    notes=("For research $ only.",),
)


def test_it_is_one_page_and_the_same_each_time() -> None:
    data = pdf(SHEET)
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page ") == 1 and b"(A run)" in data
    assert pdf(SHEET) == data
    assert pdf(replace(SHEET, headline="Mean AUROC 0.800.")) != data


def test_every_number_stands_on_it() -> None:
    drawn = page(SHEET)
    words = {text.get_text() for text in drawn.texts}
    assert {"A run", "Checkpoint", "one", "Mass", "0.712", "17", "none", r"For research \$ only."} <= words
    forest, curve = drawn.axes
    spans = [line.get_xydata().tolist() for line in forest.get_lines()]
    assert spans == [[[0.712, 0]], [[0.6, 0], [0.8, 0]]]
    np.testing.assert_allclose(curve.get_lines()[0].get_xydata(), SHEET.curves[0].points)
    np.testing.assert_allclose(curve.get_lines()[2].get_xydata(), [SHEET.curves[0].at])
    assert curve.get_title(loc="left") == "Mass\n0.712"


def test_no_word_is_printed_over_another() -> None:
    columns = tuple(
        Column(name, number=name in ("Films", "TP")) for name in ("Finding", "AUROC", "Films", "Sensitivity", "TP")
    )
    cells = ("Pleural thickening", "0.818 (0.807 to 0.829), few patients", "2,423", "46 % (43 to 49 %)", "1,117")
    wide = replace(
        SHEET,
        title="The title of a run is as long as somebody wants it to be, " * 3,
        headline="Mean AUROC 0.838 (0.832 to 0.845) over 14 findings. Left out, with too few patients: "
        + "hernia, " * 12,
        columns=columns,
        rows=(Row(cells, 0.818, 0.8, 0.83),) * 16,
        curves=SHEET.curves * 16,
    )
    for sheet in (SHEET, wide):
        drawn = page(sheet)
        canvas = FigureCanvasAgg(drawn)
        canvas.draw()
        renderer = canvas.get_renderer()
        texts = [*drawn.texts, *(axes._left_title for axes in drawn.axes)]
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]
        assert len(boxes) > 12
        for (words, box), (others, other) in itertools.combinations(boxes, 2):
            assert not box.shrunk(0.9, 0.6).overlaps(other.shrunk(0.9, 0.6)), (words, others)
        for words, box in boxes:
            assert box.x0 >= 0 and box.x1 <= drawn.bbox.x1 and box.y0 >= 0, words


def test_a_long_fact_is_broken_into_lines_that_fit() -> None:
    lines = [text.get_text() for text in page(SHEET).texts if text.get_text().startswith("0123")]
    assert len(lines) == 3 and " ".join(lines) == ("0123 " * 40).strip()
