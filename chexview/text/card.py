"""Text, tables and short HTML about a checkpoint's card; every text from outside is escaped. No Streamlit."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from chexview.evaluation.estimate import PATIENTS_FOR_INTERVAL, PATIENTS_FOR_TRUST
from chexview.evaluation.operating import Policy
from chexview.findings import BY_NAME, phrase, title
from chexview.model.architecture import Pooling
from chexview.model.card import Auroc, Card, Performance
from chexview.model.input_check import InputCard
from chexview.text.markup import fact, facts
from chexview.text.numbers import counted, estimated, percents, scale_ends
from chexview.text.numbers import probability as percent

REFERENCE = ":"
"""What separates a list from a reference standard in the name of a performance on a card."""

FILM = 430
"""Millimetres across an adult's film, 43 cm: what a share of it is in the patient, about."""


def headline(card: Card) -> str:
    """Which checkpoint it is, and what it is in four facts."""
    first = next(iter(card.performance.values()), None)
    cells = card.input_size // card.architecture.stride
    parts = [
        _mean(first),
        fact(
            "What it sees",
            f"{card.input_size} x {card.input_size}",
            "pixels",
            f"A pixel is about {FILM / card.input_size:.1f} mm of an adult's chest.",
        ),
        fact(
            "Its maps",
            f"{cells} x {cells}",
            "cells",
            f"A cell is about {FILM / cells:.0f} mm wide: a region, not an outline.",
        ),
        fact("Findings", str(len(card.findings)), "", _trained_on(card.data)),
    ]
    weights = f"<small>{escape(card.name)}, weights SHA-256 {escape(card.weights[:12])}</small>"
    return f"<p class='card-name'>{escape(card.title)}{weights}</p>{facts('Model card', parts)}"


def _mean(found: Performance | None) -> str:
    if found is None or found.mean_auroc is None:
        return fact("Mean AUROC", "not measured", "", "No validation run has completed this card.")
    reach = f"{found.low:.3f} to {found.high:.3f}" if found.low is not None and found.high is not None else ""
    return fact(
        f"Mean AUROC, {found.title[0].lower()}{found.title[1:]}",
        f"{found.mean_auroc:.3f}",
        reach,
        f"{counted(found.films, 'film')} of {counted(found.patients, 'patient')}",
    )


def _trained_on(data: Mapping[str, Any]) -> str:
    films = data.get("films")
    if not isinstance(films, Mapping) or "train" not in films:
        return "The card does not say what it was trained on."
    return f"Trained on {films['train']:,} films, calibrated on {films.get('validation', 0):,}, tested on {films.get('test', 0):,}."


def limits(card: Card) -> str:
    """The known limits as a list."""
    if not card.limits:
        return "<p class='quiet'>The card names no limits; that does not mean that there are none.</p>"
    return f"<ul class='limits'>{''.join(f'<li>{escape(text)}</li>' for text in card.limits)}</ul>"


def finding_limits(card: Card) -> list[tuple[str, str]]:
    """What must be known of single findings before their score is believed."""
    parts = []
    first = next(iter(card.performance.values()), None)
    for name in card.findings:
        words = [_KNOWN[name]] if name in _KNOWN else []
        auroc = first.aurocs.get(name) if first else None
        if auroc is not None:
            if auroc.positive_patients < PATIENTS_FOR_TRUST:
                words.append(f"Measured on {counted(auroc.positive_patients, 'patient')} only.")
            if auroc.low is not None and auroc.low <= 0.55:
                words.append(f"Hardly better than chance here (AUROC {auroc.value:.2f}).")
        if name not in card.calibration:
            words.append("Not calibrated: its score is not a probability and flags nothing.")
        if words:
            parts.append((title(name), " ".join(words)))
    return parts


def worth(card: Card, name: str) -> str:
    """How far a finding's score can be believed: its AUROC on the card's first list, and what must be known of it."""
    first = next(iter(card.performance.values()), None)
    auroc = first.aurocs.get(name) if first else None
    words = []
    if first is not None and auroc is not None:
        films = counted(auroc.positive_films, "film")
        patients = counted(auroc.positive_patients, "patient")
        where = f"{first.title[0].lower()}{first.title[1:]}"
        words.append(f"AUROC of {phrase(name)} on {where}: {_auroc(auroc)}; {films} of {patients} with it.")
    words += [text for heading, text in finding_limits(card) if heading == title(name)]
    return " ".join(words)


