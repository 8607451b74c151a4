"""Forms in which readings leave: one list serves the pages and the command line."""

import io
import json
from dataclasses import replace

import pytest

from chexview import cli
from chexview.exports import registry
from chexview.settings import BUNDLED

FILM = BUNDLED / "films" / "00021782_018.png"


def test_an_export_is_added_in_one_place(
    home: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    monkeypatch.setenv("CHEXVIEW_DEVICE", "cpu")
    names = replace(
        registry.export_named("csv"),
        name="names",
        title="Names",
        write=lambda records, findings: "\n".join(record["file"] for record in records).encode(),
        head=lambda findings: f"# {len(findings)} findings\n",
        line=lambda record, findings: f"{record['file']}\n",
    )
    monkeypatch.setattr(registry, "READING_EXPORTS", [*registry.READING_EXPORTS, names])
    assert cli.main(["read", str(FILM), "--format", "names"]) == 0
    assert capsys.readouterr().out == f"# 14 findings\n{FILM}\n"

    from tests.pages.shown import uploaded

    app = uploaded((FILM.name, FILM.read_bytes()))
    assert ">Names</a>" in "".join(item.proto.body for item in app.get("html"))


def test_the_bundled_forms_are_csv_and_json_lines() -> None:
    assert [export.name for export in registry.READING_EXPORTS] == ["csv", "json"]
    record = {"file": "a.png", "refused": "It is empty."}
    assert json.loads(registry.export_named("json").line(record, ())) == record
    stream = registry.export_named("csv").head(("Mass",)) + registry.export_named("csv").line(record, ("Mass",))
    assert "Mass threshold" in stream.splitlines()[0] and io.StringIO(stream).readlines()[1].startswith("a.png,")
    with pytest.raises(KeyError):
        registry.export_named("fax")
