"""Readers beside a model's ROC curve, in words. No Streamlit."""

from collections.abc import Sequence

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.readers import ENOUGH, MeanReader, PairedDifference, ReaderPoint
from chexview.text.numbers import counted, percents, probability, signed


def rate(value: Estimate) -> str:
    """A reader's rate with its interval: ``62 % (48 to 74 %)``."""
    if value.value is None:
        return value.text(percent=True)
    ends = "" if value.low is None or value.high is None else f" ({percents(value.low, value.high)})"
    return f"{probability(value.value)}{ends}"


def hover(point: ReaderPoint) -> str:
    """What the pointer shows at a reader: films, positives, both rates, and whether the truth is partly this reader's."""
    made = "<br>One of those who made the truth" if point.made_the_truth else ""
    return (
        f"{counted(point.films, 'film')}, {point.positives:,} with it<br>Sensitivity {rate(point.sensitivity)}<br>"
        f"Specificity {rate(point.specificity)}{made}"
    )


def mean_hover(mean: MeanReader) -> str:
    """What the pointer shows at the readers' mean."""
    sensitivity = _ends(mean.sensitivity, mean.sensitivity_interval)
    specificity = _ends(mean.specificity, mean.specificity_interval)
    return f"Mean of {counted(mean.readers, 'reader')}<br>Sensitivity {sensitivity}<br>Specificity {specificity}"


def beside_curve(
    points: Sequence[ReaderPoint], mean: MeanReader | None, label: ReaderPoint | None, label_title: str, answers: str
) -> tuple[str, ...]:
    """Who stands on the curve, who made the truth, where model and mean reader differ, and where the label stands."""
    words = []
    if points:
        made = sum(point.made_the_truth for point in points)
        who = {len(points): "all of them", 0: "none of them"}.get(made, f"{made} of them")
        words.append(
            f"{counted(len(points), 'radiologist')} read {ENOUGH} films or more of either kind; {who} took part in making "
            f"this truth{', which flatters them' if made else ''}. {answers}"
        )
    if mean is not None:
        words.append(
            f"Their mean: sensitivity {_ends(mean.sensitivity, mean.sensitivity_interval)}, "
            f"specificity {_ends(mean.specificity, mean.specificity_interval)}. At that specificity the model's sensitivity is "
            f"{probability(mean.model_sensitivity)} ({_points(mean.gain_sensitivity)}); at that sensitivity its specificity is "
            f"{probability(mean.model_specificity)} ({_points(mean.gain_specificity)})."
        )
    if label is not None:
        words.append(
            f"The label itself ({label_title}), judged like a reader on {counted(label.films, 'film')}: "
            f"sensitivity {rate(label.sensitivity)}, specificity {rate(label.specificity)}."
        )
    return tuple(words)


def _ends(value: float, interval: tuple[float, float] | None) -> str:
    return probability(value) + (f" ({percents(*interval)})" if interval else "")


def _points(difference: PairedDifference) -> str:
    if difference.value is None:
        return "difference not known"
    ends = ""
    if difference.low is not None and difference.high is not None:
        ends = f", {signed(100 * difference.low, 0)} to {signed(100 * difference.high, 0)}"
    return f"{signed(100 * difference.value, 0)} percentage points{ends}"
