"""Names of images: as short as they tell films apart, and never what a spreadsheet would run."""

import pytest

from chexview.errors import TableError
from chexview.labels.image_names import depth, image_names


def test_only_as_many_folders_as_it_takes() -> None:
    assert image_names(["x/a.png", "y\\b.png"], "t", "image") == ["a.png", "b.png"]
    assert image_names(["p1/s1/v.jpg", "p2/s1/v.jpg", "p2/s2/v.jpg"], "t", "image")[0] == "p1/s1/v.jpg"
    assert depth(["/data/a.png", "./a.png"]) == 2 and depth([]) == 1


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ("a.png", "row 3: a.png is there already, in row 2"),
        ("", "row 3: there is no image name"),
        ("=cmd()", "row 3: a name that begins like a formula"),
        ("b\x1b[2J.png", "row 3: a name with a control character"),
    ],
)
def test_names_that_are_refused(second: str, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence):
        image_names(["a.png", second], "t.csv", "image")
