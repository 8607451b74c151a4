"""Curves of a run's marks: what is drawn, hovered and said is what the marks come to."""

import json

import numpy as np
import pytest

from chexview import settings
from chexview.evaluation.marks import Placed, placed
from chexview.evaluation.references import load_reference
from chexview.evaluation.run import ValidationRun
from chexview.figures.free_response import free_response_alt, free_response_figure
from chexview.figures.theme import DARK, LIGHT
from chexview.text.free_response import CURVES, intro, no_marks, sentences


@pytest.fixture(scope="module")
def effusion(bundled_run: ValidationRun) -> Placed:
    found = placed(bundled_run, "test", "Effusion", load_reference(settings.BUNDLED / "references" / "chestx-det"))
    assert found is not None, "the bundled run has no marks; train validate stores them"
    return found


def test_the_bundled_maps_know_where_an_effusion_is(effusion: Placed) -> None:
    gain = effusion.lroc_gain
    assert gain is not None and gain.low is not None and gain.low > 0
    said = sentences(effusion)
    assert said[0].startswith(f"LROC area {effusion.model.lroc_area.value:.3f} (")
    assert said[0].endswith("the maps know where it is.")
    hit = float(effusion.model.froc.hit[effusion.model.froc.false_marks <= 1][-1])
    assert f"the maps hit {100 * hit:.0f} % of the regions" in said[2]


@pytest.mark.parametrize("kind", list(CURVES))
def test_both_curves_are_drawn_beside_the_control(kind: str, effusion: Placed) -> None:
    for look in (LIGHT, DARK):
        figure = free_response_figure(effusion, kind, look)
        json.loads(figure.to_json(), parse_constant=lambda word: pytest.fail(word))
        model, control = figure.data
        assert (model.name, control.name) == ("Class map", "Control that sees no film")
        assert np.all(np.diff(model.x) >= 0) and np.all(np.diff(model.y) >= 0)
    if kind == "lroc":
        located = sum(
            max(best) >= max(false, default=-np.inf)
            for best, false in zip(effusion.model._best, effusion.model._false, strict=True)
            if best
        )
        assert model.y[-1] == pytest.approx(located / effusion.films_with)
    assert free_response_alt(effusion, kind).startswith(f"{CURVES[kind]}, Effusion.")


def test_words(effusion: Placed, bundled_run: ValidationRun) -> None:
    reference = load_reference(settings.BUNDLED / "references" / "chestx-det")
    words = intro(effusion, reference)
    assert (
        f"{len(effusion.model.films):,} films of {effusion.patients:,} patients" in words and reference.title in words
    )
    assert "has no marks" in no_marks(bundled_run)
