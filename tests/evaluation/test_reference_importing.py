"""A table of answers becomes a truth: the majority, or what the table calls the truth; bad rows are named."""

from pathlib import Path

import numpy as np
import pytest

from chexview.errors import ReferenceStandardError
from chexview.evaluation.reference_importing import import_reference

HEAD = "image,reader,finding,answer\n"


def rows(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode()


def test_the_majority_is_the_truth_and_a_tie_is_unknown(tmp_path: Path) -> None:
    data = rows(
        *(f"a.png,{reader},Nodule,{answer}" for reader, answer in (("x", "yes"), ("y", "YES"), ("z", "no"))),
        *(f"b.png,{reader},nodule,{answer}" for reader, answer in (("x", "yes"), ("y", "no"), ("z", "hedge"))),
        "c.png,x,Mass,0",
        "a.png,x,Scoliosis,yes",
    )
    found = import_reference(data, "mine.csv", tmp_path / "mine", "My readers")
    images = np.array(["a.png", "b.png", "c.png"], object)
    assert found.labels("Nodule", images).tolist() == [1, -1, -1] and found.labels("Mass", images).tolist() == [
        -1,
        -1,
        0,
    ]
    assert found.judges("nodule_mass") and not found.judges("Scoliosis") and "Scoliosis" in found.findings
    assert found.title == "My readers" and all(facts.made_the_truth for facts in found.meta.readers.values())
    assert len(found.answers) == 8 and set(found.answers["answer"]) == {0, 1, 2}


def test_a_truth_of_the_tables_own_and_patients(tmp_path: Path) -> None:
    data = b"image;reader;finding;answer;patient\na.png;consensus;Edema;no;7\na.png;x;Edema;yes;7\nb.png;consensus;Edema;yes;7\n"
    found = import_reference(data, "mine.csv", tmp_path / "mine")
    assert found.labels("Edema", np.array(["a.png", "b.png"], object)).tolist() == [0, 1]
    assert found.table["patient"].tolist() == ["7", "7"]
    assert [facts.made_the_truth for facts in found.meta.readers.values()] == [False] and len(found.answers) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"image,reader,finding\na,b,c\n", "has no column answer; it needs image, reader, finding and answer"),
        (rows("a.png,x,Nodule,perhaps"), "column answer, row 2: must be yes, no or hedge; it has 'perhaps'"),
        (rows("a.png,x,Nodule,yes", "a.png,,Nodule,no"), "column reader, row 3 is empty"),
        (rows("a.png,x,Nodule,yes", "a.png,x,nodule,no"), "row 3: x answered before on Nodule of a.png"),
        (rows("a.png,x,Gout,yes"), r"names no finding that a run has \(Gout\)"),
        (b"%PDF-1.4", "is a PDF"),
    ],
)
def test_bad_files_get_a_sentence(data: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ReferenceStandardError, match=sentence):
        import_reference(data, "mine.csv", tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []
