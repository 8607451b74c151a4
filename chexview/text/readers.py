"""Text about readers beside a model's ROC curve. No Streamlit."""

from collections.abc import Sequence

from chexview.evaluation.readers import ENOUGH, MeanReader, PairedDifference, ReaderPoint
from chexview.text import estimates
from chexview.text.numbers import counted, estimated, probability, signed


def hover(point: ReaderPoint) -> str:
    """What the pointer shows at a reader: films, positives, both rates, and whether the truth is partly this reader's."""
    made = "<br>One of those who made the truth" if point.made_the_truth else ""
    return (
        f"{counted(point.films, 'film')}, {point.positives:,} with it<br>Sensitivity {estimates.rate(point.sensitivity)}<br>"
        f"Specificity {estimates.rate(point.specificity)}{made}"
    )


def mean_hover(mean: MeanReader) -> str:
    """What the pointer shows at the readers' mean."""
    sensitivity, specificity = _rates(mean)
    return f"Mean of {counted(mean.readers, 'reader')}<br>Sensitivity {sensitivity}<br>Specificity {specificity}"


def beside_curve(
    points: Sequence[ReaderPoint], mean: MeanReader | None, label: ReaderPoint | None, label_title: str, answers: str
) -> tuple[str, ...]:
    """Whose points are on the curve, who made the truth, how model and mean reader differ, and how the label does."""
    words = []
    if points:
        made = sum(point.made_the_truth for point in points)
        who = {len(points): "all of them", 0: "none of them"}.get(made, f"{made} of them")
        words.append(
            f"{counted(len(points), 'radiologist')} read {ENOUGH} films or more of either kind; {who} took part in making "
            f"this truth{', which flatters them' if made else ''}. {answers}"
        )
    if mean is not None:
        sensitivity, specificity = _rates(mean)
        words.append(
            f"Their mean: sensitivity {sensitivity}, specificity {specificity}. At that specificity the model's sensitivity is "
            f"{probability(mean.model_sensitivity)} ({_points(mean.gain_sensitivity)}); at that sensitivity its specificity is "
            f"{probability(mean.model_specificity)} ({_points(mean.gain_specificity)})."
        )
    if label is not None:
        words.append(
            f"The label itself ({label_title}), judged like a reader on {counted(label.films, 'film')}: "
            f"sensitivity {estimates.rate(label.sensitivity)}, specificity {estimates.rate(label.specificity)}."
        )
    return tuple(words)


def _rates(mean: MeanReader) -> tuple[str, str]:
    """The mean reader's sensitivity and specificity, each with its interval if it has one."""
    absent = (None, None)
    return (
        estimated(mean.sensitivity, *(mean.sensitivity_interval or absent)),
        estimated(mean.specificity, *(mean.specificity_interval or absent)),
    )


def _points(difference: PairedDifference) -> str:
    if difference.value is None:
        return "difference not known"
    ends = ""
    if difference.low is not None and difference.high is not None:
        ends = f", {signed(100 * difference.low, 0)} to {signed(100 * difference.high, 0)}"
    return f"{signed(100 * difference.value, 0)} percentage points{ends}"
