"""Many films' results to a folder, film by film, so that a run that is killed goes on where it was.

What is done is recorded in a journal, ``.chexview/journal.jsonl`` in the folder: a line a file, with its name and SHA-256, written
after all of the film's files were. A file is done when its name and digest are there, unless its refusal was transient: then it is
read again. A line that a crash cut is dropped. The table of readings, and the summary on paper, are made of the journal when all
films are done, of each file's last line. Nothing of earlier films stays in memory but their lines of the summary.

For sharing, names, digests and UIDs in the folder are the export's own; the journal, which has the true ones, and the export's
secret go when the export is complete, which it is not while a refusal is transient.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chexview.atomic import remove_unfinished, write_atomically
from chexview.errors import UsageError
from chexview.exports import records
from chexview.exports.bundle import Bundle, Purpose, about, bundle
from chexview.exports.film_report import SummaryRow, summary_pdf, summary_row
from chexview.exports.film_result import FilmResult
from chexview.exports.registry import FilmExport, ReadingExport
from chexview.exports.sharing import SharingKey, shared
from chexview.model.card import Card
from chexview.text.numbers import counted
from chexview.text.result import model_words
from chexview.worklist.batch_reading import FileOutcome, FilmFile
from chexview.worklist.verdicts import Verdict

STATE = ".chexview"
JOURNAL, SECRET, RUN = "journal.jsonl", "secret", "run.json"
SUMMARY = "summary.pdf"


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is written of each film, and with what it is read; a folder takes films of one plan only."""

    table: ReadingExport
    forms: tuple[FilmExport, ...]
    purpose: Purpose
    card: Card
    policy: str
    insist: bool

    @property
    def key(self) -> dict[str, Any]:
        """The same for two plans whose films may lie in one folder."""
        return {
            "forms": [form.name for form in self.forms],
            "purpose": self.purpose.value,
            "weights": self.card.weights,
            "policy": self.policy,
            "insist": self.insist,
        }


@dataclass(slots=True)
class Tally:
    """How many files came to what."""

    read: int = 0
    flagged: int = 0
    withheld: int = 0
    refused: int = 0
    skipped: int = 0
    incomplete: int = 0
    transient: int = 0

    @property
    def words(self) -> str:
        """The summary in one sentence."""
        total = self.read + self.withheld + self.refused
        earlier = f", {self.skipped:,} of them in an earlier run" if self.skipped else ""
        missing = (
            f" {counted(self.incomplete, 'film')} could not leave in every form; see readings."
            if self.incomplete
            else ""
        )
        again = (
            f" {counted(self.transient, 'file')} of those refused may be read another time; give the same command again."
            if self.transient
            else ""
        )
        return (
            f"{counted(total, 'file')}{earlier}: {self.read:,} read, {self.flagged:,} with a flag, {self.withheld:,} withheld, "
            f"{self.refused:,} refused.{missing}{again}"
        )


