"""The Evaluate page: what it shows equals what scikit-learn makes of the stored logits, however one gets there."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score
from streamlit.testing.v1 import AppTest

from chexview import settings
from chexview.calibration import Calibration
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.operating import Policy, choose_all
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.run_schema import ChosenOn, FilmList, PatientOverlap, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.thresholds import written
from chexview.text import estimates
from chexview.text import evaluation as evaluation_text
from tests.pages.shown import bodies, figures, page_at

LISTS = (
    FilmList("test", "All test films", "All of them."),
    FilmList("sharp", "Sharp test films", "The sharp ones."),
    FilmList("validation", "Validation films", "A part, chosen by patient."),
)
NAMES = ("Nodule", "Mass", "Edema", "Hernia", "Fibrosis")
"""Hernia has films of 3 patients in each list, Fibrosis none at all."""


def table() -> pd.DataFrame:
    """900 films of 200 patients: 60 of validation, 140 of test."""
    generator = np.random.default_rng(11)
    n = 900
    patient = generator.integers(0, 200, n)
    validation = patient < 60
    frame = pd.DataFrame(
        {
            "image": [f"{i:08d}_000.png" for i in range(n)],
            "patient": [f"p{p}" for p in patient],
            "sex": generator.choice(["M", "F", ""], n),
            "age": generator.integers(-1, 95, n).astype(np.int16),
            "view": generator.choice(["PA", "AP", ""], n),
            "split": np.where(validation, "validation", "test"),
            "list__test": ~validation,
            "list__sharp": ~validation & (generator.random(n) < 0.6),
            "list__validation": validation,
        }
    )
    rare = np.isin(patient, [0, 1, 2, 100, 101, 102])
    for k, name in enumerate(NAMES):
        labels = (generator.random(n) < 0.2).astype(np.int8)
        if name in ("Hernia", "Fibrosis"):
            labels = (rare & (name == "Hernia")).astype(np.int8)
        frame[f"label__{name}"] = labels
        frame[f"logit__{name}"] = (generator.normal(size=n) - 2 + (1.5 - 0.3 * k) * labels).astype(np.float32)
        if name != "Edema":
            frame[f"control__{name}"] = generator.normal(size=n).astype(np.float32)
    return frame


def meta(frame: pd.DataFrame) -> RunMetadata:
    held_out = frame["list__validation"]
    points: dict[Policy, dict[str, float]] = {}
    for name in NAMES:
        chosen = choose_all(
            frame.loc[held_out, f"label__{name}"] == 1, frame.loc[held_out, f"logit__{name}"].to_numpy()
        )
        for policy, point in chosen.items():
            if point.usable:
                points.setdefault(policy, {})[name] = point.threshold
    return RunMetadata(
        title="A <b>bold</b> run",
        checkpoint=RunCheckpoint("small", "ab" * 32),
        data_set="Drawn at random",
        attribution="nobody",
        split_hash="cd" * 32,
        lists=LISTS,
        made=made_now(),
        patient_overlap=PatientOverlap(1000, 60, 140),
        calibration={name: Calibration(1.2, -0.4) for name in NAMES if name != "Edema"},
        operating_points=points,
        chosen_on=ChosenOn("small", "validation"),
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CHEXVIEW_HOME, and no bundled run."""
    monkeypatch.setenv("CHEXVIEW_HOME", str(tmp_path))
    monkeypatch.setattr(settings, "BUNDLED", tmp_path / "nothing")
    return tmp_path


@pytest.fixture
def run(home: Path) -> ValidationRun:
    frame = table()
    curves = pd.DataFrame(
        [(e, n, p, 0.6 + 0.01 * e, 0.4) for e in range(3) for n in NAMES for p in ("training", "validation")],
        columns=["epoch", "finding", "part", "auroc", "loss"],
    )
    return write_run(home / "runs" / "small", meta(frame), frame, curves)


Opener = Callable[..., AppTest]


@pytest.fixture
def opened(home: Path) -> Opener:
    """Opens the page at an address."""

    return partial(page_at, "evaluate.py")


def address(app: AppTest, key: str) -> str:
    value = app.query_params[key]
    return value if isinstance(value, str) else value[0]


def slider(app: AppTest) -> Any:
    return app.select_slider[0]


def matrix_counts(app: AppTest) -> list[int]:
    """The films in each cell of the matrix."""
    written_large = [a["text"] for a in figures(app)[1]["layout"]["annotations"] if a["text"].startswith("<b>")]
    return [int(text.removeprefix("<b>").removesuffix("</b>").replace(",", "")) for text in written_large]


