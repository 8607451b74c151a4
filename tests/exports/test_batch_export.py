"""Many films to a folder: every film once, whatever was killed when; and nothing of whose they are where they are for sharing."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import generate_uid

from chexview.errors import UsageError
from chexview.exports import batch_export
from chexview.exports.batch_export import JOURNAL, STATE, BatchExport, ExportPlan, wanted_forms
from chexview.exports.bundle import Bundle, Purpose
from chexview.exports.film_report import SummaryRow
from chexview.exports.registry import FILM_EXPORTS, export_named
from chexview.worklist.batch_reading import FileOutcome, FilmFile
from chexview.worklist.verdicts import Decision, Verdict
from tests.exports.marks import WORDS, marked, marks_in
from tests.exports.results import CARD, film, reading

SR = wanted_forms("sr", False, FILM_EXPORTS)


def plan(purpose: Purpose = Purpose.RECORD, table: str = "csv", **more: object) -> ExportPlan:
    made = ExportPlan(export_named(table), (), purpose, CARD, "specificity_90", False)
    return replace(made, **more)  # type: ignore[arg-type]


def files(folder: Path, count: int) -> list[FilmFile]:
    """Files of different bytes."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number:03d}.dcm" for number in range(count)]
    for path in paths:
        path.write_bytes(path.name.encode())
    return [FilmFile(path, f"in/{path.name}") for path in paths]


def outcomes(export: BatchExport, given: list[FilmFile]) -> Iterator[FileOutcome]:
    """What reading would give: the bundled film, withheld each fifth time, refused each seventh."""
    shown = film()
    for file in export.waiting(given):
        number = int(file.path.stem)
        digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
        if number % 7 == 6:
            yield FileOutcome(file, refused="It is empty.")
        elif number % 5 == 4:
            yield FileOutcome(file, film=replace(shown, digest=digest), withheld="This is a lateral film.")
        else:
            flagged = ("Effusion",) if number % 2 else ()
            yield FileOutcome(file, film=replace(shown, digest=digest), reading=reading(flagged, digest))


def test_a_transient_refusal_is_read_again_and_another_is_not(tmp_path: Path) -> None:
    given, out = files(tmp_path / "in", 3), tmp_path / "out"
    first = BatchExport(out, plan())
    for file, transient in zip(given, (True, False, True), strict=True):
        first.write(FileOutcome(file, refused="Not read.", transient=transient))
    tally = first.finish()
    assert (tally.refused, tally.transient) == (
        3,
        2,
    ) and "2 files of those refused may be read another time" in tally.words
    second = BatchExport(out, plan())
    assert [file.name for file in second.waiting(given)] == ["in/000.dcm", "in/002.dcm"]
    second.write(next(outcomes(BatchExport(tmp_path / "other", plan()), given[:1])))
    second.write(FileOutcome(given[2], refused="Not read.", transient=True))
    tally = second.finish()
    assert (tally.read, tally.refused, tally.transient, tally.skipped) == (1, 2, 1, 1)
    assert sorted(names(out / "chexview-readings.csv")) == [file.name for file in given]
    third = BatchExport(out, plan())
    assert [file.name for file in third.waiting(given)] == ["in/002.dcm"]
    third.write(
        FileOutcome(given[0], refused="Not read.", transient=True)
    )  # of a process that read it at the same time
    assert third.finish().read == 1


def test_an_export_for_sharing_keeps_its_secret_until_every_file_was_read(tmp_path: Path) -> None:
    (file,) = files(tmp_path / "in", 1)
    first = BatchExport(tmp_path / "out", plan(Purpose.SHARING))
    first.write(FileOutcome(file, refused="Not read.", transient=True))
    first.finish()
    second = BatchExport(tmp_path / "out", plan(Purpose.SHARING))
    assert first.key is not None and second.key is not None and second.key.secret == first.key.secret
    second.write(FileOutcome(file, refused="It is empty."))
    assert second.finish().transient == 0 and not (tmp_path / "out" / STATE).exists()


def test_a_file_that_changed_has_one_row_and_no_files_of_before(tmp_path: Path) -> None:
    (file,) = files(tmp_path / "in", 1)
    out, given = tmp_path / "out", plan(forms=wanted_forms("sc", False, FILM_EXPORTS))
    digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    first, flagged = BatchExport(out, given), ("Effusion", "Mass")
    first.write(FileOutcome(file, film=replace(film(), digest=digest), reading=reading(flagged, digest)))
    assert len(list(out.rglob("*.sc.dcm"))) == 2
    file.path.write_bytes(b"a later version")
    digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    second = BatchExport(out, given)
    second.write(FileOutcome(file, film=replace(film(), digest=digest), reading=reading((), digest)))
    assert second.finish().read == 1 and names(out / "chexview-readings.csv") == [file.name]
    (left,) = out.rglob("*.sc.dcm")
    assert left.name == "000.dcm.sc.dcm"
    assert list(BatchExport(out, given).waiting([file])) == []


