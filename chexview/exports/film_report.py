"""A film's reading as a page of PDF, and many films with a summary first.

On the page: the film, its heatmaps, every finding with its threshold, what such scores meant on other films by each truth, the
model, what is known against it, and the notice.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.figure import Figure

from chexview import settings
from chexview.evaluation.operating import Policy
from chexview.evaluation.references import usable_references
from chexview.evaluation.run import run_of_weights
from chexview.exports.film_picture import Overlay, film_picture, font, wrapped
from chexview.exports.film_result import FilmResult
from chexview.exports.line_breaking import is_printable, printable
from chexview.exports.records import NOTICE
from chexview.exports.scored_alike import scored_alike
from chexview.exports.sheet import A4, LINE, MUTED
from chexview.exports.style import INK
from chexview.findings import phrase, title
from chexview.model.reading import FindingScore, Reading
from chexview.text.identity import day, person_name
from chexview.text.numbers import counted, scale_ends, signed
from chexview.text.reading import VIEWS, chance, none_flagged, ordered
from chexview.text.result import threshold_text, verdict_words, withheld_words

STYLE: Any = {"pdf.fonttype": 3, "font.family": "sans-serif", "font.size": 8}
METADATA: Any = {"CreationDate": None, "Producer": "CheXView", "Creator": "CheXView"}
LEFT, RIGHT = 0.07, 0.93
MAPS = 2
"""Heatmaps beside the bare film, of the findings farthest over their thresholds."""
MEANINGS = 8
"""Findings of which the page says what such scores meant."""
ROWS = 52
"""Lines on one summary page."""
_SAID = 0.42
"""Where on a summary's page the column of results begins."""
UNPRINTABLE = "in letters that this page does not have"
"""Written in place of a name that has no other spelling."""
PIXELS = 900
"""Pixels of a film's longer side on paper."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One file of a summary: its name, its view, and what came of it in a sentence; ``flagged`` are findings' names.

    ``without``: why it has no score, "withheld" or "refused"; "" where it has one.
    """

    name: str
    view: str
    said: str
    flagged: tuple[str, ...] = ()
    without: str = ""


def summary_row(result: FilmResult) -> SummaryRow:
    """A film's line in a summary."""
    reading = result.reading
    if reading is None:
        return SummaryRow(result.name, str(result.film.view), withheld_words(result.withheld), without="withheld")
    flagged = tuple(score.name for score in result.flagged)
    parts = [f"{title(score.name)} {chance(score)}" for score in result.flagged]
    return SummaryRow(result.name, str(result.film.view), ", ".join(parts) or none_flagged(reading), flagged)


def film_pdf(result: FilmResult) -> bytes:
    """One page about one film."""
    return report_pdf([result], ())


def summary_pdf(rows: Sequence[SummaryRow], model: str) -> bytes:
    """The summary's pages alone."""
    return report_pdf((), rows, model)


def report_pdf(results: Iterable[FilmResult], summary: Sequence[SummaryRow], model: str = "") -> bytes:
    """The summary's pages, where there are rows, and then a page a film; the same results give the same file."""
    out = io.BytesIO()
    with mpl.rc_context(STYLE), PdfPages(out, metadata={"Title": "CheXView: readings", **METADATA}) as pages:
        parts = summary_parts(summary)
        for number, part in enumerate(parts, 1):
            pages.savefig(summary_page(summary, part, f"page {number} of {len(parts)}", model))
        for result in results:
            pages.savefig(film_page(result))
    return out.getvalue()


def _write(page: Figure, x: float, y: float, words: str, size: float = 8, **how: Any) -> None:
    page.text(x, y, printable(words).replace("$", r"\$"), fontsize=size, va="top", **{"color": INK, **how})


def _rule(page: Figure, y: float) -> None:
    page.add_artist(mpl.lines.Line2D([LEFT, RIGHT], [y, y], color=LINE, linewidth=0.6))


