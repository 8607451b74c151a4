"""Pictures and tables kept in memory for the browser, each under a token that only its owner can use.

Streamlit's own media manager is not used for films: its addresses are open to every session, and above 1 MiB it tells
two pictures apart by their first, middle and last 64 KiB alone.
"""

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

PATH = "/film"
"""Where tokens are looked up, below the server's root."""
LIMIT_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True, repr=False)
class MediaItem:
    """What a token stands for; ``file_name`` is "" for what is shown and not saved.

    ``encoding`` is the content encoding in which ``data`` is kept already, "" for none. ``films`` are the SHA-256 of the files of
    the films that a file to be saved speaks of, for the audit log. ``served`` is called when the data have gone out.
    """

    data: bytes
    media_type: str
    file_name: str = ""
    encoding: str = ""
    films: tuple[str, ...] = ()
    served: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"MediaItem({len(self.data)} bytes, {self.media_type})"


@dataclass(frozen=True, slots=True, repr=False)
class DeferredItem:
    """What is made when it is asked for and not before, as a table that most people never save; it is not kept.

    ``films`` as in :class:`MediaItem`.
    """

    make: Callable[[], bytes]
    media_type: str
    file_name: str
    films: tuple[str, ...] = ()

    def made(self) -> MediaItem:
        """The item."""
        return MediaItem(self.make(), self.media_type, self.file_name, films=self.films)

    def __repr__(self) -> str:
        return f"DeferredItem({self.media_type})"


def _size(item: MediaItem | DeferredItem) -> int:
    return len(item.data) if isinstance(item, MediaItem) else 0


class MediaStore:
    """Items by token, at most ``limit`` bytes of them; the longest unused go first. Safe for threads."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._items: OrderedDict[str, tuple[str, MediaItem | DeferredItem]] = OrderedDict()
        self._bytes = 0

    def put(self, item: MediaItem | DeferredItem, owner: str) -> str:
        """Keeps ``item`` for ``owner`` and gives its token: 128 random bits that name nothing."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._items[token] = (owner, item)
            self._bytes += _size(item)
            while self._bytes > self.limit and len(self._items) > 1:
                _, (_, oldest) = self._items.popitem(last=False)
                self._bytes -= _size(oldest)
        return token

    def get(self, token: str, owner: str) -> MediaItem | DeferredItem | None:
        """The item, or None if the token is unknown or another's; nobody without a name owns anything."""
        with self._lock:
            found = self._items.get(token)
            if found is None or not owner or not hmac.compare_digest(found[0].encode(), owner.encode()):
                return None
            self._items.move_to_end(token)
            return found[1]

    def holds(self, token: str) -> bool:
        """Whether the token still stands for something; counts as a use of it."""
        with self._lock:
            if token not in self._items:
                return False
            self._items.move_to_end(token)
            return True

    def drop(self, token: str) -> None:
        """Forgets the token, if it was known."""
        with self._lock:
            found = self._items.pop(token, None)
            if found is not None:
                self._bytes -= _size(found[1])

    @property
    def bytes(self) -> int:
        """Bytes held now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._items)


STORE = MediaStore()
"""The process's one store."""
