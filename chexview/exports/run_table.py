"""All findings of a list as a table to be sorted and as a CSV file. No Streamlit."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.published import Published
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.summary import FindingSummary
from chexview.evaluation.thresholds import written
from chexview.exports.records import NOTICE, safe
from chexview.findings import title
from chexview.text import estimates
from chexview.text.numbers import percents, probability
from chexview.text.thresholds import score_words


def frame(lines: Sequence[FindingSummary], control: bool) -> pd.DataFrame:
    """One row a finding. Values are numbers, so that they sort; intervals and counts stand beside them as text."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        auroc, average, prevalence = line.auroc, line.precision.average, line.precision.prevalence
        row: dict[str, Any] = {
            "Finding": title(line.finding),
            "AUROC": auroc.value,
            "AUROC 95 %": _span(auroc),
        }
        if control:
            row["Control AUROC"] = line.control.value if line.control else None
            row["Control 95 %"] = _span(line.control)
        row |= {
            "AUPRC": average.value,
            "AUPRC 95 %": _span(average),
            "Prevalence": _percent(prevalence),
            "Films": auroc.positive_films,
            "Patients": auroc.positive_patients,
            "Sensitivity": _percent(line.sensitivity),
            "Sensitivity 95 %": _span(line.sensitivity, percent=True),
            "Specificity": _percent(line.specificity),
            "Specificity 95 %": _span(line.specificity, percent=True),
            "Remark": auroc.remark.value,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def styled(lines: Sequence[FindingSummary], frame: pd.DataFrame, colour: str) -> Styler:
    """The table as it is shown: shares as everywhere, rows of findings without an interval in a paler ``colour``."""
    faint = [line.auroc.pale for line in lines]
    shares = [name for name in _SHARES if name in frame]
    return frame.style.format({name: written_percent for name in shares}, na_rep="").apply(
        lambda row: [f"color: {colour}" if faint[int(row.name)] else ""] * len(row), axis=1
    )


def written_percent(value: Any) -> str:
    """A number of percent as its share is written everywhere: 3.4 is ``3.4 %``."""
    return probability(value / 100)


def beside(table: pd.DataFrame, lines: Sequence[FindingSummary], known: Published) -> pd.DataFrame:
    """The table with a column of AUROCs for each model that was published on the very same films."""
    made = table.drop(columns="Remark")
    for reference in known.references:
        made[reference.name] = [reference.aurocs.get(line.finding) for line in lines]
    made["Remark"] = table["Remark"]
    return made


def counts(found: Mapping[str, Confusion], calibration: Mapping[str, Calibration | None] | None = None) -> pd.DataFrame:
    """One row a finding: its confusion matrix in a line, and its rates with their intervals as text.

    Thresholds are in the unit of the scores, by each finding's ``calibration``; network outputs where none is given.
    """
    rows = []
    for finding, item in found.items():
        tally = item.counts
        rows.append(
            {
                "Finding": title(finding),
                "Flagged from": score_words(tally.threshold, (calibration or {}).get(finding)),
                "Correctly flagged": tally.true_positives,
                "Missed": tally.false_negatives,
                "Flagged wrongly": tally.false_positives,
                "Correctly not flagged": tally.true_negatives,
                "Flags per 100": 100 * tally.flagged / tally.films if tally.films else None,
                "Sensitivity": estimates.rate(item.sensitivity),
                "Specificity": estimates.rate(item.specificity),
                "PPV": estimates.rate(item.ppv),
                "NPV": estimates.rate(item.npv),
            }
        )
    return pd.DataFrame(rows)


def _percent(rate: Estimate | None) -> float | None:
    return None if rate is None or rate.value is None else 100 * rate.value


def _span(rate: Estimate | None, percent: bool = False) -> str:
    if rate is None or rate.low is None or rate.high is None:
        return ""
    return percents(rate.low, rate.high) if percent else f"{rate.low:.3f} to {rate.high:.3f}"


_SHARES = ("Prevalence", "Sensitivity", "Specificity")
_TEXTS = ("run", "run_sha256", "list", "finding", "policy", "remark", "notice", "truth")


def comma_separated(
    run: ValidationRun,
    item: FilmList,
    points: OperatingPoints,
    lines: Sequence[FindingSummary],
    control: bool,
    truth: str,
) -> bytes:
    """The same with every interval and count in columns of its own, and the run and truth it came from; UTF-8 with a mark."""
    out = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for line in lines:
        row = _record(run, item, points, line, control) | {"truth": truth}
        row = {key: safe(value) if key in _TEXTS else value for key, value in row.items()}
        if writer is None:
            writer = csv.DictWriter(out, list(row))
            writer.writeheader()
        writer.writerow(row)
    return out.getvalue().encode("utf-8-sig")


def _record(
    run: ValidationRun, item: FilmList, points: OperatingPoints, line: FindingSummary, control: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "run": run.name,
        "run_sha256": run.digest,
        "list": item.name,
        "finding": line.finding,
        "films": line.auroc.films,
        "patients": line.auroc.patients,
        "positive_films": line.auroc.positive_films,
        "positive_patients": line.auroc.positive_patients,
    }
    row |= _three("auroc", line.auroc)
    row |= _three("average_precision", line.precision.average)
    row |= _three("prevalence", line.precision.prevalence)
    if control:
        row |= _three("control_auroc", line.control)
    policy = "chosen by the user" if points.overridden(line.finding) else points.policy.value
    row |= {"policy": policy, "threshold_logit": None if line.threshold is None else written(line.threshold)}
    row |= _three("sensitivity", line.sensitivity)
    row |= _three("specificity", line.specificity)
    return row | {"remark": line.auroc.remark.value, "notice": NOTICE}


def _three(name: str, rate: Estimate | None) -> dict[str, float | None]:
    low_high = (rate.low, rate.high) if rate else (None, None)
    return {name: rate.value if rate else None, f"{name}_low": low_high[0], f"{name}_high": low_high[1]}
