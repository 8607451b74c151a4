"""Text and short HTML about calibration, prevalence and groups; every text from outside is escaped. No Streamlit."""

import math
from collections.abc import Sequence
from html import escape

import pandas as pd

from chexview.calibration import Calibration
from chexview.evaluation.calibration import CalibrationSummary, ReliabilityBin
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.cooccurrence import CoOccurrence
from chexview.evaluation.decision import DecisionCurve
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.localisation import CLASS_MAP, CONTROLS, Localised
from chexview.evaluation.prevalence import AtPrevalence, predictive_value
from chexview.evaluation.subgroups import Gap, Subgroup
from chexview.findings import phrase, title
from chexview.text import estimates
from chexview.text.numbers import percents, tick
from chexview.text.numbers import probability as percent

STEPS = (0.1, 0.2, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80)
"""The prevalence dial's stops, in per cent; rare findings need the finer ones."""


def stops(own: float) -> list[float]:
    """The dial's stops as shares, among them the films' own prevalence."""
    return sorted({step / 100 for step in STEPS} | ({own} if 0 < own < 1 else set()))


def frequencies(at: AtPrevalence, finding: str) -> str:
    """Natural frequencies as one says them."""
    found = at.frequencies
    return (
        f"Of {found.people:,} such films {found.ill:,} show {phrase(finding)}: {found.flagged_rightly:,} of those are flagged, "
        f"{found.missed:,} missed. Of the {found.people - found.ill:,} others, {found.flagged_wrongly:,} are flagged wrongly."
    )


def people(at: AtPrevalence, finding: str) -> str:
    """The same as a picture: a dot for each of the people, in the colours of the confusion matrix, with their legend."""
    share = at.frequencies
    kinds = (
        (share.flagged_rightly, "rightly", "correctly flagged"),
        (share.missed, "missed", "missed"),
        (share.flagged_wrongly, "wrongly", "flagged wrongly"),
        (share.left_alone, "alone", "correctly not flagged"),
    )
    dots = "".join(f"<i class='{kind}'></i>" * count for count, kind, _ in kinds)
    legend = "".join(f"<span><i class='{kind}'></i>{words}</span>" for _, kind, words in kinds)
    words = escape(frequencies(at, finding), quote=True)
    return f"<div class='people' role='img' aria-label='{words}'>{dots}</div><p class='legend-row'>{legend}</p>"


def moved_rates(found: Confusion, at: AtPrevalence) -> str:
    """Predictive values and flags at another prevalence, beside those of these films."""
    rows = []
    for name, own, value, positive in (
        ("PPV", found.ppv, at.ppv, True),
        ("NPV", found.npv, at.npv, False),
    ):
        ends = predictive_value(found, at.prevalence, positive)
        shown = "no flags" if value is None else percent(value)
        reach = percents(*ends) if ends else ""
        meaning = "of the flagged have it" if positive else "of the others do not have it"
        rows.append(_row(name, shown, reach, f"{meaning}; on these films {estimates.rate(own)}"))
    rows.append(_row("Flagged", percent(at.flagged), "", "of all films"))
    return f"<table class='rates'><tbody>{''.join(rows)}</tbody></table>"


GIVEN = (0.02, 0.05, 0.1, 0.2, 0.5)
"""Probabilities for which the table gives the new value."""


def moved_probabilities(line: Calibration, moved: Calibration, threshold: float, fitted: float) -> str:
    """What the model's probabilities become at the other prevalence, the threshold's first (Saerens et al. 2002).

    ``fitted`` is the share of films with the finding where ``line`` was fitted.
    """

    def become(share: float) -> float:
        return float(moved.probability(line.logit_at(share)))

    parts = [(tick(share), percent(become(share))) for share in GIVEN]
    if math.isfinite(threshold):
        ends = (float(line.probability(threshold)), float(moved.probability(threshold)))
        parts.insert(0, (f"{percent(ends[0])} (the threshold)", percent(ends[1])))
    body = "".join(
        f"<tr><th scope='row'>{escape(here)}</th><td><b>{escape(there)}</b></td></tr>" for here, there in parts
    )
    return (
        f"<table class='rates moved'><thead><tr><th scope='col'>The model says, calibrated at {percent(fitted)}</th>"
        f"<th scope='col'>At your prevalence</th></tr></thead><tbody>{body}</tbody></table>"
    )


def _row(name: str, value: str, reach: str, words: str) -> str:
    return (
        f"<tr><th scope='row'>{escape(name)}</th><td><b>{escape(value)}</b></td><td>{escape(reach)}</td>"
        f"<td>{escape(words)}</td></tr>"
    )


PREVALENCE = (
    "Sensitivity and specificity are kept and predictive values follow; that holds where films with the finding, and films "
    "without, look as they do here. Ranges combine both ends of both intervals."
)


