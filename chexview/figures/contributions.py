"""One film's findings relative to their operating points, and the colour bar that explains its heatmap."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from chexview.figures import colours
from chexview.figures.theme import Theme, dress, message, percent
from chexview.findings import title
from chexview.model.reading import FindingScore

_ROW = 26
_PALE = 0.75
"""Opacity of what is not flagged: still 3:1 on the page."""


def findings_figure(scores: Sequence[FindingScore], look: Theme) -> go.Figure:
    """A bar for each finding: how far its logit lies over (right) or under (left) its operating point, highest on top.

    Flagged findings are warm and filled, the others cool and pale; each point's customdata is ``[name]``. Findings
    without operating point are not drawn.
    """
    ordered = _ordered(scores)
    if not ordered:
        return message("No finding has an operating point.", look, 4 * _ROW)
    figure = go.Figure()
    figure.add_bar(
        x=[score.margin for score in ordered],
        y=[title(score.name) for score in ordered],
        customdata=[[score.name] for score in ordered],
        orientation="h",
        marker={
            "color": [look.warm if score.flagged else look.cool for score in ordered],
            "opacity": [1.0 if score.flagged else _PALE for score in ordered],
        },
        text=[_shown(score) for score in ordered],
        textposition="outside",
        cliponaxis=False,
        hovertext=[_told(score) for score in ordered],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": _PALE}},
    )
    reach = 1.35 * max(1.0, *(abs(score.margin) for score in ordered))
    dress(figure, look, 70 + _ROW * len(ordered), margin=(140, 24, 12, 50))
    figure.update_layout(showlegend=False, bargap=0.35, clickmode="event+select", hovermode="closest")
    figure.update_xaxes(title_text="Logit under or over the operating point", range=[-reach, reach], fixedrange=True)
    figure.update_yaxes(fixedrange=True, showgrid=False, tickfont={"color": look.ink})
    figure.add_vline(x=0, line={"color": look.ink, "width": 1.5})
    return figure


def findings_alt(scores: Sequence[FindingScore]) -> str:
    """The figure in words, the highest first."""
    ordered = _ordered(scores)[::-1]
    flagged = [f"{title(score.name)} {_shown(score)}" for score in ordered if score.flagged]
    rest = [f"{title(score.name)} {_shown(score)}" for score in ordered if not score.flagged]
    told = (
        f"Flagged: {', '.join(flagged)}."
        if flagged
        else f"No finding over its threshold among the {len(ordered)} assessed."
    )
    return f"{told} Under their thresholds: {', '.join(rest)}." if rest else told


def scale_figure(scale: float, look: Theme) -> go.Figure:
    """The colour bar of a checkpoint's heatmaps, from ``-scale`` to ``scale``: what speaks against and for the finding.

    Raises ValueError for a scale not above 0.
    """
    values = np.linspace(-scale, scale, colours.ENTRIES)
    stops = np.linspace(0, 1, colours.ENTRIES)
    colour = [f"rgba({r},{g},{b},{a / 255:.3f})" for r, g, b, a in colours.rgba(values, scale).tolist()]
    figure = go.Figure()
    figure.add_heatmap(
        x=values.tolist(),
        y=[0],
        z=[values.tolist()],
        zmin=-scale,
        zmax=scale,
        colorscale=[[float(stop), text] for stop, text in zip(stops, colour, strict=True)],
        showscale=False,
        hoverinfo="skip",
    )
    dress(figure, look, 72, margin=(64, 64, 4, 48))
    figure.update_xaxes(
        tickvals=[-scale, 0, scale],
        ticktext=[f"-{scale:g}<br>speaks against", "0", f"+{scale:g}<br>speaks for it"],
        showgrid=False,
        fixedrange=True,
    )
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def scale_alt(scale: float) -> str:
    """The colour bar in words."""
    return (
        f"Colours of the heatmap: cool where a region speaks against the finding, warm where it speaks for it, "
        f"full at {scale:g} and transparent at 0; the same for all findings and films of this checkpoint."
    )


def _ordered(scores: Sequence[FindingScore]) -> list[FindingScore]:
    """Those with an operating point, the lowest first, as plotly stacks bars from below."""
    return sorted((score for score in scores if score.threshold is not None), key=lambda score: score.margin)


def _shown(score: FindingScore) -> str:
    return percent(score.probability) if score.calibrated else f"score {score.probability:.2f}"


def _told(score: FindingScore) -> str:
    where = "flagged" if score.flagged else "not flagged"
    kind = _shown(score) if score.calibrated else f"uncalibrated {_shown(score)}"
    return f"<b>{title(score.name)}</b>, {where}<br>{kind}<br>logit {score.logit:.2f}, threshold {score.threshold:.2f}"