_KNOWN = {
    "Atelectasis": "Text mining takes it from reports that mention it in passing; often a guess between it and consolidation.",
    "Cardiomegaly": "On bedside films (AP) the heart looks larger than it is.",
    "Infiltration": "The vaguest label; radiologists agree on it least.",
    "Mass": "The label depends on a size over 3 cm, which a network of this resolution hardly measures.",
    "Nodule": "A nodule of 1 cm is a few pixels wide here; a low score does not exclude one.",
    "Pneumonia": "A clinical diagnosis; the film alone does not make it.",
    "Pneumothorax": "Most labelled films show a chest drain already: part of the score may be the drain.",
    "Emphysema": "Subcutaneous emphysema has been labelled like that of the lung.",
    "Hernia": "A handful of patients in all of the data.",
    "Edema": "Nine in ten of its films are bedside films (AP): part of the score may be the setting.",
}
"""Known weaknesses of NIH's labels: Oakden-Rayner, Academic Radiology 2020, 27:106 (exploration of ChestX-ray14's labels and the
drains of its pneumothoraces); Wang et al., CVPR 2017."""


def numbers(card: Card) -> pd.DataFrame:
    """One row a finding: AUROC on each list, the counts on the first, calibration and the default threshold."""
    lists = [found for name, found in card.performance.items() if REFERENCE not in name]
    table: dict[str, list[Any]] = {"Finding": [title(name) for name in card.findings]}
    for found in lists:
        table[found.title] = [_auroc(found.aurocs.get(name)) for name in card.findings]
    if lists:
        known = [lists[0].aurocs.get(name) for name in card.findings]
        table["Films and patients with it"] = [
            f"{counted(item.positive_films, 'film')}, {counted(item.positive_patients, 'patient')}" if item else "none"
            for item in known
        ]
    table["Slope"] = [card.calibration[name].slope if name in card.calibration else None for name in card.findings]
    table["Intercept"] = [
        card.calibration[name].intercept if name in card.calibration else None for name in card.findings
    ]
    points = card.operating_points.get(card.default_policy, {})
    table["Threshold"] = [
        float(card.calibration[name].probability(points[name])) * 100
        if name in points and name in card.calibration
        else None
        for name in card.findings
    ]
    return pd.DataFrame(table)


def by_references(card: Card) -> pd.DataFrame | None:
    """One row a finding or composite: AUROC on the test films by each reference standard, with films that have it; None if the
    card tells of none."""
    known = [found for name, found in card.performance.items() if REFERENCE in name]
    if not known:
        return None
    names = list(dict.fromkeys(name for found in known for name in found.aurocs))
    names.sort(key=lambda name: (name not in card.findings, card.findings.index(name) if name in card.findings else 0))
    table: dict[str, list[str]] = {"Finding": ["Mean", *(title(name) for name in names)]}
    for found in known:
        mean = "none" if found.mean_auroc is None else f"{found.mean_auroc:.3f}"
        if found.low is not None and found.high is not None:
            mean += f" ({found.low:.3f} to {found.high:.3f})"
        heading = f"{found.title} ({counted(found.films, 'film')})"
        table[heading] = [mean, *(_with_films(found.aurocs.get(name)) for name in names)]
    return pd.DataFrame(table)


def _with_films(found: Auroc | None) -> str:
    return "" if found is None else f"{_auroc(found)}; {counted(found.positive_films, 'film')} with it"


def control(card: Card) -> str:
    """What blur and brightness alone reach, list by list; "" if the card does not tell."""
    found = card.data.get("control")
    if not isinstance(found, Mapping):
        return ""
    known = [
        (card.performance[name].title, value) for name, value in found.items() if name in card.performance and value
    ]
    words = ", ".join(f"{heading.lower()} {value:.3f}" for heading, value in known)
    return f"Blur, brightness and contrast alone reach a mean AUROC of: {words}." if words else ""


def _auroc(found: Auroc | None) -> str:
    if found is None:
        return "none"
    if found.low is None or found.high is None:
        return f"{found.value:.3f}, fewer than {PATIENTS_FOR_INTERVAL} patients"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def meanings(card: Card) -> list[tuple[str, str]]:
    """What each finding is, in one sentence."""
    return [(title(name), BY_NAME[name].meaning) for name in card.findings if name in BY_NAME]


