"""Labels from words or from columns; what is not understood is given back with its rows."""

import pytest

from chexview.errors import TableError
from chexview.labels.label_table import column_labels, read_labels
from chexview.labels.tables import read_table

WORDS = b"Image Index,Finding Labels\na,Effusion|Mass\nb,No Finding\nc,Effusoin\nd,\n"


def test_labels_from_one_column_of_words() -> None:
    found = read_labels(read_table(WORDS, "t"), "t", ("Effusion", "nodule_mass"))
    assert found.labels["Effusion"].tolist() == [1, 0, -1, -1] and found.labels["nodule_mass"].tolist() == [
        1,
        0,
        -1,
        -1,
    ]
    assert found.unknown == {"Effusoin": [4]} and found.source["Effusion"] == "Finding Labels"


def test_labels_from_a_column_for_each_finding() -> None:
    table = read_table(b"image,Pleural Effusion,Mass,prob_Edema\na,1.0,0,0.3\nb,-1,,0.2\n", "t")
    found = read_labels(table, "t", ("Effusion", "Mass", "Edema"))
    assert {name: values.tolist() for name, values in found.labels.items()} == {"Effusion": [1, -1], "Mass": [0, -1]}
    assert column_labels(table, "Pleural Effusion", "t", unsure=1).tolist() == [1, 1]
    with pytest.raises(TableError, match=r"column prob_Edema, row 2: must be 1, 0 or empty \(unknown\); it has '0\.3'"):
        column_labels(table, "prob_Edema", "t")


def test_two_columns_for_one_finding_are_refused() -> None:
    with pytest.raises(TableError, match="the columns Effusion and Pleural Effusion for one finding"):
        read_labels(read_table(b"image,Effusion,Pleural Effusion\na,1,0\n", "t"), "t", ("Effusion",))
