"""Readings as plain data: one record a film, as a JSON line or a row of CSV whose text cells never begin like a formula."""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chexview.calibration import sigmoid
from chexview.films.radiograph import Radiograph
from chexview.findings import title
from chexview.model.reading import FindingScore, Reading
from chexview.text.reading import none_flagged
from chexview.worklist.verdicts import Verdict

if TYPE_CHECKING:
    from chexview.worklist.batch_reading import FileOutcome

NOTICE = "For research and teaching, not for diagnosis."
TEXTS = ("file", "digest", "checkpoint", "policy", "view", "refused", "withheld", "result")
PARTS = {
    "logit": "logit",
    "probability": "probability",
    "threshold": "threshold_probability",
    "flagged": "flagged",
    "threshold logit": "threshold",
    "verdict": "verdict",
}
"""A table's columns of a finding, and what of the record stands in each: there a threshold is a probability, as a score is."""


def record(name: str, film: Radiograph, reading: Reading | None) -> dict[str, Any]:
    """One film as plain data; ``reading`` is None if its score is withheld or there is no checkpoint."""
    entry: dict[str, Any] = {"file": name, "digest": film.digest}
    if film.withheld is not None and reading is None:
        entry["withheld"] = film.withheld
    cautions = reading.cautions if reading else tuple(caution.text for caution in film.cautions)
    if film.withheld is not None and reading is not None:
        cautions = (film.withheld, *cautions)
    entry |= {
        "checkpoint": reading.checkpoint if reading else None,
        "view": str(film.view),
        "cautions": list(cautions),
        "steps": [f"{step.text} ({step.section})" if step.section else step.text for step in film.steps],
    }
    if reading is not None:
        entry["policy"] = reading.policy
        entry["result"] = result_words(reading)
        entry["findings"] = {
            score.name: {
                "logit": score.logit,
                "probability": score.probability,
                "threshold": score.threshold,
                "threshold_probability": threshold_probability(score),
                "flagged": score.flagged,
                **({} if score.calibrated else {"calibrated": False}),
            }
            for score in reading.findings
        }
        entry["seconds"] = round(reading.seconds, 4)
    return entry


def result_words(reading: Reading) -> str:
    """What is flagged, or in so many words that nothing is."""
    flagged = sorted((score for score in reading.findings if score.flagged), key=lambda score: -score.margin)
    names = ", ".join(title(score.name) for score in flagged)
    return f"Flagged: {names}." if flagged else none_flagged(reading)


def with_verdicts(entry: dict[str, Any], verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """The record with readers' verdicts beside the scores that they are on, the last on each."""
    scores = entry.get("findings")
    if scores is None:
        return entry
    last = {verdict.finding: verdict for verdict in verdicts if verdict.finding in scores}
    judged = {
        name: {**scores[name], "verdict": v.decision.value, "reader": v.reader, "verdict_time": v.time}
        for name, v in last.items()
    }
    return {**entry, "findings": {**scores, **judged}}


def threshold_probability(score: FindingScore) -> float | None:
    """The threshold on the scale of the score's probability; None if there is no threshold."""
    return None if score.threshold is None else sigmoid(score.log_odds - score.margin)


def record_of(outcome: "FileOutcome") -> dict[str, Any]:
    """What became of one file."""
    film = outcome.shown
    if film is None:
        return refusal(outcome.file.name, outcome.refused or "")
    return record(outcome.file.name, film, outcome.reading)


def refusal(name: str, sentence: str) -> dict[str, Any]:
    """A file that gave no film as plain data."""
    return {"file": name, "refused": sentence}


def columns(findings: Iterable[str]) -> list[str]:
    """The heading of a table of records: six columns a finding."""
    return [*TEXTS, "cautions", *(f"{name} {part}" for name in findings for part in PARTS)]


_FORMULA = re.compile(r"(^|[;\t\r\n])([\s\0\"\u200b-\u200f\ufeff]*[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r\0])")
"""How a formula begins, with what spreadsheets pass over before it, and with the wide signs that some take for the narrow ones."""
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What steers a terminal or turns the direction of writing."""


def cells(entry: dict[str, Any], findings: Iterable[str]) -> list[Any]:
    """A record as a row under ``columns``; numbers stay numbers."""
    row: list[Any] = [safe(str(entry.get(key) or "")) for key in TEXTS]
    row.append(safe(" ".join(entry.get("cautions", ()))))
    for name in findings:
        score = entry.get("findings", {}).get(name, {})
        row += [score.get(part) for part in PARTS.values()]
    return row


def safe(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula, also where it splits cells at semicolons, and no terminal obeys."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _FORMULA.sub(r"\1'\2", text))


def json_lines(records: Iterable[dict[str, Any]], findings: Iterable[str] = ()) -> bytes:
    """A file of one JSON object a line, each with the notice."""
    lines = (json.dumps(entry | {"notice": NOTICE}, allow_nan=False) for entry in records)
    return "".join(f"{line}\n" for line in lines).encode()


def comma_separated(records: Iterable[dict[str, Any]], findings: Iterable[str]) -> bytes:
    """A file of one row a film, the notice in its last column; UTF-8 with the byte-order mark spreadsheets ask for."""
    out, names = io.StringIO(), tuple(findings)
    writer = csv.writer(out)
    writer.writerow([*columns(names), "notice"])
    for entry in records:
        writer.writerow([*cells(entry, names), NOTICE])
    return out.getvalue().encode("utf-8-sig")


def csv_head(findings: Iterable[str]) -> str:
    """The first line of a stream of CSV."""
    return _csv_row(columns(findings))


def csv_line(entry: dict[str, Any], findings: Iterable[str]) -> str:
    """One film's line in a stream of CSV."""
    return _csv_row(cells(entry, findings))


def _csv_row(row: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()


def json_head(findings: Iterable[str]) -> str:
    """JSON lines have no head."""
    return ""


def json_line(entry: dict[str, Any], findings: Iterable[str]) -> str:
    """One film's line in a stream of JSON lines."""
    return json.dumps(entry, allow_nan=False) + "\n"
