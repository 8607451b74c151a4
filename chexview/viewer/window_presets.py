"""Windows made from a film's own values, for films whose header gives none that suits. numpy only, no Streamlit.

No preset knows what is on the film. The automatic window runs from the 0.5th to the 99.5th percentile of what is not
padding: this is the robust range. The others are fixed shares of that range, counted from the end that is shown dark,
and were chosen by eye for frontal chest films, where air is dark, soft tissue in the middle, and spine and abdomen are
bright: they are named for what they usually serve.
"""

import numpy as np

from chexview.films.grey import span
from chexview.films.radiograph import Radiograph, Window

AUTOMATIC = "automatic"
PERCENTILES = (0.5, 99.5)
SAMPLE = 500_000
"""Pixels at least from which a film's range is taken; of larger films every second, third ... of a row and column."""
SHARES = {AUTOMATIC: (0.0, 1.0), "lungs": (0.0, 0.75), "mediastinum": (0.4, 1.0), "bone": (0.25, 0.9)}
"""From which share of the robust range to which, from dark to bright; outside it black and white."""


def robust_range(film: Radiograph) -> tuple[float, float]:
    """The lowest and the highest value between the percentiles, in modality units, without padding; never equal."""
    step = max(1, int((film.pixels.size / SAMPLE) ** 0.5))
    pixels = film.pixels[::step, ::step]
    inside = pixels if film.padding is None else pixels[~film.padding[::step, ::step]]
    if not inside.size:
        inside = film.pixels
    counts = np.cumsum(np.bincount(inside.ravel(), minlength=1))
    ranks = [percentile / 100.0 * float(counts[-1]) for percentile in PERCENTILES]
    first, last = (int(stored) for stored in np.searchsorted(counts, ranks))
    ends = sorted(stored * film.scale + film.offset for stored in (first, max(last, first + 1)))
    return ends[0], ends[1]


def presets(film: Radiograph) -> tuple[Window, ...]:
    """The windows of :data:`SHARES` for this film, the automatic one first; LINEAR_EXACT, in modality units."""
    low, high = robust_range(film)
    dark, bright = (high, low) if film.inverted else (low, high)
    made = []
    for name, (start, stop) in SHARES.items():
        ends = [dark + share * (bright - dark) for share in (start, stop)]
        made.append(span(name, min(ends), max(ends)))
    return tuple(made)
