"""Subgroups one above the other: AUROC, or sensitivity or specificity at the common threshold, with intervals."""

from collections.abc import Sequence
from enum import StrEnum

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.subgroups import Subgroup
from chexview.figures.theme import Theme, dress, message

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
    known = [(group, item, item.value) for group in found if (item := measure.of(group)).value is not None]
    if not known:
        return message("No group has films to count.", look, 4 * _ROW)
    known.reverse()
    figure = go.Figure()
    figure.add_scatter(
        x=[value for _, _, value in known],
        y=[group.name for group, _, _ in known],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(item.high if item.high is not None else value) - value for _, item, value in known],
            "arrayminus": [value - (item.low if item.low is not None else value) for _, item, value in known],
            "color": look.series[0],
            "thickness": 1.5,
            "width": 4,
        },
        mode="markers",
        marker={
            "size": 9,
            "color": [look.muted if item.pale else look.series[0] for _, item, _ in known],
            "symbol": ["circle-open" if item.pale else "circle" for _, item, _ in known],
        },
        hovertext=[
            "<br>".join(
                [f"<b>{group.name}</b>", item.text(), item.counts, *([item.remark.value] if item.remark.value else [])]
            )
            for group, item, _ in known
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    if whole.value is not None:
        figure.add_vline(x=whole.value, line={"color": look.series[1], "width": 1.5, "dash": "dash"})
    dress(figure, look, 70 + _ROW * len(known), margin=(140, 24, 12, 50))
    lowest = min(item.low if item.low is not None else value for _, item, value in known)
    figure.update_layout(showlegend=False, hovermode="closest")
    form = {} if measure is Measure.AUROC else {"tickformat": ".0%"}
    figure.update_xaxes(
        title_text=measure.words, range=[max(0, min(0.5, lowest) - 0.02), 1.01], fixedrange=True, **form
    )
    figure.update_yaxes(fixedrange=True, tickfont={"color": look.ink})
    return figure


def subgroups_alt(finding: str, found: Sequence[Subgroup], measure: Measure) -> str:
    """The figure in words; ``finding`` is its title."""
    result = "; ".join(f"{group.name} {measure.of(group).text(2)} ({measure.of(group).counts})" for group in found)
    return f"{measure.words} of {finding} by group: {result}."
