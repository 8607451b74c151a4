"""The page of ``viewer_app.py``: films made up, one viewer; the address says which film and which painter."""

from functools import partial

import streamlit as st

from chexview.findings import NAMES
from chexview.geometry import Rectangle
from chexview.viewer.mount import DrawnRegion, film_viewer, region
from chexview.viewer.pixel_coding import ENCODING, PixelCoding, encode, encode_mask, plain
from chexview.viewer.scene import Box, Covered, Painter, PaneLayout, Scene, pane_of
from chexview.web.media_store import MediaItem
from chexview.web.session_media import session_media
from tests.browser.viewer_films import FILMS, readings

MEDIA = "application/octet-stream"

st.set_page_config(layout="wide")
st.session_state.setdefault("lost", [])
if gone := getattr(st.session_state.get("viewer"), "lost", None):
    st.session_state.lost.append(gone)
options = st.query_params
names = options.get("films", "chest").split(",")
st.session_state.setdefault("turn", 0)
if st.button("Next film"):
    st.session_state.turn += 1
if options.get("single"):
    names = [names[st.session_state.turn % len(names)]]
if st.button("Forget films"):
    session_media().clear()


def pixels(name: str) -> MediaItem:
    """A film's pixels as the route serves them."""
    if options.get("plain"):
        return MediaItem(plain(FILMS[name]().pixels), MEDIA, encoding="identity")
    return MediaItem(encode(FILMS[name]().pixels), MEDIA, encoding=ENCODING)


def padding(name: str) -> MediaItem:
    """A film's padding as the route serves it."""
    mask = FILMS[name]().padding
    assert mask is not None
    return MediaItem(encode_mask(mask), MEDIA, encoding=ENCODING)


def answers(drawn: DrawnRegion | None) -> tuple[Covered, ...]:
    """How large the region is, in place of what covering it does."""
    if drawn is None or drawn.place is None:
        return ()
    words = f"{100 * drawn.place.width:.0f} % of the film away"
    return (Covered(drawn.film, drawn.place, dict.fromkeys(NAMES, words)),)


panes = []
for name in names:
    film = FILMS[name]()
    dead = options.get("dead") and name not in st.session_state.lost
    panes.append(
        pane_of(
            film,
            readings()[name],
            pixels="film/none" if dead else session_media().address(("pixels", name), partial(pixels, name)),
            mask=None if film.padding is None else session_media().address(("mask", name), partial(padding, name)),
            title=f"The film called {name}",
            alt=f"A made-up film, {name}",
            boxes=(Box("a box", Rectangle.of_size(0.6, 0.5, 0.2, 0.15)),) if options.get("box") else (),
            id=name,
            coding=PixelCoding.PLAIN if options.get("plain") else PixelCoding.DELTA,
        )
    )
scene = Scene(
    tuple(panes),
    chosen="Atelectasis",
    layout=PaneLayout(options.get("layout", "one")),
    painter=Painter(options.get("painter", "")),
    regions=bool(options.get("regions")),
    covered=answers(st.session_state.get("region")),
)


def on_region() -> None:
    """Remembers the region that was drawn."""
    drawn = region("viewer")
    st.session_state.region = drawn if drawn is not None and drawn.place is not None else None


film_viewer(scene, "viewer", on_region)
st.write(f"region: {st.session_state.get('region')}")
st.write(f"lost: {st.session_state.lost}")
