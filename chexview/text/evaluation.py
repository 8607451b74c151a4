"""Numbers of a validation run in words and small pieces of HTML, every text escaped. No Streamlit."""

import math
from collections.abc import Sequence
from html import escape

from chexview.calibration import Calibration
from chexview.evaluation.confusion import Confusion
from chexview.evaluation.estimate import Estimate, Remark
from chexview.evaluation.examination import Examination
from chexview.evaluation.operating import OperatingPoints, Policy
from chexview.evaluation.performance import MeanAuroc
from chexview.evaluation.published import Published
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import Offer, Origin
from chexview.findings import phrase, title
from chexview.text import estimates, numbers
from chexview.text.caption import FigureCaption
from chexview.text.markup import fact, facts
from chexview.text.numbers import counted
from chexview.text.run import overlap
from chexview.text.thresholds import score_words, stop_words

FOLLOWS = "All findings of this list follow; their intervals are being worked out."
"""What stands under the first view until that is there."""


def interval(low: float | None, high: float | None) -> str:
    """``0.771 to 0.848``, or "" where there is none."""
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def headline(examination: Examination, mean: MeanAuroc | None) -> str:
    """The page's first numbers: the finding's AUROC, the mean, the films, and that no patient was trained on.

    ``mean`` is None while the other findings' intervals are worked out.
    """
    run, auroc, finding = examination.run, examination.auroc, examination.finding
    item = next(item for item in run.lists if item.name == examination.films_list)
    counts = examination.listed
    if auroc.value is None:
        own = fact(f"AUROC, {title(finding)}", "none", "", f"{auroc.remark.value.capitalize()}.", pale=True)
    else:
        own = fact(
            f"AUROC, {title(finding)}",
            f"{auroc.value:.3f}",
            interval(auroc.low, auroc.high),
            f"{estimates.counts(auroc)} with it, among {counted(auroc.films, 'film')}",
            auroc.pale,
            auroc.remark.value,
        )
    films = fact(item.title, f"{counts.films:,}", f"films of {counted(counts.patients, 'patient')}", item.chosen)
    if examination.truth is not None:
        beside = f"films of {counted(examination.patients, 'patient')}"
        below = f"Those of {counts.films:,} that have a label by: {examination.truth.title}."
        films = fact(item.title, f"{examination.films:,}", beside, below)
    return facts("Evaluate", (own, _mean(mean), films, overlap(run.meta)))


def caption(examination: Examination, shown: str, threshold: float | None = None) -> FigureCaption:
    """What a saved figure is of: what it shows, the finding, the run, the list and the counts."""
    at = ""
    if threshold is not None and math.isfinite(threshold):
        at = f", flagged from {score_words(threshold, examination.calibration)}"
    positive = f"{counted(examination.positive_films, 'film')} of {counted(examination.positive_patients, 'patient')}"
    counts = f"{examination.films:,} films of {examination.patients:,} patients, {positive} with the finding"
    return FigureCaption(
        f"{shown}, {title(examination.finding)}{at}",
        (examination.run.meta.title, f"{_list_title(examination)}: {counts}{_by(examination)}"),
    )


def _by(examination: Examination) -> str:
    return f", by: {examination.truth.title}" if examination.truth else ""


def list_caption(examination: Examination, shown: str) -> FigureCaption:
    """What a saved figure of a whole list is of."""
    listed = examination.listed
    counts = f"{counted(listed.films, 'film')} of {counted(listed.patients, 'patient')}"
    return FigureCaption(shown, (examination.run.meta.title, f"{_list_title(examination)}: {counts}{_by(examination)}"))


def _list_title(examination: Examination) -> str:
    return next(item.title for item in examination.run.lists if item.name == examination.films_list)


def _mean(mean: MeanAuroc | None) -> str:
    if mean is None:
        return fact("Mean AUROC", "…", "", "The other findings are being worked out.", pale=True)
    name, over = "Mean AUROC", f"Over {counted(len(mean.findings), 'finding')}"
    if len(mean.findings) == 1:
        name, over = f"AUROC, {title(mean.findings[0])}", "The only single finding that is judged"
    if mean.left_out:
        over += f"; left out, with too few patients: {', '.join(title(name) for name in mean.left_out)}"
    if mean.value is None:
        return fact(name, "none", "", "Too few patients have a finding.", pale=True)
    remark = "" if mean.remark is Remark.NONE else mean.remark.value
    return fact(name, f"{mean.value:.3f}", interval(mean.low, mean.high), over, mean.low is None, remark)


def sentence(found: Confusion) -> str:
    """The matrix as one says it."""
    counts, name = found.counts, phrase(found.finding)
    hits, misses = counts.true_positives, counts.false_negatives
    alarms, without = counts.false_positives, counts.false_positives + counts.true_negatives

    def verb(count: int) -> str:
        return "is" if count == 1 else "are"

    parts = []
    if hits + misses:
        parts.append(
            f"Of {counted(hits + misses, 'film')} with {name} {hits:,} {verb(hits)} flagged and {misses:,} missed"
        )
    else:
        parts.append(f"No film here has {name}")
    if without:
        parts.append(f"of {without:,} without, {alarms:,} {verb(alarms)} flagged wrongly")
    else:
        parts.append("there is no film without")
    return f"{'; '.join(parts)}."


