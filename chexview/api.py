"""The Python API: what ``import chexview`` offers, loaded when it is first used.

Read films with the bundled checkpoint. Files come as the user names them, folders are walked; the readings stand in the
order of the files, and files without a reading are listed with the sentence that says why.

>>> import chexview
>>> readings = chexview.read(chexview.example_films())
>>> len(readings), len(readings.withheld), len(readings.refused)
(6, 0, 0)
>>> reading = readings[0]
>>> 0 < reading.probabilities["Effusion"] < 1
True

Every score is a sum over the cells of the film, in log-odds.

>>> score = reading.score("Effusion")
>>> bool(abs(score.base + reading.contributions("Effusion").sum() - score.log_odds) < 1e-3)
True

Readings leave in the forms that the pages and the command line have: tables, pages on paper, DICOM objects.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     [path.name for path in chexview.export(readings, folder, forms=("csv",)).files]
['README.txt', 'chexview-readings.csv']

A stored validation run gives ROC curves, confusion matrices and intervals; nothing of it needs PyTorch.

>>> run = chexview.load_run()
>>> examination = run.examine("Effusion")
>>> bool(examination.auroc.low < examination.auroc.value < examination.auroc.high)
True
>>> matrix = examination.confusion(threshold=-2.0)
>>> matrix.counts.films == examination.films
True
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

import pandas as pd

from chexview import settings
from chexview.errors import FilmError, RunError
from chexview.evaluation.curves import RocCurve
from chexview.evaluation.examination import Examination, Truth
from chexview.evaluation.run import ValidationRun, list_runs
from chexview.evaluation.run import load_run as load_validation_run
from chexview.films.limits import check_file_bytes
from chexview.films.radiograph import Radiograph
from chexview.films.read import read as decode

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from chexview.model.card import Card
    from chexview.model.predictor import Predictor
    from chexview.model.reading import Reading
    from chexview.worklist.batch_reading import FileOutcome

Paths = str | Path | Iterable[str | Path]


def example_films() -> tuple[Path, ...]:
    """The films that ship with CheXView, PNG and DICOM, in order of name."""
    folder = settings.load().films
    return tuple(sorted(path for path in folder.glob("*") if path.suffix in {".png", ".dcm"}))


def read_film(path: str | Path) -> Radiograph:
    """One film from a PNG, JPEG, TIFF or DICOM file, decoded in a child process with limits on memory and time.

    ``pixels * scale + offset`` are modality units. Raises a FilmError whose text is one sentence.

    >>> film = read_film(example_films()[0])
    >>> film.pixels.dtype.name, film.pixels.ndim
    ('uint16', 2)
    """
    file = Path(path)
    try:
        check_file_bytes(file.stat().st_size)
        return decode(file.read_bytes())
    except (OSError, ValueError) as error:
        raise FilmError(f"{file.name} cannot be opened; check that it is there and may be read.") from error


def load_checkpoint(name: str | None = None) -> "Predictor":
    """The predictor of a checkpoint by its name; without one, CHEXVIEW_CHECKPOINT's or the bundled one.

    ``.card`` says what is known of it, ``.read(films)`` gives the readings of decoded films whatever speaks against them.
    Raises UnknownCheckpointError for a name that no checkpoint has, CheckpointError for one that does not load strictly.

    >>> load_checkpoint().card.findings[:3]
    ('Atelectasis', 'Cardiomegaly', 'Effusion')
    """
    from chexview.model.checkpoint_choice import choose_checkpoint, load_predictor

    own = settings.load()
    return load_predictor(choose_checkpoint(own, name), own)


@dataclass(frozen=True, eq=False, repr=False)
class FilmReadings(Sequence["Reading"]):
    """What came of each file, in the order in which they were read; as a sequence, the readings of those that have one.

    ``card`` is the checkpoint's, ``policy`` names the operating points, ``insisted`` says whether withheld scores were asked for.
    """

    outcomes: tuple["FileOutcome", ...]
    card: "Card"
    policy: str
    insisted: bool

    @cached_property
    def readings(self) -> tuple["Reading", ...]:
        """The readings, in the order of ``files``."""
        return tuple(outcome.reading for outcome in self.outcomes if outcome.reading is not None)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files that have a reading, named as the user did."""
        return tuple(outcome.file.name for outcome in self.outcomes if outcome.reading is not None)

    @cached_property
    def withheld(self) -> dict[str, str]:
        """The films whose score is withheld, each with the sentence that says why."""
        without = (outcome for outcome in self.outcomes if outcome.film is not None and outcome.reading is None)
        return {outcome.file.name: outcome.withheld or "" for outcome in without}

    @cached_property
    def refused(self) -> dict[str, str]:
        """The files that gave no film, each with the sentence that says why."""
        return {outcome.file.name: outcome.refused or "" for outcome in self.outcomes if outcome.film is None}

    @overload
    def __getitem__(self, index: int) -> "Reading": ...
    @overload
    def __getitem__(self, index: slice) -> "tuple[Reading, ...]": ...
    def __getitem__(self, index: int | slice) -> "Reading | tuple[Reading, ...]":
        return self.readings[index]

    def __len__(self) -> int:
        return len(self.readings)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The calibrated probabilities: one row a file, one column a finding."""
        return pd.DataFrame(
            [reading.probabilities for reading in self.readings], index=pd.Index(self.files, name="file")
        )

    def __repr__(self) -> str:
        return f"FilmReadings({len(self)} read, {len(self.withheld)} withheld, {len(self.refused)} refused)"


def read(
    paths: Paths, checkpoint: "str | Predictor | None" = None, *, policy: str | None = None, insist: bool = False
) -> FilmReadings:
    """Reads films from files and folders, decoded in parallel and scored together.

    ``checkpoint`` is a name or what :func:`load_checkpoint` gives; ``policy`` names operating points of its card (default:
    the card's own). Scores are withheld as everywhere in CheXView, and given all the same with ``insist``. Raises
    UsageError for a path that is not there and for an unknown policy.

    >>> read(example_films()[0]).table.columns[0]
    'Atelectasis'
    """
    from chexview.model.checkpoint_choice import choose_policy
    from chexview.worklist.batch_reading import film_files, read_files
    from chexview.worklist.reader import reader_of

    predictor = load_checkpoint(checkpoint) if checkpoint is None or isinstance(checkpoint, str) else checkpoint
    used = choose_policy(predictor.card, policy)
    named = [paths] if isinstance(paths, str | Path) else paths
    files, workers = list(film_files(named)), settings.load().decoders
    outcomes = read_files(files, reader_of(predictor), policy=used, insist=insist, workers=workers)
    return FilmReadings(tuple(outcomes), predictor.card, used, insist)


@dataclass(frozen=True, repr=False)
class ExportedFiles:
    """The files in a folder of exports, in order of name.

    ``refused`` has, for each film that could not leave in every form, the sentence that says why.
    """

    folder: Path
    files: tuple[Path, ...]
    refused: dict[str, str]

    def __repr__(self) -> str:
        return f"ExportedFiles({len(self.files)} files in {self.folder.name}, {len(self.refused)} films incomplete)"


def export(
    readings: FilmReadings, out: str | Path, forms: Iterable[str] = ("csv",), *, sharing: bool = False
) -> ExportedFiles:
    """Writes readings into the folder ``out``, as ``python -m chexview read --out`` does.

    ``forms`` are names of a table, ``csv`` (also where no table is named) or ``json``, and of each film's own files: ``pdf``,
    ``png``, and of films that came as DICOM ``sr``, ``gsps``, ``sc`` and ``pm``. Files are for the patient's record and name
    the patient where the film does; with ``sharing`` they are de-identified, and a copy of the film lies with them. For all but
    the tables each film is decoded once more. A folder goes on where an earlier call was stopped.

    Raises UsageError for a form that is not there and for a folder that holds readings made in another way, FilmError where a
    film is no longer the file that was read.

    >>> from tempfile import TemporaryDirectory
    >>> readings = read(example_films()[2:4])  # the same film as DICOM and as PNG
    >>> with TemporaryDirectory() as folder:
    ...     left = export(readings, folder, ("csv", "sr"))
    >>> [path.name for path in left.files if path.suffix == ".dcm"]
    ['00013911_000.dcm.sr.dcm']
    >>> list(left.refused.values())
    ['This film is not a DICOM object of a study, to which results could be added; open it as DICOM.']
    """
    from chexview.errors import UsageError
    from chexview.exports.batch_export import STATE, BatchExport, ExportPlan
    from chexview.exports.bundle import Purpose
    from chexview.exports.registry import FILM_EXPORTS, READING_EXPORTS
    from chexview.worklist.verdicts import VerdictFile

    named = list(dict.fromkeys(forms))
    tables = [form for form in READING_EXPORTS if form.name in named]
    of_films = tuple(form for form in FILM_EXPORTS if form.name in named)
    known = [*(form.name for form in READING_EXPORTS), *(form.name for form in FILM_EXPORTS)]
    if unknown := [name for name in named if name not in known]:
        raise UsageError(f"There is no form {unknown[0]}; there are {', '.join(known)}.")
    if len(tables) > 1:
        raise UsageError("A folder takes one table; name csv or json.")
    purpose = Purpose.SHARING if sharing else Purpose.RECORD
    table = (tables or READING_EXPORTS)[0]
    plan = ExportPlan(table, of_films, purpose, readings.card, readings.policy, readings.insisted)
    folder = Path(out)
    work = BatchExport(folder, plan, VerdictFile(settings.load().home / "verdicts").read())
    waiting = {file.name for file in work.waiting(outcome.file for outcome in readings.outcomes)}
    for outcome in readings.outcomes:
        if outcome.file.name in waiting:
            work.write(_with_pixels(outcome) if of_films or sharing else outcome)
    refused = work.refusals()
    work.finish()
    files = sorted(path for path in folder.rglob("*") if path.is_file() and STATE not in path.relative_to(folder).parts)
    return ExportedFiles(folder, tuple(files), refused)


def _with_pixels(outcome: "FileOutcome") -> "FileOutcome":
    """The outcome of a file with its film's pixels. Raises FilmError where it is no longer the file that was read."""
    if outcome.film is None:
        return outcome
    film = read_film(outcome.file.path)
    if film.digest != outcome.film.digest:
        raise FilmError(f"{outcome.file.path.name} is no longer the file that was read; read it again.")
    return replace(outcome, film=film)


class PlottedExamination(Examination):
    """An examination that draws itself: one finding of a run on a list of films, by one truth.

    >>> examination = load_run().examine("Effusion")
    >>> examination.roc().positives == examination.positive_films
    True
    >>> [trace.name for trace in examination.figure(threshold=-1.0).data][:1]
    ['Model']
    """

    def roc(self) -> RocCurve:
        """The exact ROC curve: sensitivity, false positive rate and threshold at every step."""
        return self.curve

    def figure(self, threshold: float | None = None, *, dark: bool = False) -> "go.Figure":
        """The ROC curve with its interval and AUROC as a plotly figure; with a threshold, the operating point on it."""
        from chexview.figures.roc import RocExtras, roc_figure
        from chexview.figures.theme import DARK, LIGHT

        chosen = self.threshold if threshold is None else threshold
        point = None if chosen is None else self.confusion(chosen)
        extras = RocExtras(calibration=self.calibration, band=self.band)
        return roc_figure(self.curve, self.auroc, point, DARK if dark else LIGHT, extras)


@dataclass(frozen=True, eq=False, repr=False)
class StoredRun:
    """A validation run that was found by its name; ``validation`` has its table and all that is known of it."""

    validation: ValidationRun

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self.validation.name

    @property
    def title(self) -> str:
        """A few words for people."""
        return self.validation.meta.title

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that its table has scores of."""
        return tuple(self.validation.findings)

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of its lists of films; the first is the one that is examined where none is named."""
        return tuple(item.name for item in self.validation.lists)

    def examine(self, finding: str, films_list: str = "", truth: Truth | None = None) -> PlottedExamination:
        """One finding on a list of films, judged by the run's own labels or another truth.

        Raises RunError if the run lacks the finding or the list.
        """
        found = self.validation.examine(finding, films_list, truth)
        return PlottedExamination(**{field.name: getattr(found, field.name) for field in fields(Examination)})

    def __repr__(self) -> str:
        return f"StoredRun({self.name})"


def load_run(name: str | Path | None = None) -> StoredRun:
    """A stored validation run by its name or folder; without one, the first bundled one.

    Raises RunError if there is none of that name, or if it is damaged.
    """
    if isinstance(name, Path):
        return StoredRun(load_validation_run(name))
    found = list_runs(settings.load().runs)
    wanted = next((listing for listing in found if name in (None, listing.name)), None)
    if wanted is None:
        there = ", ".join(listing.name for listing in found)
        raise RunError(f"There is no validation run {name or ''}; there are {there or 'none'}.")
    return StoredRun(load_validation_run(wanted.folder))
