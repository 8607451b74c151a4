"""What a session has found in the PACS, and which of its films came from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chexview.pacs.studies import FoundStudies, Study


@dataclass(slots=True)
class PacsChoice:
    """``found`` is what the last search gave; ``said`` the sentence on what came of the last thing that was asked for.

    ``origins`` are the studies of films that were fetched, by the film's digest; ``sent`` are those whose results were sent, each
    with what was sent of it.
    """

    found: FoundStudies | None = None
    said: str = ""
    failed: bool = False
    origins: dict[str, Study] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)

    def say(self, sentence: str, failed: bool = False) -> None:
        """Keeps the sentence until the page is drawn."""
        self.said, self.failed = sentence, failed
