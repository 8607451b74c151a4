"""Environment variables: what of a PACS can be used, and that no error tells a secret."""

from pathlib import Path

import pytest

from chexview import settings
from chexview.errors import SettingsError, UsageError

URL, SECRET = "https://pacs.example.org/dicom-web", "s3cret-value"


@pytest.fixture(autouse=True)
def no_pacs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URL", "USER", "PASSWORD", "PASSWORD_FILE", "TOKEN", "TOKEN_FILE", "CA", "SECONDS"):
        monkeypatch.delenv(f"CHEXVIEW_PACS_{name}", raising=False)


def put(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"CHEXVIEW_PACS_{name}", value)


def test_without_an_address_there_is_no_pacs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.pacs() is None
    put(monkeypatch, USER="reader", PASSWORD=SECRET)
    assert settings.pacs() is None


def test_a_pacs_is_named_by_its_address_and_user(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, URL=f"{URL}/", USER="reader", PASSWORD=SECRET, SECONDS="7")
    found = settings.pacs()
    assert found == settings.PacsSettings(URL, "reader", SECRET, seconds=7.0)
    assert found is not None and (found.host, found.is_encrypted) == ("pacs.example.org", True)
    assert SECRET not in repr(found) and "reader" not in repr(found)


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n")
    put(monkeypatch, URL=URL, TOKEN_FILE=str(tmp_path / "token"))
    assert settings.pacs() == settings.PacsSettings(URL, token=SECRET)


@pytest.mark.parametrize(
    "values",
    [
        {"URL": "pacs.example.org"},
        {"URL": f"https://reader:{SECRET}@pacs.example.org/dicom-web"},
        {"URL": f"{URL}?key={SECRET}"},
        {"URL": f"{URL}#{SECRET}"},
        {"URL": "https://pacs.example.org:port/"},
        {"URL": "file:///etc/passwd"},
        {"URL": "https:///dicom-web"},
        {"USER": "reader"},
        {"PASSWORD": SECRET},
        {"TOKEN": SECRET, "USER": "reader", "PASSWORD": SECRET},
        {"PASSWORD": SECRET, "PASSWORD_FILE": "/there/is/none", "USER": "reader"},
        {"PASSWORD_FILE": f"/there/is/none/{SECRET}", "USER": "reader"},
        {"TOKEN": f"{SECRET}\r\nHost: elsewhere"},
        {"SECONDS": "0"},
        {"SECONDS": "soon"},
        {"CA": "/there/is/none.pem"},
    ],
)
def test_what_cannot_be_used_is_said_without_secrets(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    put(monkeypatch, **({"URL": URL} | values))
    with pytest.raises(SettingsError, match="CHEXVIEW_PACS_") as caught:
        settings.pacs()
    assert SECRET not in str(caught.value)


def test_what_is_stored_has_its_file_s_name_or_the_one_that_is_wanted() -> None:
    file = Path("folder/mine.csv.gz")
    assert settings.name_to_store(None, file, "a run") == settings.name_to_store("", file, "a run") == "mine"
    assert settings.name_to_store("other.v2", file, "a run") == "other.v2"


@pytest.mark.parametrize("name", ["../up", "a/b", "a\\b", ".hidden", ".."])
def test_what_is_no_folder_s_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        settings.name_to_store(name, Path("mine.csv"), "a run")
