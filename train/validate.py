"""``python -m train validate``: a checkpoint's logits for every validation and test film, stored as a validation run.

Calibration and operating points are fitted on the validation films only. The checkpoint's card is completed with them and
with its performance on each list, and every number comes from the exported file, run in float32.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tqdm import tqdm

from chexview import settings
from chexview.atomic import write_atomically
from chexview.calibration import Calibration
from chexview.errors import DataError
from chexview.evaluation.checksums import file_digest, split_hash
from chexview.evaluation.intervals import auroc_estimate
from chexview.evaluation.marks import peaks as map_peaks
from chexview.evaluation.operating import Policy, choose_all
from chexview.evaluation.performance import ListPerformance, performance
from chexview.evaluation.platt import fit_platt
from chexview.evaluation.references import list_references, load_reference
from chexview.evaluation.run import (
    ChosenOn,
    FilmList,
    PatientOverlap,
    RunCheckpoint,
    RunMetadata,
    ValidationRun,
    load_run,
    made_now,
)
from chexview.evaluation.run_writing import write_run
from chexview.evaluation.similarity import embed
from chexview.evaluation.summary import assessed
from chexview.findings import title
from chexview.model import card as cards
from chexview.model import checkpoint
from chexview.model.predictor import Predictor, choose_device
from chexview.text import estimates
from train import cache
from train.control import control, statistics
from train.dataset import labels as labels_of
from train.dataset import restricted, targets
from train.index import load_boxes, load_regions
from train.localise import boxed, localise, localise_regions, with_regions
from train.map_facts import map_facts, map_limits, map_lines

DATA_SET = "ChestX-ray14, NIH Clinical Center, with the labels of 2020"
ATTRIBUTION = (
    "ChestX-ray14, NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC; "
    "Wang et al., ChestX-ray8, CVPR 2017."
)
DEFAULT_POLICY = Policy.SPECIFICITY_90
HEADLINES = ("sharp", "test", "validation")
"""The list that a card's first number is about: the first of these that the index has."""

_CHOSEN = {
    "sharp": ("Sharp test films", "Films of NIH's official test list that were there in full resolution."),
    "sharp_first": (
        "Sharp test films, first part",
        "Those sharp films of NIH's official test list that earlier checkpoints were measured on.",
    ),
    "unselected": (
        "Unselected test films",
        "All films of NIH's official test list from patients 1 to 3923, as they came.",
    ),
    "official_test": ("", ""),
}


def lists_of(table: pd.DataFrame) -> tuple[tuple[FilmList, ...], dict[str, npt.NDArray[np.bool_]]]:
    """The lists a run reports: each flag of the index among the test films, all test films, and validation."""
    test = (table["split"] == "test").to_numpy()
    metas, masks = [], {}
    for column in table.columns:
        name = column.removeprefix("list__")
        words, chosen = _CHOSEN.get(name, (f"Test films: {name}", f"Films of the test list marked {name}."))
        if name != column and words:
            metas.append(FilmList(name, words, chosen))
            masks[name] = test & table[column].to_numpy()
    metas.append(FilmList("test", "All test films", "All films of NIH's official test list that were there."))
    metas.append(
        FilmList(
            "validation", "Validation films", "A part of NIH's training list, chosen by patient; never trained on."
        )
    )
    masks |= {"test": test, "validation": ~test}
    return tuple(metas), masks


def _limits(card: cards.Card, patients: dict[str, int], unfit: int) -> Iterator[str]:
    size, cells = card.input_size, card.input_size // card.architecture.stride
    yield "Trained and tested on films of one hospital; nothing is known of how it reads another's."
    yield (
        "The labels were drawn from reports by text mining, and about one in ten is wrong; a film that the model misses may "
        "show nothing, and one that it flags wrongly may show what the report did not mention."
    )
    yield (
        f"The network sees {size} x {size} pixels and its maps have {cells} x {cells} cells: a nodule is a few pixels "
        "wide there, and a map shows the region of a finding, not its outline."
    )
    yield (
        "Drains, tubes and wires go with some findings and bedside films (AP) with ill patients: part of a score can come from "
        "them."
    )
    yield (
        "Calibration and thresholds were chosen on validation films, most of them unselected; among films selected for having "
        "findings, such as the sharp test films, more are flagged than a threshold promises."
    )
    if unfit:
        yield f"{unfit} test films that are inverted, rotated or not frontal were kept in the test lists."
    rare = [title(name) for name in card.findings if patients.get(name, 0) < 20]
    if rare:
        yield f"Fewer than 20 validation patients had {', '.join(rare)}: calibration and thresholds there are rough."


