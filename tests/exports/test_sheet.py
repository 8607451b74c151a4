"""The one-page summary: one page, every number on it, the same file each time."""

from dataclasses import replace

import numpy as np

from chexview.exports.sheet import Column, Row, Sheet, Thumbnail, page, pdf

SHEET = Sheet(
    title="A run",
    facts=(("Checkpoint", "one"), ("Split", "0123 " * 40)),
    headline="Mean AUROC 0.700 (0.600 to 0.800) over 2 findings.",
    columns=(Column("Finding", 0.3), Column("AUROC", 0.2), Column("TP", 0.1, number=True)),
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


def test_a_long_fact_is_broken_into_lines_that_fit() -> None:
    lines = [text.get_text() for text in page(SHEET).texts if text.get_text().startswith("0123")]
    assert len(lines) == 2 and " ".join(lines) == ("0123 " * 40).strip()
