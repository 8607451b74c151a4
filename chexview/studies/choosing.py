"""Which films a study is made of: drawn by lot, with the finding and without it, never by a score."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def draw(images: Sequence[str], count: int, seed: int, labels: npt.NDArray[np.int8] | None = None) -> tuple[str, ...]:
    """At most ``count`` of the images, by lot, in the order of their names.

    With ``labels`` (n,) of the images (1, 0, -1 unknown) half of them have the finding, as far as there are as many, and those of
    unknown label stay out. The same seed draws the same films.
    """
    order = np.random.default_rng(seed).permutation(len(images))
    if labels is None:
        chosen = order[:count].tolist()
    else:
        present = [int(place) for place in order if labels[place] == 1]
        absent = [int(place) for place in order if labels[place] == 0]
        ill = min(len(present), max(count // 2, count - len(absent)))
        chosen = [*present[:ill], *absent[: count - ill]]
    return tuple(sorted(images[place] for place in chosen))