def validate(
    table: pd.DataFrame,
    folder: Path,
    weights: Path,
    out: Path,
    name: str | None = None,
    curves: Sequence[Path] = (),
    notes: Sequence[str] = (),
) -> ValidationRun:
    """Stores the run of the checkpoint ``weights`` as ``out/<name>``, completes its card, and gives the run.

    ``table`` is the index in ``folder``; a checkpoint that was trained on one of its lists is validated on that list's films.
    Where the index has boxes or regions, the maps of those test films are scored. ``notes`` are sentences for the card's
    limits that no number tells. Raises DataError if there are no validation or test films.
    """
    loaded = checkpoint.load(weights)
    boxes = load_boxes(folder)
    index_digest = file_digest(folder / "index.parquet")
    table, folder = restricted(table, folder, str(loaded.card.recipe.get("data", {}).get("only", "")))
    name = name or loaded.card.name
    if not settings.FOLDER_NAME.fullmatch(name):
        raise DataError(f"{name!r} cannot be the name of a run; use letters, digits, '.', '-' and '_'.")
    _check_free(out / name, loaded.card.weights)
    size = loaded.card.input_size
    predictor = Predictor(loaded, choose_device(None))
    films = cache.build(table, folder, size)
    wanted = table["split"].isin(["validation", "test"]).to_numpy() & films.readable
    rows = np.flatnonzero(wanted)
    part = table.iloc[rows].reset_index(drop=True)
    if not {"validation", "test"} <= set(part["split"]):
        raise DataError("The index has no validation films or no test films; make it again with both.")
    logits = np.empty((len(rows), len(loaded.card.findings)), np.float32)
    peaks: list[npt.NDArray[np.float32]] = []
    held_out = (part["split"] == "validation").to_numpy()
    features: list[npt.NDArray[np.float32]] = []
    outlined_films = part["image"].isin(judged_by_outlines((settings.BUNDLED / "references",))).to_numpy()
    marks: list[pd.DataFrame] = []
    biases = loaded.network.classifier.bias.detach().float().cpu().numpy()
    with tqdm(total=len(rows), unit="film", desc="logits") as bar:
        for start in range(0, len(rows), 64):
            piece = slice(start, start + 64)
            logits[piece], maps, seen = predictor.forward_with_features(films.films[rows[piece]])
            peaks.append(np.abs(maps[held_out[piece]]).max((-2, -1)))
            features.append(seen[held_out[piece]])
            judged = outlined_films[piece]
            names = part["image"].iloc[piece][judged].tolist()
            marks.append(map_peaks(names, maps[judged], biases, loaded.card.findings))
            bar.update(len(logits[piece]))
    described = embed(np.concatenate(features), np.flatnonzero(held_out))

    stored = part[["image", "patient", "sex", "age", "view", "split"]].copy()
    metas, masks = lists_of(part)
    for key, mask in masks.items():
        stored[f"list__{key}"] = mask
    labels = {f: labels_of(part, f) for f in loaded.card.findings}
    training = np.flatnonzero((table["split"] == "train").to_numpy() & films.readable)
    wisdom, others = statistics(films.films, training), statistics(films.films, rows)
    wanted_labels = targets(table.iloc[training], loaded.card.findings)
    calibration: dict[str, Calibration] = {}
    points: dict[Policy, dict[str, float]] = {policy: {} for policy in Policy}
    for k, finding in enumerate(loaded.card.findings):
        stored[f"label__{finding}"] = labels[finding]
        stored[f"logit__{finding}"] = logits[:, k]
        if (guess := control(wisdom, wanted_labels[:, k], others)) is not None:
            stored[f"control__{finding}"] = guess
        known = held_out & (labels[finding] >= 0)
        fitted = fit_platt(labels[finding][known] == 1, logits[known, k])
        if fitted.usable:
            calibration[finding] = fitted.calibration
        for policy, point in choose_all(labels[finding][known] == 1, logits[known, k]).items():
            if point.usable:
                points[policy][finding] = point.threshold
    sides = {side: table.loc[table["split"] == side, "patient"] for side in ("train", "validation", "test")}
    images = {side: table.loc[table["split"] == side, "image"] for side in sides}
    meta = RunMetadata(
        title=f"{loaded.card.title} on NIH ChestX-ray14",
        checkpoint=RunCheckpoint(name, loaded.card.weights),
        data_set=DATA_SET,
        attribution=ATTRIBUTION,
        split_hash=split_hash(images),
        lists=metas,
        patient_overlap=PatientOverlap.of(sides["train"], sides["validation"], sides["test"]),
        calibration=calibration,
        operating_points=points,
        chosen_on=ChosenOn(name, "validation"),
        made=made_now(("torch", "torchvision", "numpy", "scipy", "pandas", "pyarrow", "Pillow")),
    )
    drawn = boxed(part[["image", "patient"]].assign(row=rows), boxes, loaded.card.findings)
    found = localise(loaded.network, predictor.device, films.films, drawn)
    if (regions := load_regions(folder)) is not None:
        tested = part.loc[~held_out, ["image", "patient"]].assign(row=rows[~held_out])
        outlined = with_regions(tested, regions, loaded.card.findings)
        placed = localise_regions(loaded.network, predictor.device, films.films, outlined)
        found = pd.concat([item for item in (found, placed) if item is not None], ignore_index=True)
    run = write_run(
        out / name,
        meta,
        stored,
        joined(curves) if curves else None,
        found,
        replace_existing=True,
        embedding=described,
        marks=pd.concat(marks, ignore_index=True) if outlined_films.any() else None,
    )
    facts: dict[str, Any] = {
        "films": {side: len(images[side]) for side in images},
        "index": index_digest,
        "unfit_test_films": int((part["unfit"] & ~held_out).sum()) if "unfit" in part else 0,
    }
    _complete(weights, name, run, np.concatenate(peaks), facts, notes)
    return run


