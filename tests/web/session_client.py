"""A browser's part of one Streamlit session, without a browser."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

PATIENCE = 90.0
"""Seconds to wait for an answer."""


class SessionClient:
    """Runs pages, uploads files, and sees the messages that come back."""

    def __init__(self, http: httpx.Client, socket: ClientConnection) -> None:
        self._http, self._socket = http, socket
        self.id = ""

    def rerun(self, page: str = "") -> None:
        """Asks for a page, as a browser does that opens it."""
        message = BackMsg()
        message.rerun_script.page_name = page
        self.send(message)

    def send(self, message: BackMsg) -> None:
        """Sends any message."""
        self._socket.send(message.SerializeToString())

    def messages(self, seconds: float = PATIENCE) -> Iterator[ForwardMsg]:
        """What the server sends; TimeoutError when nothing has come for so long."""
        until = time.monotonic() + seconds
        while True:
            message = ForwardMsg.FromString(self._socket.recv(max(0.0, until - time.monotonic())))
            if message.WhichOneof("type") == "new_session":
                self.id = message.new_session.initialize.session_id
            yield message

    def finish(self) -> None:
        """Waits until the script has run."""
        for message in self.messages():
            if message.WhichOneof("type") == "script_finished":
                return

    def upload(self, name: str, data: bytes) -> int:
        """The status of an upload that no widget asked for."""
        answer = self._http.put(
            f"/_stcore/upload_file/{self.id}/{name}",
            files={"file": (name, data, "image/png")},
            headers={"X-Xsrftoken": self._http.cookies["_streamlit_xsrf"]},
        )
        return answer.status_code


@contextmanager
def session(address: str) -> Iterator[SessionClient]:
    """A new visitor of the server at ``address``, with cookies of its own."""
    with httpx.Client(base_url=address, timeout=PATIENCE) as http:
        http.get("/").raise_for_status()
        http.get("/_stcore/health").raise_for_status()
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        with connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=address,  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies},
            open_timeout=PATIENCE,
            max_size=None,
            proxy=None,
        ) as socket:
            yield SessionClient(http, socket)
