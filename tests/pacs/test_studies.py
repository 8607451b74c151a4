"""Lists that a server sends, hostile ones too."""

from typing import Any

import pytest

from chexview.errors import PacsError
from chexview.pacs import studies

ROW: dict[str, Any] = {
    "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
    "00100020": {"vr": "LO", "Value": ["P1"]},
    "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane", "Ideographic": "\u5c71"}]},
    "00080020": {"vr": "DA", "Value": ["20240102"]},
    "00080061": {"vr": "CS", "Value": ["DX", "SR"]},
    "00201208": {"vr": "IS", "Value": [3]},
}


def test_a_row_is_a_study() -> None:
    found = studies.study(ROW)
    assert (found.uid, found.patient_id, found.patient_name, found.date) == ("1.2.3", "P1", "Doe^Jane", "20240102")
    assert (found.modalities, found.instances) == (("DX", "SR"), 3)


def test_what_is_missing_is_empty() -> None:
    bare = studies.study({"0020000D": {"vr": "UI", "Value": ["1.2.3"]}, "00100010": {"vr": "PN"}})
    assert (bare.patient_name, bare.date, bare.modalities, bare.instances) == ("", "", (), None)


@pytest.mark.parametrize(
    "row", [None, [], "x", {}, {"0020000D": "1.2"}, {"0020000D": {"Value": "1.2"}}, {"0020000D": {"Value": [None]}}]
)
def test_no_row_is_no_study(row: Any) -> None:
    with pytest.raises(PacsError, match="no DICOMweb"):
        studies.study(row)


@pytest.mark.parametrize("uid", ["../x", "1.2/3", "1.2?x=1", "", "1." + "2" * 70, "1..2", "\u0661.2"])
def test_a_uid_is_never_another_part_of_an_address(uid: str) -> None:
    assert not studies.is_uid(uid)
    with pytest.raises(PacsError):
        studies.study(ROW | {"0020000D": {"Value": [uid]}})


def test_odd_values_are_left_out() -> None:
    odd = studies.study(
        ROW
        | {
            "00080020": {"Value": ["2024-01-02"]},
            "00201208": {"Value": ["9" * 50]},
            "00080061": {"Value": {"x": 1}},
            "00081030": {"Value": ["a\x00\u202eb" + "c" * 5000]},
        }
    )
    assert (odd.date, odd.instances, odd.modalities) == ("", None, ())
    assert len(odd.description) <= 256 and odd.description.startswith("a bc")
