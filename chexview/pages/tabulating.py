"""The readings of a session as CSV and JSON lines. No Streamlit.

The fields are those of ``python -m chexview read``; a text cell never begins like a formula.
"""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from chexview.model.reading import Reading
from chexview.pages.lightbox import Entry

NOTICE = "For research and teaching, not for diagnosis."
TEXTS = ("file", "digest", "checkpoint", "policy", "view", "withheld")
NUMBERS = ("logit", "probability", "threshold", "flagged")


def record(entry: Entry, reading: Reading | None) -> dict[str, Any]:
    """One film as plain data; ``reading`` is the entry's at the policy in use, None where its score is withheld."""
    film = entry.film
    told: dict[str, Any] = {"file": entry.name, "digest": film.digest}
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
                "calibrated": score.calibrated,
                "threshold": score.threshold,
                "flagged": score.flagged,
            }
            for score in reading.findings
        }
        told["seconds"] = round(reading.seconds, 4)
    return told | {"notice": NOTICE}


def json_lines(records: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n" for told in records).encode()


def comma_separated(records: Iterable[dict[str, Any]], findings: tuple[str, ...]) -> bytes:
    """One row a film, four columns a finding; UTF-8 with a byte-order mark, which spreadsheets ask for."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*TEXTS, "cautions", *(f"{name} {part}" for name in findings for part in NUMBERS), "notice"])
    for told in records:
        row: list[Any] = [safe(str(told.get(key) or "")) for key in TEXTS]
        row.append(safe(" ".join(told["cautions"])))
        for name in findings:
            score = told.get("findings", {}).get(name, {})
            row += [score.get(part) for part in NUMBERS]
        writer.writerow([*row, NOTICE])
    return out.getvalue().encode("utf-8-sig")


def safe(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text
