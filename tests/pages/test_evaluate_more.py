"""Evaluate: the band, the stretched axis, typed thresholds, every matrix in a line, the way to the films, published numbers."""

import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.evaluation import calibration, cooccurrence, decision, localisation, subgroups
from chexview.evaluation.bands import roc_band
from chexview.evaluation.checksums import images_digest
from chexview.evaluation.confusion import confusion
from chexview.evaluation.curves import roc
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.operating import Policy
from chexview.evaluation.published import _known
from chexview.evaluation.run import ValidationRun, load_run
from chexview.evaluation.thresholds import calibration_of, offer, threshold_at
from chexview.exports import drawing
from chexview.figures.areas import areas_figure
from chexview.figures.confusion import confusion_figure
from chexview.figures.cooccurrence import co_occurrence_figure
from chexview.figures.decision import decision_figure
from chexview.figures.localisation import localisation_figure
from chexview.figures.reliability import reliability_figure
from chexview.figures.roc import RocExtras, roc_figure
from chexview.figures.subgroups import Measure, subgroups_figure
from chexview.figures.theme import LIGHT
from chexview.pages import cached_numbers
from chexview.pages.state.run_choice import clicked_cell
from tests.pages.shown import bodies, figures
from tests.pages.test_evaluate import Opener, home, opened, run, slider

__all__ = ["home", "opened", "run"]


def kind(app: AppTest, name: str) -> AppTest:
    next(group for group in app.segmented_control if group.key == "evaluate-kind").set_value(name).run()
    assert not app.exception
    return app


def test_the_band_lies_around_the_curve_and_takes_no_click(run: ValidationRun, opened: Opener) -> None:
    traces = figures(opened(finding="Nodule", list="test"))[0]["data"]
    band = next(trace for trace in traces if trace["name"] == "95 % band")
    wanted = roc_band(run.select("Nodule", "test"))
    assert wanted is not None and band["hoverinfo"] == "skip"
    assert band["y"] == pytest.approx([*wanted.high, *wanted.low[::-1]])
    few = figures(opened(finding="Hernia", list="test"))[0]["data"]
    assert "95 % band" not in {trace["name"] for trace in few}


def test_few_false_alarms_are_stretched(run: ValidationRun, opened: Opener) -> None:
    app = kind(opened(finding="Nodule", list="test"), "rare")
    drawn = figures(app)[0]
    assert drawn["layout"]["xaxis"]["type"] == "log"
    assert drawn["data"][0]["customdata"][1][0] is not None


def test_a_typed_probability_is_the_threshold(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    app.number_input[0].set_value(20.0).run()
    line = run.meta.calibration["Nodule"]
    wanted = threshold_at(20.0, line)
    assert slider(app).value == pytest.approx(wanted)
    assert float(line.probability(wanted)) == pytest.approx(0.2, abs=1e-6)
    assert threshold_at(-1.5, None) == -1.5


def test_every_matrix_stands_in_a_line(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test", threshold="-0.5", run="small")
    next(group for group in app.segmented_control if group.key == "evaluate-table").set_value("counts").run()
    shown = app.dataframe[0].value.set_index("Finding")
    for name in ("Nodule", "Mass"):
        chosen = run.select(name, "test")
        threshold = -0.5 if name == "Nodule" else offer(run, name, "test").points[Policy.SPECIFICITY_90]
        oracle = confusion_matrix(chosen.labels, chosen.logits >= np.float32(threshold), labels=[False, True])
        row = shown.loc[name]
        assert [
            [row["Correctly not flagged"], row["Flagged wrongly"]],
            [row["Missed"], row["Correctly flagged"]],
        ] == oracle.tolist()
    assert "1 finding at a threshold that you chose" in bodies(app)


def test_all_areas_are_drawn_with_their_intervals(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    next(group for group in app.segmented_control if group.key == "evaluate-table").set_value("figure").run()
    assert not app.exception
    points = next(drawn for drawn in figures(app) if ["Mass"] in (drawn["data"][0].get("customdata") or []))
    assert points["data"][0]["error_x"]["array"]
    assert drawing.png(areas_figure(cached_numbers.areas(run.digest, "test", False, run), LIGHT)).startswith(b"\x89PNG")


def test_cells_lead_to_their_films(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    links = [element.proto for element in app.get("page_link")]
    found = {link.label.split(" ", 1)[1] for link in links if link.label != "Look-alikes"}
    assert found == {"true positive", "false negative", "false positive", "true negative"}
    assert all("films=" in link.query_string for link in links)
    assert clicked_cell([{"customdata": ["false positive"]}]) is not None
    assert clicked_cell([]) is None and clicked_cell([{"customdata": ["nonsense"]}]) is None


def test_published_numbers_stand_beside_the_same_films_alone(
    run: ValidationRun, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No published numbers stand beside these" in bodies(opened(list="test"))
    images = run.table.column("image")[run.list_mask("test")].tolist()
    reference = {"name": "somebody/model", "source": "their README", "aurocs": {"Nodule": 0.777}}
    known = {images_digest(images): {"title": "these very films", "references": [reference]}}
    monkeypatch.setitem(_known(), *next(iter(known.items())))
    cached_numbers.published_of.clear()
    app = opened(list="test")
    shown = app.dataframe[0].value.set_index("Finding")
    assert shown.loc["Nodule", "somebody/model"] == 0.777 and math.isnan(shown.loc["Mass", "somebody/model"])
    assert "Published on the same films, these very films" in bodies(app)
    cached_numbers.published_of.clear()


def test_every_figure_of_the_pages_can_be_drawn_for_paper() -> None:
    """On the bundled run, as the pages build them."""
    bundled = load_run(settings.BUNDLED / "runs" / "chexview-3")
    chosen = bundled.select("Effusion", "sharp")
    line = calibration_of(bundled, "Effusion")
    boxes = bundled.localisation()
    assert line is not None and boxes is not None
    threshold = offer(bundled, "Effusion", "sharp").points[Policy.SPECIFICITY_90]
    found = confusion(chosen, threshold)
    curve, area = roc(chosen.labels, chosen.logits), auroc_estimate(chosen)
    bins = calibration.reliability(chosen, line)
    grouped = subgroups.subgroups(chosen, subgroups.groups(bundled, subgroups.Trait.SEX), threshold)
    points = {name: offer(bundled, name, "sharp").points[Policy.SPECIFICITY_90] for name in bundled.findings}
    together = cooccurrence.co_occurrence(bundled, "sharp", points)
    placed = localisation.localised(boxes, localisation.MapMeasure.POINTING)
    drawn = [
        roc_figure(curve, area, found, LIGHT, RocExtras(line, curve, roc_band(chosen))),
        roc_figure(curve, area, found, LIGHT, RocExtras(line, curve, roc_band(chosen), rare=True)),
        confusion_figure(found, LIGHT),
        reliability_figure(bins, LIGHT, 520),
        decision_figure(decision.decision_curve(chosen, line), LIGHT, 0.1, 440),
        subgroups_figure(grouped, area, Measure.AUROC, LIGHT),
        co_occurrence_figure(together, list(cooccurrence.order_alike(together)), LIGHT, False),
        localisation_figure(placed, localisation.MapMeasure.POINTING, LIGHT),
    ]
    for figure in drawn:
        assert drawing.png(figure).startswith(b"\x89PNG") and drawing.svg(figure).lstrip().startswith(b"<?xml")
