"""What is said of studies in a PACS."""

import pytest

from chexview.pacs.studies import FoundStudies, Study
from chexview.text import pacs as pacs_text

STUDY = Study("1.2.3", "CXV-0042", "Yamada^Tarou=山田^太郎", "20240102", "CHEST PA", ("DX", "PR"), 3)


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (STUDY, "2024-01-02 · Yamada, Tarou (山田, 太郎) · CXV-0042 · DX/PR · CHEST PA · 3 instances"),
        (Study("1.2.4", "", "", "", "", ("CR",), 1), "no date · CR · 1 instance"),
        (Study("1.2.5", "7", "Doe^Jane", "20231231", "", ("RF",), None), "2023-12-31 · Doe, Jane · 7 · RF"),
    ],
)
def test_a_study_is_one_line_with_names_and_dates_as_people_write_them(found: Study, written: str) -> None:
    assert pacs_text.study(found) == written


def test_more_studies_than_are_listed_are_said() -> None:
    assert pacs_text.found(FoundStudies((STUDY,))) == "1 study, the latest first."
    assert pacs_text.found(FoundStudies((STUDY, STUDY), is_cut=True)).endswith("a patient or a shorter period.")