class BatchExport:
    """The folder of one export. Raises UsageError where it holds one of another plan."""

    def __init__(self, folder: Path, plan: ExportPlan, verdicts: Iterable[Verdict] = ()) -> None:
        self.folder, self.plan, self.state = folder, plan, folder / STATE
        self._verdicts: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            if verdict.weights == plan.card.weights:
                self._verdicts.setdefault(verdict.film, []).append(verdict)
        self._open()
        self.tally = Tally()
        self._done = {line["file"]: line["digest"] for line in self._last_lines() if not line.get("transient")}
        self._written: dict[str, set[str]] = {}
        self._indexed = 0

    def _open(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        run = self.state / RUN
        if run.exists():
            if json.loads(run.read_text()) != self.plan.key:
                raise UsageError(
                    f"{self.folder.name} holds readings made in another way (checkpoint, thresholds or forms); name another folder."
                )
            remove_unfinished(self.folder, (".dcm", *(form.suffix for form in self.plan.forms), JOURNAL, SUMMARY))
        else:
            write_atomically(run, json.dumps(self.plan.key).encode())
        self.key = self._secret() if self.plan.purpose is Purpose.SHARING else None
        journal = self.state / JOURNAL
        if journal.exists():  # a line that was being written when the process died
            data = journal.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if whole != data:
                write_atomically(journal, whole)

    def _secret(self) -> SharingKey:
        path = self.state / SECRET
        if path.exists():
            return SharingKey(path.read_bytes())
        key = SharingKey()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(key.secret)
        return key

    def _lines(self) -> Iterator[dict[str, Any]]:
        journal = self.state / JOURNAL
        if journal.exists():
            with journal.open(encoding="utf-8") as stream:
                yield from (json.loads(line) for line in stream)

    def _last_lines(self) -> Iterator[dict[str, Any]]:
        """The line of each file that counts, in order: its last, but no transient refusal after the same bytes were read.

        A file has several where it was refused for a while, where it changed, or where two processes read at once.
        """
        counts: dict[str, int] = {}
        read: dict[str, str] = {}
        for number, line in enumerate(self._lines()):
            name, digest = line["file"], line["digest"]
            if "transient" in line and name in read and digest == read[name]:
                continue
            counts[name] = number
            if "transient" not in line:
                read[name] = digest
        wanted = set(counts.values())
        yield from (line for number, line in enumerate(self._lines()) if number in wanted)

    def waiting(self, files: Iterable[FilmFile]) -> Iterator[FilmFile]:
        """The files that are not done yet."""
        for file in files:
            if file.name in self._done and _digest(file) == self._done[file.name]:
                self.tally.skipped += 1
            else:
                yield file

    def write(self, outcome: FileOutcome) -> None:
        """Writes all of one film, and then its line of the journal. Raises OSError where the disk does not take it."""
        made, record, row = self._made(outcome)
        targets = [self._target(outcome.file, file.name) for file in made.files]
        if outcome.file.name in self._done:
            self._remove_superseded(outcome.file, targets)
        for file, target in zip(made.files, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, file.data)
        digest = outcome.film.digest if outcome.film is not None else _digest(outcome.file)
        if made.refusals:
            record["not_exported"] = list(made.refusals)
        line: dict[str, Any] = {"file": outcome.file.name, "digest": digest, "record": record, "row": asdict(row)}
        line["files"] = [str(target.relative_to(self.folder)) for target in targets]
        if outcome.transient:
            line["transient"] = True
        with (self.state / JOURNAL).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, allow_nan=False) + "\n")

    def _remove_superseded(self, file: FilmFile, kept: Sequence[Path]) -> None:
        """Removes what was written of the file's earlier bytes and is not written again."""
        self._index_written()
        for name in self._written.get(file.name, ()):
            if (path := self.folder / name) not in kept:
                path.unlink(missing_ok=True)

    def _index_written(self) -> None:
        """Notes which files were written of which film, from those lines of the journal that were not there the last time."""
        with (self.state / JOURNAL).open("rb") as stream:
            stream.seek(self._indexed)
            for text in stream:
                if not text.endswith(b"\n"):  # another process is writing it
                    break
                line = json.loads(text)
                self._written.setdefault(line["file"], set()).update(line.get("files", ()))
                self._indexed += len(text)

    def _target(self, file: FilmFile, name: str) -> Path:
        return self.folder / name if self.key is not None else self.folder / file.below.parent / name

    def _made(self, outcome: FileOutcome) -> tuple[Bundle, dict[str, Any], SummaryRow]:
        """A film's files, its record and its line of the summary, by what they are for."""
        name = outcome.file.name
        film = outcome.shown
        if film is None:
            said = outcome.refused or ""
            if self.key is not None:
                name, said = f"file-{self.key.name('file', name)}", "The file gave no film."
            return Bundle(()), records.refusal(name, said), SummaryRow(name, "", f"Refused. {said}", without="refused")
        verdicts = tuple(self._verdicts.get(film.digest, ()))
        result = FilmResult(
            film, self.plan.card, outcome.reading, outcome.withheld or "", verdicts, outcome.file.below.name
        )
        if self.key is None:
            made = bundle(result, self.plan.forms, outcome.file.below.name)
            record = self.plan.table.record(name, film, outcome.reading)
            return made, records.with_verdicts(record, verdicts), summary_row(replace(result, name=name))
        name = f"film-{self.key.name('film', film.digest)}"
        made = bundle(result, self.plan.forms, name, self.key)
        if not made.files:
            return (
                made,
                records.refusal(name, " ".join(made.refusals)),
                SummaryRow(name, "", "Not shared.", without="refused"),
            )
        anonymous = replace(shared(result, self.key), name=name)
        record = self.plan.table.record(name, anonymous.film, anonymous.reading)
        return made, records.with_verdicts(record, anonymous.verdicts), summary_row(anonymous)

    def refusals(self) -> dict[str, str]:
        """The films that could not leave in every form, each with the sentences that say why."""
        lines = (line["record"] for line in self._last_lines())
        return {record["file"]: " ".join(record["not_exported"]) for record in lines if "not_exported" in record}

    def finish(self) -> Tally:
        """Writes the table of readings and, where films have pages, the summary; gives what came of all files."""
        export, findings = self.plan.table, self.plan.card.findings
        rows = []
        temporary = self.state / export.file_name
        with temporary.open("w", encoding="utf-8", newline="") as stream:
            stream.write(export.head(findings))
            for line in self._last_lines():
                stream.write(export.line(line["record"], findings))
                flagged, without = tuple(line["row"]["flagged"]), _without(line["record"])
                rows.append(SummaryRow(**{**line["row"], "flagged": flagged, "without": without}))
                self._count(line["record"], rows[-1])
                self.tally.transient += "transient" in line
        temporary.replace(self.folder / export.file_name)
        if any(form.name == "pdf" for form in self.plan.forms):
            write_atomically(self.folder / SUMMARY, summary_pdf(rows, f"Read with {model_words(self.plan.card)}."))
        notice = about(self.plan.purpose)
        write_atomically(self.folder / notice.name, notice.data)
        if self.plan.purpose is Purpose.SHARING and not self.tally.transient:
            shutil.rmtree(self.state)
        return self.tally

    def _count(self, record: dict[str, Any], row: SummaryRow) -> None:
        self.tally.incomplete += "not_exported" in record
        self.tally.refused += row.without == "refused"
        self.tally.withheld += row.without == "withheld"
        self.tally.read += not row.without
        self.tally.flagged += bool(row.flagged)


def _without(record: dict[str, Any]) -> str:
    """Why a record has no score, as a summary's row says it: of the record, which lines of older journals have, too."""
    return "refused" if "refused" in record else "" if "findings" in record else "withheld"


def _digest(file: FilmFile) -> str:
    """The SHA-256 of a file; "" where it cannot be read."""
    try:
        with file.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def wanted_forms(names: str, pdf: bool, known: Sequence[FilmExport]) -> tuple[FilmExport, ...]:
    """The forms named, separated by commas, and the page on paper. Raises UsageError for a name that none has."""
    by_name = {form.name: form for form in known if form.is_dicom}
    found = []
    for name in filter(None, (part.strip().lower() for part in names.split(","))):
        if name not in by_name:
            raise UsageError(f"There is no DICOM form {name}; there are {', '.join(by_name)}.")
        found.append(by_name[name])
    found += [form for form in known if pdf and form.name == "pdf"]
    return tuple(dict.fromkeys(found))
