"""Co-occurrence as a figure: rows are films that have a finding, columns what is raised on them."""

import math

import plotly.graph_objects as go

from chexview.evaluation.cooccurrence import CoOccurrence
from chexview.figures.theme import Theme, dress, rgba
from chexview.findings import title
from chexview.text.escape import escaped
from chexview.text.numbers import probability

_CELL = 40


def co_occurrence_figure(found: CoOccurrence, order: list[int], look: Theme, labelled: bool = False) -> go.Figure:
    """Shares as colours and whole per cents; with ``labelled``, what the labels say in place of what the model raises.

    The second trace is the one to be clicked; its points carry ``customdata=[row's finding, column's finding]``.
    """
    table = found.labelled if labelled else found.flagged
    names = [found.findings[k] for k in order]
    values = [[float(table[i, j]) for j in order] for i in order]
    figure = go.Figure()
    figure.add_heatmap(
        z=[[None if math.isnan(v) else v for v in row] for row in values],
        x=list(range(len(order))),
        y=list(range(len(order))),
        zmin=0,
        zmax=1,
        xgap=2,
        ygap=2,
        showscale=False,
        hoverinfo="skip",
        colorscale=[[0, rgba(look.series[0], 0.04)], [1, rgba(look.series[0], 0.75)]],
    )
    places = [(i, j) for i in range(len(order)) for j in range(len(order))]
    verb = "labelled" if labelled else "flagged"
    figure.add_scatter(
        x=[j for _, j in places],
        y=[i for i, _ in places],
        customdata=[[names[i], names[j]] for i, j in places],
        mode="markers+text",
        marker={"size": _CELL - 8, "symbol": "square", "opacity": 0},
        text=["" if math.isnan(values[i][j]) else f"{100 * values[i][j]:.0f}" for i, j in places],
        textfont={"size": 12, "color": look.ink},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertext=[_hover_text(found, order, values, i, j, verb) for i, j in places],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    side = _CELL * len(order)
    dress(figure, look, side + 166, margin=(210, 12, 130, 36))
    words = [escaped(title(name)) for name in names]
    figure.update_layout(clickmode="event+select", hovermode="closest", showlegend=False)
    ends = [-0.5, len(order) - 0.5]
    figure.update_xaxes(
        tickvals=list(range(len(order))), ticktext=words, side="top", tickangle=-45, range=ends, showgrid=False
    )
    figure.add_annotation(
        text=f"Of the films with the finding at the left, so many per cent are {verb} with that at the top",
        x=0,
        y=0,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="top",
        yshift=-6,
        showarrow=False,
        font={"color": look.muted, "size": 12},
    )
    figure.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[f"{word}  ({found.films[k]:,} films)" for word, k in zip(words, order, strict=True)],
        range=ends[::-1],
        showgrid=False,
    )
    figure.update_xaxes(tickfont={"color": look.ink}, fixedrange=True)
    figure.update_yaxes(tickfont={"color": look.ink}, fixedrange=True)
    return figure


def co_occurrence_alt(found: CoOccurrence) -> str:
    """A text alternative of the figure: for each finding the other one that is raised most often with it."""
    parts = []
    for i, name in enumerate(found.findings):
        others = [
            (float(found.flagged[i, j]), other) for j, other in enumerate(found.findings) if j != i and found.films[i]
        ]
        if others:
            share, other = max(others)
            parts.append(f"with {title(name)} most often {title(other)} ({probability(share)})")
    return "Which findings are flagged on films that have another: " + "; ".join(parts) + "."


def _hover_text(found: CoOccurrence, order: list[int], values: list[list[float]], i: int, j: int, verb: str) -> str:
    row, column = found.findings[order[i]], found.findings[order[j]]
    if math.isnan(values[i][j]):
        return f"No film has {escaped(title(row))}"
    base = f"<br>of all films {probability(float(found.base[order[j]]))}" if verb == "flagged" else ""
    films = f"Of {found.films[order[i]]:,} films with {escaped(title(row))}"
    return f"{films}<br>{probability(values[i][j])} are {verb} {escaped(title(column))}{base}"
