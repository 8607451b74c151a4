"""Text about the numbers and facts of a reading. No Streamlit, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chexview.films.grey import display_shape
from chexview.films.radiograph import Radiograph, View
from chexview.findings import BY_NAME
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.text import numbers
from chexview.worklist.entries import Status, WorklistEntry
from chexview.worklist.film_cache import Memory
from chexview.worklist.sorting import Filter, filter_entries

if TYPE_CHECKING:
    from chexview.evaluation.calibration import SimilarFilms
    from chexview.evaluation.false_flags import FalseFlags
    from chexview.evaluation.operating import OperatingPoints

REACH = 4.0
"""Logits over or under the threshold at which a finding's bar is full."""

VIEWS = {
    View.PA: "PA (from behind)",
    View.AP: "AP (from the front)",
    View.LATERAL: "lateral",
    View.UNKNOWN: "not stated",
}


@dataclass(frozen=True, slots=True)
class Sum:
    """The written-out sum of one score; the three numbers add up as they are written."""

    base: str
    contributions: str
    log_odds: str
    outcome: str
    kind: str

    @property
    def before_outcome(self) -> str:
        """The sum up to its outcome, which some write in bold."""
        return f"base {self.base} + contributions {self.contributions} = {self.kind} {self.log_odds} →"

    @property
    def text(self) -> str:
        """The sum in one line."""
        return f"{self.before_outcome} {self.outcome}"


def chance(score: FindingScore) -> str:
    """The probability of a score, or its uncalibrated score."""
    return numbers.probability(score.probability) if score.calibrated else numbers.uncalibrated(score.probability)


def written_sum(score: FindingScore) -> Sum:
    """How a score comes about. The middle number is what the rounded ends leave, so that the line adds up."""
    base, whole = round(score.base, 2), round(score.log_odds, 2)
    return Sum(
        base=numbers.plain(base),
        contributions=numbers.signed(whole - base),
        log_odds=numbers.plain(whole),
        outcome=chance(score) if score.calibrated else f"{numbers.SCORE} {score.probability:.2f}",
        kind=numbers.LOG_ODDS if score.calibrated else numbers.OUTPUT,
    )


def ordered(reading: Reading) -> list[FindingScore]:
    """The findings, the farthest over its threshold first; those without threshold last, by their logits."""
    return sorted(reading.findings, key=lambda score: (-score.margin, -score.logit))


FOREIGN_THRESHOLDS = "Thresholds that you chose for another checkpoint do not apply to this one."


def status(row: WorklistEntry) -> str:
    """A film's state in a few words."""
    if row.status is not Status.READ:
        return row.status.value
    if row.reading is None:
        return "not scored"
    if not any(score.threshold is not None for score in row.reading.findings):
        return "no thresholds"
    flagged = sum(score.flagged for score in row.reading.findings)
    return f"{flagged} flagged" if flagged else "none flagged"


def beside(name: str, same: bool) -> str:
    """Another film in the menu of those that can be shown beside the current one."""
    return f"Beside it: {name}{' (same patient by the header)' if same else ''}"


def progress_words(done: int, total: int, seconds_left: float | None) -> str:
    """How far the reading is, and how long the rest takes."""
    words = f"{done:,} of {total:,} read"
    if seconds_left is None or seconds_left < 2:
        return words
    left = f"{seconds_left:.0f} s" if seconds_left < 90 else f"{seconds_left / 60:.0f} min"
    return f"{words}, about {left} left"


def listed_words(listed: int, rows: Sequence[WorklistEntry]) -> str:
    """How many films the list shows, of how many of each kind: ``2 of 6 films; 5 flagged, 1 score withheld``.

    Beside the list's filter, not in it: a choice whose words change is no longer chosen.
    """
    kinds = (Filter.FLAGGED, Filter.WITHHELD, Filter.UNREAD)
    counts = {kind: len(filter_entries(rows, kind)) for kind in kinds}
    words = ", ".join(f"{count:,} {kind.value}" for kind, count in counts.items() if count)
    of = "" if listed == len(rows) else f"{listed:,} of "
    return f"{of}{numbers.counted(len(rows), 'film')}{f'; {words}' if words else ''}"


