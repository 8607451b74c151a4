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
    """A region that the reader drew on the pane ``film`` as it is displayed; None where the reader took it away."""

    film: str
    place: Rectangle | None


def film_viewer(scene: Scene, key: str, on_lost: Callable[[], None], on_region: Callable[[], None]) -> None:
    """Draws the scene. ``on_lost`` is called where the browser could not get a film, and :func:`lost` says which;
    ``on_region`` where the reader drew, moved or removed a region, and :func:`region` says which.
    """
    _component()(key=key, data=scene.as_data(), on_lost_change=on_lost, on_region_change=on_region)


def lost(key: str) -> str | None:
    """The id of the pane whose film was lost in this run; None where none was."""
    value = getattr(st.session_state.get(key), "lost", None)
    return str(value) if value is not None else None


def region(key: str) -> DrawnRegion | None:
    """The region of which the browser tells in this run; None where it tells of none, or what came is none."""
    answer: Any = getattr(st.session_state.get(key), "region", None)
    try:
        left, top, width, height = (float(answer[side]) for side in ("left", "top", "width", "height"))
        film = str(answer["film"])
    except (TypeError, KeyError, ValueError):
        return None
    if not (0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 and 0 < height <= 1):
        return DrawnRegion(film, None)
    return DrawnRegion(film, Rectangle.of_size(left, top, width, height))
