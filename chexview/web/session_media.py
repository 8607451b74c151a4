"""One session's pictures: made once, served under tokens, dropped when the session ends."""

import threading
from collections.abc import Callable, Hashable

import streamlit as st

from chexview.web.media_store import PATH, STORE, DeferredItem, MediaItem, MediaStore
from chexview.web.security_headers import COOKIE

Key = tuple[Hashable, ...]
"""What an item is: its kind, the film's digest, and what else tells it apart."""


class SessionMedia:
    """Addresses of one owner's items by key; what the store has dropped meanwhile is made again. Safe for threads."""

    def __init__(self, store: MediaStore, owner: str) -> None:
        self._store, self._owner = store, owner
        self._tokens: dict[Key, str] = {}
        self._lock = threading.Lock()

    def address(self, key: Key, make: Callable[[], MediaItem | DeferredItem]) -> str:
        """The address, relative to the page, of the item ``key``; ``make`` is called only if there is none."""
        with self._lock:
            token = self._tokens.get(key)
            if token is None or not self._store.holds(token):
                token = self._tokens[key] = self._store.put(make(), self._owner)
        return f"{PATH.removeprefix('/')}/{token}"

    def add(self, key: Key, item: MediaItem | DeferredItem) -> str:
        """The address of an item that is made already, or when it is asked for."""
        return self.address(key, lambda: item)

    def forget(self, unwanted: Callable[[Key], bool]) -> None:
        """Drops every item whose key is unwanted."""
        with self._lock:
            for key in [key for key in self._tokens if unwanted(key)]:
                self._store.drop(self._tokens.pop(key))

    def clear(self) -> None:
        """Drops everything."""
        with self._lock:
            for token in self._tokens.values():
                self._store.drop(token)
            self._tokens.clear()


@st.cache_resource(scope="session", on_release=SessionMedia.clear, show_spinner=False)
def _media_of(owner: str) -> SessionMedia:
    return SessionMedia(STORE, owner)


def session_media() -> SessionMedia:
    """This session's media; Streamlit releases them when the browser disconnects."""
    return _media_of(st.context.cookies.get(COOKIE, ""))
