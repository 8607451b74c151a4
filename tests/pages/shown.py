"""Opens a page without a browser, and finds what it shows."""

import json
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from chexview.films.read import read
from chexview.model.predictor import Predictor
from chexview.model.reading import Reading

MAIN = Path(__file__).parents[2] / "chexview" / "pages" / "main.py"


def bodies(app: AppTest) -> str:
    """All HTML of the page."""
    return "\n".join(element.proto.body for element in app.get("html"))


def figures(app: AppTest) -> list[dict[str, Any]]:
    """All Plotly figures of the page."""
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def page_at(page: str, **address: str) -> AppTest:
    """A page, by its file, at an address."""
    app = AppTest.from_file(MAIN, default_timeout=300)
    app.switch_page(page)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def uploaded(*files: tuple[str, bytes]) -> AppTest:
    """The page after an upload."""
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    for name, data in files:
        app.file_uploader[0].upload(name, data, "application/octet-stream")
    app.run()
    return settled(app)


def settled(app: AppTest) -> AppTest:
    """The page after everything is read."""
    assert app.session_state["chexview"].films.lease.work.wait(60)
    app.run()
    assert not app.exception
    return app


def drawn(app: AppTest, name: str) -> dict[str, Any]:
    """The data handed to one of our components."""
    for element in app.get("bidi_component"):
        found: dict[str, Any] = json.loads(element.proto.json)
        if element.proto.component_name.endswith(f"chexview_{name}") and found.get("chosen", "") is not None:
            return found
    raise AssertionError(f"the page has no {name}")


def section(app: AppTest, name: str) -> AppTest:
    """The page with another section beneath the film."""
    next(group for group in app.segmented_control if group.key == "film-section").set_value(name).run()
    assert not app.exception
    return app


def reading_of(predictor: Predictor, path: Path, policy: str | None = None) -> Reading:
    return predictor.read([read(path.read_bytes())], policy)[0]
