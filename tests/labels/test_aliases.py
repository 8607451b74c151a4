"""One vocabulary: the same word means the same to every importer, and what is unknown is not something else."""

import pytest

from chexview.findings import COMPOSITES, NAMES
from chexview.labels.aliases import BROADER, ELSEWHERE, Meaning, Role, finding_column, finding_of, names_of, plain, word


@pytest.mark.parametrize("finding", [*NAMES, *COMPOSITES])
def test_every_finding_is_known_by_its_own_name_in_any_spelling(finding: str) -> None:
    for spelling in (
        finding,
        finding.lower(),
        finding.replace("_", " "),
        finding.replace("_", "-").upper(),
        f" {finding} ",
    ):
        assert finding_of(spelling) == finding
    assert plain(finding) in names_of(finding)


@pytest.mark.parametrize(
    ("text", "meaning", "findings"),
    [
        ("pleural effusion", Meaning.FINDING, ("Effusion",)),
        ("Hydropneumothorax", Meaning.FINDING, ("Effusion", "Pneumothorax")),
        ("Nodule/Mass", Meaning.FINDING, ("nodule_mass",)),
        ("No Finding", Meaning.NOTHING, ()),
        ("Lung Lesion", Meaning.BROADER, ("Nodule", "Mass")),
        ("subcutaneous emphysema", Meaning.ELSEWHERE, ()),
        ("mediastinal mass", Meaning.ELSEWHERE, ()),
        ("pericardial effusion", Meaning.BROADER, ("Cardiomegaly",)),
        ("Efusion", Meaning.UNKNOWN, ()),
        ("", Meaning.UNKNOWN, ()),
    ],
)
def test_what_words_say(text: str, meaning: Meaning, findings: tuple[str, ...]) -> None:
    found = word(text)
    assert (found.meaning, found.findings) == (meaning, findings)


def test_no_word_has_two_meanings() -> None:
    assert not set(BROADER) & ELSEWHERE
    assert all(finding_of(name) is None for name in (*BROADER, *ELSEWHERE))
    assert all(name == plain(name) for name in (*BROADER, *ELSEWHERE))
    assert all(set(findings) <= set(NAMES) for findings in BROADER.values())


@pytest.mark.parametrize(
    ("column", "finding", "role"),
    [
        ("prob__Mass", "Mass", Role.PROBABILITY),
        ("Pleural Thickening", "Pleural_Thickening", Role.BARE),
        ("y_true_Pleural_Thickening", "Pleural_Thickening", Role.LABEL),
        ("pred_pleural_effusion", "Effusion", Role.SCORE),
        ("Effusion_logit", "Effusion", Role.LOGIT),
        ("label__nodule_mass", "nodule_mass", Role.LABEL),
        ("Mass_pred_prob", "Mass", Role.PROBABILITY),
    ],
)
def test_what_columns_hold(column: str, finding: str, role: Role) -> None:
    found = finding_column(column)
    assert found is not None and (found.finding, found.role) == (finding, role)


@pytest.mark.parametrize("column", ["Labels", "id", "Score", "gt_prob_Mass", "Body Mass Index", "y", ""])
def test_columns_about_no_finding(column: str) -> None:
    assert finding_column(column) is None


@pytest.mark.parametrize("name", ["-Mass", "Mass_class", "Mass_pred_label", "!Mass", "Mass_true_score", "no_Mass"])
def test_a_column_that_may_say_the_opposite_or_be_no_truth_is_no_column_of_the_finding(name: str) -> None:
    assert finding_column(name) is None


@pytest.mark.parametrize("text", ["-Mass", "\u2212Mass", "!Mass", "~Mass", "Mass?", "Mass:0"])
def test_a_word_with_a_sign_is_not_understood(text: str) -> None:
    assert word(text).meaning is Meaning.UNKNOWN