def joined(curves: Sequence[Path]) -> pd.DataFrame:
    """The training curves of stages that followed each other as one table, epochs counted on."""
    tables, before = [], 0
    for path in curves:
        table = pd.read_csv(path)
        table["epoch"] += before
        before = int(table["epoch"].max()) + 1
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _check_free(folder: Path, weights: str) -> None:
    """Raises DataError if ``folder`` holds a run of other weights, which must not be lost."""
    if folder.exists() and load_run(folder).meta.checkpoint.weights != weights:
        raise DataError(f"There is a run {folder.name} of another checkpoint already; choose another --name.")


def _complete(
    folder: Path,
    name: str,
    run: ValidationRun,
    peaks: npt.NDArray[np.float32],
    facts: dict[str, Any],
    notes: Sequence[str] = (),
) -> None:
    """Writes the checkpoint's card again, with what the run taught; ``peaks`` (validation films, findings) are how high each
    class map goes, whatever its sign."""
    card = cards.read(folder)
    patients = {f: run.select(f, "validation").positive_patients for f in card.findings}
    limits = [*_limits(card, patients, facts["unfit_test_films"]), *map_limits(run), *notes]
    measured = {item.name: _on_card(item.title, performance(run.selections(item.name))) for item in run.lists}
    complete = replace(
        card,
        name=name,
        calibration=dict(run.meta.calibration),
        operating_points={p.value: dict(t) for p, t in run.meta.operating_points.items()},
        default_policy=DEFAULT_POLICY.value,
        heatmap_scales=heatmap_scales(run, peaks),
        data={
            "data_set": DATA_SET,
            "attribution": ATTRIBUTION,
            "split_hash": run.meta.split_hash,
            "lists": {item.name: item.chosen for item in run.lists},
            "control": {item.name: _blind(run, item.name) for item in run.lists},
            "maps": map_facts(run),
            **facts,
        },
        performance=measured | by_references(run, (settings.BUNDLED / "references",)),
        limits=tuple(limits),
        software={**card.software, "validated with torch": torch.__version__},
    )
    write_atomically(folder / "card.json", complete.to_json().encode())


def _on_card(title: str, found: ListPerformance) -> cards.Performance:
    mean = found.mean
    return cards.Performance(
        title=title,
        films=mean.films,
        patients=mean.patients,
        mean_auroc=mean.value,
        low=mean.low,
        high=mean.high,
        left_out=mean.left_out,
        aurocs={
            f: cards.Auroc(e.value, e.low, e.high, e.positive_films, e.positive_patients)
            for f, e in found.aurocs.items()
            if e.value is not None
        },
    )


