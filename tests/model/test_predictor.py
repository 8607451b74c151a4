"""Readings: the sums that must hold, batches, and many users at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from chexview.errors import SettingsError
from chexview.films.radiograph import Radiograph, VoiFunction, Window
from chexview.findings import NAMES
from chexview.model import checkpoint
from chexview.model.predictor import Predictor, choose_device


@pytest.fixture(scope="module")
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))


def films(n: int) -> list[Radiograph]:
    rng = np.random.default_rng(n)
    view = Window("full range", 2047.5, 4095.0, VoiFunction.LINEAR_EXACT)
    shapes = [(90, 80), (128, 128), (300, 100)]
    return [
        Radiograph(rng.integers(0, 4096, shapes[i % 3]).astype(np.uint16), 1.0, 0.0, (view,), f"{i:064x}")
        for i in range(n)
    ]


def test_every_sum_holds(predictor: Predictor) -> None:
    for film, reading in zip(films(5), predictor.read(films(5)), strict=True):
        assert reading.film_digest == film.digest
        assert reading.checkpoint_digest == predictor.card.weights
        for k, score in enumerate(reading.findings):
            calibration = predictor.card.calibration[score.name]
            assert score.name == NAMES[k]
            assert score.logit == pytest.approx(reading.maps[k].mean() + predictor.bias[k], abs=1e-5)
            assert score.log_odds == pytest.approx(calibration.slope * score.logit + calibration.intercept, abs=1e-9)
            assert score.base + reading.cell_contributions[k].sum() == pytest.approx(score.log_odds, abs=1e-5)
            assert score.probability == pytest.approx(1 / (1 + np.exp(-score.log_odds)), abs=1e-12)
            assert score.flagged == (score.logit >= predictor.card.operating_points["specificity_90"][score.name])


def test_policies_change_thresholds_and_nothing_else(predictor: Predictor) -> None:
    usual, other = predictor.read(films(1))[0], predictor.read(films(1), "youden")[0]
    assert [s.logit for s in usual.findings] == [s.logit for s in other.findings]
    assert other.score("Mass").threshold == predictor.card.operating_points["youden"]["Mass"]
    with pytest.raises(KeyError):
        predictor.read(films(1), "none")


def test_a_batch_gives_what_single_films_give(predictor: Predictor) -> None:
    together = predictor.read(films(11))
    for film, reading in zip(films(11), together, strict=True):
        alone = predictor.read([film])[0]
        np.testing.assert_allclose(alone.maps, reading.maps, atol=1e-4)
    assert predictor.read([]) == []


def test_eight_users_at_once_get_their_own_readings(predictor: Predictor) -> None:
    batch = films(8)
    alone = [predictor.read([film])[0] for film in batch]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(lambda film: predictor.read([film])[0], batch * 3))
    for i, reading in enumerate(at_once):
        assert reading.film_digest == batch[i % 8].digest
        np.testing.assert_allclose(reading.maps, alone[i % 8].maps, atol=1e-5)


def test_without_calibration_nothing_is_flagged(home: Path) -> None:
    loaded = checkpoint.load(home / "checkpoints" / "random")
    bare = checkpoint.Checkpoint(replace(loaded.card, calibration={}), loaded.network)
    reading = Predictor(bare, torch.device("cpu")).read(films(1))[0]
    assert not any(score.flagged or score.calibrated for score in reading.findings)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_asked_for_in_vain_is_said() -> None:
    with pytest.raises(SettingsError, match="CHEXVIEW_DEVICE"):
        choose_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
def test_cuda_in_half_precision_agrees_with_the_cpu(home: Path) -> None:
    loaded = checkpoint.load(home / "checkpoints" / "random")
    on_cpu = Predictor(loaded, torch.device("cpu")).read(films(4))
    for half, share in ((False, 1e-3), (True, 0.2)):
        again = checkpoint.load(home / "checkpoints" / "random")
        on_gpu = Predictor(again, torch.device("cuda"), half).read(films(4))
        for a, b in zip(on_cpu, on_gpu, strict=True):
            np.testing.assert_allclose(b.maps, a.maps, atol=share * a.maps.std())


def test_a_reading_at_another_policy_is_what_that_policy_reads(predictor: Predictor) -> None:
    usual, other = predictor.read(films(1))[0], predictor.read(films(1), "youden")[0]
    moved = usual.at("youden", predictor.card.operating_points["youden"])
    assert moved.findings == other.findings and moved.policy == "youden"
    np.testing.assert_array_equal(moved.maps, usual.maps)
    assert not any(score.flagged for score in usual.at("none", {}).findings)


def test_the_margin_is_in_calibrated_log_odds(predictor: Predictor) -> None:
    for score in predictor.read(films(1))[0].findings:
        calibration = predictor.card.calibration[score.name]
        assert score.threshold is not None
        assert score.margin == pytest.approx(score.log_odds - float(calibration.log_odds(score.threshold)), abs=1e-9)


def test_forwards_at_the_same_time_give_what_one_after_the_other_gives(home: Path) -> None:
    shared = Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"), at_once=2)
    pictures = np.random.default_rng(0).integers(0, 256, (12, 1, 64, 64), np.uint8)
    inside, most, lock = 0, 0, threading.Lock()

    def counted(module: torch.nn.Module, *arguments: object) -> None:
        nonlocal inside, most
        with lock:
            inside += 1 if len(arguments) == 1 else -1
            most = max(most, inside)
        time.sleep(0.02)

    one_by_one = [shared.forward(picture) for picture in pictures]
    with shared.lend() as network:
        seen = network.features
        hooks = seen.register_forward_pre_hook(counted), seen.register_forward_hook(counted)
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(shared.forward, pictures))
    for hook in hooks:
        hook.remove()
    assert most == 2
    for alone, beside in zip(one_by_one, together, strict=True):
        np.testing.assert_allclose(beside[0], alone[0], atol=1e-5)
        np.testing.assert_allclose(beside[1], alone[1], atol=1e-5)


def test_a_reading_holds_the_features_that_its_logits_are_made_of(predictor: Predictor) -> None:
    """With pooling by the mean a logit is the classifier's row times the mean features, plus the bias."""
    with predictor.lend() as network:
        weight = network.classifier.weight.detach().numpy()
    for reading in predictor.read(films(3)):
        assert reading.features is not None and reading.features.dtype == np.float32
        logits = [score.logit for score in reading.findings]
        np.testing.assert_allclose(weight @ reading.features + predictor.bias, logits, atol=1e-4)