def test_each_line_of_the_journal_is_read_once_however_many_files_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, out = files(tmp_path / "in", 60), tmp_path / "out"
    first = BatchExport(out, plan())
    for file in given:
        first.write(FileOutcome(file, refused="Not read."))
    for file in given:
        file.path.write_bytes(b"later " + file.name.encode())
    second, reads = BatchExport(out, plan()), Counter[str]()

    def counted(text: str | bytes) -> dict[str, object]:
        found: dict[str, object] = loads(text)
        reads[str(found["digest"])] += 1
        return found

    loads = json.loads
    monkeypatch.setattr(batch_export.json, "loads", counted)
    for file in second.waiting(given):
        second.write(FileOutcome(file, refused="Not read."))
    assert len(reads) == 2 * len(given) - 1 and set(reads.values()) == {1}


def names(table: Path) -> list[str]:
    with table.open(encoding="utf-8") as stream:
        return [row["file"] for row in csv.DictReader(stream)]


def test_a_run_that_stops_anywhere_goes_on_without_a_film_lost_or_doubled(tmp_path: Path) -> None:
    given, out = files(tmp_path / "in", 20), tmp_path / "out"
    first = BatchExport(out, plan())
    for number, outcome in enumerate(outcomes(first, given)):
        if number == 8:
            break
        first.write(outcome)
    journal = out / STATE / JOURNAL
    with journal.open("ab") as stream:
        stream.write(b'{"file": "in/008.dcm", "dig')  # killed while it wrote
    second = BatchExport(out, plan())
    left = [outcome for outcome in outcomes(second, given)]
    assert [outcome.file.path.stem for outcome in left] == [f"{number:03d}" for number in range(8, 20)]
    for outcome in left:
        second.write(outcome)
    tally = second.finish()
    assert names(out / "chexview-readings.csv") == [file.name for file in given]
    assert (tally.read, tally.flagged, tally.withheld, tally.refused, tally.skipped) == (14, 7, 4, 2, 8)
    third = BatchExport(out, plan())
    assert list(third.waiting(given)) == []
    given[3].path.write_bytes(b"another film under the same name")
    assert [file.name for file in BatchExport(out, plan()).waiting(given)] == ["in/003.dcm"]


def test_the_summary_counts_as_the_tally_does_also_of_an_older_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, out = files(tmp_path / "in", 10), tmp_path / "out"
    first = BatchExport(out, plan(forms=wanted_forms("", True, FILM_EXPORTS)))
    monkeypatch.setattr(batch_export, "bundle", lambda *_: Bundle(()))
    for outcome in outcomes(first, given):
        first.write(outcome)
    journal = out / STATE / JOURNAL
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        del line["row"]["without"]
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    seen: list[SummaryRow] = []
    monkeypatch.setattr(batch_export, "summary_pdf", lambda rows, model: seen.extend(rows) or b"")
    tally = BatchExport(out, plan(forms=wanted_forms("", True, FILM_EXPORTS))).finish()
    counts = Counter(row.without for row in seen)
    assert (
        (counts[""], counts["withheld"], counts["refused"]) == (tally.read, tally.withheld, tally.refused) == (7, 2, 1)
    )


def test_a_folder_takes_readings_of_one_way_only(tmp_path: Path) -> None:
    BatchExport(tmp_path, plan())
    for other in (plan(policy="youden"), plan(forms=SR), plan(Purpose.SHARING), plan(card=replace(CARD, weights="cd"))):
        with pytest.raises(UsageError, match="another way"):
            BatchExport(tmp_path, other)
    BatchExport(tmp_path, plan(table="json"))


def test_films_files_lie_below_the_folder_as_the_films_were_named(tmp_path: Path) -> None:
    (file,) = files(tmp_path / "in", 1)
    verdict = Verdict(film().digest, "Effusion", CARD.weights, Decision.REJECTED, "2026-05-04T10:00:00", "Reader 2")
    export = BatchExport(tmp_path / "out", plan(table="json", forms=SR), [verdict])
    export.write(FileOutcome(replace_name(file, "../in/a.dcm"), film=film(), reading=reading(digest=film().digest)))
    no_study = replace(film(), origin=None, digest="x")
    export.write(FileOutcome(file, film=no_study, reading=reading()))
    tally = export.finish()
    assert tally.incomplete == 1 and "1 film could not leave in every form" in tally.words
    assert (tmp_path / "out" / "__" / "in" / "a.dcm.sr.dcm").exists()
    first, second = map(json.loads, (tmp_path / "out" / "chexview-readings.jsonl").read_text().splitlines())
    assert first["findings"]["Effusion"]["verdict"] == "rejected"
    assert "not a DICOM object" in second["not_exported"][0]


