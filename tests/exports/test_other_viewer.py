"""Exported outlines as another maker's viewer draws them."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chexview.exports.dicom_presentation import presentation_state
from chexview.exports.outlines import outlines, stored_points
from chexview.films.radiograph import Window
from tests.exports import dicomscope
from tests.exports.results import FILM, film, result, tool

NEAR = 2.5
"""Pixels of the film: DICOMscope has 1 at its first corner, where the standard has 0, and rounds to pixels of the screen."""


@pytest.mark.skipif(dicomscope.missing() != "", reason=dicomscope.missing())
def test_dicomscope_draws_each_outline_where_it_is(tmp_path: Path) -> None:
    """The film is dark in the state's window, so that what is white on the screen are the lines and words of the state."""
    given = result(of=replace(film(), views=(Window("dark", 1024, 2048),)))
    (tmp_path / "state.dcm").write_bytes(presentation_state(given))
    subprocess.run([tool("dcmdjpls"), str(FILM), str(tmp_path / "film.dcm")], check=True)
    try:
        screen = dicomscope.second_series(tmp_path, ["film.dcm", "state.dcm"])
    except TimeoutError as error:
        pytest.skip(str(error))
    left, top, side = dicomscope.PICTURE
    shown = screen[top : top + side, left : left + side, 0]
    white = shown > 200
    assert (shown < 64).mean() > 0.96 and 0.002 < white.mean() < 0.03
    drawn = np.argwhere(white)[:, ::-1] + 0.5
    assert given.film.origin is not None and given.reading is not None and len(given.flagged) == 2
    pixel = side / 1024
    for score in given.flagged:
        for line in outlines(given.reading, score.name, (1024, 1024)):
            points = stored_points(line, given.film.origin) * pixel
            distances = [np.linalg.norm(drawn - point, axis=1).min() for point in points]
            assert max(distances) <= NEAR * pixel, score.name