def _broken(words: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Words in lines of at most ``width``, a share of the page's width, by the letters' own widths."""
    return wrapped(words, font(round(10 * size), bold), round(10 * width * A4[0] * 72))


def _cut(words: str, size: float, width: float, bold: bool = False) -> str:
    """The words, or as many of them as fit into one line and an ellipsis."""
    lines = _broken(words, size, width, bold)
    return words if len(lines) == 1 else f"{_broken(words, size, width - 0.015, bold)[0].rstrip(',')} …"


def _lines(page: Figure, down: float, words: str, size: float, x: float = LEFT, **how: Any) -> float:
    """Writes words from ``x`` to the right margin in as many lines as they need; gives how far down they reach."""
    for line in _broken(words, size, RIGHT - x, how.get("fontweight") == "bold"):
        _write(page, x, down, line, size, **how)
        down -= 0.00172 * size
    return down


def film_page(result: FilmResult) -> Figure:
    """The page about a film."""
    page = Figure(figsize=A4)
    FigureCanvasPdf(page)
    reading = result.reading
    down = _head(page, result)
    down = _pictures(page, result, down)
    down = _lines(page, down, _said(result), 9.5, fontweight="bold") - 0.012
    if reading is not None:
        down = _table(page, result, reading, down)
        down = _meanings(page, result, reading, down)
    down = _cautions(page, result, down)
    _foot(page, result)
    return page


def _said(result: FilmResult) -> str:
    """The film's result; the numbers are in the table below."""
    if result.reading is None:
        return withheld_words(result.withheld)
    if not result.flagged:
        return none_flagged(result.reading)
    names = ", ".join(title(score.name) for score in result.flagged)
    return f"{len(result.flagged)} of {len(result.reading.findings)} findings assessed are flagged: {names}."


def _head(page: Figure, result: FilmResult) -> float:
    """Whose film it is, where the file says so, and what it is; gives how far down it reaches."""
    _write(page, LEFT, 0.968, "Chest radiograph, read by a model", 14, fontweight="bold")
    _write(page, RIGHT, 0.966, NOTICE, 8, ha="right", fontweight="bold", color="#A63D00")
    who, film = result.film.identity, result.film
    named = [("Patient", _printed_name(who.patient_name)), ("ID", who.patient_id)]
    named += [("Born", day(who.birth_date)), ("Study", day(who.study_date))]
    facts = [*named, ("File", result.name), ("View", VIEWS[film.view])]
    words = "; ".join(f"{word}: {_cut(value, 8, 0.5)}" for word, value in facts if value)
    return _lines(page, 0.938, words, 8, color=MUTED) - 0.008


def _printed_name(stored: str) -> str:
    """A patient's name in those of its scripts that the page's font has."""
    scripts = "=".join(script for script in stored.split("=") if is_printable(script))
    return person_name(scripts) or (UNPRINTABLE if stored.strip("^= ") else "")


def _pictures(page: Figure, result: FilmResult, top: float) -> float:
    """The film and its heatmaps side by side; gives how far down they reach."""
    shown = [Overlay(""), *(Overlay(score.name) for score in result.flagged[:MAPS])]
    captions = ["The film", *(f"{title(score.name)} {chance(score)}" for score in result.flagged[:MAPS])]
    gap = 0.012
    width = min(0.42, (RIGHT - LEFT - gap * (len(shown) - 1)) / len(shown))
    deepest = 0.0
    for number, (drawn, caption) in enumerate(zip(shown, captions, strict=True)):
        picture = film_picture(result, drawn, PIXELS)
        height = min(0.36, width * A4[0] / A4[1] * picture.shape[0] / picture.shape[1])
        x = LEFT + number * (width + gap)
        axes = page.add_axes((x, top - 0.016 - height, width, height))
        axes.imshow(picture, aspect="equal", interpolation="antialiased")
        axes.set_axis_off()
        axes.set_anchor("NW")
        _write(page, x, top, caption, 8)
        deepest = max(deepest, height)
    down = top - 0.016 - deepest - 0.008
    if len(shown) > 1:
        full = ", ".join(
            f"{scale_ends(each.heatmap_scale)[1]} for {phrase(each.name)}" for each in result.flagged[:MAPS]
        )
        words = (
            f"Colours: what speaks for a finding (warm) and against it (cool), full at {full}, in log-odds. "
            "Lines: half of the map's highest point, not a lesion's edge."
        )
        down = _lines(page, down, words, 6.5, color=MUTED)
    return down - 0.006


def _table(page: Figure, result: FilmResult, reading: Reading, top: float) -> float:
    """Every finding, the farthest over its threshold first, in two columns; gives how far down it reaches."""
    policy = next((each.heading for each in Policy if each.value == reading.policy), reading.policy or "none")
    scores = ordered(reading)
    half = (len(scores) + 1) // 2
    step, width = 0.0158, (RIGHT - LEFT) / 2
    for column, part in enumerate((scores[:half], scores[half:])):
        left = LEFT + column * width
        for x, words in ((0.205, "probability"), (0.285, "threshold"), (0.395, "log-odds over it")):
            _write(page, left + x, top, words, 6.5, color=MUTED, ha="right")
        for number, score in enumerate(part, 1):
            _row(page, result, score, left, top - step * number)
    down = top - step * (half + 1)
    _rule(page, top - 0.0115)
    return _lines(page, down, f"Bold: flagged. Thresholds: {policy}.", 6.5, color=MUTED) - 0.008


def _row(page: Figure, result: FilmResult, score: FindingScore, left: float, y: float) -> None:
    verdict = result.verdict(score.name)
    how = {"fontweight": "bold"} if score.flagged else {}
    name = f"{title(score.name)}*" if verdict is not None else title(score.name)
    _write(page, left, y, name, 8, **how)
    margin = "" if score.threshold is None else signed(score.margin)
    for x, words in ((0.205, chance(score)), (0.285, threshold_text(score, result.card)), (0.395, margin)):
        _write(page, left + x, y, words, 8, ha="right", **how)


def _meanings(page: Figure, result: FilmResult, reading: Reading, top: float) -> float:
    """What such scores meant on other films, of what is flagged, else of the highest; gives how far down it reaches."""
    own = settings.load()
    run = run_of_weights(reading.checkpoint_digest, own.runs)
    if run is None:
        return top
    scores = result.flagged[:MEANINGS] or tuple(ordered(reading)[:2])
    known, down = usable_references(own.references), top
    _write(page, LEFT, down, "What such scores meant on other films", 9, fontweight="bold")
    down -= 0.019
    for score in scores:
        for number, alike in enumerate(scored_alike(run, known, score)):
            if number == 0:
                _write(page, LEFT, down, title(score.name), 7.5, fontweight="bold")
            down = _lines(page, down, f"{alike.truth}: {alike.words}", 7.5, x=LEFT + 0.145)
        down -= 0.003
    if len(result.flagged) > MEANINGS:
        down = _lines(
            page, down, f"The other {len(result.flagged) - MEANINGS} flagged: on the page Read.", 7, color=MUTED
        )
    return down - 0.006


def _cautions(page: Figure, result: FilmResult, top: float) -> float:
    """Verdicts of readers, and what a reader must know of the film; gives how far down they reach."""
    down = top
    reading = result.reading
    for score in reading.findings if reading is not None else ():
        verdict = result.verdict(score.name)
        if verdict is not None:
            down = _lines(page, down, f"* {title(score.name)}: {verdict_words(verdict)}.", 7.5)
    for caution in result.cautions[:5]:
        down = _lines(page, down, f"Caution: {caution}", 7.5)
    return down


def _foot(page: Figure, result: FilmResult) -> None:
    """The model, its weights, and what is known against it, from the bottom up."""
    card = result.card
    texts = [f"Known limits: {' '.join(card.limits[:4])}"] if card.limits else []
    texts.append(
        f"Model: {card.title}, {card.name}; weights SHA-256 {card.weights}. Film, SHA-256 {result.film.digest}."
    )
    lines = [line for text in texts for line in _broken(text, 6.5, RIGHT - LEFT)]
    start = 0.03 + 0.0112 * len(lines)
    _rule(page, start + 0.006)
    for number, line in enumerate(lines):
        _write(page, LEFT, start - 0.0112 * number, line, 6.5, color=MUTED)


def _said_lines(row: SummaryRow) -> list[str]:
    """What came of a file: flags in one line, as many as fit; why it has no score in two at most."""
    room = RIGHT - _SAID
    if not row.without:
        return [_cut(row.said, 7, room, bool(row.flagged))]
    lines = _broken(row.said, 7, room)
    return lines if len(lines) < 3 else [lines[0], _cut(" ".join(lines[1:]), 7, room)]


def summary_parts(rows: Sequence[SummaryRow]) -> list[tuple[SummaryRow, ...]]:
    """The rows of each page of a summary, whose lines fit there."""
    parts: list[list[SummaryRow]] = []
    used = ROWS
    for row in rows:
        lines = len(_said_lines(row))
        if used + lines > ROWS:
            parts.append([])
            used = 0
        parts[-1].append(row)
        used += lines
    return [tuple(part) for part in parts]


def summary_page(rows: Sequence[SummaryRow], part: Sequence[SummaryRow], which: str, model: str) -> Figure:
    """A page of the summary: counts of all ``rows`` first, then those of ``part``."""
    page = Figure(figsize=A4)
    FigureCanvasPdf(page)
    _write(page, LEFT, 0.968, "Chest radiographs, read by a model", 14, fontweight="bold")
    _write(page, RIGHT, 0.966, NOTICE, 8, ha="right", fontweight="bold", color="#A63D00")
    down = _lines(page, 0.938, f"{_counts(rows)} {model}", 8) - 0.01
    _write(page, RIGHT, 0.03, which.capitalize(), 7, ha="right", color=MUTED)
    for x, words in ((LEFT, "Film"), (0.36, "View"), (_SAID, "Result")):
        _write(page, x, down, words, 7, color=MUTED)
    _rule(page, down - 0.0125)
    down -= 0.002 + 0.0155
    for row in part:
        how = {"fontweight": "bold"} if row.flagged else {}
        _write(page, LEFT, down, _end(row.name, 44), 7)
        _write(page, 0.36, down, row.view if row.view != "unknown" else "", 7)
        for line in _said_lines(row):
            _write(page, _SAID, down, line, 7, **how)
            down -= 0.0155
    return page


def _end(name: str, letters: int) -> str:
    """The end of a file's name, which tells it from others."""
    return name if len(name) <= letters else f"…{name[1 - letters :]}"


def _counts(rows: Sequence[SummaryRow]) -> str:
    """How many files, how many were read, with a flag, withheld and refused, and each finding's flags."""
    flagged = sum(bool(row.flagged) for row in rows)
    by_finding: dict[str, int] = {}
    for row in rows:
        for name in row.flagged:
            by_finding[name] = by_finding.get(name, 0) + 1
    parts = [f"{title(name)} {count:,}" for name, count in sorted(by_finding.items(), key=lambda item: -item[1])]
    each = f" Flags: {', '.join(parts)}." if parts else ""
    without = [(word, sum(row.without == word for row in rows)) for word in ("withheld", "refused")]
    read = len(rows) - sum(count for _, count in without)
    others = "".join(f", {count:,} {word}" for word, count in without if count)
    return f"{counted(len(rows), 'file')}: {read:,} read, {flagged:,} with a flag{others}.{each}"
