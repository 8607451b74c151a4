"""What the server does before the first reader waits for it: imports, the checkpoint and a decoder, in a thread of its own."""

import threading
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules

import chexview.pages
from chexview import settings
from chexview.erasing import finish_erasing
from chexview.errors import ChexviewError
from chexview.films.read import pool
from chexview.model import input_check
from chexview.pages import catalogue
from chexview.pages.predictors import NETWORK_WANTED, predictor
from chexview.web import garbage

LATER = ("chexview.exports.run_report", "chexview.exports.film_report", "chexview.exports.drawing")
"""What only a saved file needs, and what takes long to load."""

GRACE = 6.0
"""Seconds that the first reader's page has to itself: loading PyTorch beside it would take half of its processor's time."""


def start() -> threading.Thread:
    """Warms up in a thread, which never keeps the process alive."""
    thread = threading.Thread(target=_after_the_first_page, name="chexview-warm-up", daemon=True)
    thread.start()
    return thread


def _after_the_first_page() -> None:
    NETWORK_WANTED.wait(GRACE)
    warm_up()


def warm_up() -> None:
    """Loads what every reader needs; what cannot be loaded, the page that needs it says in a sentence."""
    with suppress(ChexviewError):
        finish_erasing(settings.load().home)
    with suppress(ChexviewError):
        pool().warm()
    for name in modules():
        import_module(name)
    with suppress(ChexviewError):
        predictor()
        input_check.bundled()
    evaluation()
    for name in LATER:
        import_module(name)
    garbage.keep_for_good()
    garbage.collect_by_the_clock()


def evaluation() -> None:
    """Opens the reference standards, and draws a curve and a matrix that nobody sees: Plotly loads each of its parts when a
    figure first has it. The imports are here because the server listens before them."""
    from chexview.evaluation.confusion import confusion
    from chexview.evaluation.curves import roc_of
    from chexview.evaluation.intervals import auroc_estimate
    from chexview.evaluation.selection import Selection
    from chexview.figures.confusion import confusion_figure
    from chexview.figures.roc import roc_figure
    from chexview.figures.theme import LIGHT
    from chexview.pages.truth_selector import reference_standards

    reference_standards()
    films = Selection.of([False, True], [0.0, 1.0])
    found = confusion(films, 0.5)
    for figure in (roc_figure(roc_of(films), auroc_estimate(films), found, LIGHT), confusion_figure(found, LIGHT)):
        figure.to_json()


def modules() -> list[str]:
    """The modules beside the pages, which draw nothing when they are imported, as the pages themselves do."""
    scripts = {"main", *(entry.file.removesuffix(".py") for entry in catalogue.PAGES)}
    found = [module.name for module in iter_modules(chexview.pages.__path__)]
    return [f"{chexview.pages.__name__}.{name}" for name in found if name not in scripts]
