"""A film's pixels on their way to the browser's viewer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from chexview.pages.state.session import session
from chexview.text import reading as reading_text
from chexview.viewer.pixel_coding import ENCODING, PixelCoding, encode, encode_mask, plain
from chexview.viewer.scene import Box, Pane, pane_of
from chexview.web.media_store import MediaItem
from chexview.web.session_media import SessionMedia, session_media
from chexview.worklist.entries import OpenEntry

PIXELS = "application/octet-stream"


@dataclass(frozen=True, slots=True, eq=False)
class FilmServing:
    """What a browser's panes need: where its pictures are kept, how pixels go to it, and the boxes over films by their digest."""

    media: SessionMedia
    coding: PixelCoding
    boxes: Mapping[str, tuple[Box, ...]]

    def pane(self, entry: OpenEntry, is_scored: bool, served: Callable[[], None] | None = None) -> Pane:
        """The film as the viewer gets it; its pixels come by an address that only this browser can use.

        ``is_scored`` says whether a score can come, ``served`` is called when the pixels have gone out.
        """
        film, mask = entry.film, None
        if film.padding is not None:
            padding = film.padding
            mask = self.media.address(
                ("mask", entry.id), lambda: MediaItem(encode_mask(padding), PIXELS, encoding=ENCODING)
            )
        pixels = self.media.address(
            ("pixels", entry.id, self.coding), lambda: replace(pixels_item(film.pixels, self.coding), served=served)
        )
        return pane_of(
            film,
            entry.reading,
            pixels=pixels,
            mask=mask,
            title=entry.name,
            alt=reading_text.film_alt(film),
            boxes=self.boxes.get(film.digest, ()),
            id=entry.id,
            coding=self.coding,
            awaited=is_scored and entry.is_pending,
        )


def film_serving() -> FilmServing:
    """This session's."""
    coding = PixelCoding.PLAIN if is_near() else PixelCoding.DELTA
    return FilmServing(session_media(), coding, session().films.boxes)


def pixels_item(pixels: npt.NDArray[np.uint16], coding: PixelCoding) -> MediaItem:
    """A film's pixels as the film route serves them."""
    if coding is PixelCoding.PLAIN:
        return MediaItem(plain(pixels), PIXELS, encoding="identity")
    return MediaItem(encode(pixels), PIXELS, encoding=ENCODING)


def is_near() -> bool:
    """Whether browser and server are one machine, with no proxy between them: packing pixels costs more time than it saves."""
    return st.context.ip_address in (None, "127.0.0.1", "::1") and "X-Forwarded-For" not in st.context.headers