def training(recipe: Mapping[str, Any]) -> list[str]:
    """How it was trained: one sentence for each fit, the first one first."""
    parts: list[str] = []
    step: Mapping[str, Any] | None = recipe
    while isinstance(step, Mapping) and step.get("stages"):
        stages = ", then ".join(
            f"{stage['epochs']} epochs at {stage['size']} pixels in batches of {stage['batch_size']}"
            for stage in step["stages"]
        )
        best = step.get("best_epoch")
        chosen = f", weights of epoch {best + 1}" if isinstance(best, int) else ""
        begin = step.get("init")
        start = begin.get("start") if isinstance(begin, Mapping) else None
        origin = f" from {start}" if isinstance(start, str) else ""
        parts.append(f"{step.get('name', 'a recipe')}{origin}: {stages}{chosen}.")
        step = begin.get("recipe") if isinstance(begin, Mapping) else None
    return parts[::-1]


_BACKBONES = {"densenet121": "DenseNet-121"}
_POOLINGS = {
    Pooling.MEAN: "a score is the mean of its cells",
    Pooling.ADAPTIVE: "a score is a weighted mean of its cells, sharper for findings that are small",
    Pooling.PCAM: "a score is a mean of its cells weighted by their own probability",
}


def network(card: Card) -> str:
    """What the network is, in a line."""
    plan = card.architecture
    return (
        f"{_BACKBONES.get(plan.backbone, plan.backbone)}, {card.input_size} x {card.input_size} pixels, cells of {plan.stride} "
        f"pixels; {_POOLINGS[plan.pooling]}; version {card.eye} of the eye"
    )


def map_numbers(card: Card) -> pd.DataFrame | None:
    """One row for all findings and for each: how often a map's highest cell lies where radiologists drew it, beside the best
    guess that never sees the film; None if the card does not tell."""
    maps = card.data.get("maps")
    known = maps.get("regions") or maps.get("boxes") if isinstance(maps, Mapping) else None
    if not known:
        return None
    return pd.DataFrame(
        {
            "Finding": [title(name) if name in BY_NAME else name.capitalize() for name in known],
            "Found": [estimated(item["found"], item["low"], item["high"]) for item in known.values()],
            "Best guess without the film": [
                f"{percent(item['control'])} ({item['best_control']})" for item in known.values()
            ],
            "Films": [item["places"] for item in known.values()],
            "Patients": [item["patients"] for item in known.values()],
            "Verdict": [item["verdict"] for item in known.values()],
        }
    )


def _scales(card: Card) -> list[str]:
    return [f"{scale_ends(card.heatmap_scale(name))[1]} for {title(name).lower()}" for name in card.findings]


def origin(card: Card) -> list[tuple[str, str]]:
    """Where it comes from, as rows of a table."""
    policy = Policy(card.default_policy).heading if card.default_policy in {p.value for p in Policy} else "none"
    rows = [
        ("Checkpoint", f"{card.title} (folder {card.name})"),
        ("Weights, SHA-256", card.weights),
        ("Network", network(card)),
        ("Thresholds first used", policy),
        ("Full colour of a heatmap at, in log-odds", ", ".join(_scales(card))),
        ("Made", card.created or "not stated"),
        ("With", ", ".join(f"{name} {version}" for name, version in card.software.items()) or "not stated"),
    ]
    words = {
        "data_set": "Data set",
        "attribution": "Attribution",
        "split_hash": "Split, SHA-256",
        "index": "Index, SHA-256",
    }
    rows += [(label, str(card.data[key])) for key, label in words.items() if card.data.get(key)]
    lists = card.data.get("lists")
    if isinstance(lists, Mapping):
        rows += [(f"List {name}", str(chosen)) for name, chosen in lists.items()]
    return rows


MAPS = (
    "How often the highest cell of a map lies in what radiologists outlined on test films, with 95 % intervals over patients. The "
    "best guess without the film is the fixed place that hits most often."
)
MEASURED = (
    "AUROC with 95 % intervals over patients. They were measured with this file of weights; the validation run they come "
    "from is on the page Evaluate, film by film."
)
INPUT_CHECK = (
    "Before a film is scored, a separate small network checks that it is a frontal chest film, upright and not inverted. If it "
    "does not look so, the score is withheld until you ask for it. How often scores were withheld, on patients that were not in "
    "the training data:"
)


def input_rates(card: InputCard) -> pd.DataFrame:
    """How often the input check withheld pictures, one row a list."""
    return pd.DataFrame(
        {
            "Pictures": [rate.title for rate in card.rates],
            "Withheld": [f"{rate.withheld:,} of {rate.films:,}" for rate in card.rates],
            "Share": [percent(rate.withheld / rate.films) for rate in card.rates],
            "95 %": [
                "" if rate.low is None or rate.high is None else percents(rate.low, rate.high) for rate in card.rates
            ],
            "Patients": [rate.patients or None for rate in card.rates],
        }
    )
