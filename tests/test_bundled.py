"""What ships: the checkpoint, its run and the example films belong together and hold what they promise."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from chexview import settings
from chexview.errors import FilmError
from chexview.evaluation.localisation import CLASS_MAP, Drawn, MapMeasure, MapVerdict, localised
from chexview.evaluation.performance import mean_auroc
from chexview.evaluation.references import list_references, load_reference
from chexview.evaluation.run import ValidationRun, load_run
from chexview.films.library import Library
from chexview.films.read import read
from chexview.findings import NAMES, title
from chexview.model import checkpoint
from chexview.model.predictor import Predictor
from chexview.worklist.reader import reader_of
from tests.gradcam import hirescam_by_hand, hirescam_maps
from train import cache

BASELINE = 0.661
"""Mean AUROC on the sharp test films of a plain recipe: 64 then 128 pixels, plain cross-entropy, 45 minutes on two cores."""

FIRST = "sharp_first"
"""The sharp test films that every bundled checkpoint was measured on."""

FILMS = settings.BUNDLED / "films"
EXAMPLES = json.loads((FILMS / "index.json").read_text())


@pytest.fixture(scope="module")
def bundled() -> checkpoint.Checkpoint:
    (folder,) = (settings.BUNDLED / "checkpoints").iterdir()
    return checkpoint.load(folder)


@pytest.fixture(scope="module")
def run(bundled: checkpoint.Checkpoint) -> ValidationRun:
    return load_run(settings.BUNDLED / "runs" / bundled.card.name)


@pytest.fixture(scope="module")
def predictor(bundled: checkpoint.Checkpoint) -> Predictor:
    return Predictor(bundled, torch.device("cpu"))


def test_run_and_checkpoint_belong_together(bundled: checkpoint.Checkpoint, run: ValidationRun) -> None:
    assert run.meta.checkpoint.weights == bundled.card.weights
    assert dict(run.meta.calibration) == bundled.card.calibration
    assert bundled.card.findings == run.findings == NAMES
    for policy, points in run.meta.operating_points.items():
        assert points == bundled.card.operating_points[policy.value]
    assert run.meta.patient_overlap is not None and run.meta.patient_overlap.shared == 0


def test_aurocs_on_the_card_equal_scikit_learns_from_the_stored_logits(
    bundled: checkpoint.Checkpoint, run: ValidationRun
) -> None:
    for item in run.lists:
        for finding, auroc in bundled.card.performance[item.name].aurocs.items():
            chosen = run.select(finding, item.name)
            assert auroc.positive_films == chosen.labels.sum()
            assert auroc.value == pytest.approx(roc_auc_score(chosen.labels, chosen.logits), abs=1e-12)


def test_the_mean_auroc_on_sharp_test_films_beats_the_baseline(run: ValidationRun) -> None:
    mean = mean_auroc(run.selections(FIRST))
    by_sklearn = [roc_auc_score(s.labels, s.logits) for s in run.selections(FIRST)]
    assert (mean.films, mean.patients, mean.left_out) == (1315, 722, ())
    assert mean.value == pytest.approx(np.mean(by_sklearn), abs=1e-12)
    assert mean.low is not None and mean.value is not None
    print(f"sharp test films: mean AUROC {mean.value:.3f} ({mean.low:.3f} to {mean.high:.3f})")
    assert mean.value > BASELINE


def test_the_card_says_where_maps_were_not_found_to_point(bundled: checkpoint.Checkpoint, run: ValidationRun) -> None:
    table = run.localisation()
    assert table is not None and (table["method"] == CLASS_MAP).sum() == 780
    outlined = run.localisation(Drawn.REGIONS)
    assert outlined is not None
    (said,) = [text for text in bundled.card.limits if "radiologists' regions" in text]
    found, not_found = said.split("do better than that guess for ")[-1].split(". For ")
    for item in localised(outlined, MapMeasure.POINTING):
        assert (title(item.finding) in found) == (item.verdict is MapVerdict.BEATS)
        assert (title(item.finding) in not_found) == (item.verdict is not MapVerdict.BEATS)
        fact = bundled.card.data["maps"]["regions"][item.finding]
        assert fact["found"] == pytest.approx(item.scores[CLASS_MAP].value) and fact["difference"] == pytest.approx(
            item.difference
        )


def test_aurocs_by_radiologists_on_the_card_equal_scikit_learns(
    bundled: checkpoint.Checkpoint, run: ValidationRun
) -> None:
    mask, images = run.list_mask("test"), run.table.column("image")
    for listing in list_references((settings.BUNDLED / "references",)):
        truth = load_reference(listing.folder)
        for finding, auroc in bundled.card.performance[f"test:{truth.name}"].aurocs.items():
            labels = truth.labels(finding, images)
            known = mask & (labels >= 0)
            assert auroc.positive_films == (labels[known] == 1).sum()
            assert auroc.value == pytest.approx(
                roc_auc_score(labels[known] == 1, run.logits(finding)[known]), abs=1e-12
            )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["file"])
def test_every_example_is_read_and_its_maps_equal_hirescam(
    bundled: checkpoint.Checkpoint, predictor: Predictor, example: dict[str, str]
) -> None:
    film = read((FILMS / example["file"]).read_bytes())
    assert film.withheld is None
    reading = predictor.read([film])[0]
    whole = predictor.contributions(reading.maps[None])[0].sum((-2, -1)) + predictor.bias
    np.testing.assert_allclose(whole, [s.logit for s in reading.findings], atol=1e-4)
    x = torch.from_numpy(reading.picture)[None, None]
    found = hirescam_maps(bundled.network, x, list(range(14)))
    np.testing.assert_allclose(found, hirescam_by_hand(bundled.network, reading.maps), atol=1e-3)


@pytest.mark.parametrize("name", [e["file"] for e in EXAMPLES if e["file"].endswith(".png")])
def test_the_trainer_sees_exactly_what_the_app_sees(predictor: Predictor, name: str) -> None:
    data = (FILMS / name).read_bytes()
    reading = predictor.read([read(data)])[0]
    seen = cache.see(data, predictor.card.input_size)
    np.testing.assert_array_equal(seen, reading.picture)
    logits, _ = predictor.forward(seen[None])
    np.testing.assert_allclose(logits[0], [s.logit for s in reading.findings], atol=1e-5)


def test_the_dicom_example_scores_as_its_png_does(predictor: Predictor) -> None:
    png, dicom = (predictor.read([read((FILMS / f"00013911_000.{kind}").read_bytes())])[0] for kind in ("png", "dcm"))
    np.testing.assert_allclose(dicom.maps, png.maps, atol=1e-5)


def test_the_examples_are_attributed_and_in_the_test_list(run: ValidationRun) -> None:
    assert "Wang" in (FILMS / "ATTRIBUTION.md").read_text()
    tested = set(run.table.column("image")[run.list_mask("test")])
    assert {e["file"] for e in EXAMPLES if e["file"].endswith(".png")} <= tested


def test_maps_on_the_corpus_add_up_and_equal_hirescam(
    shared: Path, bundled: checkpoint.Checkpoint, predictor: Predictor
) -> None:
    """Every DICOM film of the corpus that gives a picture, withheld ones too."""
    count = 0
    for path in sorted((shared / "corpus" / "files").glob("[vor]*.dcm")):
        try:
            film = read(path.read_bytes())
        except FilmError:
            continue
        reading = predictor.read([film])[0]
        logits = [s.logit for s in reading.findings]
        whole = predictor.contributions(reading.maps[None])[0].sum((-2, -1)) + predictor.bias
        np.testing.assert_allclose(whole, logits, atol=1e-4)
        x = torch.from_numpy(reading.picture)[None, None]
        found = hirescam_maps(bundled.network, x, [0, 13])
        np.testing.assert_allclose(found, hirescam_by_hand(bundled.network, reading.maps)[[0, 13]], atol=1e-3)
        count += 1
    assert count >= 90


def test_small_copies_of_the_sharp_test_films_ship_and_score_as_the_films_did(
    predictor: Predictor, run: ValidationRun
) -> None:
    """Every eightieth; a copy is 256 pixels across and lossy, so that a logit differs a little."""
    library = Library((), (settings.load().small_copies,))
    images = run.table.column("image")
    rows = np.flatnonzero(run.list_mask("sharp"))
    assert all(library.is_small_copy(image) for image in images[rows])
    assert not any(image in library for image in images[run.table.column("split") == "validation"])
    differences = []
    for row in rows[::80]:
        (outcome,) = reader_of(predictor).read([library.film(images[row])])
        if outcome.reading is not None:
            assert outcome.film.pixels.shape == (256, 256)
            stored = [float(run.logits(name)[row]) for name in run.findings]
            differences.append([score.logit - z for score, z in zip(outcome.reading.findings, stored, strict=True)])
    assert len(differences) > 14
    assert np.abs(differences).mean() < 0.15


def test_a_user_brings_no_webp() -> None:
    archive = zipfile.ZipFile(settings.load().small_copies)
    with pytest.raises(FilmError, match="WebP"):
        read(archive.read(archive.namelist()[0]))
