"""Where curves stand on a page."""

import plotly.graph_objects as go

from chexview.figures.layout import flush_left, square, whole_steps


def test_a_square_curve_stands_left_under_its_key() -> None:
    figure = flush_left(go.Figure().update_layout(showlegend=True))
    assert figure.layout.xaxis.constraintoward == "left"
    assert figure.layout.legend.orientation == "h" and figure.layout.margin.t == 34
    assert flush_left(go.Figure().update_layout(showlegend=False)).layout.margin.t == 8


def test_few_epochs_have_a_tick_each() -> None:
    assert whole_steps(go.Figure(), 3).layout.xaxis.dtick == 1
    assert whole_steps(go.Figure(), 30).layout.xaxis.dtick is None


def test_a_square_stays_within_its_ranges_in_a_narrow_room() -> None:
    figure = square(go.Figure())
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.constrain == figure.layout.yaxis.constrain == "domain"
