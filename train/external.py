"""Validation on a researcher's own films: any checkpoint, any folder of pictures, a CSV of labels, and a mapping of its words.

The patients are divided: on one part calibration and operating points are fitted anew, on the other the numbers are measured.
The checkpoint and its card stay as they are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.calibration import Calibration
from chexview.errors import DataError
from chexview.evaluation.calibration import expected_calibration_error
from chexview.evaluation.checksums import bytes_digest, split_hash
from chexview.evaluation.operating import Policy, choose_all
from chexview.evaluation.platt import fit_platt
from chexview.evaluation.run import ChosenOn, FilmList, RunCheckpoint, RunMetadata, ValidationRun, made_now
from chexview.evaluation.run_writing import write_run
from chexview.films.sources import all_pictures
from chexview.findings import COMPOSITES
from chexview.model import checkpoint
from chexview.model.card import Card
from chexview.model.predictor import Predictor, choose_device
from train import cache
from train.dataset import labels as labels_of
from train.matching import with_pictures
from train.own_labels import LabelReport, read_mapping, read_table


def validate(
    weights: Path,
    images: Sequence[Path],
    labels: Path,
    out: Path,
    name: str,
    mapping: Path | None = None,
    share: float = 0.5,
    seed: int = 2017,
    work: Path | None = None,
) -> tuple[ValidationRun, LabelReport]:
    """Stores the run ``out/name`` of a checkpoint on own films, and reports what was found.

    ``share`` of the patients become the list ``validation``, on which calibration and operating points are fitted; the others are
    ``test``. With 0 all films are ``test``, and the checkpoint's own calibration and points are used. Patients are stored as
    numbers in a random order, never by name. ``work`` keeps the cache of films (default: beside the run). Raises DataError.
    """
    if not 0 <= share < 1:
        raise DataError("--calibrate must be a share from 0 up to, not including, 1.")
    loaded = checkpoint.load(weights)
    card = loaded.card
    table, report = read_table(labels, read_mapping(mapping), card.findings)
    merged = with_pictures(table, all_pictures(images), labels, report)
    films, readable = cache.read_all(merged, card.input_size) if work is None else _kept(merged, work, card.input_size)
    report.unreadable = merged["image"][~readable].tolist()
    merged, films = merged[readable].reset_index(drop=True), films[readable]
    if merged.empty:
        raise DataError("None of the labelled films can be read as a picture; what are these files?")
    stored, held_out = _scored(merged, films, Predictor(loaded, choose_device(None)), share, seed, report)
    findings = [name.removeprefix("label__") for name in map(str, stored.columns) if name.startswith("label__")]
    lists = [FilmList("test", "Own films", f"Films of {labels.name} that nothing was fitted on.")]
    stored["list__test"] = ~held_out
    if held_out.any():
        chosen = "A part of the own films, chosen by patient, on which calibration and thresholds were fitted."
        lists.append(FilmList("validation", "Own films for calibration", chosen))
        stored["list__validation"] = held_out
    calibration, points = _fitted(stored, findings, card, held_out, report)
    sides = {side: stored.loc[stored["split"] == side, "image"] for side in ("validation", "test")}
    meta = RunMetadata(
        title=f"{card.title} on own films",
        checkpoint=RunCheckpoint(card.name, card.weights),
        data_set=f"own films, labels {labels.name}, SHA-256 {bytes_digest(labels.read_bytes())[:12]}",
        attribution="",
        split_hash=split_hash({"train": [], **sides}),
        lists=tuple(lists),
        patient_overlap=None,
        calibration=calibration,
        operating_points=points,
        chosen_on=ChosenOn(name if held_out.any() else card.name, "validation"),
        made=made_now(("torch", "torchvision", "numpy", "scipy", "pandas", "pyarrow", "Pillow")),
    )
    return write_run(out / name, meta, stored), report


def _scored(
    merged: pd.DataFrame,
    films: npt.NDArray[np.uint8],
    predictor: Predictor,
    share: float,
    seed: int,
    report: LabelReport,
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """The run's table with labels and logits, patients as numbers, and the films (n,) of the patients held out."""
    card = predictor.card
    logits = np.concatenate([predictor.forward(films[start : start + 64])[0] for start in range(0, len(films), 64)])
    names = pd.unique(merged["patient"])
    order = np.random.default_rng(seed).permutation(np.asarray(names, str))
    patient = merged["patient"].map(dict(zip(order, range(len(names)), strict=True)))
    held_out = (patient < round(share * len(names))).to_numpy()
    report.films, report.patients = len(merged), len(names)
    findings = [finding for finding in card.findings if f"label__{finding}" in merged or _parts(finding, merged)]
    report.absent = [finding for finding in card.findings if finding not in findings]
    stored = merged[["image", "sex", "age", "view"]].copy()
    stored["patient"] = patient.map(lambda code: f"{code:06d}")
    stored["split"] = np.where(held_out, "validation", "test")
    for finding in findings:
        stored[f"label__{finding}"] = _label(finding, merged)
        stored[f"logit__{finding}"] = logits[:, card.findings.index(finding)]
    return stored, held_out


def _kept(table: pd.DataFrame, work: Path, size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    work.mkdir(parents=True, exist_ok=True)
    made = cache.build(table, work, size, few=False)
    return made.films, made.readable


def _parts(finding: str, table: pd.DataFrame) -> bool:
    return finding in COMPOSITES and all(f"label__{part}" in table for part in COMPOSITES[finding])


def _label(finding: str, table: pd.DataFrame) -> npt.NDArray[np.int8]:
    if f"label__{finding}" in table:
        return table[f"label__{finding}"].to_numpy(np.int8)
    return labels_of(table, finding)


def _fitted(
    stored: pd.DataFrame, findings: Sequence[str], card: Card, held_out: npt.NDArray[np.bool_], report: LabelReport
) -> tuple[dict[str, Calibration], dict[Policy, dict[str, float]]]:
    """Calibration and operating points from the films held out, else the checkpoint's own; errors before and after are report."""
    own = {Policy(name): dict(values) for name, values in card.operating_points.items()}
    calibration: dict[str, Calibration] = {}
    points: dict[Policy, dict[str, float]] = {policy: {} for policy in Policy}
    for finding in findings:
        y, z = stored[f"label__{finding}"].to_numpy(), stored[f"logit__{finding}"].to_numpy()
        known = held_out & (y >= 0)
        fitted = fit_platt(y[known] == 1, z[known]) if known.any() else None
        shipped = card.calibration.get(finding)
        if fitted is not None and fitted.usable:
            calibration[finding] = fitted.calibration
            for policy, point in choose_all(y[known] == 1, z[known]).items():
                if point.usable:
                    points[policy][finding] = point.threshold
        elif shipped is not None:
            calibration[finding] = shipped
            if held_out.any():
                report.kept.append(finding)
        for policy, values in own.items():
            if finding in values and finding not in points[policy]:
                points[policy][finding] = values[finding]
        test = ~held_out & (y >= 0)
        if shipped is not None and fitted is not None and fitted.usable and (y[test] == 1).any():
            pair = (shipped, fitted.calibration)
            before, after = (
                expected_calibration_error(y[test] == 1, line.log_odds(z[test].astype(float))).value for line in pair
            )
            report.errors[finding] = (before, after)
    return calibration, points
