"""The bundled reference standards and the published run, made again from what their authors published.

``python -m train.references EXPERTS.zip CHESTX_DET.zip OUT`` writes the three reference standards into ``OUT``, and with
``--run PREDICTIONS.csv.gz LABELS.zip`` a run of those predictions joined to NIH's labels.
"""

import argparse
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.evaluation.importing import understood
from chexview.evaluation.reference_schema import JudgedBy, ReaderFacts, ReferenceMetadata
from chexview.evaluation.references import Answer, write_reference
from chexview.evaluation.run_schema import FilmList, RunCheckpoint, RunMetadata, made_now
from chexview.evaluation.run_writing import write_run
from chexview.findings import CHESTX_RAY14, COMPOSITES, NAMES
from chexview.labels.tables import read_table

PACKAGES = ("numpy", "pandas", "pyarrow")
NIH = "NIH ChestX-ray14 (https://nihcc.app.box.com/v/ChestXray-NIHCC; NIH Clinical Center; Wang et al., ChestX-ray8, CVPR 2017)"
RESEARCH = (
    "For research and education only; cite the paper. The films are NIH's: name the NIH Clinical Center and link its download "
    "site."
)
TRUTH_READERS = (4343882785, 4343883593, 4343883996)
SIDE = 1024
SMOOTH = 4.0
"""Outlines may lie this far, in thousandths of the film, from those that were drawn."""

_ANSWERS = {"YES": Answer.YES, "NO": Answer.NO, "HEDGE": Answer.HEDGE}
_FOUR = {
    "Fracture": "Fracture",
    "Pneumothorax": "Pneumothorax",
    "Airspace opacity": "Airspace_Opacity",
    "Nodule or mass": "Nodule_or_Mass",
}
_OF_DET = {"Diffuse Nodule": "Diffuse_Nodule", "Pleural Thickening": "Pleural_Thickening"}


def four_findings(experts: zipfile.ZipFile, out: Path) -> None:
    """4,376 films, four findings, adjudicated by three radiologists each (Majkowska et al., Radiology 2020, 294:421)."""
    folder = "four_findings_expert_labels"
    raw = pd.concat(
        [_csv(experts, f"{folder}/{part}_labels.csv") for part in ("test", "validation")], ignore_index=True
    )
    labels = pd.DataFrame(
        {
            "image": raw["Image Index"],
            "patient": raw["Image Index"].str[:8],
            "part": raw["Set Id"].map({"test": "test", "val": "validation"}),
        }
    )
    for theirs, ours in _FOUR.items():
        labels[f"label__{ours}"] = (raw[theirs] == "YES").astype(np.int8)
    _reports(labels, raw["Finding Labels"])
    single = _csv(experts, f"{folder}/individual_readers.csv").rename(columns={"Nodule/mass": "Nodule or mass"})
    answers = _long(single, _FOUR)
    readers = {name: ReaderFacts(f"Reader {k}", True) for k, name in enumerate(_readers(answers), 1)}
    meta = ReferenceMetadata(
        title="Three radiologists, adjudicated",
        labelled_by="Three of 24 radiologists a film (11 of the test films, 13, some of them residents, of the validation films).",
        method="Each read alone, then with the others' answers, for up to five rounds until they agreed; else the majority holds.",
        data_set=NIH,
        citation="Majkowska et al., Chest Radiograph Interpretation with Deep Learning Models, Radiology 2020, 294:421.",
        terms=RESEARCH,
        judges={
            "Pneumothorax": JudgedBy(("Pneumothorax",)),
            "nodule_mass": JudgedBy(("Nodule_or_Mass",)),
            "opacity": JudgedBy(
                ("Airspace_Opacity",),
                "Judged as any airspace opacity: infiltration, consolidation, pneumonia, edema or atelectasis.",
            ),
        },
        made=made_now(PACKAGES),
        answers="First answers, before anyone saw the others'; all these readers took part in making the truth.",
        readers=readers,
    )
    write_reference(out / "four-findings", meta, labels, answers, replace_existing=True)