def check_against_sklearn(app: AppTest, run: ValidationRun, finding: str, list_name: str, threshold: float) -> None:
    """Matrix, sentence, rates, the curve's marker and the address all tell of scikit-learn's matrix."""
    selection = run.select(finding, list_name)
    (tn, fp), (fn, tp) = confusion_matrix(selection.labels, selection.logits >= np.float32(threshold)).tolist()
    parts = [a["text"] for a in figures(app)[1]["layout"]["annotations"]]
    for name, count in (("true positive", tp), ("false positive", fp), ("false negative", fn), ("true negative", tn)):
        assert parts[parts.index(name) - 1] == f"<b>{count:,}</b>"
    assert sum(matrix_counts(app)) == selection.films
    page = bodies(app)
    assert f"{tp} are flagged and {fn:,} missed" in page or tp == 1
    assert f"{fp} are flagged wrongly" in page or fp == 1
    assert f"{tp:,} of {tp + fn:,} films with it are flagged" in page
    assert f"{tn:,} of {tn + fp:,} films without it are not flagged" in page
    marker = next(trace for trace in figures(app)[0]["data"] if trace["name"] == "Operating point")
    assert marker["x"] == pytest.approx([fp / (fp + tn)]) and marker["y"] == pytest.approx([tp / (tp + fn)])
    assert address(app, "threshold") == written(threshold)
    assert slider(app).value == threshold


def test_opens_with_the_sharp_films_and_scikit_learns_auroc(run: ValidationRun, opened: Opener) -> None:
    app = opened()
    assert [box.label for box in app.selectbox[:3]] == ["Validation run", "Films", "Finding"]
    assert app.selectbox[1].options == ["Sharp test films", "All test films", "Validation films"]
    assert app.selectbox[2].options == ["Mass", "Nodule", "Edema", "Fibrosis", "Hernia", "Nodule or mass"]
    chosen = run.select("Mass", "sharp")
    page = bodies(app)
    expected = roc_auc_score(chosen.labels, chosen.logits)
    assert (
        f"<b>{expected:.3f}</b> <span>{estimates.number(auroc_estimate(chosen)).partition('(')[2].rstrip(')')}</span>"
        in page
    )
    assert f"{chosen.positive_films} films of {chosen.positive_patients} patients with it" in page
    able = [run.select(name, "sharp") for name in ("Mass", "Nodule", "Edema")]
    mean = np.mean([roc_auc_score(s.labels, s.logits) for s in able])
    assert f"<b>{mean:.3f}</b>" in page
    assert "Over 3 findings; left out, with too few patients: Fibrosis, Hernia" in page
    assert "Patients shared with training" in page and "1,000 training patients, 60 validation, 140 test" in page
    assert f"<b>{run.meta.counts['sharp'].films}</b>" in page
    assert f"AUROC {expected:.3f}" in figures(app)[0]["layout"]["annotations"][0]["text"]
    alts = [element.proto.alt for element in app.get("plotly_chart")]
    assert alts[0].startswith("ROC curve of Mass. AUROC") and alts[1].startswith("Confusion matrix of Mass")


def test_every_finding_has_its_small_curve(run: ValidationRun, opened: Opener) -> None:
    page = bodies(opened())
    able = [name for name in run.findings if run.select(name, "sharp").labels.any()]
    assert page.count("alt='ROC curve of") == len(able) + 1 and "class=chosen><figcaption>Mass" in page


def test_texts_of_a_run_are_escaped(run: ValidationRun, opened: Opener) -> None:
    page = bodies(opened())
    assert "A &lt;b&gt;bold&lt;/b&gt; run" in page and "<b>bold</b>" not in page


def policies(app: AppTest) -> Any:
    """The buttons that choose a threshold by policy."""
    return next(group for group in app.segmented_control if str(group.key).startswith("evaluate-policy"))


