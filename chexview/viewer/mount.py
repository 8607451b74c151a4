"""The film viewer on a page, and what comes back from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from chexview.geometry import Rectangle
from chexview.viewer.javascript import ASSETS, joined
from chexview.viewer.scene import Scene


@cache
def _component() -> Callable[..., object]:
    css = "".join((ASSETS / path).read_text("utf-8") for path in ("common.css", "viewer/viewer.css"))
    return st.components.v2.component("chexview_viewer", css=css, js=joined(ASSETS / "viewer" / "viewer.js"))


@dataclass(frozen=True, slots=True)
class DrawnRegion:
    """A region that the reader drew on the pane ``film`` as it is displayed; None if the reader took it away."""

    film: str
    place: Rectangle | None


def film_viewer(scene: Scene, key: str, on_region: Callable[[], None]) -> None:
    """Draws the scene. ``on_region`` is called where the reader drew, moved or removed a region, and :func:`region` says which.

    Where the browser could not get a film, the page runs again, and its scene names the film's address anew.
    """
    _component()(key=key, data=scene.as_data(), on_lost_change=_run_again, on_region_change=on_region)


def _run_again() -> None:
    """A change of a component runs the page; there is nothing else to do."""


def region(key: str) -> DrawnRegion | None:
    """The region of which the browser tells in this run; None if it tells of none, or what came is none."""
    answer: Any = getattr(st.session_state.get(key), "region", None)
    try:
        left, top, width, height = (float(answer[side]) for side in ("left", "top", "width", "height"))
        film = str(answer["film"])
    except (TypeError, KeyError, ValueError):
        return None
    if not (0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 and 0 < height <= 1):
        return DrawnRegion(film, None)
    return DrawnRegion(film, Rectangle.of_size(left, top, width, height))
