"""Reader studies in words. No Streamlit, no I/O."""

from collections.abc import Mapping, Sequence
from html import escape

from chexview.evaluation.comparison import AurocDifference, Disagreement
from chexview.evaluation.estimate import Estimate
from chexview.evaluation.multireader import Generalises, MultiReader
from chexview.evaluation.readers import Hedge
from chexview.findings import phrase, title
from chexview.studies.design import Confidence
from chexview.studies.results import AdviceEffect, FindingResult, Rates, StudyTruth
from chexview.text import estimates, numbers

STEPS: Mapping[Confidence, str] = {
    Confidence.SURELY_ABSENT: "Definitely absent",
    Confidence.PROBABLY_ABSENT: "Probably absent",
    Confidence.UNDECIDED: "Undecided",
    Confidence.PROBABLY_PRESENT: "Probably present",
    Confidence.SURELY_PRESENT: "Definitely present",
}
UNDECIDED = {Hedge.NO: "count as absent", Hedge.YES: "count as present"}
ABOUT = (
    "Read each film on your own first; then see what the model and the radiologists say, and revise your answer. No score or "
    "heatmap is sent to this browser before your answer is stored."
)
KEYS = (
    "Keys: 1 to 5 answer, Up and Down choose a finding, Enter goes on. After a click on the film, click beside it before you use "
    "them."
)
MARKS = "To mark where the chosen finding is, draw a box with the Region tool (E)."
OWN_FILMS = "Your own films are copied into the folder studies of CHEXVIEW_HOME, headers included; their file names are not stored."
NAME_FIRST = "Type a name to begin or continue a study; your answers are stored under it."
NOT_HERE = "This film is not on this machine; set its folder in CHEXVIEW_IMAGES, or continue without it."
NO_TRUTH = "There are no labels for the films that you have read, so your answers cannot be judged."


def place(number: int, total: int) -> str:
    """Which film is before the reader."""
    return f"Film {number} of {total}"


def unanswered(findings: Sequence[str]) -> str:
    """What is still to be answered before a film's answer can be stored."""
    return f"Answer first: {', '.join(title(finding).lower() for finding in findings)}."


def answers(findings: Sequence[str], given: Mapping[str, Confidence], active: str, marked: Sequence[str]) -> str:
    """The findings with their steps as HTML; the current one is highlighted."""
    rows = []
    for finding in findings:
        step = given.get(finding)
        words = f"{step.value} \u00b7 {STEPS[step]}" if step else "\u2013"
        marks = " \u00b7 marked" if finding in marked else ""
        current = " aria-current='step'" if finding == active else ""
        rows.append(f"<li{current}><b>{escape(title(finding))}</b> <span>{words}{marks}</span></li>")
    return f"<ol class='study-answers' aria-live='polite'>{''.join(rows)}</ol>"


def references_say(truths: Sequence[StudyTruth], said: Mapping[tuple[str, str], int], findings: Sequence[str]) -> str:
    """What each truth says of a film, as HTML. ``said`` has 1 or 0 by a truth's name and a finding."""
    rows = []
    for truth in truths:
        parts = [
            f"{title(finding)} {'present' if said[truth.name, finding] else 'absent'}"
            for finding in findings
            if (truth.name, finding) in said
        ]
        if parts:
            rows.append(f"<tr><th scope='row'>{escape(truth.title)}</th><td>{escape('; '.join(parts))}</td></tr>")
    return f"<table class='facts'><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def pace(seconds: Sequence[float]) -> str:
    """How many films were read, and how long one took."""
    middle = sorted(seconds)[len(seconds) // 2]
    return f"{numbers.counted(len(seconds), 'film')} read, {middle:.0f} seconds for a film (median)."


def unjudged(finding: str, truth: str) -> str:
    """Why there is no result for a finding."""
    return f"{truth} says nothing of {phrase(finding)} on the films that you have read."


def rates_rows(result: FindingResult) -> list[dict[str, str]]:
    """Sensitivity and specificity of everybody, one row each."""
    rows = [result.own]
    if result.advice is not None:
        rows.append(result.advice.after)
    if result.model is not None:
        rows.append(result.model.rates)
    if result.label is not None:
        rows.append(result.label)
    return [_row(item) for item in (*rows, *result.radiologists)]


def _row(rates: Rates) -> dict[str, str]:
    return {
        "Reader": rates.title,
        "Films": f"{rates.films:,}",
        "Sensitivity": estimates.rate(rates.sensitivity),
        "Specificity": estimates.rate(rates.specificity),
    }


def summary(result: FindingResult, truth: str) -> str:
    """One finding's result in a sentence or two."""
    films = numbers.counted(result.films, "film")
    words = f"{title(result.finding)}, judged by {truth}: {films}, {result.positives:,} with it. "
    words += f"Your area under the ROC curve is {_area(result.area)}"
    if result.model is not None:
        words += f", the model's {_area(result.model.area)}{_gap(result.model.difference)}"
    return f"{words}."


def _area(estimate: Estimate) -> str:
    remark = f" [{estimate.remark.value}]" if estimate.remark.value and estimate.value is not None else ""
    return f"{estimates.number(estimate)}{remark}"


def _gap(difference: AurocDifference) -> str:
    if difference.difference is None or difference.low is None or difference.high is None:
        return ""
    ends = f"{numbers.signed(difference.low, 3)} to {numbers.signed(difference.high, 3)}"
    return f" (yours minus the model's {numbers.signed(difference.difference, 3)}, {ends})"


def effect(finding: str, changed: AdviceEffect) -> str:
    """What the advice changed, in words."""
    words = (
        f"The advice on {phrase(finding)} was seen on {numbers.counted(changed.films, 'film')}: {changed.put_right} of your "
        f"answers became right and {changed.put_wrong} wrong. Sensitivity {estimates.rate(changed.before.sensitivity)} before, "
        f"{estimates.rate(changed.after.sensitivity)} after{_test(changed.sensitivity)}"
        f"; specificity {estimates.rate(changed.before.specificity)} "
        f"before, {estimates.rate(changed.after.specificity)} after{_test(changed.specificity)}."
    )
    if changed.area.first is not None and changed.area.second is not None:
        words += f" Area {changed.area.first:.3f} before, {changed.area.second:.3f} after."
    return words


def together(finding: str, analysis: MultiReader) -> str:
    """All readers' areas before and after the advice, for other readers and other films."""
    after, before = (float(row.mean()) for row in analysis.areas)
    gap = analysis.differences[Generalises.READERS_AND_CASES]
    ends = f"{numbers.signed(max(gap.low, -1.0), 3)} to {numbers.signed(min(gap.high, 1.0), 3)}"
    return (
        f"All {analysis.areas.shape[1]} readers on {phrase(finding)}: mean area {before:.3f} before the advice, {after:.3f} after "
        f"(difference {numbers.signed(gap.value, 3)}, {ends}, for other readers and other films)."
    )


def _test(pair: Disagreement) -> str:
    """McNemar's test in brackets; "" where no film differs."""
    if pair.p is None:
        return ""
    return f" (right only before {pair.only_first}, only after {pair.only_second}, McNemar p {pair.p:.2f})"
