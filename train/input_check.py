"""``python -m train.input_check``: trains the input check on NIH's films, measures it, and writes its folder.

::

    python -m train.input_check --images films-640.zip films-176.zip --labels labels.zip --flags films.csv \
        --unusable unusable_films.csv --work data/input-check --out chexview/bundled/input_check

Films are split as ``python -m train index`` splits them. Training patients' ordinary films are varied, inverted, turned and
cropped at random; the films of ``--unusable`` (columns image, inverted, not_frontal, rotated) are never taken for
ordinary, and of them only those that are not frontal are trained on. Pictures that are no films are drawn. The threshold
withholds at most one in four hundred ordinary validation films. Everything is measured with the files as written: on test
films; on unusable films that the check was trained with, and on families of drawn pictures, by sister checks that were
trained without them. How many grey levels a film has at least is chosen on ordinary validation films alike. With ``--keep``
the weights, the threshold and the lines of unusable and drawn pictures of a check are kept, and all else is made anew.
Everything follows from ``--seed`` and the number of threads (default: 1).
"""

import argparse
import hashlib
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from safetensors.numpy import save as save_tensors

from chexview.atomic import write_atomically
from chexview.errors import ChexviewError, DataError, FilmError
from chexview.evaluation.intervals import share_estimate
from chexview.films import archives, sources
from chexview.films.grey import grey
from chexview.films.pictures import read_picture
from chexview.geometry import WHOLE
from chexview.model.eye import Sight, eye
from chexview.model.input_check import (
    WEIGHTS,
    InputCard,
    InputCheck,
    InputKind,
    Rate,
    levels,
    load,
    reduce,
)
from train import cache, index
from train.corruptions import DRAWN, MIXTURE, QUARTERS, TONED, halved, negatives, spoil, toned
from train.input_check_network import Plan, export, learn

Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.intp]

SIZE = 192
"""Pixels across of the pictures that are learned from and measured: those of the bundled checkpoint's eye."""

OTHER_SIZE = 224
"""Another eye's size, at which the verdicts are compared."""

LIMIT = 0.0025
"""The largest share of ordinary validation films that may be withheld; ill patients, of whom test lists hold more, lose more."""

LEVELS_LIMIT = 0.0025
"""The largest share of ordinary validation films that may be withheld for their few grey levels."""

TURNED = tuple(QUARTERS)
BAD, CROPS = ("inverted", "not_frontal", "rotated"), (0.4, 0.5, 0.6, 0.7, 0.8)

LIMITS = (
    "Evidence on films that are not frontal rests on few real films, most of them laterals, all of NIH's own kind.",
    "Pictures that are no chest films were drawn, or are a handful of photographs and slices: films of other parts of the "
    "body were not at hand.",
    "A mirrored film passes, and so does a film in a wide dark frame.",
    "Films of half their brightness mostly pass.",
    "Of films cut down by a fifth along each side most pass.",
    "Ordinary films are withheld more often where they are AP or of lower quality, and many of one patient together.",
    "Test films were looked at twice while this was made: what counts as cropped was then narrowed, and the share of "
    "validation films that may be withheld lowered from 1 % to 0.25 %, so that test numbers are a little too good.",
)


def threshold(scores: Sequence[float], limit: float = LIMIT) -> float:
    """The highest float32 score at which at most ``limit`` of ``scores`` lie below."""
    ordered = np.sort(np.asarray(scores, np.float32))
    return float(ordered[int(limit * len(ordered))])


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The verdicts on one list: what was found in each picture, and whose it is ("" if nobody knows)."""

    found: tuple[InputKind, ...]
    patients: tuple[str, ...]

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(self.found + other.found, self.patients + other.patients)

    def rate(self, title: str, kinds: Sequence[InputKind]) -> Rate:
        """The list's line on the card; pictures of no known patient get no interval."""
        withheld = np.asarray([kind is not InputKind.ORDINARY for kind in self.found], bool)
        owners, codes = np.unique(self.patients, return_inverse=True)
        known = len(owners) > 0 and owners[0] != ""
        found = share_estimate(withheld, codes) if known else None
        return Rate(
            title=title,
            kinds=tuple(kinds),
            films=len(withheld),
            patients=len(owners) if known else 0,
            withheld=int(withheld.sum()),
            named=sum(kind is not InputKind.ORDINARY and kind in kinds for kind in self.found),
            low=found.low if found else None,
            high=found.high if found else None,
        )


def judge(check: InputCheck, films: Iterable[Bytes], patients: Iterable[str]) -> Judged:
    """The verdicts of ``check`` on films that fill their squares."""
    return Judged(tuple(check.judge(film, WHOLE).kind for film in films), tuple(patients))


