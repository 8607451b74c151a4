"""Uploads: kept in memory, never on disk, and bounded for the whole server.

Streamlit holds a file from its upload until its session ends, as many as a session sends, whether a widget waits for
them or not; Starlette writes one over 1 MiB to a temporary file while it arrives. Here nothing is written, all sessions
share one bound, no session takes more than half of it, and what a page has read is let go at once.
"""

import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import psutil
from starlette.formparsers import MultiPartParser
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from chexview.web.security_headers import COOKIE

LIMIT_BYTES = min(4 * 2**30, psutil.virtual_memory().total // 4)
"""Bytes of uploads that the server holds and receives."""
IDLE_SECONDS = 900.0
"""How long an upload that no page has read is kept when another needs its room."""
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)$")
_FULL = "The server holds as many uploads as it may. Close other tabs, or wait a few minutes and upload this again."


def keep_uploads_in_memory() -> None:
    """Lets Starlette hold a whole file in memory while it arrives; how large it may be, ``server.maxUploadSize`` says."""
    MultiPartParser.spool_max_size = sys.maxsize


def release(files: Iterable[UploadedFile]) -> None:
    """Drops the bytes of uploads that a page has read. What holds them from then on is the page's own."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def present(value: object) -> list[UploadedFile]:
    """The files that are there, of what a session holds under an uploader's key: one, several, or nothing.

    One that the browser took back meanwhile, as where an upload changes twice quickly, is a DeletedFile without name and bytes.
    """
    given = value if isinstance(value, list | tuple) and not isinstance(value, DeletedFile) else [value]
    return [file for file in given if isinstance(file, UploadedFile)]


@dataclass(frozen=True, slots=True)
class Upload:
    """Whose an upload is and which."""

    session: str
    file: str


Held = Mapping[Upload, int]
"""Bytes by upload."""


def held_by_streamlit() -> dict[Upload, int]:
    """The uploads that Streamlit holds for all sessions now."""
    return {
        Upload(session, file): len(record.data)
        for session, files in list(_manager().file_storage.items())
        for file, record in list(files.items())
    }


def drop_from_streamlit(upload: Upload) -> None:
    """Lets go of one upload."""
    _manager().remove_file(upload.session, upload.file)


def file_of(upload: Upload) -> UploadedFileRec | None:
    """The file that Streamlit holds; None if it is gone."""
    return _manager().file_storage.get(upload.session, {}).get(upload.file)


def _manager() -> MemoryUploadedFileManager:
    manager = get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


class UploadLimit:
    """ASGI middleware: an upload is taken only where all that are held and arriving leave room for it, else 413.

    Half of ``limit`` is what one session may have. An upload must declare its length, else 411 (browsers do). ``held``
    and ``drop`` are Streamlit's own by default. ``came`` hears of each upload that was taken, and of its browser's cookie.
    """

    def __init__(
        self,
        app: ASGIApp,
        limit: int = LIMIT_BYTES,
        held: Callable[[], Held] = held_by_streamlit,
        drop: Callable[[Upload], None] = drop_from_streamlit,
        clock: Callable[[], float] = time.monotonic,
        came: Callable[[Upload, str], None] | None = None,
    ) -> None:
        self.app, self.limit = app, limit
        self._held, self._drop, self._clock, self._tell = held, drop, clock, came
        self._arriving: dict[Upload, int] = {}
        self._came: dict[Upload, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reserves the room for as long as the upload arrives."""
        match = _PATH.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if match is None:
            await self.app(scope, receive, send)
            return
        upload, size = Upload(*match.groups()), _declared(scope)
        if size is None:
            await PlainTextResponse("An upload must declare its length.", status_code=411)(scope, receive, send)
        elif upload in self._arriving or not self._has_room(upload, size):
            await PlainTextResponse(_FULL, status_code=413)(scope, receive, send)
        else:
            self._arriving[upload] = size
            try:
                taken = await self._passed_on(scope, receive, send)
                self._came[upload] = self._clock()
            finally:
                del self._arriving[upload]
            if taken and self._tell is not None:
                self._tell(upload, _browser(scope))

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Passes the upload on; whether it was taken."""
        statuses: list[int] = []

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        await self.app(scope, receive, noted)
        return bool(statuses) and statuses[0] < 300

    def _has_room(self, upload: Upload, size: int) -> bool:
        """Whether ``size`` bytes fit, once uploads that nobody has read for long have gone, if need be."""
        held = dict(self._held())
        self._came = {known: moment for known, moment in self._came.items() if known in held}
        if self._fits(held, upload, size):
            return True
        late = self._clock() - IDLE_SECONDS
        for old in [known for known, moment in self._came.items() if moment < late]:
            self._drop(old)
            del self._came[old], held[old]
        return self._fits(held, upload, size)

    def _fits(self, held: Held, upload: Upload, size: int) -> bool:
        taken = [*held.items(), *self._arriving.items()]
        own = sum(count for known, count in taken if known.session == upload.session)
        return sum(count for _, count in taken) + size <= self.limit and own + size <= self.limit // 2


def _browser(scope: Scope) -> str:
    """The cookie that says whose browser it is."""
    for name, value in scope["headers"]:
        if name.lower() == b"cookie":
            return cookie_parser(value.decode("latin-1")).get(COOKIE, "")
    return ""


def _declared(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return None
