"""Progressive JPEGs are judged by libjpeg's warnings, all others code by code."""

import numpy as np
import pytest

from chexview.errors import DamagedError
from chexview.films import jpeg, jpeg_check
from tests.films.builders import picture
from tests.films.expectations import is_sentence

FILM = (
    (np.random.default_rng(5).normal(0, 9, (96, 80)) + np.linspace(20, 230, 96)[:, None]).clip(0, 255).astype(np.uint8)
)


@pytest.mark.parametrize("progressive", [False, True])
def test_whole_passes_and_cut_is_refused(progressive: bool) -> None:
    data = picture(FILM, "JPEG", progressive=progressive)
    whole = jpeg.parse(data)
    assert whole is not None
    jpeg_check.check_dct(data, whole)
    for damaged in (data[: len(data) * 6 // 10] + b"\xff\xd9", data[: len(data) // 2] + data[len(data) * 6 // 10 :]):
        structure = jpeg.parse(damaged)
        assert structure is not None
        with pytest.raises(DamagedError) as found:
            jpeg_check.check_dct(damaged, structure)
        assert is_sentence(str(found.value))


def test_a_quantiser_of_zero_is_refused() -> None:
    stream = bytearray(picture(FILM, "JPEG"))
    stream[stream.index(b"\xff\xdb") + 5] = 0
    structure = jpeg.parse(bytes(stream))
    assert structure is not None
    with pytest.raises(DamagedError, match="divided by zero"):
        jpeg_check.check_dct(bytes(stream), structure)
