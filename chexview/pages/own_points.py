"""One operating point everywhere: thresholds chosen on Evaluate hold on Read as well, for the same weights. No Streamlit."""

import math
from collections.abc import Iterable

from chexview.evaluation.run import RunListing
from chexview.model.card import Card
from chexview.pages.evaluate_view import View


def own_points(view: View, listings: Iterable[RunListing], card: Card) -> dict[str, float]:
    """The thresholds of this session, logits by finding, that were chosen on runs of the card's own weights.

    A threshold that flags nobody, those of composites, and those that are the card's own by the policy last chosen are left out.
    """
    runs = {item.name for item in listings if item.meta and item.meta.checkpoint.weights == card.weights}
    usual = card.operating_points.get(card.default_policy, {})
    return {
        finding: threshold
        for (run, finding), threshold in view.thresholds.items()
        if run in runs and finding in card.findings and math.isfinite(threshold) and usual.get(finding) != threshold
    }


def elsewhere(view: View, listings: Iterable[RunListing], card: Card) -> bool:
    """Whether thresholds were chosen on runs of other weights, which do not hold here."""
    weights = {item.name: item.meta.checkpoint.weights for item in listings if item.meta}
    return any(
        weights.get(run, card.weights) != card.weights and math.isfinite(threshold)
        for (run, _), threshold in view.thresholds.items()
    )


def forget(view: View, listings: Iterable[RunListing], card: Card) -> None:
    """Goes back to the card's own thresholds, on Evaluate and on Read."""
    for finding in own_points(view, listings, card):
        for key in [key for key in view.thresholds if key[1] == finding]:
            del view.thresholds[key]
