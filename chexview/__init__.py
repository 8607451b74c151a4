"""CheXView: chest radiographs read by a DenseNet-121 whose heatmaps add up to its scores.

The Python API is :mod:`chexview.api`; its names stand here and are loaded when they are first used, so that ``import
chexview`` alone imports neither PyTorch nor Streamlit.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chexview.api import ExportedFiles as ExportedFiles
    from chexview.api import FilmReadings as FilmReadings
    from chexview.api import PlottedExamination as PlottedExamination
    from chexview.api import StoredRun as StoredRun
    from chexview.api import example_films as example_films
    from chexview.api import export as export
    from chexview.api import load_checkpoint as load_checkpoint
    from chexview.api import load_run as load_run
    from chexview.api import read as read
    from chexview.api import read_film as read_film
    from chexview.errors import ChexviewError as ChexviewError

__version__ = "0.1.0"

__all__ = [
    "ChexviewError",
    "ExportedFiles",
    "FilmReadings",
    "PlottedExamination",
    "StoredRun",
    "example_films",
    "export",
    "load_checkpoint",
    "load_run",
    "read",
    "read_film",
]


def __getattr__(name: str) -> Any:
    """A name of the API, imported on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'chexview' has no attribute {name!r}")
    from importlib import import_module

    module = "chexview.errors" if name == "ChexviewError" else "chexview.api"
    found = globals()[name] = getattr(import_module(module), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
