"""The pixel pipeline in stages, and what a film would score had one gone wrong."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from chexview.films.dicom import read_dicom
from chexview.films.display_stages import BINS, SMALL, DisplayStage, StageKind, small, stages, stored_line
from chexview.films.grey import grey, span
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Radiograph
from chexview.model import checkpoint
from chexview.model.eye import eye
from chexview.model.predictor import Predictor
from chexview.model.preprocessing import Mistake, MistakeResult, preprocess, read_with_mistakes
from tests.films import builders

SIZE = 64


@pytest.fixture(scope="module")
def predictor(home: Path) -> Predictor:
    return Predictor(checkpoint.load(home / "checkpoints" / "random"), torch.device("cpu"))


def dicom(pixels: np.ndarray[Any, Any] | None = None, **changes: Any) -> Radiograph:
    data = builders.film(pixels, **changes)
    return read_dicom(data, hashlib.sha256(data).hexdigest())


def by_kind(film: Radiograph) -> dict[StageKind, DisplayStage]:
    return {stage.kind: stage for stage in stages(film)}


def by_mistake(predictor: Predictor, film: Radiograph) -> dict[Mistake, MistakeResult]:
    return {result.mistake: result for result in read_with_mistakes(predictor, film)}


FILMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "monochrome1": {"PhotometricInterpretation": "MONOCHROME1", "WindowCenter": 2000, "WindowWidth": 3000},
    "rescaled": {"RescaleSlope": 2, "RescaleIntercept": -1000, "WindowCenter": 3000, "WindowWidth": 6000},
    "padded": {"PixelPaddingValue": 4000, "PixelPaddingRangeLimit": 4095},
    "tall pixels": {"PixelAspectRatio": [2, 1]},
    "modality LUT": {
        "ModalityLUTSequence": [builders.table(0, np.arange(4095, -1, -1, dtype=np.uint16), 12)],
    },
}


@pytest.mark.parametrize("name", FILMS)
def test_the_last_stage_is_what_the_network_reads(predictor: Predictor, name: str) -> None:
    film = dicom(**FILMS[name])
    found = preprocess(film, SIZE)
    assert [stage.kind for stage in found.stages] == list(StageKind)
    np.testing.assert_array_equal(found.sight.picture, eye(grey(film), SIZE).picture)
    np.testing.assert_array_equal(found.sight.picture, predictor.read([film])[0].picture)
    last, shape = found.stages[-1], found.stages[-2]
    np.testing.assert_array_equal(last.picture, found.sight.picture)
    np.testing.assert_array_equal(shape.picture, small(grey(film)))
    for stage in found.stages:
        assert stage.picture.dtype == np.uint8 and max(stage.picture.shape) <= SMALL
        assert stage.histogram.counts.shape == (BINS,) and stage.words.endswith(".")
        assert stage.histogram.low < stage.histogram.high
    padded = 0 if film.padding is None else int(film.padding.sum())
    assert found.stages[0].histogram.counts.sum() == film.pixels.size
    assert found.stages[3].histogram.counts.sum() == film.pixels.size - padded
    assert last.histogram.counts.sum() == SIZE * SIZE


def test_stages_chain_to_what_one_sees() -> None:
    """Without padding and with square pixels, the picture after the inversion is the film as it is shown."""
    found = by_kind(dicom(**FILMS["monochrome1"]))
    np.testing.assert_array_equal(found[StageKind.INVERSION].picture, found[StageKind.SHAPE].picture)
    np.testing.assert_allclose(
        found[StageKind.VOI].picture, 255 - found[StageKind.INVERSION].picture.astype(int), atol=1
    )
    assert found[StageKind.INVERSION].changed and found[StageKind.INVERSION].section == "PS3.3 C.11.6.1.2"
    assert not by_kind(dicom())[StageKind.INVERSION].changed


def test_stored_values_are_found_again_and_said_to_be_lost_where_they_are() -> None:
    signed = builders.ramp().astype(np.int16) - 2048
    film = dicom(signed, PixelRepresentation=1, RescaleSlope=2, RescaleIntercept=5, BitsStored=12)
    line = stored_line(film)
    assert line.exact and (line.scale, line.offset) == (1.0, -2048.0)
    np.testing.assert_array_equal(film.pixels * line.scale + line.offset, signed)
    found = by_kind(film)
    stored, modality = found[StageKind.STORED].histogram, found[StageKind.MODALITY].histogram
    assert (stored.low, stored.high, stored.unit) == (-2048.0, 2047.0, "stored value")
    assert (modality.low, modality.high) == (-2048.0 * 2 + 5, 2047.0 * 2 + 5)
    assert found[StageKind.MODALITY].changed and found[StageKind.MODALITY].section == "PS3.3 C.11.1.1.2"
    lost = dicom(**FILMS["modality LUT"])
    assert not stored_line(lost).exact
    assert "were not kept" in by_kind(lost)[StageKind.STORED].words
    assert by_kind(lost)[StageKind.MODALITY].section == "PS3.3 C.11.1.1"
    assert not by_kind(dicom())[StageKind.MODALITY].changed
    assert not by_kind(dicom(RescaleSlope=1, RescaleIntercept=0))[StageKind.MODALITY].changed
    colour = dicom(np.repeat((builders.ramp() >> 4).astype(np.uint8)[..., None], 3, 2))
    assert not stored_line(colour).exact and "colours" in stored_line(colour).words
    assert not stored_line(replace(film, steps=())).exact


def test_pictures_cite_no_standard() -> None:
    data = builders.picture((builders.ramp() >> 4).astype(np.uint8))
    film = read_picture(data, hashlib.sha256(data).hexdigest())
    assert stored_line(film).exact
    assert {stage.section for stage in stages(film)} == {""}
    assert [stage.kind for stage in stages(film) if stage.changed] == [StageKind.STORED, StageKind.VOI]


def test_padding_is_black_from_its_stage_on_and_left_out_of_the_counts() -> None:
    film = dicom(**FILMS["padded"])
    assert film.padding is not None
    found = by_kind(film)
    assert found[StageKind.STORED].picture[-1, -1] == 255 and found[StageKind.PADDING].picture[-1, -1] == 0
    assert found[StageKind.STORED].histogram.high == 4095.0 and found[StageKind.PADDING].histogram.high == 3999.0
    assert f"{film.padding.mean():.0%}" in found[StageKind.PADDING].words


def test_an_inversion_skipped_is_one_minus_grey(predictor: Predictor) -> None:
    film = dicom(**FILMS["monochrome1"])
    found = by_mistake(predictor, film)
    negative = eye(np.float32(1.0) - grey(film), predictor.card.input_size).picture
    np.testing.assert_allclose(found[Mistake.INVERSION_SKIPPED].picture, negative, atol=1)
    assert Mistake.INVERTED not in found
    logits, _ = predictor.forward(
        np.stack([predictor.read([film])[0].picture, found[Mistake.INVERSION_SKIPPED].picture])
    )
    for k, change in enumerate(found[Mistake.INVERSION_SKIPPED].changes):
        assert change.finding == predictor.card.findings[k]
        assert (change.logit_before, change.logit_after) == pytest.approx((logits[0, k], logits[1, k]), abs=1e-5)
        calibration = predictor.card.calibration[change.finding]
        assert change.probability_after == pytest.approx(float(calibration.probability(logits[1, k])), abs=1e-5)
    assert Mistake.INVERTED in by_mistake(predictor, dicom())


def test_slips_are_those_that_can_happen_to_the_film(predictor: Predictor) -> None:
    noise = np.random.default_rng(0).integers(0, 4096, (64, 56)).astype(np.uint16)
    noise[0, 0], noise[0, 1] = 0, 4095
    expected = {
        "plain": {Mistake.INVERTED, Mistake.PADDED},
        "monochrome1": {Mistake.INVERSION_SKIPPED, Mistake.RANGE, Mistake.PADDED},
        "rescaled": {Mistake.INVERTED, Mistake.RANGE, Mistake.MODALITY, Mistake.PADDED},
        "padded": {Mistake.INVERTED, Mistake.RANGE, Mistake.PADDING, Mistake.PADDED},
        "tall pixels": {Mistake.INVERTED, Mistake.PIXEL_ASPECT, Mistake.STRETCHED},
        "modality LUT": {Mistake.INVERTED, Mistake.PADDED},
    }
    for name, changes in FILMS.items():
        found = by_mistake(predictor, dicom(noise, **changes))
        assert set(found) == expected[name], name
        right = preprocess(dicom(noise, **changes), SIZE).sight.picture
        assert not any(np.array_equal(result.picture, right) for result in found.values())
    assert all(mistake.kind in StageKind for mistake in Mistake)


def test_slips_show_what_such_programs_show(predictor: Predictor) -> None:
    """Against pictures made by hand from the pixels."""
    rescaled = dicom(**FILMS["rescaled"])
    found = by_mistake(predictor, rescaled)
    values = rescaled.pixels.astype(np.float64)
    stretched = (values - values.min()) / (values.max() - values.min())
    np.testing.assert_allclose(found[Mistake.RANGE].picture, eye(stretched.astype(np.float32), SIZE).picture, atol=1)
    bare = np.clip((values - 2999.5) / 5999.0 + 0.5, 0, 1)
    np.testing.assert_allclose(found[Mistake.MODALITY].picture, eye(bare.astype(np.float32), SIZE).picture, atol=1)
    padded = dicom(**FILMS["padded"])
    unmasked = grey(replace(padded, padding=None))
    np.testing.assert_array_equal(by_mistake(predictor, padded)[Mistake.PADDING].picture, eye(unmasked, SIZE).picture)
    narrow = dicom(builders.ramp(rows=128, columns=64))
    long = by_mistake(predictor, narrow)[Mistake.STRETCHED].picture
    assert (preprocess(narrow, SIZE).sight.picture[:, :10] == 0).all() and not (long[32:, :10] == 0).any()
    wide = dicom(builders.ramp(rows=64, columns=72))
    bars = by_mistake(predictor, wide)[Mistake.PADDED].picture
    assert (bars[:3] == 0).all() and (bars[-3:] == 0).all() and bars[32].any()


def test_a_window_from_end_to_end_has_no_range_to_be_mistaken_for(predictor: Predictor) -> None:
    film = dicom()
    assert Mistake.RANGE not in by_mistake(predictor, replace(film, views=(span("whole", 0.0, 4095.0),)))
