"""Colour pictures of grey films."""

import numpy as np
import pytest

from chexview.errors import ContentError
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.films.radiograph import CautionKind
from tests.films.builders import (
    kinds,
    picture,
    ramp,
)

EIGHT = ramp(8).astype(np.uint8)


def test_a_tint_is_read_by_its_luminance() -> None:
    tinted = np.stack([np.minimum(EIGHT, 230) + 25, EIGHT, np.maximum(EIGHT, 20) - 20], axis=-1).astype(np.uint8)
    radiograph = read_picture(picture(tinted), "d")
    red, green, blue = (tinted[..., channel].astype(float) for channel in range(3))
    assert np.allclose(grey(radiograph), (0.299 * red + 0.587 * green + 0.114 * blue) / 255, atol=0.004)
    assert kinds(radiograph) == {CautionKind.COLOUR}


def test_colour_is_refused() -> None:
    coloured = np.stack([EIGHT, 255 - EIGHT, np.roll(EIGHT, 90)], axis=-1)
    with pytest.raises(ContentError, match="in colour"):
        read_picture(picture(coloured), "d")
