"""Text and short HTML about a run's cases; every text from outside is escaped. No Streamlit."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from chexview.calibration import Calibration
from chexview.evaluation.cases import CaseOrder, CaseSet, LookAlikes
from chexview.evaluation.confusion import Cell, CellCounts
from chexview.evaluation.examination import Examination
from chexview.evaluation.operating import OperatingPoints
from chexview.evaluation.run import ValidationRun
from chexview.evaluation.thresholds import calibration_of
from chexview.evaluation.verdicts import Said
from chexview.findings import COMPOSITES, phrase, title
from chexview.geometry import CellGrid, Rectangle
from chexview.model.reading import FindingScore, Reading
from chexview.text import numbers
from chexview.text.numbers import OUTPUT, counted
from chexview.text.reading import chance
from chexview.text.thresholds import score_words

SEXES = {"M": "man", "F": "woman"}
YOUNG = {"M": "boy", "F": "girl"}
ADULT = 18

SMALL_NOTE = " · small copy"
SMALL_READ = "This is a small copy of the film: its scores differ a little from the run's."
SMALL_SOURCE = (
    "Small copies, 256 x 256 pixels, of NIH's sharp test films ship with CheXView (ChestX-ray14, NIH Clinical Center). They are "
    "shown where the film itself is not here."
)
NONE_HERE = (
    "None of this run's films is on this machine, so it is shown without pictures. Enter the folder, zip or tar that holds "
    "them under Films."
)
NO_FILMS = (
    "A run does not contain its films. Enter the folder, zip or tar that holds them, with the file names that the run uses; they "
    "are read when they are shown and are not copied. To set it permanently, use CHEXVIEW_IMAGES."
)


def shown_title(shown: CaseSet, counts: CellCounts) -> str:
    """A choice of films with how many there are: ``False positives, 159``."""
    if shown.cell is None:
        return "Look-alikes"
    return f"{shown.cell.value.capitalize()}s, {counts.of(shown.cell):,}"


def sentence(shown: CaseSet, finding: str, count: int, order: CaseOrder, flagged: bool = True) -> str:
    """What the gallery shows and in which order."""
    name = phrase(finding)
    if shown.cell is None:
        side = "flagged" if flagged else "not flagged"
        return (
            f"{counted(count, 'pair')} of films that scored alike, both {side}, the left one with {name}, the right one without it "
            "by its label; never two films of one patient. What tells them apart, if anything does?"
        )
    what = {
        Cell.TRUE_POSITIVE: f"with {name} that {'is' if count == 1 else 'are'} flagged",
        Cell.FALSE_POSITIVE: f"without {name} by the label, but flagged",
        Cell.FALSE_NEGATIVE: f"with {name} by the label, not flagged",
        Cell.TRUE_NEGATIVE: f"without {name} that {'is' if count == 1 else 'are'} not flagged",
    }[shown.cell]
    mistaken = shown.cell in (Cell.FALSE_POSITIVE, Cell.FALSE_NEGATIVE)
    words = (
        "the farthest from the threshold"
        if mistaken == (order is CaseOrder.HARDEST)
        else "the closest to the threshold"
    )
    return (
        f"{counted(count, 'film')} {what}; {words} first." if count else f"There is no film {what} at this threshold."
    )


def said_titles(judge: str) -> dict[Said, str]:
    """A choice of films by what another truth says: ``Three radiologists, adjudicated: yes``."""
    return {said: f"{judge}: {said.value}" for said in Said}


def said_sentence(words: str, said: Said, finding: str, judge: str) -> str:
    """What the gallery shows where another truth's word chooses among a cell's films; ``words`` say which cell."""
    verb = "show" if said is Said.YES else "do not show"
    return f"{words} All of them {verb} {phrase(finding)} by: {judge}."


def said_of(finding: str, present: bool) -> str:
    """What somebody says of a finding on one film: ``shows a nodule or mass``."""
    return f"{'shows' if present else 'does not show'} {phrase(finding)}"


def here(count: int, pairs: bool) -> str:
    """How many of them are shown, where only films at hand are."""
    if not count:
        return "None of them is here."
    which = "of which a film is here" if pairs else f"that {'is' if count == 1 else 'are'} here"
    return f"{'This is the one' if count == 1 else f'These are the {count:,}'} {which}."


def person(sex: str, age: int, view: str) -> str:
    """``woman of 58, PA``; what is not known is left out."""
    words = ""
    if sex in SEXES:
        words = (YOUNG if 0 <= age < ADULT else SEXES)[sex]
        words += f" of {age}" if age >= 0 else ""
    elif age >= 0:
        words = f"age {age}"
    return ", ".join(part for part in (words, view) if part) or "sex, age and view not known"


def person_of(run: ValidationRun, row: int) -> str:
    """The same of a film of a run."""
    return person(*(run.table.column(name)[row] for name in ("sex", "age", "view")))


def read_here(score: FindingScore) -> str:
    """A score that this checkpoint gave now: ``12 % · network output -1.32``."""
    return f"{chance(score)} · {numbers.network_output(score.logit)}"


def badge(finding: str, reading: Reading | None) -> str:
    """Whose heatmap is drawn on a picture: the finding, with the score of this checkpoint."""
    name = drawn_finding(finding, reading) if reading else None
    return f"AI · {title(name)} {chance(reading.score(name))}" if reading and name else "AI"


def stored_badge(run: ValidationRun, row: int, finding: str, reading: Reading | None) -> str:
    """The same of a film whose heatmap was made from a small copy: with what the run gave the film itself."""
    name = drawn_finding(finding, reading) if reading else None
    if name is None:
        return "AI"
    line, logit = calibration_of(run, name), float(run.logits(name)[row])
    score = numbers.probability(float(line.probability(logit))) if line else numbers.uncalibrated(logit)
    return f"AI · {title(name)} {score}"


def withheld(sentence: str) -> str:
    """Why a film of a run has no score of its own here, and where there is one all the same."""
    return f"{sentence} Open it in Read to see a score anyway."


def small_copy(shape: tuple[int, int]) -> str:
    """What a small copy is, in place of the film."""
    rows, columns = shape
    return (
        f"Small copy, {columns} x {rows} pixels. The run's score was made from the film itself, the heatmap from this copy; name "
        "the folder of the films under Films to see them."
    )


def films_here(there: int, small: int, films: int) -> str:
    """How many of a run's films are here, and how many of them as small copies."""
    words = f"{there:,} of {films:,} films of this run are here"
    if not small:
        return f"{words}."
    return f"{words}, {'all' if small == there else f'{small:,}'} of them as small copies."