def fourteen_findings(experts: zipfile.ZipFile, out: Path) -> None:
    """810 PA films, all 14 findings, by the majority of three of five radiologists (Nabulsi et al., Scientific Reports 2021)."""
    folder = "all_findings_expert_labels"
    raw = _csv(experts, f"{folder}/test_labels.csv")
    own = {name.replace("_", " "): name for name in CHESTX_RAY14} | {"Abnormal": "Abnormal", "Other": "Other"}
    labels = pd.DataFrame({"image": raw["Image ID"], "patient": raw["Image ID"].str[:8], "part": "test"})
    for theirs, ours in own.items():
        labels[f"label__{ours}"] = raw[theirs].isin(["YES", "1"]).astype(np.int8)
    four = _csv(experts, "four_findings_expert_labels/test_labels.csv").set_index("Image Index")
    _reports(labels, four["Finding Labels"].loc[labels["image"]].reset_index(drop=True))
    answers = _long(_csv(experts, f"{folder}/test_individual_readers.csv"), own)
    readers = {
        name: ReaderFacts(f"Radiologist {k}", int(name) in TRUTH_READERS) for k, name in enumerate(_readers(answers), 1)
    }
    judges = {name: JudgedBy((name,)) for name in CHESTX_RAY14}
    judges |= {name: JudgedBy(parts) for name, parts in COMPOSITES.items()}
    meta = ReferenceMetadata(
        title="Majority of three radiologists",
        labelled_by="Five board-certified radiologists, each on every film; three of them, drawn by lot, made the truth.",
        method="Each said whether the film is abnormal and, if so, which findings it shows; the majority of the three holds.",
        data_set=NIH,
        citation="Nabulsi et al., Deep Learning for Distinguishing Normal versus Abnormal Chest Radiographs, Sci Rep 2021.",
        terms=RESEARCH,
        judges=judges,
        made=made_now(PACKAGES),
        answers="Each read alone. Two of the five were no part of the truth.",
        readers=readers,
    )
    write_reference(out / "fourteen-findings", meta, labels, answers, replace_existing=True)


def chestx_det(archive: zipfile.ZipFile, out: Path) -> None:
    """3,498 films with outlines of 13 findings by three radiologists (Lian et al. 2021; Apache License 2.0)."""
    films, raw = _csv(archive, "films.csv"), _csv(archive, "regions.csv")
    raw["finding"] = raw["finding"].replace(_OF_DET)
    labels = pd.DataFrame({"image": films["image"], "patient": films["image"].str[:8], "part": films["part"]})
    for finding in sorted(raw["finding"].unique()):
        labels[f"label__{finding}"] = labels["image"].isin(raw["image"][raw["finding"] == finding]).astype(np.int8)
    regions = raw[["image", "finding"]].copy()
    for side, column in (("left", "x1"), ("top", "y1"), ("right", "x2"), ("bottom", "y2")):
        regions[side] = raw[column].astype(np.float32) / SIDE
    regions["outline"] = raw["polygon"].map(_outline)
    judges = {name: JudgedBy((name,)) for name in NAMES if f"label__{name}" in labels}
    diffuse = "Films on which many small nodules were outlined together count as films with nodules."
    judges["Nodule"] = JudgedBy(("Nodule", "Diffuse_Nodule"), diffuse)
    judges["nodule_mass"] = JudgedBy(("Nodule", "Diffuse_Nodule", "Mass"), diffuse)
    judges["Consolidation"] = JudgedBy(
        ("Consolidation",), "These radiologists call consolidation much of what NIH's reports call infiltration."
    )
    meta = ReferenceMetadata(
        title="Three radiologists' outlines",
        labelled_by="Three board-certified radiologists: two outlined, one with more years revised.",
        method="Every finding was outlined where it is; a film without an outline was looked at and has none of these findings.",
        data_set=NIH,
        citation="Lian et al., A Structure-Aware Relation Network for Thoracic Diseases, IEEE TMI 2021 (ChestX-Det).",
        terms="Apache License 2.0. Names put back to NIH's by way of ChestX-Det10; outlines are thinned by at most 4 in 1,000.",
        judges=judges,
        made=made_now(PACKAGES),
    )
    write_reference(out / "chestx-det", meta, labels, regions=regions, replace_existing=True)


