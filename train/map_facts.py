"""What is said of maps on a card and in a terminal: where they find, and where a guess that sees no film does as well."""

from typing import Any

from chexview.evaluation.localisation import CLASS_MAP, Drawn, Localised, MapMeasure, MapVerdict, localised, overall
from chexview.evaluation.run import ValidationRun
from chexview.findings import title
from chexview.text import estimates

_WHERE = {Drawn.REGIONS: "radiologists' regions", Drawn.BOXES: "radiologists' boxes"}


def map_facts(run: ValidationRun) -> dict[str, Any]:
    """Plain facts for a card: by what was drawn, for all findings and each, how often the highest cell lies inside, with its
    interval, the best control's share, the difference with its interval, and the verdict; {} where nothing was drawn."""
    facts: dict[str, Any] = {}
    for drawn in Drawn:
        table = run.localisation(drawn)
        if table is not None:
            found = localised(table, MapMeasure.POINTING, findings=run.findings)
            facts[drawn.value] = {item.finding: _fact(item) for item in (overall(table, MapMeasure.POINTING), *found)}
    return facts


def _fact(item: Localised) -> dict[str, Any]:
    own = item.scores[CLASS_MAP]
    return {
        "places": item.boxes,
        "patients": item.patients,
        "found": own.value,
        "low": own.low,
        "high": own.high,
        "control": item.scores[item.best_control].value,
        "best_control": item.best_control,
        "difference": item.difference,
        "difference_low": item.low,
        "difference_high": item.high,
        "verdict": item.verdict.value,
    }


def map_limits(run: ValidationRun) -> list[str]:
    """Where the maps find and where not, in a sentence or two; nothing if nothing was drawn."""
    for drawn in (Drawn.REGIONS, Drawn.BOXES):
        table = run.localisation(drawn)
        if table is None:
            continue
        found = localised(table, MapMeasure.POINTING, findings=run.findings)
        whole = overall(table, MapMeasure.POINTING)
        best = whole.scores[whole.best_control]
        said = [
            f"On {whole.boxes} pairs of a test film and a finding with {_WHERE[drawn]} the highest point of the map lies inside in "
            f"{estimates.number(whole.scores[CLASS_MAP], 2)}"
            f"; the best guess that never sees the film reaches {estimates.number(best, 2)}."
        ]
        beats = [title(item.finding) for item in found if item.verdict is MapVerdict.BEATS]
        others = [title(item.finding) for item in found if item.verdict is not MapVerdict.BEATS]
        if beats:
            said.append(f"The maps do better than that guess for {', '.join(beats)}.")
        if others:
            said.append(
                f"For {', '.join(others)} they were not found to: there a map says which regions made the score, not where the "
                "finding is."
            )
        return [" ".join(said)]
    return []


def map_lines(run: ValidationRun) -> list[str]:
    """What the maps find, each finding beside the best control that does not see the film, as lines for a terminal."""
    lines = []
    for drawn in Drawn:
        table = run.localisation(drawn)
        for measure in (MapMeasure.POINTING, MapMeasure.INSIDE) if table is not None else ():
            assert table is not None
            lines.append(f"Class maps and {_WHERE[drawn]}, {measure.words}, beside the best control that sees no film:")
            for item in (*localised(table, measure, findings=run.findings), overall(table, measure)):
                own, best = item.scores[CLASS_MAP], item.scores[item.best_control]
                lines.append(
                    f"  {title(item.finding):<20} {estimates.number(own, 2)}"
                    f" against {estimates.number(best, 2)} ({item.best_control}), {item.boxes} places; "
                    f"{item.verdict.value}"
                )
    return lines
