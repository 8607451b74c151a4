"""The decision curve: net benefit over the probability from which one would act."""

import numpy as np
import plotly.graph_objects as go

from chexview.evaluation.decision import DecisionCurve
from chexview.figures.layout import KEY
from chexview.figures.theme import Theme, dress
from chexview.text.numbers import probability

HEIGHT = 380


def decision_figure(
    curve: DecisionCurve, look: Theme, threshold: float | None = None, height: int = HEIGHT
) -> go.Figure:
    """The model's net benefit beside that of flagging everybody and nobody; ``threshold`` is the probability in use."""
    end = _end(curve)
    shown = curve.thresholds <= end
    x = curve.thresholds[shown].tolist()
    figure = go.Figure()
    figure.add_scatter(
        x=x,
        y=curve.model[shown].tolist(),
        mode="lines",
        line={"color": look.series[0], "width": 2.5},
        name="Flag by the model",
        hovertext=[
            f"Act from {probability(t)} on<br>flags {probability(f)} of films, misses {probability(m)} of them"
            for t, f, m in zip(x, curve.flagged[shown], curve.missed[shown], strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    figure.add_scatter(
        x=x,
        y=curve.everybody[shown].tolist(),
        mode="lines",
        line={"color": look.series[1], "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
        name="Flag every film",
    )
    figure.add_scatter(
        x=[x[0], x[-1]],
        y=[0, 0],
        mode="lines",
        line={"color": look.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        name="Flag no film",
    )
    if threshold is not None and x[0] <= threshold <= end:
        figure.add_vline(x=threshold, line={"color": look.ink, "width": 1, "dash": "dot"})
    dress(figure, look, height)
    top = float(max(curve.model[shown].max(), curve.prevalence, 1e-4))
    figure.update_layout(hovermode="closest", legend=KEY, margin={"t": 36})
    figure.update_xaxes(title_text="Probability from which one would act", range=[0, end], tickformat=".0%")
    figure.update_yaxes(title_text="Net benefit (findings per film)", range=[-0.25 * top, 1.15 * top])
    return figure


def decision_alt(finding: str, curve: DecisionCurve) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    better = curve.model > np.maximum(curve.everybody, 0) + 1e-12
    if not better.any():
        return f"Decision curve of {finding}: flagging by the model is nowhere better than flagging every film or none."
    inside = curve.thresholds[better]
    return (
        f"Decision curve of {finding}: flagging by the model is better than flagging every film or none for those who would act "
        f"from {probability(float(inside.min()))} to {probability(float(inside.max()))}."
    )


def _end(curve: DecisionCurve) -> float:
    """A little beyond the last threshold at which the model is worth something; rare findings need no axis to 100 %."""
    useful = curve.thresholds[curve.model > 0]
    last = float(useful.max()) if len(useful) else 3 * curve.prevalence
    return float(min(curve.thresholds[-1], max(curve.thresholds[1], 1.2 * last)))
