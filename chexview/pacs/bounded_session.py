"""A connection to one server and no other, on which an answer has a largest size and a request a longest time.

A server that sends a byte now and then keeps the timeouts of sockets from ever running out, so a timer shuts the socket
when a request's time is over. Proxies and ``.netrc`` of the environment are not looked at, and no redirect is followed.
"""

import io
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_CHUNK = 2**16


class TooSlowError(Exception):
    """A request's time is over."""


class TooLargeError(Exception):
    """An answer is larger than any that is waited for."""


class CutShortError(Exception):
    """An answer ended before its declared length."""


class _Watch:
    """Shuts the sockets of one session when its time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.is_over = False

    def add(self, connected: socket.socket) -> None:
        with self._lock:
            self._sockets.append(connected)
            if self.is_over:
                _shut(connected)

    def end(self) -> None:
        with self._lock:
            self.is_over = True
            for connected in self._sockets:
                _shut(connected)


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _WatchedAdapter(HTTPAdapter):
    """Tells a watch of every socket that is opened."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **settings: Any) -> None:
        super().init_poolmanager(*arguments, **settings)
        watch = self._watch

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                watch.add(self.sock)

        class Encrypted(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                watch.add(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}


class BoundedSession(requests.Session):
    """Requests to addresses below ``root`` alone, each of at most ``seconds``, each answer of at most ``most_bytes``.

    Raises TooSlowError, TooLargeError, CutShortError and what requests raises; an address elsewhere is
    ``requests.exceptions.InvalidSchema``.
    """

    def __init__(self, root: str, seconds: float, most_bytes: int) -> None:
        super().__init__()
        self.seconds, self.most_bytes = seconds, most_bytes
        self.trust_env = False
        self.headers.clear()
        self.headers.update({"Accept-Encoding": "identity", "Connection": "close"})
        self.adapters.clear()
        self._root = f"{root}/"

    def request(self, method: str | bytes, url: str | bytes, *arguments: Any, **settings: Any) -> requests.Response:
        """One request, its answer read whole within the bounds."""
        watch = _Watch()
        self.mount(self._root, _WatchedAdapter(watch))
        headers = {name: value for name, value in (settings.pop("headers", None) or {}).items() if name != "Host"}
        settings |= {"headers": headers, "timeout": self.seconds, "allow_redirects": False, "stream": True}
        timer = threading.Timer(self.seconds, watch.end)
        timer.daemon = True
        timer.start()
        end = time.monotonic() + self.seconds
        try:
            response = super().request(method, url, *arguments, **settings)
            if response.is_redirect:
                raise requests.exceptions.TooManyRedirects("none is followed")
            body = self._body(response, end)
        except (requests.exceptions.Timeout, TooSlowError):
            raise TooSlowError from None
        except Exception:
            if watch.is_over:
                raise TooSlowError from None
            raise
        finally:
            timer.cancel()
            self.adapters.clear()
        if watch.is_over:
            raise TooSlowError
        response.raw = io.BytesIO(body)
        return response

    def _body(self, response: requests.Response, end: float) -> bytes:
        declared = response.headers.get("Content-Length", "")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise requests.exceptions.ContentDecodingError("an encoding that was not asked for")
        if declared.isdecimal() and int(declared) > self.most_bytes:
            response.close()
            raise TooLargeError
        body = bytearray()
        while chunk := response.raw.read1(_CHUNK):
            body += chunk
            if len(body) > self.most_bytes:
                response.close()
                raise TooLargeError
            if time.monotonic() > end:
                response.close()
                raise TooSlowError
        if declared.isdecimal() and len(body) != int(declared):
            raise CutShortError
        return bytes(body)