def saved_words(rows: Sequence[WorklistEntry]) -> str:
    """What a table of readings holds: ``7 films with every finding; 1 has no score``."""
    unscored = sum(row.reading is None for row in rows)
    end = "" if not unscored else f"; {unscored:,} {'has' if unscored == 1 else 'have'} no score"
    return f"{numbers.counted(len(rows), 'film')} with every finding{end}."


INSISTED = "The score then stands with this caution, here and in every file that you save."
"""What it means to ask for a score that is withheld."""
GAVE_WAY = "Your films were removed from memory to make room for other users' films; open them again."


def memory_words(memory: Memory) -> str:
    """What the films hold of memory, and the bound."""
    return (
        f"Films in memory: {memory.pixels / 2**20:.0f} of {memory.pixels_limit / 2**20:.0f} MB; compressed: "
        f"{memory.packed / 2**20:.0f} of {memory.packed_limit / 2**20:.0f} MB."
    )


def none_flagged(reading: Reading) -> str:
    """What is said where nothing is flagged."""
    if not any(score.calibrated for score in reading.findings):
        return "These are uncalibrated scores; they flag nothing."
    if not any(score.threshold is not None for score in reading.findings):
        return "This checkpoint has no thresholds; it flags nothing."
    return f"No finding over its threshold among the {len(reading.findings)} assessed."


def flags_sentence(found: "FalseFlags") -> str:
    """How many flags validation films get at the thresholds in use."""
    from chexview.evaluation.false_flags import MANY  # brings pandas, which a film on the command line does not need

    return (
        f"On validation films these thresholds flag {found.mean_false:.1f} findings a film wrongly, on average; "
        f"{numbers.share(found.with_many, found.films)} of those films get {MANY} flags or more."
    )


def meaning(name: str) -> str:
    """What a finding is, in one sentence; "" for one that is not NIH's."""
    return BY_NAME[name].meaning if name in BY_NAME else ""


def threshold_words(score: FindingScore, card: Card, points: "OperatingPoints") -> str:
    """The threshold as a probability, and where it came from."""
    calibration = card.calibration.get(score.name)
    if score.threshold is None or calibration is None:
        return "There is no threshold for this finding, so it is never flagged."
    at = numbers.probability(float(calibration.probability(score.threshold)))
    close = at == chance(score)
    state = ("Just at or over" if close else "At or over") if score.flagged else ("Just under" if close else "Under")
    source = "chosen by you" if points.overridden(score.name) else points.policy.heading.lower()
    return f"{state} its threshold of {at}, {source}."


def film_alt(film: Radiograph) -> str:
    """A text alternative of a film."""
    rows, columns = display_shape(film)
    return f"Chest radiograph, view {VIEWS[film.view]}, {columns} by {rows} pixels"


def spacing_words(film: Radiograph) -> str:
    """The spacing and what it measures."""
    if film.spacing is None:
        return "not known; nothing is given in millimetres"
    spacing = film.spacing
    row, column = f"{spacing.row_mm:.4g}", f"{spacing.column_mm:.4g}"
    both = f"{row} mm" if row == column else f"{row} x {column} mm"
    return f"{both} in the {spacing.plane} ({spacing.source})"


def identity(film: Radiograph) -> list[tuple[str, str]]:
    """The identifying fields that are filled in."""
    found = film.identity
    fields = (
        ("Patient's name", found.patient_name),
        ("Patient's ID", found.patient_id),
        ("Birth date", found.birth_date),
        ("Study date", found.study_date),
    )
    return [(name, value) for name, value in fields if value]


def films_alike(found: "SimilarFilms") -> str:
    """What became of films that scored as one did: ``Of films scored alike (52 to 71 %), 31 of 50 had it (48 to 75 %)``."""
    share, line = found.share, found.line
    if not share.films:
        return f"No {found.among.removesuffix('s')} scored alike"
    if line is None:
        scores = f"{numbers.OUTPUT} {numbers.plain(found.low)} to {numbers.plain(found.high)}"
    else:
        scores = numbers.percents(float(line.probability(found.low)), float(line.probability(found.high)))
    ends = "" if share.low is None or share.high is None else f" ({numbers.percents(share.low, share.high)})"
    return f"Of {found.among} scored alike ({scores}), {share.positive_films} of {share.films} had it{ends}"