@dataclass(frozen=True, slots=True, eq=False)
class IndexedFilms:
    """The films of an index at ``SIZE``, and which are what: bool (N,) each, ``bad`` by column of the list of unusable films."""

    table: pd.DataFrame
    films: Bytes
    readable: npt.NDArray[np.bool_]
    bad: dict[str, npt.NDArray[np.bool_]]
    low_quality: npt.NDArray[np.bool_]

    def rows(self, split: str, mark: str = "") -> Rows:
        """The rows of one split that are ordinary, or that the list of unusable films marks as ``mark``."""
        marked = self.bad[mark] if mark else ~np.any(list(self.bad.values()), axis=0)
        return np.flatnonzero((self.table["split"] == split).to_numpy() & self.readable & marked)

    def owners(self, rows: Rows) -> list[str]:
        """The patients of rows."""
        return self.table["patient"].iloc[rows].tolist()

    def train(
        self, plan: Plan, seed: int, steps: int, families: Sequence[str], without: Iterable[str] = ()
    ) -> InputCheck:
        """A check trained on the training films of all patients but ``without``, its threshold chosen on validation films."""
        kept = ~self.table["patient"].isin(list(without)).to_numpy()
        ordinary, odd = self.rows("train"), self.rows("train", "not_frontal")
        ordinary, odd = ordinary[kept[ordinary]], odd[kept[odd]]
        if not len(ordinary) or not len(odd):
            raise DataError("No training films are ordinary, or none are not frontal; name more films.")
        rng = np.random.default_rng([plan.seed, seed])
        some = np.sort(rng.choice(ordinary, min(300, len(ordinary)), replace=False))
        drawn = negatives(np.asarray(self.films[some]), families, plan.drawn, rng)
        parts = [halved(self.films[row] for row in rows) for rows in (ordinary, odd)]
        tensors = export(learn(parts[0], parts[1], halved(drawn), plan, steps, plan.seed + seed))
        check = InputCheck(InputCard(threshold=0.5, weights=""), tensors)
        scores = [float(check.scores(reduce(self.films[row], WHOLE))[0]) for row in self.rows("validation")]
        card = replace(check.card, threshold=threshold(scores), fewest_levels=self.fewest_levels())
        return InputCheck(card, tensors)

    def fewest_levels(self) -> float:
        """The fewest grey levels with which a film passes, chosen on ordinary validation films."""
        return threshold([levels(self.films[row], WHOLE) for row in self.rows("validation")], LEVELS_LIMIT)


def measure_tests(indexed: IndexedFilms, check: InputCheck, seed: int) -> list[Rate]:
    """The lines of ordinary films and of oddities made from the ordinary test films, every one by one."""
    rates = []
    for split in ("validation", "test"):
        rows = indexed.rows(split)
        lists = {"": np.ones(len(indexed.table), bool)}
        if split == "test":
            marks = [str(name) for name in indexed.table if str(name).startswith("list__")]
            lists |= {f", {name.removeprefix('list__')}": indexed.table[name].to_numpy(bool) for name in marks}
            lists |= {", not sharp": ~lists[", sharp"]} if ", sharp" in lists else {}
            lists |= {f", {view}": (indexed.table["view"] == view).to_numpy() for view in ("PA", "AP")}
            lists |= {", of lower quality": indexed.low_quality}
        whole = judge(check, (indexed.films[row] for row in rows), indexed.owners(rows))
        for name, chosen in lists.items():
            part = np.flatnonzero(chosen[rows]).tolist()
            judged = Judged(tuple(whole.found[k] for k in part), tuple(whole.patients[k] for k in part))
            if not name or 0 < len(part) < len(rows):
                rates.append(judged.rate(f"ordinary {split} films{name}", [InputKind.ORDINARY]))
    rows, rng = indexed.rows("test"), np.random.default_rng([seed, 1])
    for kind in (InputKind.INVERTED, *TURNED):
        judged = judge(check, (spoil(np.asarray(indexed.films[row]), kind) for row in rows), indexed.owners(rows))
        rates.append(judged.rate(f"test films, {kind.value}", [kind]))
    for how, kind in TONED.items():
        judged = judge(check, (toned(np.asarray(indexed.films[row]), how) for row in rows), indexed.owners(rows))
        rates.append(judged.rate(f"test films, {kind.value}: {how}", [kind]))
    for side in CROPS:
        made = (
            spoil(np.asarray(indexed.films[row]), InputKind.CROPPED, (*rng.uniform(0, 1 - side, 2).tolist(), side))
            for row in rows
        )
        judged = judge(check, made, indexed.owners(rows))
        rates.append(judged.rate(f"test films, cropped to {side:.0%} of each side", [InputKind.CROPPED]))
    return rates