def drawn_finding(finding: str, reading: Reading) -> str | None:
    """The finding whose map is drawn: the finding itself, or of a composite the part that scored higher; None without either."""
    names = {score.name for score in reading.findings}
    if finding in names:
        return finding
    parts = [part for part in COMPOSITES.get(finding, ()) if part in names]
    return max(parts, key=lambda part: reading.score(part).log_odds) if parts else None


def threshold_words(examination: Examination, points: OperatingPoints) -> str:
    """The threshold in use, and whose it is."""
    threshold = points.threshold(examination.finding)
    if threshold is None or math.isinf(threshold):
        return "No film is flagged."
    whose = "chosen by you" if points.overridden(examination.finding) else points.policy.heading.lower()
    return f"Flagged from {score_words(threshold, examination.calibration)}, {whose}."


def scored(logit: float, calibration: Calibration | None) -> str:
    """``12 % · network output -1.32``; of scores that came as probabilities ``12 %``."""
    return score_words(logit, calibration).replace(" (", " · ").removesuffix(")")


def labels_of(run: ValidationRun, row: int) -> tuple[str, ...]:
    """The titles of the findings that a film has by its labels."""
    return tuple(title(finding) for finding in run.findings if run.labels(finding)[row] == 1)


def labelled(run: ValidationRun, row: int) -> str:
    """A film's labels in a line."""
    return ", ".join(labels_of(run, row)) or "no finding labelled"


def between(pair: LookAlikes) -> str:
    """How alike two films of a pair are."""
    return f"{pair.apart:.3f} apart in network output" if pair.apart >= 0.0005 else "equal network outputs"


def box_words(place: Rectangle, shape: tuple[int, int] | None, grid: CellGrid | None) -> str:
    """How large a box is: of the film, in pixels where the film is here, and in cells of the network's grid."""
    wide, high = place.width, place.height
    area = 100 * wide * high
    share = f"{area:.{1 if area < 10 else 0}f}"
    words = f"{100 * wide:.1f} % of the film's width and {100 * high:.1f} % of its height, {share} % of its area"
    if shape is not None:
        words += f"; {wide * shape[1]:.0f} x {high * shape[0]:.0f} of {shape[1]} x {shape[0]} pixels"
    if grid is not None:
        across, down = wide * grid.place.width * grid.columns, high * grid.place.height * grid.rows
        words += f"; {across:.1f} x {down:.1f} cells of the network's {grid.rows} x {grid.columns} grid"
    return f"{words}."


def frame(run: ValidationRun, finding: str, rows: npt.ArrayLike, calibration: Calibration | None) -> pd.DataFrame:
    """The films of a cell as a table, one row each."""
    at = np.asarray(rows, dtype=np.int64)
    table = run.frame(["image", "sex", "age", "view"], at)
    logits = run.logits(finding)[at]
    labels = {name: run.labels(name)[at] == 1 for name in run.findings}
    made = pd.DataFrame({"Image": table["image"]})
    if calibration is not None:
        made["Probability"] = calibration.probability(logits)
    if calibration is None or not calibration.is_identity:
        made[OUTPUT.capitalize()] = logits
    made["Labels"] = [", ".join(title(name) for name in labels if labels[name][k]) for k in range(len(at))]
    made["Sex"], made["View"] = table["sex"], table["view"]
    made["Age"] = table["age"].where(table["age"] >= 0).astype("Int16")
    return made


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The films' table as it is shown: probabilities as everywhere. The network output beside them sorts in the same order."""
    if "Probability" not in table:
        return table
    return table.assign(Probability=[numbers.probability(value) for value in table["Probability"]])
