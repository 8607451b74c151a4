"""The AUROCs of all findings of a list with their intervals, one above the other (a forest plot)."""

import plotly.graph_objects as go

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.performance import ListPerformance, MeanAuroc
from chexview.figures.theme import Theme, dress, message, rgba
from chexview.findings import title
from chexview.text.escape import escaped

_ROW = 28


def areas_figure(found: ListPerformance, look: Theme) -> go.Figure:
    """A point and its interval for each finding, the best on top, and the mean as a line.

    Findings without interval are hollow and pale; those without any number are not drawn. Each point's customdata is
    ``[finding]``.
    """
    ordered = _ordered(found)
    if not ordered:
        return message("No finding has films with and without it.", look, 4 * _ROW)
    figure = go.Figure()
    figure.add_scatter(
        x=[value for _, value, _ in ordered],
        y=[escaped(title(name)) for name, _, _ in ordered],
        customdata=[[name] for name, _, _ in ordered],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(item.high if item.high is not None else value) - value for _, value, item in ordered],
            "arrayminus": [value - (item.low if item.low is not None else value) for _, value, item in ordered],
            "color": look.series[0],
            "thickness": 1.5,
            "width": 4,
        },
        mode="markers",
        marker={
            "size": 9,
            "color": [look.muted if item.pale else look.series[0] for _, _, item in ordered],
            "symbol": ["circle-open" if item.pale else "circle" for _, _, item in ordered],
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        hovertext=[f"<b>{escaped(title(name))}</b><br>{_hover_text(item)}" for name, _, item in ordered],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    mean = found.mean
    if mean.value is not None:
        if mean.low is not None and mean.high is not None:
            figure.add_vrect(x0=mean.low, x1=mean.high, fillcolor=rgba(look.series[1], 0.15), line_width=0)
        figure.add_vline(x=mean.value, line={"color": look.series[1], "width": 1.5, "dash": "dash"})
    dress(figure, look, 70 + _ROW * len(ordered), margin=(140, 24, 12, 50))
    figure.update_layout(showlegend=False, clickmode="event+select", hovermode="closest")
    lowest = min(item.low if item.low is not None else value for _, value, item in ordered)
    figure.update_xaxes(title_text="AUROC", range=[min(0.5, lowest) - 0.02, 1.01], fixedrange=True)
    figure.update_yaxes(fixedrange=True, tickfont={"color": look.ink})
    return figure


def areas_alt(found: ListPerformance) -> str:
    """The figure in words, the best first."""
    result = ", ".join(f"{title(name)} {item.text()}" for name, _, item in _ordered(found)[::-1])
    return f"{mean_words(found.mean)} By finding: {result}." if result else mean_words(found.mean)


def mean_words(mean: MeanAuroc) -> str:
    """The mean AUROC as one or two sentences that say what it is over and what it leaves out."""
    left_out = ", ".join(title(name) for name in mean.left_out)
    without = f" Left out, with too few patients: {left_out}." if left_out else ""
    if mean.value is None:
        return f"There is no mean AUROC: too few patients.{without}"
    interval = f" ({mean.low:.3f} to {mean.high:.3f})" if mean.low is not None and mean.high is not None else ""
    counts = f"{mean.films:,} films of {mean.patients:,} patients"
    return f"Mean AUROC {mean.value:.3f}{interval} over {len(mean.findings)} findings, {counts}.{without}"


def _ordered(found: ListPerformance) -> list[tuple[str, float, Estimate]]:
    known = [(name, item.value, item) for name, item in found.aurocs.items() if item.value is not None]
    return sorted(known, key=lambda row: row[1])


def _hover_text(item: Estimate) -> str:
    lines = [item.text(), item.counts, *([item.remark.value] if item.remark.value else [])]
    return "<br>".join(lines)
