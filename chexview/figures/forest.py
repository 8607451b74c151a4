"""Estimates one above the other, each a point with its interval (a forest plot): of findings, of subgroups."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.figures.theme import Theme, dress
from chexview.text import estimates


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row: its label, harmless already, its value and estimate, and what a click on it gives (``customdata``)."""

    label: str
    value: float
    estimate: Estimate
    custom: str = ""


def forest_figure(rows: Sequence[ForestRow], look: Theme, row_height: int) -> go.Figure:
    """The rows from the bottom up; those without interval are hollow and pale. The x axis is the caller's to scale."""
    pale = [row.estimate.pale for row in rows]
    highs = [row.value if row.estimate.high is None else row.estimate.high for row in rows]
    lows = [lowest(row) for row in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=[row.value for row in rows],
        y=[row.label for row in rows],
        customdata=[[row.custom] for row in rows],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - row.value for row, high in zip(rows, highs, strict=True)],
            "arrayminus": [row.value - low for row, low in zip(rows, lows, strict=True)],
            "color": look.series[0],
            "thickness": 1.5,
            "width": 4,
        },
        mode="markers",
        marker={
            "size": 9,
            "color": [look.muted if faint else look.series[0] for faint in pale],
            "symbol": ["circle-open" if faint else "circle" for faint in pale],
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=["<br>".join([f"<b>{row.label}</b>", *_lines(row.estimate)]) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    dress(figure, look, 70 + row_height * len(rows), margin=(140, 24, 12, 50))
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_yaxes(fixedrange=True, tickfont={"color": look.ink})
    return figure


def lowest(row: ForestRow) -> float:
    """Where a row's interval begins; its value if it has none."""
    return row.value if row.estimate.low is None else row.estimate.low


def _lines(item: Estimate) -> list[str]:
    return [estimates.number(item), estimates.counts(item), *([item.remark.value] if item.remark.value else [])]
