"""Verdicts: appended, never changed, without anything of the patient; counted by finding, the last of each film."""

import json
import threading
from pathlib import Path

import pytest

from chexview.errors import ExportError
from chexview.worklist.verdicts import Decision, Overruling, VerdictFile, overrulings

A, R, C = Decision.ACCEPTED, Decision.REJECTED, Decision.CORRECTED


def test_a_verdict_is_read_back_and_holds_nothing_else(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path / "verdicts")
    written = file.append("f1", "Mass", "w", R, " Reader\n 2 ")
    assert written.reader == "Reader 2"
    assert file.read() == (written,) == file.on("f1", "w") and file.on("f2", "w") == ()
    (line,) = file.path.read_text().splitlines()
    assert set(json.loads(line)) == {"film", "finding", "weights", "decision", "time", "reader"}
    assert oct(file.path.stat().st_mode)[-3:] == "600"


def test_lines_are_only_ever_added(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)
    file.append("f1", "Mass", "w", A)
    before = file.path.read_bytes()
    file.append("f1", "Mass", "w", R)
    assert file.path.read_bytes().startswith(before)
    assert [verdict.decision for verdict in file.read()] == [A, R]


def test_a_line_cut_by_a_crash_costs_itself_alone(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)
    file.append("f1", "Mass", "w", A)
    with file.path.open("ab") as stream:
        stream.write(b'{"film": "f2", "fin')
    file.append("f3", "Mass", "w", C)
    assert [verdict.film for verdict in file.read()] == ["f1", "f3"]


def test_many_threads_lose_no_line(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)

    def work(number: int) -> None:
        for k in range(10):
            file.append(f"{number}-{k}", "Mass", "w", A)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({verdict.film for verdict in file.read()}) == 40


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="CHEXVIEW_HOME"):
        VerdictFile(tmp_path / "file" / "below").append("f", "Mass", "w", A)


def test_the_last_verdict_of_a_film_counts_and_other_models_do_not(tmp_path: Path) -> None:
    file = VerdictFile(tmp_path)
    for film, finding, weights, decision in (
        ("f1", "Mass", "w", A),
        ("f1", "Mass", "w", R),
        ("f2", "Mass", "w", A),
        ("f2", "Hernia", "w", C),
        ("f2", "Mass", "other", R),
    ):
        file.append(film, finding, weights, decision)
    found = overrulings(file.read(), "w")
    assert found == (Overruling("Mass", 1, 1, 0), Overruling("Hernia", 0, 0, 1))
    assert [(item.judged, item.overruled) for item in found] == [(2, 1), (1, 1)]
