"""What is taken away is drawn for paper, under a caption."""

from chexview.figures.theme import LIGHT, Theme, message
from chexview.pages import download_buttons
from chexview.text.caption import FigureCaption


def test_figures_are_drawn_for_paper() -> None:
    seen: list[Theme] = []

    def build(look: Theme) -> object:
        seen.append(look)
        return message("nothing", look, 100)

    begins = {"PNG": b"\x89PNG", "SVG": b"<?xml", "PDF": b"%PDF", "HTML": b"<"}
    assert set(download_buttons._KINDS) == set(begins)
    for kind, start in begins.items():
        written = download_buttons._written(kind, build, FigureCaption("ROC, Edema", ("A run",)))  # type: ignore[arg-type]
        assert written.lstrip().startswith(start)
    assert seen == [LIGHT] * 4