def measure_unseen(indexed: IndexedFilms, check: InputCheck, plan: Plan) -> list[Rate]:
    """The lines of real unusable films and of drawn families, each judged by a check that was made without them.

    Unusable films of validation and test patients are judged by ``check``; those of training patients by a sister that
    was trained without any film of their patients, and without some of the families.
    """
    names = {"inverted": (InputKind.INVERTED,), "not_frontal": (InputKind.NOT_FRONTAL,), "rotated": TURNED}
    found: dict[str, Judged] = {}
    for mark in names:
        rows = np.concatenate([indexed.rows("validation", mark), indexed.rows("test", mark)])
        found[mark] = judge(check, (indexed.films[row] for row in rows), indexed.owners(rows))
    held = {mark: indexed.rows("train", mark) for mark in names}
    patients = sorted({who for rows in held.values() for who in indexed.owners(rows)})
    rng, drawn = np.random.default_rng([plan.seed, 2]), []
    some = np.asarray(indexed.films[indexed.rows("test")[:300]])
    for k in range(plan.sisters):
        mine, unseen = set(patients[k :: plan.sisters]), DRAWN[k :: plan.sisters]
        sister = indexed.train(plan, k + 1, plan.sister_steps, [name for name in DRAWN if name not in unseen], mine)
        for mark, rows in held.items():
            part = rows[[who in mine for who in indexed.owners(rows)]]
            found[mark] += judge(sister, (indexed.films[row] for row in part), indexed.owners(part))
        for family in unseen:
            judged = judge(sister, negatives(some, [family], 200, rng), [""] * 200)
            drawn.append(judged.rate(f"pictures of a family never seen: {family}", [InputKind.NOT_CHEST]))
    rates = [judged.rate(f"real films judged {mark.replace('_', ' ')}", names[mark]) for mark, judged in found.items()]
    return rates + drawn


def sights(folder: Path) -> list[Sight]:
    """What the eye makes of the pictures in a folder, whatever their shape; those that the app refuses are left out."""
    pictures, _ = sources.find_pictures([folder])
    seen = []
    for data in archives.stream(str(folder), pictures["member"].tolist()):
        with suppress(FilmError):
            film = read_picture(data or b"", hashlib.sha256(data or b"").hexdigest(), extra_formats=("WEBP",))
            seen.append(eye(grey(film), SIZE))
    return seen


def measure_folder(check: InputCheck, folder: Path, seen: Sequence[Sight], kind: InputKind) -> Rate:
    """The line of the pictures in a folder, of which ``kind`` is the right name."""
    found = tuple(check.judge(sight.picture, sight.rectangle).kind for sight in seen)
    return Judged(found, ("",) * len(found)).rate(f"pictures in the folder {folder.name}", [kind])


def agreement(indexed: IndexedFilms, check: InputCheck, folder: Path, workers: int) -> dict[str, int]:
    """How many ordinary test films get the same verdict at ``OTHER_SIZE`` as at ``SIZE``."""
    rows = indexed.rows("test")
    part = indexed.table.iloc[rows].reset_index(drop=True)
    folder.mkdir(exist_ok=True)
    other = cache.build(part, folder, OTHER_SIZE, workers)
    same = [
        (check.judge(indexed.films[row], WHOLE).sentence is None) == (check.judge(film, WHOLE).sentence is None)
        for row, film in zip(rows, other.films, strict=True)
    ]
    return {"size": SIZE, "other_size": OTHER_SIZE, "films": len(same), "same": sum(same)}


def gather(arguments: argparse.Namespace) -> IndexedFilms:
    """The films that the command line names, indexed; its index and caches lie in ``--work``."""
    table, boxes, report = index.build(
        arguments.images, arguments.labels, flags=arguments.flags, share=arguments.validation
    )
    index.write(table, boxes, report, arguments.work)
    if arguments.keep:
        table = table[table["split"] != "train"].reset_index(drop=True)
    made = cache.build(table, arguments.work, SIZE, arguments.workers)
    try:
        marks = pd.read_csv(arguments.unusable).groupby("image").max()
        bad = {name: table["image"].map(marks[name]).fillna(0).to_numpy() > 0 for name in BAD}
        poor = set(arguments.low_quality.read_text(encoding="utf-8").split()) if arguments.low_quality else set()
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"The lists of unusable films cannot be read ({error}); a CSV with image, {', '.join(BAD)} is needed."
        ) from error
    return IndexedFilms(table, made.films, made.readable, bad, table["image"].isin(poor).to_numpy())


