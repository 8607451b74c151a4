"""The pages and their order: one list, which the navigation and the server's routes use. A new page is added here. No Streamlit."""

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page: its file in this folder, its title, its icon (a Material symbol), and whether the server's root shows it."""

    file: str
    title: str
    icon: str
    is_first: bool = False

    @property
    def path(self) -> str:
        """Its address below the server's root."""
        return "" if self.is_first else PurePath(self.file).stem


PAGES: list[PageEntry] = [
    PageEntry("read.py", "Read", "pulmonology", is_first=True),
    PageEntry("evaluate.py", "Evaluate", "monitoring"),
    PageEntry("cases.py", "Cases", "grid_view"),
    PageEntry("examine.py", "Examine", "biotech"),
    PageEntry("compare.py", "Compare", "compare_arrows"),
    PageEntry("reader_study.py", "Reader study", "visibility_off"),
    PageEntry("runs.py", "Runs", "inventory_2"),
    PageEntry("model_card.py", "Model card", "fact_check"),
]
