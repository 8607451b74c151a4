"""The film viewer on a page: its files joined into the one module that Streamlit takes, and what comes back from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from chexview.viewer.scene import Scene

_ASSETS = Path(__file__).parent / "assets"
PARTS = (
    "elements",
    "codec",
    "window",
    "geometry",
    "webgl",
    "canvas",
    "heat",
    "marks",
    "panes",
    "overlay",
    "lens",
    "tools",
    "keys",
    "bars",
    "controls",
    "acts",
    "hooks",
    "viewer",
)
"""The files of the viewer in the order in which they are joined; a module from a string cannot import others."""


def source() -> str:
    """The viewer's JavaScript, one module."""
    return "\n".join((_ASSETS / "viewer" / f"{part}.js").read_text("utf-8") for part in PARTS)


@cache
def _component() -> Callable[..., object]:
    css = "".join((_ASSETS / path).read_text("utf-8") for path in ("common.css", "viewer/viewer.css"))
    return st.components.v2.component("chexview_viewer", css=css, js=source())


@dataclass(frozen=True, slots=True)
class Asked:
    """A region that the reader drew on the pane ``film``, in shares of the film as it is displayed."""

    film: str
    left: float
    top: float
    width: float
    height: float


def film_viewer(scene: Scene, key: str, on_lost: Callable[[], None], on_region: Callable[[], None]) -> None:
    """Draws the scene. ``on_lost`` is called where the browser could not get a film, and :func:`lost` says which;
    ``on_region`` where the reader drew a region, and :func:`region` says which.
    """
    _component()(key=key, data=scene.as_data(), on_lost_change=on_lost, on_region_change=on_region)


def lost(key: str) -> str | None:
    """The id of the pane whose film was lost in this run; None where none was."""
    value = getattr(st.session_state.get(key), "lost", None)
    return str(value) if value is not None else None


def region(key: str) -> Asked | None:
    """The region that was drawn in this run; None where none was, or what came is none."""
    told: Any = getattr(st.session_state.get(key), "region", None)
    try:
        sides = [float(told[side]) for side in ("left", "top", "width", "height")]
        return Asked(str(told["film"]), *sides)
    except (TypeError, KeyError, ValueError):
        return None
