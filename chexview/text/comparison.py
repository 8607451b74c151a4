"""Text, tables and short HTML about the comparison of two runs; every text from outside is escaped. No Streamlit."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from chexview.evaluation.comparison import AurocDifference, Disagreement, Matched, MeanDifference
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.examination import Examination
from chexview.evaluation.run import ValidationRun
from chexview.findings import phrase, title
from chexview.text import estimates
from chexview.text.caption import FigureCaption
from chexview.text.markup import fact, facts
from chexview.text.numbers import counted
from chexview.text.truth import truth_title


def signed(value: float) -> str:
    """``+0.012``, ``-0.012``; a true minus sign would not be found by a search."""
    return f"{value:+.3f}"


def between(low: float | None, high: float | None) -> str:
    """``-0.010 to +0.034``, or "" if there is no interval."""
    return "" if low is None or high is None else f"{signed(low)} to {signed(high)}"


def p_value(p: float | None) -> str:
    """``0.031``, ``under 0.001``, or ""."""
    if p is None:
        return ""
    return "under 0.001" if p < 0.001 else f"{p:.3f}"


def headline(mean: MeanDifference, most: Matched, examination: Examination) -> str:
    """The page's first numbers: the difference of the means, what could have been seen, and the films in common.

    ``examination`` is that of the first run, whose truth judges both.
    """
    films, missing = most.first.films, most.only_first
    if mean.value is None:
        primary = fact("Difference of the mean AUROCs", "none", "", "No finding has enough patients of both kinds.")
    else:
        p = f", p {p_value(mean.p)}" if mean.p is not None else ""
        single = len(mean.findings) == 1
        name = f"Difference of the AUROCs, {title(mean.findings[0])}" if single else "Difference of the mean AUROCs"
        over = "First minus second" + ("" if single else f", over {counted(len(mean.findings), 'finding')}") + p
        primary = fact(name, signed(mean.value), between(mean.low, mean.high), over)
    if mean.detectable is None:
        seen = fact("Minimum detectable difference", "not known", "", "The two runs rank these films alike.")
    else:
        seen = fact(
            "Minimum detectable difference",
            f"{mean.detectable:.3f}",
            "80 % power",
            "A true difference of this size would be found four times in five.",
        )
    lacking = (
        f"Left out: {counted(missing, 'film')} of the list that the second run lacks." if missing else "The whole list."
    )
    if examination.truth is not None:
        lacking = f"Those with a label by: {examination.truth.title}." + (f" {lacking}" if missing else "")
    shared = fact("Films in common", f"{films:,}", "", lacking)
    return facts("Compare", (primary, seen, shared))


def caption(shown: str, pair: Matched, runs: Sequence[ValidationRun], examination: Examination) -> FigureCaption:
    """What a saved figure of a comparison is of; ``examination`` is that of the first run, whose truth judges both."""
    films = pair.first
    counts = (
        f"{films.films:,} films in common of {films.patients_with_films:,} patients, {counted(films.positive_films, 'film')} of "
        f"{counted(films.positive_patients, 'patient')} with the finding, by: {truth_title(examination)}"
    )
    return FigureCaption(f"{shown}, {title(films.finding)}", (" and ".join(run.meta.title for run in runs), counts))


def verdict(found: AurocDifference, names: tuple[str, str]) -> str:
    """One finding's difference as one says it."""
    if found.first is None or found.second is None:
        return f"{title(found.finding)} cannot be compared: {found.remark.value}."
    words = f"AUROC of {phrase(found.finding)}: {found.first:.3f} by the first run and {found.second:.3f} by the second"
    if found.low is None or found.high is None or found.difference is None:
        return f"{words}; too few patients to tell whether they differ."
    sure = found.p_holm is not None and found.p_holm < 0.05
    better = names[0] if found.difference > 0 else names[1]
    end = f"{better} is better" if sure else "that may be chance"
    return f"{words}, {signed(found.difference)} ({between(found.low, found.high)}); {end}."


def disagreements(sick: Disagreement, well: Disagreement, finding: str) -> str:
    """Which films only one of the runs tells rightly."""
    parts = []
    for item, words in ((sick, f"with {phrase(finding)}"), (well, "without")):
        p = f" (p {p_value(item.p)})" if item.p is not None else ""
        parts.append(
            f"of {counted(item.films, 'film')} {words}, {item.only_first:,} are right only in the first and {item.only_second:,} "
            f"only in the second{p}"
        )
    whole = "; ".join(parts)
    return f"{whole[0].upper()}{whole[1:]}."


def rates(points: Sequence[Confusion | None]) -> str:
    """Sensitivity, specificity and predictive values of both runs, one below the other."""
    rows = []
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        texts = [estimates.rate(getattr(point, name)) if point else "no threshold" for point in points]
        cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
        label = name.upper() if name in ("ppv", "npv") else name.capitalize()
        rows.append(f"<tr><th scope='row'>{label}</th>{cells}</tr>")
    return (
        "<table class='rates'><thead><tr><th scope='col'>Rate</th><th scope='col'>First</th><th scope='col'>Second</th></tr>"
        "</thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def frame(found: Sequence[AurocDifference]) -> pd.DataFrame:
    """The table of all findings, in their order."""
    return pd.DataFrame(
        {
            "Finding": [title(item.finding) for item in found],
            "First": [item.first for item in found],
            "Second": [item.second for item in found],
            "Difference": [item.difference for item in found],
            "95 %": [between(item.low, item.high) for item in found],
            "p": [p_value(item.p) for item in found],
            "p, corrected": [p_value(item.p_holm) for item in found],
            "Films": [item.films for item in found],
            "Patients": [item.positive_patients for item in found],
            "Remark": [item.remark.value for item in found],
        }
    )


METHOD = (
    "AUROCs are compared film by film with patients as clusters (DeLong's covariance after Obuchowski); p is corrected for all "
    "findings compared (Holm). The difference of the means comes from 1,000 resamples of patients that both runs share. Rates at "
    "the operating points: McNemar's test with patients as clusters. Whether the two models were trained on these patients is not "
    "known here."
)
