"""Single cells: numbers of any country, labels, ages, and several names at once."""

import pytest

from chexview.labels import cells


@pytest.mark.parametrize(
    ("text", "value", "percent", "comma"),
    [
        ("0.5", 0.5, False, False),
        (" 1e-3 ", 1e-3, False, False),
        ("0,3528", 0.3528, False, True),
        ("35,28 %", 35.28, True, True),
        ("\u22121.5", -1.5, False, False),
        (".5", 0.5, False, False),
        ("12%", 12, True, False),
    ],
)
def test_numbers(text: str, value: float, percent: bool, comma: bool) -> None:
    assert cells.number(text) == cells.Number(value, percent, comma)


@pytest.mark.parametrize("text", ["", "nan", "inf", "1.2.3", "1,2,3", "=1+1", "0x10", "1 000", "1_000", "\u0661"])
def test_no_numbers(text: str) -> None:
    assert cells.number(text) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("58", 58),
        ("58.0", 58),
        ("058Y", 58),
        ("013M", 1),
        ("003D", 0),
        ("413", -1),
        ("", -1),
        ("58.5", -1),
        ("old", -1),
    ],
)
def test_ages(text: str, years: int) -> None:
    assert cells.age(text) == years


@pytest.mark.parametrize(
    ("text", "view"),
    [("PA", "PA"), ("AP_horizontal", "AP"), ("L", "lateral"), ("POSTEROANTERIOR", "PA"), ("COSTAL", "")],
)
def test_views(text: str, view: str) -> None:
    assert cells.view(text) == view


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.0", 1),
        ("0", 0),
        ("-1.0", -1),
        ("", -2),
        ("NaN", -2),
        ("True", 1),
        ("2", None),
        ("x", None),
        ("1.00", 1),
        ("0,0", 0),
        ("01", 1),
        ("\u22121", -1),
        ("1e0", 1),
        ("100%", None),
        ("0.5", None),
        ("1_0", None),
    ],
)
def test_labels(text: str, value: int | None) -> None:
    assert cells.label(text) == value


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Effusion|Mass", ("Effusion", "Mass")),
        ("Effusion | Mass", ("Effusion", "Mass")),
        ("Effusion, Mass", ("Effusion", "Mass")),
        ("['cardiomegaly', 'pleural effusion']", ("cardiomegaly", "pleural effusion")),
        ("['cardiomegaly', 'pleural", ("['cardiomegaly", "pleural")),
        ("[cardiomegaly, effusion]", ("cardiomegaly", "effusion")),
        ("[]", ()),
        ("  ", ()),
    ],
)
def test_names_in_one_cell(text: str, names: tuple[str, ...]) -> None:
    assert cells.names_in(text) == names


def test_what_a_cell_denies() -> None:
    assert cells.words_in("Effusion|Scoliosis").label("Mass") == 0
    assert cells.words_in("Effusion|Strange").label("Mass") == -1
    assert cells.words_in("Lung opacity").label("Mass") == -1 and cells.words_in("Lung opacity").label("Hernia") == 0
    assert cells.words_in("").label("Mass") == -1
    assert cells.words_in("Nodule").label("nodule_mass", ("Nodule", "Mass")) == 1


def test_no_finding_beside_a_finding_is_not_understood() -> None:
    found = cells.words_in("No Finding|Mass")
    assert found.unknown == ("No Finding",)
    assert found.label("Mass") == 1 and found.label("Effusion") == -1