def rates(found: Confusion) -> str:
    """The four rates, each with its interval and the films and patients it counts."""
    rows = (
        ("Sensitivity", found.sensitivity, "with it are flagged"),
        ("Specificity", found.specificity, "without it are not flagged"),
        ("PPV", found.ppv, "flagged have it"),
        ("NPV", found.npv, "not flagged do not have it"),
    )
    body = "".join(_rate(name, rate, words) for name, rate, words in rows)
    return f"<table class='rates'><tbody>{body}</tbody></table>"


def _rate(name: str, rate: Estimate, words: str) -> str:
    if rate.value is None:
        return f"<tr class='pale'><th scope='row'>{name}</th><td>none</td><td></td><td>{rate.remark.value}</td></tr>"
    low_high = "" if rate.low is None or rate.high is None else numbers.percents(rate.low, rate.high)
    word = f" <em>{escape(rate.remark.value)}</em>" if rate.remark.value else ""
    return (
        f"<tr{' class=pale' if rate.pale else ''}><th scope='row'>{name}</th><td><b>{numbers.probability(rate.value)}</b></td>"
        f"<td>{low_high}</td><td>{rate.positive_films:,} of {rate.films:,} films {words}; "
        f"{rate.positive_patients:,} of {rate.patients:,} patients{word}</td></tr>"
    )


def where_chosen(run: ValidationRun, offered: Offer, policy: Policy | None, threshold: float) -> str:
    """Where the threshold in use came from, and whether its rates flatter."""
    if math.isinf(threshold) and policy is None:
        return "This threshold flags no film."
    if policy is None:
        return "Chosen by you on these films: its rates look better here than they will on others."
    words = f"{policy.meaning} "
    if offered.here:
        return f"{words}Chosen on these very films: its rates look better here than they will on others."
    if not offered.list_name:
        return f"{words}The run does not say on which films it was chosen."
    known = {item.name: item.title.lower() for item in run.lists}
    films = known.get(offered.list_name, f"list {offered.list_name}")
    counts = run.meta.counts.get(offered.list_name) if offered.run == run.name else None
    size = f" ({counted(counts.films, 'film')} of {counted(counts.patients, 'patient')})" if counts else ""
    whose = "" if offered.run == run.name else f" of the run {offered.run}"
    also = "" if offered.origin is Origin.STORED else ", when this page was opened"
    return f"{words}Chosen on the {films}{size}{whose}{also}, not on these, where it need not hold."


def points_words(points: OperatingPoints) -> str:
    """The policy in use, and how many findings have a threshold of the user's own."""
    own = len(points.overrides)
    also = f"; {counted(own, 'finding')} at a threshold that you chose" if own else ""
    return f"{points.policy.heading}{also}"


def stop_labels(stops: Sequence[float], calibration: Calibration | None) -> dict[float, str]:
    """A different text for each threshold: ``12 % (network output -1.32)``, with as many digits as tell it from the others."""
    labels: dict[float, str] = {}
    open_stops = list(dict.fromkeys(stops))
    for digits in range(2, 10):
        found = {stop: stop_words(stop, calibration, digits) for stop in open_stops}
        texts = list(found.values())
        alone = {stop: text for stop, text in found.items() if digits == 9 or texts.count(text) == 1}
        labels |= alone
        open_stops = [stop for stop in open_stops if stop not in alone]
    return labels


def published_words(known: Published | None) -> str:
    """Whether anything was published on these very films, and where it stands."""
    if known is None:
        return (
            "No published numbers stand beside these: those available are of other films, and a different list of films alone "
            "can change the mean AUROC by 0.03."
        )
    sources = "; ".join(f"{reference.name}: {reference.source}" for reference in known.references)
    return f"Published on the same films, {known.title}. {sources}."


INTERVALS = (
    "Intervals are 95 %. AUROC and average precision: 1,000 resamples of patients, logit scale, Student's t with Kish's "
    "effective number of patients. Rates: Wilson's interval for films divided by the design effect of their patients. "
    "Fewer than 5 patients with a finding: no interval; fewer than 20: a word."
)


def control_words(model: MeanAuroc, control: MeanAuroc) -> str:
    """What the control is, and what it reaches beside the model; "" where either has no mean."""
    if model.value is None or control.value is None:
        return ""

    def mean_words(mean: MeanAuroc) -> str:
        low_high = interval(mean.low, mean.high)
        return f"{mean.value:.3f}" + (f" ({low_high})" if low_high else "")

    return (
        f"A control that knows only the blur, brightness and contrast of a film, and nothing of the chest, reaches a mean AUROC of "
        f"{mean_words(control)}, the model {mean_words(model)}. Where the two are close for a finding, its AUROC says little "
        "about the chest."
    )
