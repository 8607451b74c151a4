"""The index: what is matched, what is reported, and that no patient stands on two sides."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from chexview.errors import DataError, SplitError
from train import index
from train.regions import read_regions


def built(nih: Path, **options: object) -> tuple[pd.DataFrame, index.Report]:
    options = {"exclude": nih / "unfit.csv", "flags": nih / "flags.csv", "share": 0.2, **options}
    table, _, report = index.build([nih / "images", nih / "more.zip"], nih / "labels", **options)
    return table, report


def test_films_labels_and_lists_come_together(nih: Path) -> None:
    table, report = built(nih)
    assert len(table) == report.films == 79
    assert report.without_picture == 1
    assert report.without_label == ["99999999_000"]
    assert report.doubled == ["00000030_000"]
    assert len(report.excluded) == len(report.excluded_but_in_test) == 1
    assert report.impossible_ages == ["00000002_001.png"]
    assert table.set_index("image").loc["00000002_001.png", "age"] == -1
    assert set(table["split"]) == {"train", "validation", "test"}
    assert (table["split"] == "test").sum() == 24
    assert table["label__Cardiomegaly"].tolist() == [int(name.endswith("_001.png")) for name in table["image"]]
    assert table["list__sharp"].sum() == 26 and "list__copy" not in table
    assert "  test: 24 films of 12 patients" in report.lines()
    assert table["unfit"].sum() == 1


def test_no_patient_stands_on_two_sides(nih: Path) -> None:
    table, _ = built(nih)
    assert table.groupby("patient")["split"].nunique().max() == 1
    again, _ = built(nih)
    assert again["split"].tolist() == table["split"].tolist()
    other, _ = built(nih, seed=1)
    assert other["split"].tolist() != table["split"].tolist()


def test_a_patient_in_both_official_lists_is_refused(nih: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    shutil.copytree(nih / "labels", labels)
    both = (labels / "test_list.txt").read_text() + "00000000_000.png\n"
    (labels / "test_list.txt").write_text(both)
    with pytest.raises(SplitError, match="both official lists"):
        index.build([nih / "images"], labels)
    (labels / "train_val_list.txt").write_text("00000000_001.png\n00000001_000.png\n")
    with pytest.raises(SplitError, match="1 patients stand on more than one side"):
        index.build([nih / "images"], labels)


def test_an_index_survives_the_disk_and_is_checked_again(nih: Path, tmp_path: Path) -> None:
    table, report = built(nih)
    index.write(table, index.load_boxes(tmp_path), report, tmp_path)
    pd.testing.assert_frame_equal(index.load(tmp_path), table)
    table.loc[table["patient"] == "0", "split"] = ["train", "test"]
    index.write(table, index.load_boxes(tmp_path), report, tmp_path)
    with pytest.raises(SplitError):
        index.load(tmp_path)
    with pytest.raises(DataError, match="run python -m train index first"):
        index.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("Patient ID", "Somebody"), "no column Patient ID"),
        (lambda text: text + text.splitlines()[1] + "\n", "same image twice"),
        (lambda text: text.replace("Cardiomegaly", "Influenza", 1), "Influenza"),
    ],
)
def test_a_strange_labels_file_is_refused(nih: Path, tmp_path: Path, change: object, words: str) -> None:
    labels = tmp_path / "labels"
    shutil.copytree(nih / "labels", labels)
    path = labels / "Data_Entry_2017_v2020.csv"
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=words):
        index.build([nih / "images"], labels)


def test_missing_sources_are_named(nih: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing"):
        index.build([tmp_path / "nothing"], nih / "labels")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="Data_Entry"):
        index.build([nih / "images"], tmp_path / "empty")


def test_boxes_are_shares_of_the_film_and_impossible_ones_are_counted(nih: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    shutil.copytree(nih / "labels", labels)
    rows = [
        "Image Index,Finding Label,Bbox [x,y,w,h],,,,,",
        "00000039_001.png,Infiltrate,256.0,128.0,512.0,64.0,,,",
        "00000038_000.png,Nodule,1000.5,0,50,10,,,",
        "00000038_000.png,Mass,10,10,0,10,,,",
        "00000500_000.png,Mass,10,10,10,10,,,",
    ]
    (labels / "BBox_List_2017.csv").write_text("\n".join(rows) + "\n")
    table, boxes, report = index.build([nih / "images", nih / "more.zip"], labels, share=0.2)
    index.write(table, boxes, report, tmp_path / "out")
    kept = index.load_boxes(tmp_path / "out")
    assert kept["finding"].tolist() == ["Infiltration", "Nodule"]
    assert kept.iloc[0, 2:].tolist() == [0.25, 0.125, 0.75, 0.1875] and kept["right"][1] == 1.0
    assert (report.boxes, report.impossible_boxes) == (2, 1)
    assert any("2 boxes of radiologists" in line for line in report.lines())
    (labels / "BBox_List_2017.csv").write_text("h\n00000039_001.png,Flu,1,1,1,1\n")
    with pytest.raises(DataError, match="'Flu'"):
        index.build([nih / "images"], labels)


def test_films_to_exclude_may_be_a_list_of_names(nih: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("00000001_001.png\n")
    _, report = built(nih, exclude=tmp_path / "bad.txt")
    assert report.excluded == ["00000001_001.png"]


def test_other_labels_regions_and_judging_films(nih: Path, tmp_path: Path) -> None:
    """Labels of another table become columns, unknown where it says nothing; films that judge are not trained on."""
    table, _ = built(nih)
    trained = table.loc[table["split"] == "train", "image"].tolist()
    held = table.loc[table["split"] == "validation", "image"].tolist()
    (tmp_path / "judges.csv").write_text("image\n" + "\n".join([trained[0], held[0]]) + "\n")
    (tmp_path / "more.csv").write_text(f"image,findings\n{trained[1]},Mass\n{held[0]},No Finding\n")
    (tmp_path / "regions.csv").write_text(
        f"image,finding,x1,y1,x2,y2\n{trained[1]},Mass,0,0,512,512\n{held[0]},,,,,\nstranger.png,Mass,0,0,1,1\n"
    )
    made, report = built(nih, not_trained=[tmp_path / "judges.csv"], also_labels={"more": tmp_path / "more.csv"})
    assert set(table["image"]) - set(made["image"]) == {trained[0]} and report.not_trained == 1
    labels = made.set_index("image")["also__more__Mass"]
    assert labels[trained[1]] == 1 and labels[held[0]] == 0 and (labels.drop([trained[1], held[0]]) == -1).all()
    index.write(made, index.load_boxes(tmp_path), report, tmp_path / "out", read_regions(tmp_path / "regions.csv"))
    regions = index.load_regions(tmp_path / "out")
    assert regions is not None and regions.films == {trained[1], held[0]} and len(regions.regions) == 1
    assert index.load_regions(tmp_path) is None
    assert "2 films were looked at by radiologists, who drew 1 regions." in report.lines()


def test_validation_patients_of_an_earlier_run_are_taken_again(nih: Path, tmp_path: Path) -> None:
    table, _ = built(nih, seed=5)
    table[["patient", "split"]].to_parquet(tmp_path / "predictions.parquet")
    again, _ = built(nih, seed=6, validation_of=tmp_path)
    assert again["split"].tolist() == table["split"].tolist()
    with pytest.raises(DataError, match="not the folder of a validation run"):
        built(nih, validation_of=tmp_path / "none")