def judged_by_outlines(folders: Sequence[Path]) -> frozenset[str]:
    """The films on which radiologists outlined findings, by the reference standards in some folders."""
    references = (load_reference(listing.folder) for listing in list_references(folders) if listing.meta is not None)
    return frozenset(image for item in references if item.has_regions for image in item.table["image"])


def by_references(run: ValidationRun, folders: Sequence[Path]) -> dict[str, cards.Performance]:
    """How well a run ranks its test films by each reference standard that speaks of them, by ``test:<reference>``: the
    findings that both have and the composites, their mean over the findings alone where there are ``MANY``."""
    mask, images = run.list_mask("test"), run.table.column("image")
    measured = {}
    for listing in list_references(folders):
        truth = load_reference(listing.folder)
        judged = {f: truth.labels(f, images) for f in assessed(run) if truth.judges(f)}
        if not any((labels[mask] >= 0).any() for labels in judged.values()):
            continue
        singles = [f for f in judged if f in run.findings]
        chosen = {f: run.select_where(f, mask, "test", labels=labels) for f, labels in judged.items()}
        whole = performance(list(chosen.values()))
        mean = performance([chosen[f] for f in singles]).mean if len(singles) >= MANY else whole.mean
        measured[f"test:{truth.name}"] = _on_card(
            f"Test films, by {truth.title[0].lower()}{truth.title[1:]}", replace(whole, mean=mean)
        )
    return measured


MANY = 5
"""Findings that a reference judges from which their mean is worth stating without the composites."""

NEAR = 0.5
"""Log-odds from its threshold within which a film counts as near it."""

FEW = 20
"""Films that a heatmap's scale is taken from at least."""


def heatmap_scales(run: ValidationRun, peaks: npt.NDArray[np.float32]) -> dict[str, float]:
    """By finding the value of ``slope * map`` at which colours are full: what the maps of validation films near the default
    threshold reach in the middle, so that what decides there is seen at full strength; at least 1, and the same for all films.

    ``peaks`` (validation films, findings) is the largest absolute value of each class map. Where fewer than :data:`FEW` films
    are near, the nearest ones speak.
    """
    held = run.list_mask("validation")
    scales = {}
    for k, finding in enumerate(run.findings):
        calibration = run.meta.calibration.get(finding)
        threshold = run.meta.operating_points[DEFAULT_POLICY].get(finding)
        if calibration is None or threshold is None:
            continue
        distance = calibration.slope * np.abs(run.table.column(f"logit__{finding}")[held] - threshold)
        nearest = np.argsort(distance, kind="stable")[: max(FEW, int((distance <= NEAR).sum()))]
        scales[finding] = max(1.0, round(float(np.median(calibration.slope * peaks[nearest, k])), 1))
    return scales


def summary(run: ValidationRun) -> list[str]:
    """The run's mean AUROC by list, the control's beside it, and the headline list by finding, as lines for a terminal."""
    lines = []
    for item in run.lists:
        mean = performance(run.selections(item.name)).mean
        blind = performance(run.selections(item.name, control=True)).mean if run.controlled else None
        between = f" ({mean.low:.3f} to {mean.high:.3f})" if mean.low is not None and mean.high is not None else ""
        beside = f"; blur and brightness alone {blind.value:.3f}" if blind and blind.value is not None else ""
        value = "none" if mean.value is None else f"{mean.value:.3f}"
        left = f"; left out: {', '.join(mean.left_out)}" if mean.left_out else ""
        lines.append(
            f"{item.title}: mean AUROC {value}{between}, {mean.films} films, {mean.patients} patients{beside}{left}"
        )
    headline = next(item for wanted in HEADLINES for item in run.lists if item.name == wanted)
    lines.append(f"{headline.title}, by finding:")
    for finding in run.findings:
        estimate = auroc_estimate(run.select(finding, headline.name))
        lines.append(f"  {title(finding):<20} {estimates.number(estimate)}  {estimates.counts(estimate)}")
    return lines + map_lines(run)


def _blind(run: ValidationRun, list_name: str) -> float | None:
    """The mean AUROC of blur and brightness alone."""
    return performance(run.selections(list_name, control=True)).mean.value if run.controlled else None