def test_precision_and_recall_take_the_place_of_the_roc_curve(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    next(group for group in app.segmented_control if group.key == "evaluate-kind").set_value("precision").run()
    assert not app.exception
    curve = figures(app)[0]["data"][0]
    selection = run.select("Nodule", "test")
    threshold, recall, precision = curve["customdata"][len(curve["customdata"]) // 2]
    flagged = selection.logits >= np.float32(threshold)
    assert recall == pytest.approx((flagged & selection.labels).sum() / selection.labels.sum())
    assert precision == pytest.approx((flagged & selection.labels).sum() / flagged.sum())
    alts = [element.proto.alt for element in app.get("plotly_chart")]
    assert alts[0].startswith("Precision-recall curve of Nodule. Average precision")


def test_moving_the_slider_moves_matrix_curve_and_address(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    start = slider(app).value
    check_against_sklearn(app, run, "Nodule", "test", start)
    occurring = sorted({float(t) for t in run.select("Nodule", "test").logits if t > start})
    stops = [s for s in occurring if evaluation_text.stop_labels([s], Calibration(1.2, -0.4))[s] in slider(app).options]
    moved = stops[len(stops) // 2]
    slider(app).set_value(moved).run()
    check_against_sklearn(app, run, "Nodule", "test", moved)
    assert "Chosen by you on these films" in bodies(app)
    assert policies(app).value is None


def test_policies_set_the_runs_own_thresholds(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Nodule", list="test")
    assert slider(app).value == run.meta.operating_points[Policy.SPECIFICITY_90]["Nodule"]
    for policy in Policy:
        policies(app).set_value(policy).run()
        assert not app.exception
        check_against_sklearn(app, run, "Nodule", "test", run.meta.operating_points[policy]["Nodule"])
        page = bodies(app)
        assert policy.meaning in page and "Chosen on the validation films" in page and "not on these" in page
        shown = app.dataframe[0].value.set_index("Finding")
        chosen = run.select("Mass", "test")
        flagged = chosen.logits >= np.float32(run.meta.operating_points[policy]["Mass"])
        assert shown.loc["Mass", "Sensitivity"] == pytest.approx(100 * flagged[chosen.labels].mean())
        assert shown.loc["Mass", "Specificity"] == pytest.approx(100 * (~flagged[~chosen.labels]).mean())


def test_thresholds_chosen_on_the_judged_films_are_called_flattering(run: ValidationRun, opened: Opener) -> None:
    assert "Chosen on these very films" in bodies(opened(finding="Nodule", list="validation"))


def test_the_address_brings_back_the_view(run: ValidationRun, opened: Opener) -> None:
    threshold = float(np.sort(run.select("Nodule", "test").logits)[-20])
    app = opened(run="small", list="test", finding="Nodule", threshold=written(threshold))
    assert [box.value for box in app.selectbox[:3]] == ["small", "test", "Nodule"]
    check_against_sklearn(app, run, "Nodule", "test", threshold)
    again = opened(**{key: address(app, key) for key in ("run", "list", "finding", "threshold")})
    check_against_sklearn(again, run, "Nodule", "test", threshold)


def test_an_address_of_something_else_is_no_obstacle(run: ValidationRun, opened: Opener) -> None:
    app = opened(run="gone", list="gone", finding="gone", threshold="much")
    assert [box.value for box in app.selectbox[:3]] == ["small", "sharp", "Mass"]
    everything = opened(run="small", list="test", finding="Nodule", threshold="inf")
    check_against_sklearn(everything, run, "Nodule", "test", math.inf)
    assert "This threshold flags no film" in bodies(everything)


def test_changing_finding_and_list_follows(run: ValidationRun, opened: Opener) -> None:
    app = opened()
    app.selectbox[2].set_value("Nodule").run()
    app.selectbox[1].set_value("test").run()
    assert (address(app, "finding"), address(app, "list")) == ("Nodule", "test")
    check_against_sklearn(app, run, "Nodule", "test", run.meta.operating_points[Policy.SPECIFICITY_90]["Nodule"])


def test_few_patients_have_no_interval_and_a_word(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Hernia")
    page = bodies(app)
    chosen = run.select("Hernia", "sharp")
    assert chosen.positive_patients == 3
    expected = roc_auc_score(chosen.labels, chosen.logits)
    assert (
        f"class='fact pale'><dt>AUROC, Hernia</dt><dd><b>{expected:.3f}</b> <span></span> <em>too few patients" in page
    )
    assert app.dataframe[0].value.set_index("Finding").loc["Hernia", "AUROC 95 %"] == ""


def test_a_missing_class_is_said_instead_of_a_number(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="Fibrosis")
    page = bodies(app)
    assert "<b>none</b>" in page and "No film with the finding." in page
    assert "No film here has fibrosis; of " in page
    assert figures(app)[0]["layout"]["annotations"][0]["text"] == "No curve: no film with the finding."


def test_unknown_labels_everywhere_leave_words(home: Path, opened: Opener) -> None:
    frame = table()
    frame["label__Nodule"] = np.int8(-1)
    write_run(home / "runs" / "small", replace(meta(frame), operating_points={}, calibration={}), frame)
    page = bodies(opened(finding="Nodule"))
    assert "No film of this list has a known label for nodule" in page


def test_a_composite_is_examined_like_a_finding(run: ValidationRun, opened: Opener) -> None:
    app = opened(finding="nodule_mass", list="test")
    chosen = run.select("nodule_mass", "test")
    assert f"<b>{roc_auc_score(chosen.labels, chosen.logits):.3f}</b>" in bodies(app)
    held_out = run.select("nodule_mass", "validation")
    expected = choose_all(held_out.labels, held_out.logits)[Policy.SPECIFICITY_90].threshold
    check_against_sklearn(app, run, "nodule_mass", "test", expected)
    assert "films with a nodule or mass" in bodies(app)
    assert "when this page was opened, not on these" in bodies(app)


def test_a_run_without_thresholds_says_that_they_are_chosen_here(home: Path, opened: Opener) -> None:
    frame = table().query("split == 'test'").drop(columns="list__validation").reset_index(drop=True)
    found = replace(
        meta(table()),
        lists=LISTS[:2],
        operating_points={},
        calibration={},
        chosen_on=None,
        patient_overlap=None,
    )
    run = write_run(home / "runs" / "imported", found, frame)
    app = opened(finding="Nodule")
    chosen = run.select("Nodule", "sharp")
    expected = choose_all(chosen.labels, chosen.logits)[Policy.SPECIFICITY_90].threshold
    check_against_sklearn(app, run, "Nodule", "sharp", expected)
    page = bodies(app)
    assert "Chosen on these very films" in page and "does not say whose films" in page
    assert slider(app).label == "Flag films from a network output of"
    assert len(figures(app)) == 2


def test_the_table_equals_scikit_learn_and_names_the_control(run: ValidationRun, opened: Opener) -> None:
    app = opened(list="test")
    shown = app.dataframe[0].value.set_index("Finding")
    for name, words in (("Nodule", "Nodule"), ("Mass", "Mass"), ("Edema", "Edema")):
        chosen = run.select(name, "test")
        assert shown.loc[words, "AUROC"] == pytest.approx(roc_auc_score(chosen.labels, chosen.logits))
        assert shown.loc[words, "AUPRC"] == pytest.approx(average_precision_score(chosen.labels, chosen.logits))
        assert shown.loc[words, "Prevalence"] == pytest.approx(100 * chosen.labels.mean())
        assert (shown.loc[words, "Films"], shown.loc[words, "Patients"]) == (
            chosen.positive_films,
            chosen.positive_patients,
        )
    control = run.select("Nodule", "test", control=True)
    assert shown.loc["Nodule", "Control AUROC"] == pytest.approx(roc_auc_score(control.labels, control.logits))
    assert np.isnan(shown.loc["Edema", "Control AUROC"])
    assert "and nothing of the chest, reaches a mean AUROC" in bodies(app)
    assert "Blur and brightness" in {trace["name"] for trace in figures(opened(finding="Nodule"))[0]["data"]}
    assert "Blur and brightness" not in {trace["name"] for trace in figures(opened(finding="Edema"))[0]["data"]}


def test_training_curves_are_drawn_where_there_are_some(run: ValidationRun, opened: Opener) -> None:
    app = opened()
    assert len(figures(app)) == 3
    assert {trace["name"] for trace in figures(app)[2]["data"]} == {"training films", "validation films"}
    assert "Best on validation films in epoch 2: 0.620." in bodies(app)
    (run.folder / "curves.csv").write_text("epoch\n")
    damaged = opened()
    assert len(figures(damaged)) == 2 and "curves.csv of small is not the file" in bodies(damaged)


def test_a_broken_run_has_one_sentence_and_the_others_stay(run: ValidationRun, home: Path, opened: Opener) -> None:
    unreadable = home / "runs" / "unreadable"
    unreadable.mkdir()
    (unreadable / "run.json").write_text("{}")
    damaged = write_run(home / "runs" / "damaged", replace(meta(table()), title="Damaged"), table())
    (damaged.folder / "predictions.parquet").write_bytes(b"x")
    app = opened(run="small")
    assert app.selectbox[0].options == ["Damaged", "A <b>bold</b> run"]
    assert "The run unreadable is left out: run.json has no schema_version" in bodies(app)
    assert len(figures(app)) == 3
    app.selectbox[0].set_value("damaged").run()
    assert not app.exception and not figures(app)
    assert "predictions.parquet of damaged is not the file its run.json speaks of" in bodies(app)
    app.selectbox[0].set_value("small").run()
    assert len(figures(app)) == 3


def test_no_run_at_all_is_one_friendly_line(home: Path, opened: Opener) -> None:
    page = bodies(opened())
    assert "There is no validation run to examine yet" in page
