"""The pages and their order: one list, which the navigation and the server's routes use. A new page is added here. No Streamlit."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from chexview import settings
from chexview.errors import SettingsError


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page: its file in this folder, its title, its icon (a Material symbol), and whether the server's root shows it.

    ``begins_with_charts``: its first view has figures. ``is_there`` says whether the settings ask for it.
    """

    file: str
    title: str
    icon: str
    is_first: bool = False
    begins_with_charts: bool = False
    is_there: Callable[[], bool] = lambda: True

    @property
    def path(self) -> str:
        """Its address below the server's root."""
        return "" if self.is_first else PurePath(self.file).stem


def _has_pacs() -> bool:
    try:
        return settings.pacs() is not None
    except SettingsError:
        return True  # the page says what is wrong


PAGES: list[PageEntry] = [
    PageEntry("read.py", "Read", "pulmonology", is_first=True),
    PageEntry("pacs_films.py", "PACS", "lan", is_there=_has_pacs),
    PageEntry("evaluate.py", "Evaluate", "monitoring", begins_with_charts=True),
    PageEntry("cases.py", "Cases", "grid_view"),
    PageEntry("examine.py", "Examine", "biotech", begins_with_charts=True),
    PageEntry("compare.py", "Compare", "compare_arrows", begins_with_charts=True),
    PageEntry("reader_study.py", "Reader study", "visibility_off"),
    PageEntry("runs.py", "Runs", "inventory_2"),
    PageEntry("model_card.py", "Model card", "fact_check"),
    PageEntry("kept_data.py", "Data", "database"),
]


def pages() -> list[PageEntry]:
    """The pages that there are, as the settings stand."""
    return [entry for entry in PAGES if entry.is_there()]
