"""A film that is being uploaded, on the screen as soon as it is decoded.

Streamlit tells a page of an upload once the browser has told Streamlit, and the browser of a film once the page has been drawn
anew. So a page that waits for films says what is done with one (:class:`Arrival`), the browser asks for it by an address of the
page's own while the upload is under way, and gets what to show before the page has run.
"""

import asyncio
import hmac
import logging
import secrets
import threading
import weakref
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chexview.web.media_store import PATH
from chexview.web.security_headers import COOKIE
from chexview.web.uploads import Upload, file_of

ARRIVING = f"{PATH}/arriving"
"""Where a page asks for the film that is being uploaded to it, below the server's root."""
ASK_SECONDS = 10.0
"""How long one request waits for its answer; the page sends another."""
HOLD_SECONDS = 0.4
"""How long at most the pixels have to go out before anything else is done with the film."""
_WAITING = 4
"""Requests that wait at once; a page sends one."""
_log = logging.getLogger(__name__)

Take = Callable[[str, str, bytes], None]
"""What is done with an upload: its id, its name, its bytes."""
Answer = Callable[[Callable[[], None]], bytes | None]


class Arrival:
    """The film that one page waits for, the session's and the browser's own. Safe for threads; good for one film.

    ``take`` gets the upload; ``answer`` gives what the browser shows, or None if there is nothing to show, and gets what is to be
    called when the film's pixels have gone out. Both run in threads.
    """

    def __init__(self, session: str, owner: str, take: Take, answer: Answer) -> None:
        self.session, self.token = session, secrets.token_urlsafe(16)
        self._owner, self._take, self._answer = owner, take, answer
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._has_gone_out = threading.Event()
        self._has_taken = self._is_announced = False

    @property
    def address(self) -> str:
        """The address, relative to the page, at which it asks."""
        return f"{ARRIVING.removeprefix('/')}/{self.token}"

    @property
    def is_announced(self) -> bool:
        """Whether the film was announced to the browser."""
        return self._is_announced

    @property
    def is_spent(self) -> bool:
        """Whether it had its film."""
        return self._has_taken or self._is_announced

    @property
    def is_awaited(self) -> bool:
        """Whether a request of the browser waits for the film now."""
        return bool(self._waiting)

    def belongs_to(self, owner: str) -> bool:
        """Whether this is the browser; nobody without a name owns anything."""
        return bool(owner) and hmac.compare_digest(self._owner.encode(), owner.encode())

    async def film(self, seconds: float = ASK_SECONDS) -> bytes | None:
        """What to show, once the film is decoded; None if it is not within ``seconds``."""
        event = asyncio.Event()
        with self._lock:
            if self._is_announced or len(self._waiting) >= _WAITING:
                return None
            self._waiting[event] = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return None
        finally:
            with self._lock:
                self._waiting.pop(event, None)
        return await run_in_threadpool(self._answer, self._has_gone_out.set)

    def take(self, file: str, name: str, data: bytes) -> None:
        """Takes the upload, if it is the first and the browser asks for it."""
        with self._lock:
            if self._has_taken or not self._waiting:
                return
            self._has_taken = True
        self._take(file, name, data)

    def show(self, seconds: float = HOLD_SECONDS) -> None:
        """Announces the decoded film to the browser, if it waits; returns when its pixels have gone out, or after ``seconds``."""
        with self._lock:
            asking, self._is_announced = list(self._waiting.items()), self._is_announced or bool(self._waiting)
        for event, loop in asking:
            loop.call_soon_threadsafe(event.set)
        if asking:
            self._has_gone_out.wait(seconds)


class Arrivals:
    """The arrivals of all sessions, one a session, each held by its session alone. Safe for threads."""

    def __init__(self) -> None:
        self._by_session: weakref.WeakValueDictionary[str, Arrival] = weakref.WeakValueDictionary()

    def expect(self, arrival: Arrival) -> None:
        """The page of the arrival's session is open and waits for films."""
        self._by_session[arrival.session] = arrival

    def forget(self, session: str) -> None:
        """Another page of the session is open."""
        self._by_session.pop(session, None)

    def find(self, token: str, owner: str) -> Arrival | None:
        """The arrival of that token, if it is this browser's."""
        for arrival in list(self._by_session.values()):
            if hmac.compare_digest(arrival.token.encode(), token.encode()) and arrival.belongs_to(owner):
                return arrival
        return None

    def came(self, upload: Upload, owner: str) -> None:
        """An upload is here whole: takes it in a thread where its session's page waits for it."""
        arrival = self._by_session.get(upload.session)
        if arrival is not None and arrival.is_awaited and arrival.belongs_to(owner):
            asyncio.get_running_loop().run_in_executor(None, _take, arrival, upload)


ARRIVALS = Arrivals()
"""The process's arrivals."""


def _take(arrival: Arrival, upload: Upload) -> None:
    try:
        file = file_of(upload)
        if file is not None:
            arrival.take(upload.file, file.name, file.data)
    except Exception as error:  # the page takes it when it runs
        _log.warning("an upload was not taken at once: %s", type(error).__name__)


async def arriving_route(request: Request) -> Response:
    """What the page shows of the film that is being uploaded; 204 if there is none yet, 404 for another browser."""
    arrival = ARRIVALS.find(request.path_params["token"], request.cookies.get(COOKIE, ""))
    if arrival is None:
        return PlainTextResponse("There is no such page.", status_code=404)
    found = await arrival.film()
    return Response(status_code=204) if found is None else Response(found, media_type="application/json")
