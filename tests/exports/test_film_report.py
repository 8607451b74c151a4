"""The page of a film and the summary: every number on it, by both truths, nothing beyond the page's edge."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chexview import settings
from chexview.evaluation.references import usable_references
from chexview.evaluation.run import list_runs, load_run, run_of_weights
from chexview.exports.film_report import (
    ROWS,
    UNPRINTABLE,
    SummaryRow,
    film_page,
    film_pdf,
    report_pdf,
    summary_page,
    summary_parts,
    summary_row,
)
from chexview.exports.film_result import FilmResult
from chexview.exports.records import NOTICE
from chexview.exports.scored_alike import scored_alike
from chexview.findings import NAMES, title
from chexview.text.numbers import probability
from chexview.worklist.verdicts import Decision, Verdict
from tests.exports.results import CARD, film, reading, result, tool, withheld


def words(page: Figure) -> str:
    return "\n".join(text.get_text() for text in page.texts)


def named(flagged: tuple[str, ...] = ("Effusion", "Nodule")) -> FilmResult:
    """A result whose weights are those of the bundled run, so that scores can be compared."""
    weights = list_runs(settings.load().runs)[0].meta.checkpoint.weights  # type: ignore[union-attr]
    limits = ("Trained on films of one hospital." + " And so on." * 40,)
    card = replace(CARD, weights=weights, limits=limits)
    read = replace(reading(flagged), checkpoint_digest=weights, cautions=("The film is raw.",))
    verdict = Verdict("", "Nodule", weights, Decision.REJECTED, "2026-05-04T10:00:00", "Reader 2")
    return FilmResult(film(), card, read, "", (verdict,), "a.dcm")


def test_a_page_has_every_finding_what_it_meant_and_what_speaks_against_it() -> None:
    given = named()
    said = words(film_page(given))
    assert given.reading is not None
    for score in given.reading.findings:
        assert title(score.name) in said and probability(score.probability) in said
    assert "2 of 14 findings assessed are flagged: Nodule, Effusion." in said
    assert "NIH, from reports: Of validation films scored alike" in said
    assert said.count("Of test films scored alike") + said.count("No test film scored alike") == 2
    assert "Caution: The film is raw." in said and "* Nodule: rejected" in said and "Reader 2" in said
    assert "Known limits: Trained on films of one hospital." in said and NOTICE in said
    assert given.card.weights in said.replace("\n", "") and "Patient: Example, ChestX-ray14" in said
    assert len(film_page(given).axes) == 3


def test_what_a_score_meant_is_counted_by_both_truths() -> None:
    run = load_run(list_runs(settings.load().runs)[0].folder)
    score = reading(("Effusion",)).score("Effusion")
    references = usable_references(settings.load().references)
    own, radiologists = scored_alike(run, references, score)
    (standard,) = (each for each in references if each.title == radiologists.truth)
    truth = standard.labels("Effusion", run.table.column("image"))
    logits = run.logits("Effusion")
    low, high = score.logit - 0.5, score.logit + 0.5
    near = (truth >= 0) & (logits > low - 2) & (logits < high + 2)
    assert own.truth == "NIH, from reports" and near.sum() > 0
    if "had it" in radiologists.words:
        positive, films = (int(word) for word in radiologists.words.split("), ")[1].split(" had")[0].split(" of "))
        assert positive <= films <= int(near.sum())
    assert run_of_weights("no such weights", settings.load().runs) is None


def test_nothing_flagged_and_a_withheld_film_are_said() -> None:
    assert "No finding over its threshold among the 14 assessed." in words(film_page(result(())))
    page = film_page(withheld())
    assert withheld().withheld in words(page).replace("\n", " ") and len(page.axes) == 1
    assert "probability" not in words(page)


def test_a_score_that_was_asked_for_stands_with_the_reason_against_it() -> None:
    insisted = replace(result(), film=withheld().film)
    said = f"Caution: {withheld().withheld}"
    assert insisted.cautions[0] == withheld().withheld
    assert said in words(film_page(insisted)) and said not in words(film_page(result()))


@pytest.mark.parametrize("flagged", [(), ("Effusion",), NAMES], ids=["none", "one", "all"])
def test_no_words_leave_the_page_or_lie_on_each_other(flagged: tuple[str, ...]) -> None:
    page = film_page(named(flagged))
    boxes = drawn_boxes(page)
    assert len(boxes) > 30
    width, height = page.get_size_inches() * page.dpi
    for box in boxes:
        assert box.x0 > 0.05 * width and box.x1 < 0.95 * width and box.y0 > 0.01 * height
    overlaps = [
        (a, b)
        for k, a in enumerate(boxes)
        for b in boxes[:k]
        if a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1
    ]
    deep = [min(a.y1, b.y1) - max(a.y0, b.y0) for a, b in overlaps]
    assert all(each < 0.35 * min(a.height, b.height) for each, (a, b) in zip(deep, overlaps, strict=True))


def drawn_boxes(page: Figure) -> list:  # type: ignore[type-arg]
    page.set_dpi(300)  # at a screen's, letters are moved to whole pixels
    FigureCanvasAgg(page).draw()
    return [text.get_window_extent() for text in page.texts if text.get_text().strip()]


def test_a_summary_counts_and_lists_every_film() -> None:
    rows = [summary_row(replace(named(), name=f"{number:03d}.dcm")) for number in range(ROWS + 1)]
    rows += [SummaryRow("x" * 90 + ".png", "unknown", "No score is given. " + "Because. " * 30, without="withheld")]
    first, second = (summary_page(rows, part, "page", "Model.") for part in summary_parts(rows))
    assert (
        f"{ROWS + 2} files: {ROWS + 1} read, {ROWS + 1} with a flag, 1 withheld. Flags: Nodule {ROWS + 1}, Effusion {ROWS + 1}."
        in words(first)
    )
    assert words(first).count(".dcm") + words(second).count(".dcm") == ROWS + 1
    assert words(second).count("Because.") > 10, "two lines of the reason"
    for page in (first, second):
        boxes = drawn_boxes(page)
        width, _ = page.get_size_inches() * page.dpi
        assert all(box.x1 < 0.95 * width for box in boxes)


def test_rows_of_two_lines_fill_a_page_sooner_and_none_is_lost() -> None:
    refused = [
        SummaryRow(f"{number}.png", "", "Refused. " + "Because. " * 30, without="refused") for number in range(ROWS)
    ]
    parts = summary_parts(refused)
    assert [len(part) for part in parts] == [ROWS // 2, ROWS // 2]
    assert [row for part in parts for row in part] == refused and summary_parts([]) == []


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Patient: Yamada, Tarou;"),
        ("Müller^Łukasz", "Patient: Müller, Łukasz;"),
        ("Διονυσιος", "Patient: Διονυσιος;"),
        ("山田^太郎", f"Patient: {UNPRINTABLE};"),
    ],
)
def test_a_name_is_written_in_the_letters_that_the_page_has(stored: str, written: str) -> None:
    """Where a letter were missing, matplotlib would warn, and warnings are errors here."""
    shown = film()
    identity = replace(shown.identity, patient_name=stored)
    page = film_page(FilmResult(replace(shown, identity=identity), CARD, reading(), "", (), "胸部.dcm"))
    assert written in words(page) and "File: ??.dcm" in words(page)
    drawn_boxes(page)


def test_a_pdf_is_one_page_a_film_the_same_each_time_and_can_be_drawn(tmp_path: Path) -> None:
    given = result()
    assert film_pdf(given) == film_pdf(given)
    file = tmp_path / "r.pdf"
    file.write_bytes(report_pdf([given, withheld()], [summary_row(given)]))
    assert file.read_bytes().count(b"/Type /Page ") == 3
    subprocess.run([tool("pdftoppm"), "-r", "40", "-gray", str(file), str(tmp_path / "p")], check=True)
    for page in sorted(tmp_path.glob("p*.pgm")):
        drawn = np.frombuffer(page.read_bytes(), np.uint8)
        assert (drawn < 128).mean() > 0.002
    assert len(list(tmp_path.glob("p*.pgm"))) == 3
