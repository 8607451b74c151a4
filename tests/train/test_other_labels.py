"""Other tables of labels: unknown stays unknown, and what is not understood is refused by row and word."""

from pathlib import Path

import pandas as pd
import pytest

from chexview.errors import DataError
from train.other_labels import read_label_table

IMAGES = pd.Series(["a.png", "b.png", "c.png"])


def table(folder: Path, text: str) -> Path:
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return folder / "labels.csv"


def test_joined_names_are_positive_and_the_others_negative(tmp_path: Path) -> None:
    path = table(tmp_path, "image,findings\nb.png,Mass|Pleural Thickening\na.png,No Finding\n")
    found = read_label_table(path, IMAGES)
    assert found["Mass"].tolist() == [0, 1, -1]
    assert found["Pleural_Thickening"].tolist() == [0, 1, -1] and found["Hernia"].tolist() == [0, 0, -1]


def test_columns_may_name_findings_that_nih_has_not(tmp_path: Path) -> None:
    found = read_label_table(table(tmp_path, "image,Nodule or mass,Fracture\na.png,YES,\nc.png,NO,1\n"), IMAGES)
    assert found["Nodule_or_mass"].tolist() == [1, -1, 0] and found["Fracture"].tolist() == [-1, -1, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,findings\na.png,Mass|Msas\n", "row 2: 'Msas'"),
        ("image,Mass\na.png,1\nb.png,maybe\n", "row 3: 'maybe' in Mass"),
        ("image,Mass\na.png,1\na.png,1\n", "twice.*row 3"),
        ("film,Mass\na.png,1\n", "no column image"),
    ],
)
def test_what_is_not_understood_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_label_table(table(tmp_path, text), IMAGES)
