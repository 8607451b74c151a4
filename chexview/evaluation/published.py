"""Published AUROCs, to be laid beside a run only where they are of the very same films.

A list of films is known by the digest of its image ids. Numbers of other splits are not comparable: NIH's official test list
alone costs about 0.03 of mean AUROC against a random split by patient. Numbers that could not be checked at their source are
not here.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chexview.evaluation.checksums import images_digest


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A published model: its name, where its numbers stand, and its AUROC by finding."""

    name: str
    source: str
    aurocs: dict[str, float]


@dataclass(frozen=True, slots=True)
class Published:
    """What was published on one list of films, and which list that is."""

    title: str
    references: tuple[PublishedModel, ...]


@cache
def _known() -> dict[str, Any]:
    lists: dict[str, Any] = json.loads((Path(__file__).parent / "published.json").read_text("utf-8"))["lists"]
    return lists


def published(images: Iterable[str]) -> Published | None:
    """What was published on exactly these films; None if nothing was."""
    known = _known().get(images_digest(images))
    if known is None:
        return None
    return Published(known["title"], tuple(PublishedModel(**item) for item in known["references"]))