def published_run(predictions: Path, labels: Path, out: Path) -> None:
    """The predictions of jrzech/reproduce-chexnet (BSD 3-Clause) joined to NIH's labels of 2020."""
    scores = read_table(predictions.read_bytes(), predictions.name)
    stored, understanding = understood(
        scores, predictions.name, read_table(labels.read_bytes(), labels.name), labels.name
    )
    stored = stored.drop(columns="list__imported")
    stored["list__published"] = True
    meta = RunMetadata(
        title="reproduce-chexnet (J. Zech)",
        checkpoint=RunCheckpoint("reproduce-chexnet"),
        data_set="ChestX-ray14, NIH Clinical Center, with the labels of 2020",
        attribution=(
            "Predictions: John Zech, reproduce-chexnet, https://github.com/jrzech/reproduce-chexnet, BSD 3-Clause License, "
            "Copyright 2018 John Zech; after Rajpurkar et al., CheXNet, arXiv:1711.05225. "
            "Films and labels: NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC; Wang et al., CVPR 2017."
        ),
        split_hash="",
        lists=(
            FilmList(
                "published",
                "Published test films",
                "The author's own test films, by patient; not NIH's official list.",
            ),
        ),
        probabilities=understanding.probabilities,
        made=made_now(PACKAGES),
    )
    write_run(out / "reproduce-chexnet", meta, stored, replace_existing=True)


def _csv(archive: zipfile.ZipFile, name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(archive.read(name)), dtype=str, keep_default_na=False)


def _reports(labels: pd.DataFrame, words: "pd.Series[str]") -> None:
    """Adds the labels that NIH mined from reports."""
    named = words.reset_index(drop=True).str.split("|").map(frozenset)
    for name in CHESTX_RAY14:
        labels[f"report__{name}"] = named.map(lambda found, name=name: name in found).astype(np.int8)
    for composite, parts in COMPOSITES.items():
        labels[f"report__{composite}"] = labels[[f"report__{part}" for part in parts]].max(axis=1).astype(np.int8)


def _long(single: pd.DataFrame, own: dict[str, str]) -> pd.DataFrame:
    """One row an answer, sorted so that it packs well."""
    parts = []
    for theirs, ours in own.items():
        given = single[theirs].replace({"1": "YES", "0": "NO"})
        parts.append(
            pd.DataFrame(
                {
                    "image": single["Image ID"],
                    "reader": single["Reader ID"],
                    "finding": ours,
                    "answer": given.map(_ANSWERS),
                }
            ).dropna(subset="answer")
        )
    table = pd.concat(parts).sort_values(["finding", "reader", "image"], kind="stable").reset_index(drop=True)
    table["answer"] = table["answer"].astype(np.int8)
    return table.drop_duplicates(["image", "reader", "finding"]).reset_index(drop=True)


def _readers(answers: pd.DataFrame) -> list[str]:
    return sorted(answers["reader"].unique(), key=int)


def _outline(text: str) -> list[int]:
    """An outline in thousandths of the film, thinned (Douglas and Peucker 1973)."""
    points = np.array(text.split(), np.float64).reshape(-1, 2) / SIDE * 1000
    if len(points) < 3:
        return []
    half = len(points) // 2
    kept = np.unique(np.r_[_thinned(points, 0, half), _thinned(points, half, len(points) - 1)])
    flat: list[int] = np.rint(points[kept]).astype(int).ravel().tolist()
    return flat


def _thinned(points: npt.NDArray[np.float64], first: int, last: int) -> list[int]:
    """The indices to keep between two that are kept."""
    if last <= first + 1:
        return [first, last]
    along = points[last] - points[first]
    away = points[first + 1 : last] - points[first]
    length = float(np.hypot(*along))
    distances = np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length if length else np.hypot(*away.T)
    far = int(distances.argmax())
    if distances[far] <= SMOOTH:
        return [first, last]
    middle = first + 1 + far
    return [*_thinned(points, first, middle)[:-1], *_thinned(points, middle, last)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the reference standards, and the published run where its files are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experts", type=Path)
    parser.add_argument("chestx_det", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--run", nargs=2, type=Path, metavar=("PREDICTIONS", "LABELS"))
    given = parser.parse_args(arguments)
    with zipfile.ZipFile(given.experts) as experts, zipfile.ZipFile(given.chestx_det) as regions:
        four_findings(experts, given.out / "references")
        fourteen_findings(experts, given.out / "references")
        chestx_det(regions, given.out / "references")
    if given.run:
        published_run(given.run[0], given.run[1], given.out / "runs")


if __name__ == "__main__":
    main()
