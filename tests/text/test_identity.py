"""Names and dates of DICOM's as people write them; the names are the examples of PS3.5, 6.2.1.1 and annex H."""

import pytest

from chexview.text.identity import day, person_name


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, Rev. John Robert Quincy, B.A. M.Div."),
        (
            "Morrison-Jones^Susan^^^Ph.D., Chief Executive Officer",
            "Morrison-Jones, Susan, Ph.D., Chief Executive Officer",
        ),
        ("Doe^John", "Doe, John"),
        ("Smith^Fluffy", "Smith, Fluffy"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田, 太郎, やまだ, たろう)"),
        ("=山田^太郎", "山田, 太郎"),
        ("^^^", ""),
        ("", ""),
        ("Only Family", "Only Family"),
        ("a^b^c^d^e^f^g", "a, d b c, e"),
    ],
)
def test_names(stored: str, written: str) -> None:
    assert person_name(stored) == written


@pytest.mark.parametrize(
    ("stored", "written"), [("20240229", "2024-02-29"), ("", ""), ("2024", "2024"), ("2024022X", "2024022X")]
)
def test_days(stored: str, written: str) -> None:
    assert day(stored) == written
