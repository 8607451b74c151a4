"""Numbers and facts of a reading in words. No Streamlit, no I/O."""

import math
from dataclasses import dataclass
from html import escape

import numpy as np

from chexview.evaluation.operating import Policy
from chexview.figures.theme import percent
from chexview.films.grey import display_shape
from chexview.films.radiograph import Radiograph, View
from chexview.findings import BY_NAME
from chexview.model.card import Card
from chexview.model.reading import FindingScore, Reading
from chexview.viewer.overlay import FLOOR

MINUS = "\N{MINUS SIGN}"
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
    def text(self) -> str:
        """The sum in one line."""
        return f"base {self.base} + contributions {self.contributions} = {self.kind} {self.log_odds} → {self.outcome}"


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign; zero has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def plain(value: float, digits: int = 2) -> str:
    """A number with a sign where it is negative."""
    return signed(value, digits).removeprefix("+")


def chance(score: FindingScore) -> str:
    """The probability of a score, or its uncalibrated score."""
    return percent(score.probability) if score.calibrated else f"score {score.probability:.2f}"


def written_sum(score: FindingScore) -> Sum:
    """How a score comes about. The middle number is what the rounded ends leave, so that the line adds up."""
    base, whole = round(score.base, 2), round(score.log_odds, 2)
    return Sum(
        base=plain(base),
        contributions=signed(whole - base),
        log_odds=plain(whole),
        outcome=percent(score.probability) if score.calibrated else f"uncalibrated score {score.probability:.2f}",
        kind="log-odds" if score.calibrated else "logit",
    )


def ordered(reading: Reading) -> list[FindingScore]:
    """The findings, the farthest over its threshold first; those without threshold last, by their logits."""
    return sorted(reading.findings, key=lambda score: (-score.margin, -score.logit))


def policy_title(policy: str) -> str:
    """The words of a policy in a menu; an unknown policy's own name."""
    return Policy(policy).heading if policy in set(Policy) else policy.replace("_", " ")


def policy_meaning(policy: str) -> str:
    """One sentence on a policy, or "" for an unknown one."""
    return Policy(policy).meaning if policy in set(Policy) else ""


def view_title(name: str) -> str:
    """A way of looking in a menu."""
    return name if name.lower().startswith("window") else f"Window: {name}"


def status(reading: Reading | None, withheld: bool) -> str:
    """A film's state in two words."""
    if withheld:
        return "score withheld"
    if reading is None:
        return "not scored"
    if not any(score.threshold is not None for score in reading.findings):
        return "no thresholds"
    flagged = sum(score.flagged for score in reading.findings)
    return f"{flagged} flagged" if flagged else "none flagged"


def none_flagged(reading: Reading) -> str:
    """What is said where nothing is flagged."""
    if not any(score.calibrated for score in reading.findings):
        return "These are uncalibrated scores; they flag nothing."
    if not any(score.threshold is not None for score in reading.findings):
        return "This checkpoint has no thresholds; it flags nothing."
    return f"No finding over its threshold among the {len(reading.findings)} assessed."


def meaning(name: str) -> str:
    """What a finding is, in one sentence; "" for one that is not NIH's."""
    return BY_NAME[name].meaning if name in BY_NAME else ""


def threshold_words(score: FindingScore, card: Card, policy: str) -> str:
    """The threshold as a probability, and where it came from."""
    calibration = card.calibration.get(score.name)
    if score.threshold is None or calibration is None:
        return "There is no threshold for this finding, so it is never flagged."
    odds = calibration.slope * score.threshold + calibration.intercept
    probability = 1 / (1 + math.exp(-odds))
    at = percent(probability)
    if at == percent(score.probability) and 0.01 <= probability < 0.99:
        at = f"{100 * probability:.1f} %"
    state = "At or over" if score.flagged else "Under"
    stored = card.operating_points.get(policy, {}).get(score.name)
    whence = policy_title(policy).lower() if score.threshold == stored else "chosen by you on Evaluate"
    return f"{state} its threshold of {at} ({whence})."


def cell_words(film: Radiograph, reading: Reading) -> str:
    """How coarse the heatmap is: "6 x 6 grid, 1 cell = 1/6 of the film", in millimetres where the spacing is known."""
    rows, columns = reading.maps.shape[-2:]
    where = reading.rectangle
    high, wide = (where.bottom - where.top) * rows, (where.right - where.left) * columns
    grid = f"{rows} x {columns} grid"
    if film.spacing is not None:
        height = film.pixels.shape[0] * film.spacing.row_mm / high
        width = film.pixels.shape[1] * film.spacing.column_mm / wide
        size = f"{height:.0f} mm" if round(height) == round(width) else f"{height:.0f} x {width:.0f} mm"
        return f"{grid}, 1 cell = {size} ({film.spacing.plane})"
    if round(high, 3) == round(wide, 3):
        return f"{grid}, 1 cell = 1/{high:g} of the film"
    return f"{grid}, 1 cell = 1/{high:.3g} of the film's height and 1/{wide:.3g} of its width"


def heatmap_note(film: Radiograph, reading: Reading, name: str, scale: float) -> str:
    """What stands beside the colour bar; where nothing is strong enough to be coloured, it says so."""
    note = f"Log-odds: cool against the finding, warm for it; one scale for all. {cell_words(film, reading)}."
    strongest = float(np.abs(reading.contributions[reading.index(name)]).max()) * reading.contributions[0].size
    if strongest < FLOOR * scale:
        note += f" Nothing is coloured here: no cell reaches {plain(FLOOR * scale, 1)} log-odds."
    return note


def film_alt(film: Radiograph) -> str:
    """A film in words, for those who do not see it."""
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


def table(rows: list[tuple[str, str]]) -> str:
    """Two columns of text as HTML, every text escaped; the file's own texts go no other way onto a page."""
    body = "".join(f"<tr><th scope='row'>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table class='facts'><tbody>{body}</tbody></table>"


def cells(values: list[list[float]], colours: list[list[str]], label: str) -> str:
    """The contributions as an HTML table in the film's own geometry."""
    rows = "".join(
        "<tr>"
        + "".join(f"<td style='background-color:{c}'>{signed(v)}</td>" for v, c in zip(line, tints, strict=True))
        + "</tr>"
        for line, tints in zip(values, colours, strict=True)
    )
    return f"<table class='cells' aria-label='{escape(label, quote=True)}'><tbody>{rows}</tbody></table>"


def refusal(name: str, sentence: str) -> str:
    """A refused file as HTML; its name is escaped."""
    return f"<p class='refused' role='alert'><b>{escape(name)}</b> {escape(sentence)}</p>"


def identity(film: Radiograph) -> list[tuple[str, str]]:
    """The identifying fields that are filled in."""
    told = film.identity
    fields = (
        ("Patient's name", told.patient_name),
        ("Patient's ID", told.patient_id),
        ("Birth date", told.birth_date),
        ("Study date", told.study_date),
    )
    return [(name, value) for name, value in fields if value]
