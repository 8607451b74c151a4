"""The Evaluate page's choices, addresses and words, without Streamlit."""

import math

import numpy as np
import pytest

from chexview import findings
from chexview.calibration import Calibration
from chexview.evaluation.operating import Policy
from chexview.evaluation.run_schema import FilmList
from chexview.evaluation.thresholds import Offer, Origin
from chexview.pages.evaluate_view import View, clicked, lists_in_order
from chexview.text import evaluation as evaluation_text


def test_clicks_on_the_curve() -> None:
    assert clicked([]) is None
    assert clicked([{"curve_number": 0, "customdata": [-1.5, 0.1, 0.9, 0.5]}]) == -1.5
    assert clicked([{"curve_number": 0, "customdata": [None, 0, 1, None]}]) == math.inf
    assert clicked([{"curve_number": 1, "x": 0.5}, {"curve_number": 3, "customdata": ["x"]}]) is None


def test_a_view_takes_over_foreign_addresses_only() -> None:
    view = View(run="small", list_name="test", finding="Nodule")
    offered = Offer(
        {Policy.YOUDEN: -2.5, Policy.SPECIFICITY_90: -1.5}, Origin.STORED, "small", "validation", here=False
    )
    assert view.threshold(offered) == -1.5
    own = view.settle(view.threshold(offered))
    view.thresholds[view.at] = -1.0
    assert not view.adopt(own) and not view.adopt({}) and not view.adopt({"embed": "true"})
    assert view.threshold(offered) == -1.0
    assert view.adopt({**own, "finding": "Mass", "threshold": "-0.5"})
    assert view.finding == "Mass" and view.threshold(offered) == -0.5
    assert -0.5 in view.scale((-3.0, -2.0), offered)
    view.thresholds[view.at] = -2.0
    assert -0.5 in view.scale((-3.0, -2.0), offered)


def test_lists_begin_with_the_headline() -> None:
    lists = [FilmList(name, name, "") for name in ("validation", "test", "sharp")]
    assert [item.name for item in lists_in_order(lists)] == ["sharp", "test", "validation"]


@pytest.mark.parametrize(
    ("finding", "words"),
    [("Nodule", "a nodule"), ("Pleural_Thickening", "pleural thickening"), ("Edema", "edema"), ("COVID", "COVID")],
)
def test_findings_in_a_sentence(finding: str, words: str) -> None:
    assert findings.phrase(finding) == words


def test_stops_have_different_texts() -> None:
    stops = [-1.0, -1.001, -1.0012, float(np.nextafter(np.float32(-1), np.float32(-2))), 3.0, math.inf]
    labels = evaluation_text.stop_labels(stops, Calibration(1.0, 0.0))
    assert len(set(labels.values())) == len(stops)
    assert labels[3.0] == "95 % (network output 3.00)" and labels[math.inf] == "over all: flags no film"
    assert evaluation_text.stop_labels([3.0], None)[3.0] == "logit 3.00"
