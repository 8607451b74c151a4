"""How well maps point."""

from chexview.evaluation.estimate import Estimate
from chexview.evaluation.localisation import CLASS_MAP, CONTROLS, Localised, MapMeasure, MapVerdict
from chexview.figures.localisation import localisation_alt, localisation_figure
from chexview.figures.theme import DARK, LIGHT
from tests.figures.making import sound


def test_localisation() -> None:
    score = Estimate(0.4, 0.3, 0.5, 80, 60, 30, 25)
    bare = Estimate(0.2, None, None, 3, 3, 1, 1)
    found = (
        Localised("Mass", 80, 60, {CLASS_MAP: score, CONTROLS[2]: bare}, CONTROLS[2], 0.2, 0.1, 0.3, MapVerdict.BEATS),
        Localised(
            "all findings", 3, 3, {CLASS_MAP: bare, CONTROLS[0]: bare}, CONTROLS[0], 0.0, None, None, MapVerdict.FEW
        ),
    )
    figure = localisation_figure(found, MapMeasure.POINTING, LIGHT)
    assert list(figure.data[0].x) == [0.4, 0.2] and list(figure.data[1].x) == [0.2, 0.2]
    assert list(figure.layout.yaxis.ticktext) == ["Mass (80)", "all findings (3)"]
    assert figure.data[0].y[0] > figure.data[1].y[0] > figure.data[0].y[1]
    assert "Mass 0.40 (0.30 to 0.50) against 0.20, beats the best control" in localisation_alt(
        found, MapMeasure.POINTING
    )
    sound(figure)
    assert not localisation_figure((), MapMeasure.IOU, DARK).data
