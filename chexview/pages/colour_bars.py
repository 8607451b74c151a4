"""The colour bars of galleries. No Streamlit."""

from chexview.text.numbers import scale_ends
from chexview.viewer.components import ColourBar
from chexview.viewer.heatmap import css_colours, plain_css

STOPS = 33


def signed_bar(scale: float) -> ColourBar:
    """The colours of signed maps, from ``-scale`` to ``scale`` log-odds."""
    steps = [scale * (2 * i / (STOPS - 1) - 1) for i in range(STOPS)]
    low, high = scale_ends(scale)
    alt = "Log-odds, from speaking against the finding on the left to speaking for it on the right"
    return ColourBar(low, high, tuple(css_colours(steps, scale)), alt)


def plain_bar() -> ColourBar:
    """The colour of maps without a unit, from each map's lowest to its highest value."""
    colours = tuple(plain_css(step / (STOPS - 1)) for step in range(STOPS))
    return ColourBar("lowest", "highest", colours, "From the lowest to the highest value of each map")
