"""Pictures are matched by as much of the path as it takes, by study, or not at all; never by which came first."""

from pathlib import Path

import pandas as pd
import pytest

from chexview.errors import DataError
from chexview.films.sources import all_pictures
from chexview.findings import NAMES
from tests.train.test_own_labels import CHEXPERT, MIMIC, written
from train.matching import with_pictures
from train.own_labels import LabelMapping, LabelReport, read_table


def pictures(root: Path, *names: str) -> pd.DataFrame:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return all_pictures([root])


def matched(labels: Path, found: pd.DataFrame) -> tuple[pd.DataFrame, LabelReport]:
    table, report = read_table(labels, LabelMapping(), NAMES)
    return with_pictures(table, found, labels, report), report


def test_chexperts_folders_tell_its_films_apart(tmp_path: Path) -> None:
    small = "train/patient0000{}/study{}/view{}.jpg"
    here = [small.format(*key) for key in ((1, 1, "1_frontal"), (2, 1, "1_frontal"), (2, 1, "2_lateral"))]
    merged, report = matched(written(tmp_path, CHEXPERT), pictures(tmp_path / "CheXpert-v1.0-small", *here))
    assert merged["member"].tolist() == here[:2]
    assert report.lateral == ["patient00002/study1/view2_lateral.jpg"]
    assert report.without_picture == ["patient00002/study2/view1_frontal.jpg"]


def test_one_folders_films_are_not_those_of_all(tmp_path: Path) -> None:
    found = pictures(tmp_path / "films", "view1_frontal.jpg")
    with pytest.raises(DataError, match="None of the labelled films has a picture"):
        matched(written(tmp_path, CHEXPERT), found)


def test_a_name_that_two_pictures_bear_is_a_question(tmp_path: Path) -> None:
    found = pictures(tmp_path / "films", "a/1.png", "b/1.png", "b/2.png")
    with pytest.raises(DataError, match=r"1\.png may be b/1\.png or a/1\.png; name it in the table"):
        matched(written(tmp_path, "image,Effusion\n1.png,1\n2.png,0\n"), found)
    merged, _ = matched(written(tmp_path, "image,Effusion\na/1.png,1\n2.png,0\n"), found)
    assert merged["member"].tolist() == ["a/1.png", "b/2.png"]


def test_a_study_of_mimic_is_all_its_frontal_films(tmp_path: Path) -> None:
    found = pictures(
        tmp_path / "files",
        "p10/p10000032/s50414267/02aa.jpg",
        "p10/p10000032/s50414267/174b.jpg",
        "p10/p10000032/s53189527/2a28.jpg",
        "p10/p10000032/s99999999/ffff.jpg",
    )
    labels = written(tmp_path, MIMIC, "mimic-cxr-2.0.0-chexpert.csv")
    merged, report = matched(labels, found)
    assert merged["image"].tolist() == ["02aa", "174b", "2a28"] and merged["patient"].unique().tolist() == ["10000032"]
    assert any("cannot be told from frontal ones" in remark for remark in report.remarks)
    written(
        tmp_path,
        "dicom_id,subject_id,study_id,ViewPosition\n02aa,10000032,50414267,PA\n174b,1,2,LATERAL\n2a28,1,2,AP\n",
        "mimic-cxr-2.0.0-metadata.csv",
    )
    merged, report = matched(labels, found)
    assert merged["image"].tolist() == ["02aa", "2a28"] and merged["view"].tolist() == ["PA", "AP"]
    assert merged["label__Consolidation"].tolist() == [0, 1] and report.lateral == ["174b"]
