"""LROC and free-response curves of a run's marks, beside a control that never saw a film."""

import plotly.graph_objects as go

from chexview.evaluation.marks import Placed
from chexview.figures.layout import KEY
from chexview.figures.theme import Theme, dress, message
from chexview.findings import title
from chexview.text.free_response import CURVES, sentences
from chexview.text.numbers import probability

HEIGHT = 400
FALSE_MARKS = 4.0
"""False marks a film at which the free-response axis ends at most."""
_NAMES = ("Class map", "Control that sees no film")
_DASHES = ("solid", "dash")


def free_response_figure(found: Placed, kind: str, look: Theme, height: int = HEIGHT) -> go.Figure:
    """The curve of a ``kind`` of :data:`chexview.text.free_response.CURVES`, solid, and the control's, dashed."""
    if not found.films_with or found.films_with == len(found.model.films):
        return message("No curve: the films are all with, or all without, the finding.", look, height)
    figure = go.Figure()
    widest = 1.0
    for k, side in enumerate((found.model, found.control)):
        if kind == "lroc":
            x, y = side.lroc.false_alarms.tolist(), side.lroc.located.tolist()
            hover = [
                f"{probability(b)} found in place<br>{probability(a)} flagged without it"
                for a, b in zip(x, y, strict=True)
            ]
        else:
            x, y = [0.0, *side.froc.false_marks.tolist()], [0.0, *side.froc.hit.tolist()]
            hover = [
                f"{probability(b)} of regions hit<br>{a:.2f} false marks a film" for a, b in zip(x, y, strict=True)
            ]
            widest = max(widest, x[-1])
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            name=_NAMES[k],
            line={"color": look.series[k], "width": 2.5 - k * 0.5, "dash": _DASHES[k]},
            hovertext=[f"<b>{_NAMES[k]}</b><br>{words}" for words in hover],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    dress(figure, look, height)
    figure.update_layout(hovermode="closest", legend=KEY)
    shares = {"tickformat": ".0%", "range": [-0.02, 1.02], "fixedrange": True}
    if kind == "lroc":
        figure.update_xaxes(title_text="Films without the finding that are flagged", **shares)
        figure.update_yaxes(title_text="Films with it, flagged in the right place", **shares)
    else:
        end = min(widest, FALSE_MARKS)
        figure.update_xaxes(title_text="False marks a film", range=[-0.02 * end, 1.02 * end], fixedrange=True)
        figure.update_yaxes(title_text="Regions hit", **shares)
    return figure


def free_response_alt(found: Placed, kind: str) -> str:
    """A text alternative of the figure."""
    return f"{CURVES[kind]}, {title(found.finding)}. {' '.join(sentences(found))}"
