"""The AUROCs of all findings of a list with their intervals, one above the other (a forest plot)."""

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.performance import ListPerformance, MeanAuroc
from chexview.figures.forest import ForestRow, forest_figure, lowest
from chexview.figures.theme import Theme, message, rgba
from chexview.findings import title
from chexview.text import estimates
from chexview.text.escape import escaped
from chexview.text.numbers import counted

_ROW = 28


def areas_figure(found: ListPerformance, look: Theme) -> go.Figure:
    """A point and its interval for each finding, the best on top, and the mean as a line.

    Findings without interval are hollow and pale; those without any number are not drawn. Each point's customdata is
    ``[finding]``.
    """
    ordered = _ordered(found)
    if not ordered:
        return message("No finding has films with and without it.", look, 4 * _ROW)
    rows = [ForestRow(escaped(title(name)), value, item, name) for name, value, item in ordered]
    figure = forest_figure(rows, look, _ROW)
    mean = found.mean
    if mean.value is not None:
        if mean.low is not None and mean.high is not None:
            figure.add_vrect(x0=mean.low, x1=mean.high, fillcolor=rgba(look.series[1], 0.15), line_width=0)
        figure.add_vline(x=mean.value, line={"color": look.series[1], "width": 1.5, "dash": "dash"})
    figure.update_layout(clickmode="event+select")
    start = min(0.5, *(lowest(row) for row in rows)) - 0.02
    figure.update_xaxes(title_text="AUROC", range=[start, 1.01], fixedrange=True)
    return figure


def areas_alt(found: ListPerformance) -> str:
    """The figure in words, the best first."""
    result = ", ".join(f"{title(name)} {estimates.number(item)}" for name, _, item in _ordered(found)[::-1])
    return f"{mean_words(found.mean)} By finding: {result}." if result else mean_words(found.mean)


def mean_words(mean: MeanAuroc) -> str:
    """The mean AUROC as one or two sentences that say what it is over and what it leaves out."""
    left_out = ", ".join(title(name) for name in mean.left_out)
    without = f" Left out, with too few patients: {left_out}." if left_out else ""
    if mean.value is None:
        return f"There is no mean AUROC: too few patients.{without}"
    interval = f" ({mean.low:.3f} to {mean.high:.3f})" if mean.low is not None and mean.high is not None else ""
    counts = f"{counted(mean.films, 'film')} of {counted(mean.patients, 'patient')}"
    return f"Mean AUROC {mean.value:.3f}{interval} over {counted(len(mean.findings), 'finding')}, {counts}.{without}"


def _ordered(found: ListPerformance) -> list[tuple[str, float, Estimate]]:
    known = [(name, item.value, item) for name, item in found.aurocs.items() if item.value is not None]
    return sorted(known, key=lambda row: row[1])
