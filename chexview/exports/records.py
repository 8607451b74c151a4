"""Readings as plain data: one record a film, as a JSON line or a row of CSV whose text cells never begin like a formula."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from chexview.films.radiograph import Radiograph
from chexview.model.reading import Reading

NOTICE = "For research and teaching, not for diagnosis."
TEXTS = ("file", "digest", "checkpoint", "policy", "view", "refused", "withheld")
PARTS = ("logit", "probability", "threshold", "flagged")
"""What a record says of a finding."""


def record(name: str, film: Radiograph, reading: Reading | None) -> dict[str, Any]:
    """One film as plain data; ``reading`` is None where its score is withheld or there is no checkpoint."""
    told: dict[str, Any] = {"file": name, "digest": film.digest}
    if film.withheld is not None and reading is None:
        told["withheld"] = film.withheld
    cautions = reading.cautions if reading else tuple(caution.text for caution in film.cautions)
    if film.withheld is not None and reading is not None:
        cautions = (film.withheld, *cautions)
    told |= {
        "checkpoint": reading.checkpoint if reading else None,
        "view": str(film.view),
        "cautions": list(cautions),
        "steps": [f"{step.text} ({step.section})" if step.section else step.text for step in film.steps],
    }
    if reading is not None:
        told["policy"] = reading.policy
        told["findings"] = {
            score.name: {
                "logit": score.logit,
                "probability": score.probability,
                "threshold": score.threshold,
                "flagged": score.flagged,
                **({} if score.calibrated else {"calibrated": False}),
            }
            for score in reading.findings
        }
        told["seconds"] = round(reading.seconds, 4)
    return told


def refusal(name: str, sentence: str) -> dict[str, Any]:
    """A file that gave no film as plain data."""
    return {"file": name, "refused": sentence}


def columns(findings: Iterable[str]) -> list[str]:
    """The heading of a table of records: four columns a finding."""
    return [*TEXTS, "cautions", *(f"{name} {part}" for name in findings for part in PARTS)]


def cells(told: dict[str, Any], findings: Iterable[str]) -> list[Any]:
    """A record as a row under ``columns``; numbers stay numbers."""
    row: list[Any] = [safe(str(told.get(key) or "")) for key in TEXTS]
    row.append(safe(" ".join(told.get("cautions", ()))))
    for name in findings:
        score = told.get("findings", {}).get(name, {})
        row += [score.get(part) for part in PARTS]
    return row


def safe(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text


def json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    """A file of one JSON object a line, each with the notice."""
    lines = (json.dumps(told | {"notice": NOTICE}, allow_nan=False) for told in records)
    return "".join(f"{line}\n" for line in lines).encode()


def comma_separated(records: Iterable[dict[str, Any]], findings: tuple[str, ...]) -> bytes:
    """A file of one row a film, the notice in its last column; UTF-8 with the byte-order mark spreadsheets ask for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*columns(findings), "notice"])
    for told in records:
        writer.writerow([*cells(told, findings), NOTICE])
    return out.getvalue().encode("utf-8-sig")
