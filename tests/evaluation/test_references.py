"""Reference standards: what ships says what its authors measured, to the last digit; what contradicts itself is refused."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from chexview import settings
from chexview.errors import ReferenceStandardError
from chexview.evaluation.composite import any_of
from chexview.evaluation.examination import Examination
from chexview.evaluation.reference_schema import JudgedBy, ReaderFacts, ReferenceMetadata
from chexview.evaluation.references import (
    ReferenceStandard,
    list_references,
    load_reference,
    write_reference,
)
from chexview.evaluation.run import ValidationRun, load_run
from chexview.evaluation.run_schema import made_now
from chexview.findings import COMPOSITES

BUNDLED = settings.BUNDLED / "references"


@pytest.fixture(scope="module")
def four() -> ReferenceStandard:
    return load_reference(BUNDLED / "four-findings")


@pytest.fixture(scope="module")
def fourteen() -> ReferenceStandard:
    return load_reference(BUNDLED / "fourteen-findings")


@pytest.fixture(scope="module")
def published_run() -> ValidationRun:
    return load_run(settings.BUNDLED / "runs" / "reproduce-chexnet")


def as_a_test(reference: ReferenceStandard, finding: str) -> tuple[float, float]:
    """Sensitivity and predictive value of the published label for what the radiologists found."""
    images = reference.table["image"].to_numpy()
    truth, label = reference.labels(finding, images) == 1, reference.reported(finding, images) == 1
    return float(label[truth].mean()), float(truth[label].mean())


def test_three_reference_standards_ship_with_their_terms() -> None:
    found = {item.name: item for item in list_references([BUNDLED])}
    assert set(found) == {"four-findings", "fourteen-findings", "chestx-det"}
    for item in found.values():
        assert item.meta is not None and item.meta.citation and item.meta.terms and item.meta.method
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*.parquet")) < 600_000


def test_how_well_the_published_label_does_on_all_adjudicated_films(four: ReferenceStandard) -> None:
    assert len(four.table) == 4376
    assert [round(value, 2) for value in as_a_test(four, "nodule_mass")] == [0.42, 0.56]
    assert [round(value, 2) for value in as_a_test(four, "Pneumothorax")] == [0.46, 0.46]


@pytest.mark.parametrize(
    ("finding", "sensitivity", "ppv"), [("Nodule", 0.29, 0.55), ("Mass", 0.33, 0.57), ("Consolidation", 0.14, 0.32)]
)
def test_how_well_it_does_on_the_810_films(
    finding: str, sensitivity: float, ppv: float, fourteen: ReferenceStandard
) -> None:
    assert [round(value, 2) for value in as_a_test(fourteen, finding)] == [sensitivity, ppv]


def test_edema_is_never_labelled_and_five_films_show_a_hernia(fourteen: ReferenceStandard) -> None:
    images = fourteen.table["image"].to_numpy()
    assert as_a_test(fourteen, "Edema")[0] == 0.0
    assert len(images) == 810 and int((fourteen.labels("Hernia", images) == 1).sum()) == 5
    assert [facts.made_the_truth for facts in fourteen.meta.readers.values()].count(False) == 2


def test_the_majority_of_the_three_is_the_truth(fourteen: ReferenceStandard) -> None:
    made = [name for name, facts in fourteen.meta.readers.items() if facts.made_the_truth]
    answers = fourteen.answers[fourteen.answers["reader"].isin(made) & (fourteen.answers["finding"] == "Nodule")]
    votes = answers.groupby("image")["answer"].sum()
    images = votes.index.to_numpy()
    np.testing.assert_array_equal(fourteen.labels("Nodule", images) == 1, votes.to_numpy() >= 2)


def test_the_published_run_by_either_truth(published_run: ValidationRun, four: ReferenceStandard) -> None:
    by_truth = Examination(published_run, "published", "nodule_mass", four)
    assert by_truth.films == 935
    assert f"{by_truth.auroc.value:.3f}" == "0.859"
    assert by_truth.auroc.low is not None and by_truth.auroc.low < 0.859


def test_the_bundled_checkpoint_by_either_truth(four: ReferenceStandard, bundled_run: ValidationRun) -> None:
    run = bundled_run
    images = run.table.column("image")
    for finding in ("opacity", "nodule_mass"):
        judged = run.list_mask("test") & (four.labels(finding, images) >= 0)
        by_radiologists = Examination(run, "test", finding, four)
        assert by_radiologists.films == judged.sum() >= 100
        parts = [run.meta.calibration[part].log_odds(run.logits(part)[judged]) for part in COMPOSITES[finding]]
        scores = any_of(np.stack(parts, axis=-1).astype(np.float32))
        expected = roc_auc_score(four.labels(finding, images)[judged] == 1, scores)
        assert by_radiologists.auroc.value == pytest.approx(expected, abs=1e-6)


def test_regions_are_where_they_were_drawn() -> None:
    det = load_reference(BUNDLED / "chestx-det")
    (heart,) = det.regions_on("00000010_000.png", "Cardiomegaly")
    assert (heart.box.left, heart.box.bottom) == pytest.approx((387 / 1024, 734 / 1024))
    assert len(heart.outline) > 5
    np.testing.assert_allclose(heart.outline.min(axis=0), [heart.box.left, heart.box.top], atol=0.006)
    np.testing.assert_allclose(heart.outline.max(axis=0), [heart.box.right, heart.box.bottom], atol=0.006)
    assert det.regions_on("00000010_000.png", "nodule_mass")[0].finding == "Nodule"
    assert det.regions_on("00000004_000.png", "Nodule") == ()
    images = np.array(["00000010_000.png", "00000004_000.png", "elsewhere.png"], object)
    assert det.labels("Cardiomegaly", images).tolist() == [1, 0, -1]
    with pytest.raises(ReferenceStandardError, match="says nothing of Hernia"):
        det.regions_on("00000010_000.png", "Hernia")


@pytest.fixture
def small(tmp_path: Path) -> ReferenceStandard:
    labels = pd.DataFrame({"image": ["a", "b"], "patient": ["1", "2"], "label__Mass": np.array([1, -1], np.int8)})
    answers = pd.DataFrame({"image": ["a", "b"], "reader": ["x", "x"], "finding": ["Mass"] * 2, "answer": [1, 2]})
    return write_reference(tmp_path / "small", words(), labels, answers)


def words() -> ReferenceMetadata:
    judges = {"Mass": JudgedBy(("Mass",)), "nodule_mass": JudgedBy(("Mass",), "Masses only.")}
    return ReferenceMetadata(
        "Mine", "me", "alone", "own", "none", "none", judges, made_now(), "once", {"x": ReaderFacts("X", False)}
    )


def test_a_reference_of_ones_own_is_stored_and_opened_again(small: ReferenceStandard) -> None:
    again = load_reference(small.folder)
    assert again is load_reference(small.folder)
    assert again.labels("nodule_mass", np.array(["b", "a", "c"], object)).tolist() == [-1, 1, -1]
    assert again.answers["answer"].tolist() == [1, 2] and not again.has_regions and len(again.regions) == 0
    assert not again.meta.judges["nodule_mass"].exact
    with pytest.raises(ReferenceStandardError, match="already"):
        write_reference(small.folder, words(), small.table)


def test_what_contradicts_itself_is_refused(small: ReferenceStandard, tmp_path: Path) -> None:
    with pytest.raises(ReferenceStandardError, match="Hernia is judged by Hernia, but"):
        write_reference(tmp_path / "x", replace(words(), judges={"Hernia": JudgedBy(("Hernia",))}), small.table)
    with pytest.raises(ReferenceStandardError, match="names the image a twice"):
        write_reference(tmp_path / "x", words(), small.table.assign(image="a"))
    with pytest.raises(ReferenceStandardError, match=r"label__Mass of labels\.parquet must be 1, 0 or -1"):
        write_reference(tmp_path / "x", words(), small.table.assign(label__Mass=3))
    with pytest.raises(ReferenceStandardError, match="title of 1 to"):
        write_reference(tmp_path / "x", replace(words(), title=" "), small.table)
    assert not (tmp_path / "x").exists()
    (small.folder / "labels.parquet").write_bytes(b"PAR1")
    with pytest.raises(ReferenceStandardError, match="SHA-256 differs"):
        load_reference(small.folder)
    with pytest.raises(ReferenceStandardError, match="is no reference standard"):
        load_reference(tmp_path / "nowhere")


def test_a_bad_one_is_listed_with_its_reason(small: ReferenceStandard, tmp_path: Path) -> None:
    shutil.copytree(small.folder, tmp_path / "odd")
    data = json.loads((tmp_path / "odd" / "reference.json").read_text())
    (tmp_path / "odd" / "reference.json").write_text(json.dumps({**data, "judge": 1}))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "reference.json").write_text("[" * 90_000)
    found = {item.name: item for item in list_references([tmp_path])}
    assert found["small"].meta == small.meta
    assert "unknown key 'judge'" in found["odd"].problem and "not JSON" in found["deep"].problem
