"""What is examined, in the session and in the address, without Streamlit."""

import math

from chexview.evaluation.operating import OfferedPoints, Policy
from chexview.evaluation.run_schema import FilmList
from chexview.pages.state.operating import SessionPoints
from chexview.pages.state.run_choice import RunChoice, clicked_threshold, sorted_lists, threshold_of

SOURCE = OfferedPoints(
    "98" * 32, {Policy.YOUDEN: {"Nodule": -2.5, "Mass": -3.0}, Policy.SPECIFICITY_90: {"Nodule": -1.5}}
)


def test_clicks_on_the_curve() -> None:
    assert clicked_threshold([]) is None
    assert clicked_threshold([{"curve_number": 0, "customdata": [-1.5, 0.1, 0.9, 0.5]}]) == -1.5
    assert clicked_threshold([{"curve_number": 0, "customdata": [None, 0, 1, None]}]) == math.inf
    assert clicked_threshold([{"curve_number": 1, "x": 0.5}, {"curve_number": 3, "customdata": ["x"]}]) is None


def test_a_choice_takes_over_foreign_addresses_only() -> None:
    choice, points = RunChoice(run="small", list_name="test", finding="Nodule"), SessionPoints()
    assert threshold_of(points.of(SOURCE), "Nodule") == -1.5
    own = choice.settle(points.of(SOURCE))
    points.choose_threshold(SOURCE, "Nodule", -1.0)
    assert not choice.adopt(own) and not choice.adopt({}) and not choice.adopt({"embed": "true"})
    choice.apply(points, SOURCE)
    assert threshold_of(points.of(SOURCE), "Nodule") == -1.0
    assert choice.adopt({**own, "finding": "Mass", "threshold": "-0.5"})
    choice.apply(points, SOURCE)
    assert choice.finding == "Mass" and threshold_of(points.of(SOURCE), "Mass") == -0.5
    assert -0.5 in choice.scale((-3.0, -2.0), (), -0.5)
    assert -0.5 in choice.scale((-3.0, -2.0), (), -2.0)


def test_an_address_says_policy_and_threshold() -> None:
    choice, points = RunChoice(), SessionPoints()
    points.choose_threshold(SOURCE, "Nodule", -1.0)
    link = {"run": "small", "list": "test", "finding": "Nodule", "policy": "youden", "threshold": "-2.5"}
    assert choice.adopt(link)
    choice.apply(points, SOURCE)
    assert points.policy is Policy.YOUDEN and not points.of(SOURCE).overrides
    assert choice.settle(points.of(SOURCE)) == link
    choice.adopt({**link, "threshold": "nan", "policy": "none of these"})
    choice.apply(points, SOURCE)
    assert points.policy is Policy.YOUDEN and not points.of(SOURCE).overrides


def test_a_finding_without_threshold_is_flagged_nowhere() -> None:
    assert threshold_of(SessionPoints().of(SOURCE), "Mass") == math.inf


def test_lists_begin_with_the_headline() -> None:
    lists = [FilmList(name, name, "") for name in ("validation", "test", "sharp")]
    assert [item.name for item in sorted_lists(lists)] == ["sharp", "test", "validation"]
