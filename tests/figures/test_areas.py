"""Every AUROC as a figure: in order, with the mean and what it leaves out."""

import json

import numpy as np

from chexview.evaluation.performance import performance
from chexview.evaluation.selection import Selection
from chexview.figures.areas import areas_alt, areas_figure, mean_words
from chexview.figures.theme import DARK, LIGHT


def _selection(name: str, positives: int, seed: int) -> Selection:
    generator = np.random.default_rng(seed)
    labels = generator.permutation(400) < positives
    return Selection.of(labels, labels + generator.normal(size=400), finding=name, list_name="test")


def test_areas_are_ordered_and_the_mean_says_what_it_leaves_out() -> None:
    found = performance([_selection("Mass", 80, 1), _selection("Hernia", 3, 2), _selection("Edema", 0, 3)])
    trace = json.loads(areas_figure(found, DARK).to_json())["data"][0]
    assert sorted(trace["x"]) == trace["x"]
    assert {item[0] for item in trace["customdata"]} == {"Mass", "Hernia"}
    hernia = trace["customdata"].index(["Hernia"])
    assert trace["marker"]["symbol"][hernia] == "circle-open"
    assert trace["error_x"]["array"][hernia] == 0
    result = areas_alt(found)
    assert result.startswith(
        f"Mean AUROC {found.mean.value:.3f} ({found.mean.low:.3f} to {found.mean.high:.3f}) over 1 finding,"
    )
    assert "Left out, with too few patients: Hernia, Edema. By finding: " in result
    nothing = performance([_selection("Edema", 0, 3)])
    assert (
        mean_words(nothing.mean) == "There is no mean AUROC: too few patients. Left out, with too few patients: Edema."
    )
    assert areas_alt(nothing) == mean_words(nothing.mean)
    assert "No finding has" in areas_figure(nothing, LIGHT).layout.annotations[0].text