def replace_name(file: FilmFile, name: str) -> FilmFile:
    return FilmFile(file.path, name)


def test_a_folder_for_sharing_holds_no_mark_and_forgets_its_secret(tmp_path: Path) -> None:
    from tests.exports.test_sharing import marked_result

    source = tmp_path / "quartzfolder" / "quartzfile.dcm"
    source.parent.mkdir()
    source.write_bytes(marked())
    given = marked_result()
    out = tmp_path / "out"
    export = BatchExport(out, plan(Purpose.SHARING, forms=(*SR, *wanted_forms("", True, FILM_EXPORTS))), given.verdicts)
    export.write(FileOutcome(FilmFile(source, str(source)), film=given.film, reading=given.reading))
    broken = FilmFile(source, "quartzbroken.dcm")
    export.write(FileOutcome(broken, refused="quartz cannot be read."))
    assert (out / STATE / "secret").exists()
    export.finish()
    left = [path for path in out.rglob("*") if path.is_file()]
    assert not (out / STATE).exists() and len(left) == 6
    for path in left:
        assert marks_in(path.read_bytes(), (*WORDS, "quartz", given.film.digest)) == set(), path.name
        assert "quartz" not in str(path.relative_to(out))


def test_names_of_forms_are_checked() -> None:
    assert [form.name for form in wanted_forms("gsps, SR,sr", True, FILM_EXPORTS)] == ["gsps", "sr", "pdf"]
    with pytest.raises(UsageError, match="fax"):
        wanted_forms("sr,fax", False, FILM_EXPORTS)


def test_two_processes_at_once_double_no_row(tmp_path: Path) -> None:
    given, out = files(tmp_path / "in", 3), tmp_path / "out"
    one, other = BatchExport(out, plan()), BatchExport(out, plan())
    for each in (one, other):
        for outcome in outcomes(each, given):
            each.write(outcome)
    assert one.finish().read == 3
    assert names(out / "chexview-readings.csv") == [file.name for file in given]


def distinct_films(folder: Path) -> dict[str, Path]:
    """Four DICOM films of studies of their own and sixteen pictures, by the SHA-256 of their files."""
    folder.mkdir()
    given = Path(__file__).parents[1] / "data" / "films"
    dataset = pydicom.dcmread(given / "files" / "v00_small.dcm")
    for number in range(4):
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.save_as(folder / f"{number:03d}.dcm")
    picture = (given / "expected" / "v00_small.png").read_bytes()
    for number in range(4, 20):
        (folder / f"{number:03d}.png").write_bytes(picture + bytes([number]))
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in sorted(folder.iterdir())}


def test_the_command_goes_on_after_it_was_killed(home: Path, tmp_path: Path) -> None:
    """Each film and each of its objects is there once, and readable."""
    films, out = distinct_films(tmp_path / "films"), tmp_path / "out"
    own = {"HOME": str(home), "CHECKPOINT": "random", "DEVICE": "cpu", "DECODERS": "1"}
    environment = {**os.environ, **{f"CHEXVIEW_{name}": value for name, value in own.items()}}
    command = [sys.executable, "-m", "chexview", "read", str(tmp_path / "films"), "--out", str(out), "--insist"]
    command += ["--format", "csv", "--dicom", "gsps,sc,sr"]
    journal, deadline = out / STATE / JOURNAL, time.monotonic() + 400
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while time.monotonic() < deadline and not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL and 3 <= journal.read_bytes().count(b"\n") < 20
    below = next(out.rglob("000.dcm.sr.dcm")).parent
    (below / ".003.dcm.sr.dcm.ab12cd34").write_bytes(b"what a kill in the middle of a file leaves")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("20 files") and "20 read" in done.stdout, done.stderr
    with (out / "chexview-readings.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["digest"] for row in csv.DictReader(stream)] == list(films)
    left = {path.name for path in below.iterdir()}
    for path in films.values():
        mine = {name for name in left if name.startswith(path.name)}
        left -= mine
        if path.suffix == ".png":
            assert mine == set()
            continue
        objects = [pydicom.dcmread(below / name) for name in sorted(mine) if name.endswith(".dcm")]
        study = pydicom.dcmread(path).StudyInstanceUID
        assert {(each.Modality, each.StudyInstanceUID) for each in objects} == {
            (kind, study) for kind in ("PR", "OT", "SR")
        }
        assert len({each.SOPInstanceUID for each in objects}) == len(objects) == len(mine)
        assert {f"{path.name}.sr.dcm", f"{path.name}.gsps.dcm"} < mine
    assert left == set()
