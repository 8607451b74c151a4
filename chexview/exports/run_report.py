"""A run's list on one page of PDF: every finding's area, rates and counts at the operating points in use, and its curve."""

from collections.abc import Sequence

from chexview.evaluation.examination import Examination
from chexview.evaluation.finding_lines import finding_lines
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.performance import MeanAuroc
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.summary import FindingSummary
from chexview.exports import sheet
from chexview.exports.records import NOTICE
from chexview.figures.areas import mean_words
from chexview.figures.thumbnails import small_curve
from chexview.findings import title
from chexview.text import estimates
from chexview.text.evaluation import INTERVALS, points_words
from chexview.text.run import about
from chexview.text.truth import truth_title

COLUMNS = (
    sheet.Column("Finding"),
    sheet.Column("AUROC"),
    *(sheet.Column(counted, number=True) for counted in ("Films", "Patients")),
    sheet.Column("Sensitivity"),
    sheet.Column("Specificity"),
    *(sheet.Column(cell, number=True) for cell in ("TP", "FN", "FP", "TN")),
)
WITH_IT = "Films and patients are those with the finding. The circle on each curve is the threshold in use."


def run_report(
    run: ValidationRun,
    item: FilmList,
    examinations: Sequence[Examination],
    points: OperatingPoints,
    mean: MeanAuroc,
) -> bytes:
    """The page as PDF."""
    thresholds = points.thresholds(examination.finding for examination in examinations)
    rows, curves = [], []
    for examination, line in zip(examinations, finding_lines(examinations, thresholds), strict=True):
        rows.append(_row(examination, line))
        curve = small_curve(examination, line.threshold)
        if curve is not None:
            curves.append(sheet.Thumbnail(curve.title, curve.caption, tuple(curve.points), curve.at))
    known = dict(about(run))
    facts = (
        *((word, known[word]) for word in ("Checkpoint", "Data set")),
        ("List", f"{item.title}. {item.chosen}"),
        ("Truth", truth_title(examinations[0])),
        ("Thresholds", points_words(points)),
        *((word, known[word]) for word in ("Split", "Made")),
    )
    return sheet.pdf(
        sheet.Sheet(
            run.meta.title, facts, mean_words(mean), COLUMNS, tuple(rows), tuple(curves), (WITH_IT, INTERVALS, NOTICE)
        )
    )


def _row(examination: Examination, line: FindingSummary) -> sheet.Row:
    cells = ["", "", "", ""]
    if line.threshold is not None and examination.films:
        counts = examination.confusion(line.threshold).counts
        tally = (counts.true_positives, counts.false_negatives, counts.false_positives, counts.true_negatives)
        cells = [f"{count:,}" for count in tally]
    rates = [estimates.rate(rate) if rate else "no threshold" for rate in (line.sensitivity, line.specificity)]
    auroc = line.auroc
    with_it = (f"{auroc.positive_films:,}", f"{auroc.positive_patients:,}")
    remark = f", {auroc.remark.value}" if auroc.remark.value and auroc.value is not None else ""
    texts = (title(line.finding), f"{estimates.number(auroc)}{remark}", *with_it, *rates, *cells)
    return sheet.Row(texts, auroc.value, auroc.low, auroc.high)
