"""What is said beneath a film: its way from the file to the network, and what changes do to its score. No Streamlit."""

import base64
from collections.abc import Sequence
from html import escape

import pandas as pd

from chexview.films.display_stages import DisplayStage, Histogram
from chexview.findings import title
from chexview.model.higher_resolution import HigherResolution
from chexview.model.perturbations import ScoreChange
from chexview.text.numbers import LOG_ODDS, OUTPUT, PROBABILITY, plain, probability, signed

MUCH = 0.5
"""Log-odds: a finding that moves by this much or more is marked."""

SKIPPED = (
    "The same film, read again with one step left out or done wrongly, as programs do. The number is the chosen finding's; "
    "below it stands the finding that moved most."
)
METHODS = (
    "Other methods, most of them from pytorch-grad-cam, for the same network and finding. Each map is scaled to its own highest "
    "value, as in papers, so a strong colour does not mean certainty. A map that looks no better than the random control shows "
    "nothing."
)
SLOW = "ScoreCAM reads the film once for each of 1,024 channels: about a minute on two cores."
HOW_TO_COVER = (
    "Choose the Region tool (E) in the viewer and cover what you want to test: a drain, a marker, the finding itself. It is filled "
    "from its surroundings, and the film is read again."
)
PERTURBATIONS = (
    "Covered corners and markers, a mirrored, moved or turned film: the lungs stay the same, and so should the score."
)


def of(changes: Sequence[ScoreChange], finding: str) -> ScoreChange:
    """The change of one finding; raises KeyError where it is not among them."""
    for item in changes:
        if item.finding == finding:
            return item
    raise KeyError(finding)


def change(item: ScoreChange) -> str:
    """A change as ``62 % to 31 %``."""
    if not item.calibrated:
        return f"{plain(item.logit_before)} to {plain(item.logit_after)}"
    return f"{probability(item.probability_before)} to {probability(item.probability_after)}"


def largest(item: ScoreChange) -> str:
    """The finding that moved most, and by how much."""
    return f"Moved most: {title(item.finding)}, {change(item)} ({signed(item.moved)} {LOG_ODDS})."


def covered(item: ScoreChange) -> str:
    """What covering a region did to a finding."""
    kind = PROBABILITY if item.calibrated else OUTPUT
    return f"{title(item.finding)}: the {kind} without this region: {change(item)} ({signed(item.moved)} {LOG_ODDS})."


def finer(at: HigherResolution, finding: str) -> str:
    """What a finding's finer map is worth, and how far its score moved."""
    change = at.change(finding)
    before, after = change.logit_before, change.logit_after
    return (
        f"The network was trained at {at.trained_size} pixels and never at {at.size}: thresholds and probabilities do not hold "
        f"here. Its output went from {plain(before)} to {plain(after)} ({signed(after - before)})."
    )


def seconds_words(seconds: float) -> str:
    """How long something took, as one compares it: ``0.6 s``."""
    return "under 0.1 s" if seconds < 0.05 else f"{seconds:.1f} s"


def changes_frame(changes: Sequence[ScoreChange]) -> pd.DataFrame:
    """Every finding before and after, those that moved most first."""
    rows = sorted(changes, key=lambda item: -abs(item.moved))
    return pd.DataFrame(
        {
            "Finding": [title(item.finding) for item in rows],
            "Before": [probability(item.probability_before) for item in rows],
            "After": [probability(item.probability_after) for item in rows],
            LOG_ODDS.capitalize(): [item.moved for item in rows],
        }
    )


def stages(given: Sequence[DisplayStage], pictures: Sequence[str]) -> str:
    """The steps from the file to the network side by side, each with its picture, its histogram and its section."""
    items = []
    for number, (stage, picture) in enumerate(zip(given, pictures, strict=True), 1):
        section = f"<span class='section'>{escape(stage.section)}</span>" if stage.section else ""
        same = "" if stage.changed else "<span class='section'>changes nothing here</span>"
        items.append(
            f"<li class='{'' if stage.changed else 'same'}'><img src='{picture}' alt='The film after step {number}'>"
            f"{_histogram(stage.histogram)}<b>{number}. {escape(stage.title)}</b><p>{escape(stage.words)}</p>{section}{same}</li>"
        )
    return f"<ol class='stages'>{''.join(items)}</ol>"


def _histogram(given: Histogram) -> str:
    """A histogram as a small drawing, roots of the counts for height, with the values at its ends."""
    peak = float(given.counts.max(initial=0)) ** 0.5 or 1.0
    bars = "".join(
        f"<rect x='{at}' y='{24 - 24 * float(count) ** 0.5 / peak:.2f}' width='1' height='24'/>"
        for at, count in enumerate(given.counts.tolist())
        if count
    )
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {len(given.counts)} 24' preserveAspectRatio='none' "
        f"fill='#8f8b83'>{bars}</svg>"
    )
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    words = f"{given.low:.4g} to {given.high:.4g}{f' ({given.unit})' if given.unit else ''}"
    return (
        f"<img class='histogram' src='{source}' alt='Histogram from {escape(words, quote=True)}'>"
        f"<span class='range'>{escape(words)}</span>"
    )