def write(check: InputCheck, rates: Sequence[Rate], data: dict[str, Any], plan: Plan, out: Path) -> InputCheck:
    """Writes the folder ``out`` and gives the check as it loads from there."""
    weights = save_tensors(check.tensors)
    card = replace(
        check.card,
        weights=hashlib.sha256(weights).hexdigest(),
        rates=tuple(rates),
        data=data,
        recipe={
            **asdict(plan),
            "mixture": {kind.value: count for kind, count in MIXTURE.items()},
            "limit": LIMIT,
            "levels_limit": LEVELS_LIMIT,
        },
        limits=LIMITS,
        software={"torch": torch.__version__, "numpy": np.__version__},
    )
    out.mkdir(parents=True, exist_ok=True)
    for name, content in {WEIGHTS: weights, "card.json": card.to_json().encode()}.items():
        write_atomically(out / name, content)
    return load(out)


def kept(indexed: IndexedFilms, check: InputCheck, plan: Plan) -> tuple[InputCheck, list[Rate]]:
    """A check that was made before with its fewest grey levels chosen anew, and its lines, those of test films anew."""
    check = InputCheck(replace(check.card, fewest_levels=indexed.fewest_levels()), check.tensors)
    rates = measure_tests(indexed, check, plan.seed)
    titles = {rate.title for rate in rates}
    return check, rates + [rate for rate in check.card.rates if rate.title not in titles]


def make(arguments: argparse.Namespace, plan: Plan) -> InputCheck:
    """Trains, measures and writes the check that the command line asks for."""
    indexed = gather(arguments)
    others = [(folder, sights(folder), InputKind.NOT_CHEST) for folder in arguments.none]
    others += [(folder, sights(folder), InputKind.ORDINARY) for folder in arguments.ordinary]
    if arguments.keep:
        check, rates = kept(indexed, load(arguments.keep), plan)
    else:
        check = indexed.train(plan, 0, plan.steps, DRAWN)
        rates = measure_tests(indexed, check, plan.seed) + measure_unseen(indexed, check, plan)
    rates += [measure_folder(check, folder, seen, kind) for folder, seen, kind in others]
    agreed = {"agreement": agreement(indexed, check, arguments.work / "agreement", arguments.workers)}
    if arguments.keep:
        return write(check, rates, check.card.data | agreed, plan, arguments.out)
    data = {
        "trained_on": {
            "films": len(indexed.rows("train")),
            "patients": len(set(indexed.owners(indexed.rows("train")))),
        },
        "not_frontal": {"films": len(indexed.rows("train", "not_frontal"))},
    }
    return write(check, rates, data | agreed, plan, arguments.out)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command: 0 when the folder was written, 1 with one sentence on standard error when it could not be."""
    parser = argparse.ArgumentParser("python -m train.input_check", description="Train and measure the input check.")
    parser.add_argument("--images", type=Path, nargs="+", required=True, help="folders, zips or tars of NIH's films")
    parser.add_argument("--labels", type=Path, required=True, help="folder or zip with NIH's CSV and official lists")
    parser.add_argument("--flags", type=Path, help="CSV with image and columns of 0 and 1: lists to measure apart")
    parser.add_argument("--unusable", type=Path, required=True, help="CSV with image, inverted, not_frontal, rotated")
    parser.add_argument("--low-quality", type=Path, help="text file of ordinary films to measure apart")
    parser.add_argument("--none", type=Path, nargs="+", default=[], help="folders of pictures, none a chest film")
    parser.add_argument("--ordinary", type=Path, nargs="+", default=[], help="folders of other ordinary films")
    parser.add_argument("--keep", type=Path, help="folder of a check whose weights are kept")
    parser.add_argument("--validation", type=float, default=0.1, help="share of the training patients (default: 0.1)")
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the index and the caches")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the check into")
    parser.add_argument("--workers", type=int, default=1, help="processes that decode films (default: 1)")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch (default: 1)")
    for name, kind in (("seed", int), ("steps", int), ("sister_steps", int), ("drawn", int)):
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(Plan(), name))
    arguments = parser.parse_args(argv)
    torch.set_num_threads(arguments.threads)
    plan = Plan(seed=arguments.seed, steps=arguments.steps, sister_steps=arguments.sister_steps, drawn=arguments.drawn)
    try:
        for rate in make(arguments, plan).card.rates:
            interval = "" if rate.low is None else f" ({rate.low:.1%} to {rate.high:.1%})"
            print(f"{rate.title}: {rate.withheld} of {rate.films} withheld{interval}, {rate.named} named rightly")
    except ChexviewError as error:
        print(f"python -m train.input_check: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
