"""The audit log: lines that are whole, and that name nobody."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from chexview import audit
from chexview.audit import Action


def test_lines_are_appended_whole_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "audit.jsonl"
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda place: audit.write(path, Action.SHOWN, "who", f"{place:064x}"), range(200)))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(line["film"] for line in lines) == [line.film for line in written]
    assert all(set(line) == {"time", "who", "action", "film"} for line in lines)
    assert asdict(written[0])["time"].endswith("+00:00")
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_written_is_said_and_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.ERROR):
        audit.write(tmp_path / "file" / "audit.jsonl", Action.SENT, "who", "f" * 64)
    (said,) = caplog.records
    assert "cannot be written" in said.getMessage() and str(tmp_path) not in said.getMessage()
