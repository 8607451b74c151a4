"""Subgroups one above the other: AUROC, or sensitivity or specificity at the common threshold, with intervals."""

from collections.abc import Sequence
from enum import StrEnum

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.subgroups import Subgroup
from chexview.figures.forest import ForestRow, forest_figure, lowest
from chexview.figures.theme import Theme, message
from chexview.text import estimates

_ROW = 34


class Measure(StrEnum):
    """What is drawn; the values are attributes of a Subgroup."""

    AUROC = "auroc"
    SENSITIVITY = "sensitivity"
    SPECIFICITY = "specificity"

    @property
    def words(self) -> str:
        """The axis's title."""
        return "AUROC" if self is Measure.AUROC else self.value.capitalize()

    def of(self, group: Subgroup) -> Estimate:
        """The measure of a group."""
        found = getattr(group, self.value)
        assert isinstance(found, Estimate)
        return found


def subgroups_figure(found: Sequence[Subgroup], whole: Estimate, measure: Measure, look: Theme) -> go.Figure:
    """A point and its interval for each group, in their order from the top, and all films as a line."""
    known = [
        ForestRow(group.name, item.value, item)
        for group in reversed(found)
        if (item := measure.of(group)).value is not None
    ]
    if not known:
        return message("No group has films to count.", look, 4 * _ROW)
    figure = forest_figure(known, look, _ROW)
    if whole.value is not None:
        figure.add_vline(x=whole.value, line={"color": look.series[1], "width": 1.5, "dash": "dash"})
    form = {} if measure is Measure.AUROC else {"tickformat": ".0%"}
    start = max(0, min(0.5, *(lowest(row) for row in known)) - 0.02)
    figure.update_xaxes(title_text=measure.words, range=[start, 1.01], fixedrange=True, **form)
    return figure


def subgroups_alt(finding: str, found: Sequence[Subgroup], measure: Measure) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    measured = [(group.name, measure.of(group)) for group in found]
    result = "; ".join(f"{name} {estimates.number(item, 2)} ({estimates.counts(item)})" for name, item in measured)
    return f"{measure.words} of {finding} by group: {result}."
