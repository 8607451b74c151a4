"""The decision curve."""

from chexview.calibration import Calibration
from chexview.evaluation.decision import decision_curve
from chexview.figures.decision import decision_alt, decision_figure
from chexview.figures.theme import DARK, LIGHT
from tests.figures.making import selection, sound


def test_decisions() -> None:
    curve = decision_curve(selection(0.1), Calibration(2.0, -4.0))
    figure = decision_figure(curve, LIGHT, threshold=0.2)
    assert [trace.name for trace in figure.data] == ["Flag by the model", "Flag every film", "Flag no film"]
    assert figure.data[0].y[0] == curve.model[0] and len(figure.layout.shapes) == 1
    assert "better than flagging every film" in decision_alt("Nodule", curve)
    useless = decision_curve(selection(0.1), Calibration(1e-9, -20.0))
    assert "nowhere better" in decision_alt("Nodule", useless)
    sound(figure)
    sound(decision_figure(useless, DARK))
