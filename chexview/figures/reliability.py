"""The reliability curve: how often the finding was there, of films given about the same probability."""

from collections.abc import Sequence

import plotly.graph_objects as go

from chexview.evaluation.calibration import CalibrationSummary, ReliabilityBin
from chexview.figures.layout import square
from chexview.figures.theme import Theme, dress, message
from chexview.text import estimates
from chexview.text.numbers import probability

HEIGHT = 420


def reliability_figure(bins: Sequence[ReliabilityBin], look: Theme, height: int = HEIGHT) -> go.Figure:
    """Each bin's observed share over its mean probability, with its interval, and the diagonal of perfect calibration.

    Both axes end a little over the largest value that occurs, so that rare findings are not a dot in the corner.
    """
    known = [(item, item.observed.value) for item in bins if item.observed.value is not None]
    if not known:
        return message("No calibration: there is no film to count.", look, height)
    tops = [max(item.predicted, value, item.observed.high or 0.0) for item, value in known]
    end = min(1.0, 1.08 * max(0.02, *tops))
    figure = go.Figure()
    figure.add_scatter(
        x=[0, end],
        y=[0, end],
        mode="lines",
        line={"color": look.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[item.predicted for item, _ in known],
        y=[value for _, value in known],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [
                (item.observed.high if item.observed.high is not None else value) - value for item, value in known
            ],
            "arrayminus": [
                value - (item.observed.low if item.observed.low is not None else value) for item, value in known
            ],
            "color": look.series[0],
            "thickness": 1.2,
            "width": 4,
        },
        mode="lines+markers",
        line={"color": look.series[0], "width": 1.5},
        marker={"size": 8},
        hovertext=[_hover_text(item) for item, _ in known],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    dress(figure, look, height)
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_xaxes(title_text="Probability given", range=[-0.02 * end, end], tickformat=".0%")
    figure.update_yaxes(title_text="Films that had the finding", range=[-0.02 * end, end], tickformat=".0%")
    return square(figure)


def reliability_alt(finding: str, bins: Sequence[ReliabilityBin], summary: CalibrationSummary) -> str:
    """A text alternative of the figure; ``finding`` is the finding's title."""
    found = "; ".join(
        f"given {probability(item.predicted)}, found in {estimates.rate(item.observed)} of {item.observed.films:,} films"
        for item in bins
    )
    return (
        f"Reliability of the probabilities of {finding}: {found}. Expected calibration error {summary.error.value:.4f}; "
        f"that of a perfectly calibrated model would be {summary.error.null_low:.4f} to {summary.error.null_high:.4f}."
    )


def _hover_text(item: ReliabilityBin) -> str:
    observed = item.observed
    return (
        f"Given {probability(item.low)} to {probability(item.high)}, on average {probability(item.predicted)}<br>"
        f"Had it: {estimates.rate(observed)}<br>{observed.positive_films:,} of {observed.films:,} films"
    )