def calibration(found: CalibrationSummary, finding: str) -> str:
    """The verdict first, then the numbers behind it."""
    error = found.error
    if error.value > error.null_high:
        verdict = (
            f"The probabilities of {phrase(finding)} are off by {percent(error.value)} on average, more than those of a "
            f"well-calibrated model would be by chance ({percents(error.null_low, error.null_high)})."
        )
    else:
        verdict = f"The probabilities of {phrase(finding)} are well-calibrated, as far as these films can tell."
    rows = [
        _row(
            "ECE",
            f"{error.value:.4f}",
            f"{error.null_low:.4f} to {error.null_high:.4f}",
            "expected of a well-calibrated model",
        ),
        _row(
            "Brier",
            f"{found.brier:.4f}",
            "",
            f"{found.prevalence * (1 - found.prevalence):.4f} if every film were given the prevalence",
        ),
        _row("Log loss", f"{found.log_loss:.4f}", "", "nats a film"),
    ]
    if found.slope is not None and found.intercept is not None:
        steep = "1: neither over- nor underconfident; below 1: overconfident"
        rows.append(_row("Slope", f"{found.slope:.2f}", "", steep))
        rows.append(
            _row("Intercept", f"{found.intercept:+.2f}", "", "0: right on average; below 0: probabilities are too high")
        )
    return f"<p class='said'>{escape(verdict)}</p><table class='rates'><tbody>{''.join(rows)}</tbody></table>"


def decision(curve: DecisionCurve, finding: str) -> str:
    """What a decision curve is, for those who meet one for the first time."""
    return (
        "If you act from a probability of 20 % on, you accept four false alarms for each finding that is found. Where the model's "
        "line is the highest, flagging by the model is worth more than flagging every film or none; this holds at a prevalence of "
        f"{percent(curve.prevalence)} of {phrase(finding)}. The dotted line is the threshold in use."
    )


def gap_sentences(gaps: Sequence[Gap]) -> list[str]:
    """Each gap as one says it."""
    parts = []
    for gap in gaps:
        if gap.value is None:
            parts.append(f"{gap.measure[0].upper()}{gap.measure[1:]}: one of the groups has no films to count.")
            continue
        head = f"{gap.measure[0].upper()}{gap.measure[1:]}, {gap.first} minus {gap.second}: {gap.value:+.3f}"
        if gap.low is None or gap.high is None:
            parts.append(f"{head}; too few patients to tell whether that is chance.")
        else:
            sure = gap.low > 0 or gap.high < 0
            parts.append(f"{head} ({gap.low:+.3f} to {gap.high:+.3f}); {'a gap' if sure else 'that may be chance'}.")
    return parts


def bins_frame(bins: Sequence[ReliabilityBin]) -> pd.DataFrame:
    """The reliability curve as a table, one row a bin."""
    return pd.DataFrame(
        {
            "Probability given": [item.predicted for item in bins],
            "Had the finding": [item.observed.value for item in bins],
            "Low": [item.observed.low for item in bins],
            "High": [item.observed.high for item in bins],
            "Films": [item.observed.films for item in bins],
            "Patients": [item.observed.patients for item in bins],
        }
    )


def together_frame(found: CoOccurrence, labelled: bool) -> pd.DataFrame:
    """The matrix of findings that go together as a table: shares of the films that have the row's finding."""
    shares = found.labelled if labelled else found.flagged
    table = pd.DataFrame(shares, columns=[title(name) for name in found.findings])
    table.insert(0, "Films with", [title(name) for name in found.findings])
    return table


def groups_frame(found: Sequence[Subgroup]) -> pd.DataFrame:
    """The groups as a table."""

    def texts(name: str) -> list[str]:
        measured: list[Estimate] = [getattr(group, name) for group in found]
        return [estimates.number(item) if name == "auroc" else estimates.rate(item) for item in measured]

    return pd.DataFrame(
        {
            "Group": [group.name for group in found],
            "AUROC": texts("auroc"),
            "Sensitivity": texts("sensitivity"),
            "Specificity": texts("specificity"),
            "Films": [group.films for group in found],
            "Patients": [group.patients for group in found],
            "With it": [estimates.counts(group.auroc) for group in found],
            "Remark": [group.auroc.remark.value for group in found],
        }
    )


GROUPS = (
    "An AUROC compares films within its group only; sensitivity and specificity are at the one threshold that all groups share. "
    "Gaps come from 1,000 resamples of patients that are the same in both groups. Bedside films (AP) show patients "
    "who are more seriously ill: a gap between views is not necessarily the model's fault."
)
TOGETHER = (
    "Rows are films that have a finding, by their labels; numbers are per cent of them. The diagonal holds the sensitivities. A "
    "column that is strongly coloured all the way down is a finding that is flagged whatever else is there."
)
MAPS = (
    "The class map's positive part against the box that a radiologist drew; intervals and differences over patients. A region is "
    "where a map reaches half its maximum. “Other boxes” is the mean of the finding's boxes on other patients' films: it knows "
    "where such findings usually are, and nothing of this film. A map cannot point more finely than its cells."
)


def maps_frame(found: Sequence[Localised]) -> pd.DataFrame:
    """Every method's score, the difference to the best control, and the verdict."""
    methods = list(dict.fromkeys(name for item in found for name in item.scores))
    ordered = [CLASS_MAP, *sorted(name for name in methods if name not in (CLASS_MAP, *CONTROLS))]
    ordered += [name for name in CONTROLS if name in methods]
    table: dict[str, list[object]] = {
        "Finding": [title(item.finding) for item in found],
        "Boxes": [item.boxes for item in found],
    }
    for name in ordered:
        table[name[0].upper() + name[1:]] = [item.scores[name].value if name in item.scores else None for item in found]
    table["Difference"] = [item.difference for item in found]
    table["95 %"] = [
        "" if item.low is None or item.high is None else f"{item.low:+.3f} to {item.high:+.3f}" for item in found
    ]
    table["Verdict"] = [item.verdict.value for item in found]
    return pd.DataFrame(table).round(3)
