"""The bound of uploads, with a manager and a clock of the test's own."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from chexview.web.uploads import IDLE_SECONDS, Upload, UploadLimit, keep_uploads_in_memory, present
from tests import event_loop


class Server:
    """What stands behind the middleware: keeps what it gets."""

    def __init__(self, limit: int) -> None:
        self.held: dict[Upload, int] = {}
        self.now = 0.0
        self.wait: asyncio.Event | None = None
        self.limit = UploadLimit(self, limit, lambda: self.held, self.drop, lambda: self.now)

    def drop(self, upload: Upload) -> None:
        del self.held[upload]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.wait is not None:
            await self.wait.wait()
        session, file = scope["path"].split("/")[-2:]
        self.held[Upload(session, file)] = int(Headers(scope=scope)["content-length"])
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def put(self, session: str, file: str, size: str | None, method: str = "PUT", path: str = "") -> int:
        statuses: list[int] = []
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path or f"/base/_stcore/upload_file/{session}/{file}",
            "headers": [] if size is None else [(b"content-length", size.encode())],
        }

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await self.limit(scope, receive, send)
        return statuses[0]


def test_all_sessions_share_one_bound_and_none_has_more_than_half() -> None:
    server = Server(limit=100)

    async def uploads() -> list[int]:
        wanted = [("anna", "1", 30), ("anna", "2", 20), ("anna", "3", 1), ("bert", "1", 50), ("carl", "1", 1)]
        return [await server.put(session, file, str(size)) for session, file, size in wanted]

    assert event_loop.run(uploads()) == [204, 204, 413, 204, 413]
    assert sum(server.held.values()) == 100


def test_what_is_still_arriving_counts() -> None:
    server = Server(limit=100)

    async def uploads() -> list[int]:
        server.wait = asyncio.Event()
        first = asyncio.create_task(server.put("anna", "1", "50"))
        second = asyncio.create_task(server.put("bert", "1", "40"))
        await asyncio.sleep(0)
        refused = await server.put("carl", "1", "11")
        again = await server.put("bert", "1", "1")
        server.wait.set()
        return [refused, again, *await asyncio.gather(first, second)]

    assert event_loop.run(uploads()) == [413, 413, 204, 204]


def test_room_comes_back_with_what_is_let_go() -> None:
    server = Server(limit=100)
    assert event_loop.run(server.put("anna", "1", "50")) == 204
    assert event_loop.run(server.put("anna", "2", "50")) == 413
    server.drop(Upload("anna", "1"))
    assert event_loop.run(server.put("anna", "2", "50")) == 204


def test_uploads_that_no_page_has_read_for_long_make_room() -> None:
    server = Server(limit=100)
    assert event_loop.run(server.put("anna", "1", "50")) == 204
    server.now = IDLE_SECONDS / 2
    assert event_loop.run(server.put("bert", "1", "50")) == 204
    assert event_loop.run(server.put("carl", "1", "10")) == 413
    server.now = IDLE_SECONDS + 1
    assert event_loop.run(server.put("carl", "1", "10")) == 204
    assert set(server.held) == {Upload("bert", "1"), Upload("carl", "1")}


def test_a_failed_upload_leaves_no_trace() -> None:
    server = Server(limit=100)

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError

    server.limit.app = broken
    with pytest.raises(OSError):
        event_loop.run(server.put("anna", "1", "50"))
    server.limit.app = server
    assert event_loop.run(server.put("anna", "1", "50")) == 204


@pytest.mark.parametrize("size", [None, "-5", "1e9", ""])
def test_an_upload_declares_its_length(size: str | None) -> None:
    assert event_loop.run(Server(limit=100).put("anna", "1", size)) == 411


def test_other_requests_pass() -> None:
    server = Server(limit=0)
    assert event_loop.run(server.put("anna", "1", "50", method="DELETE")) == 204
    assert event_loop.run(server.put("anna", "1", "50", path="/film/anna/1")) == 204


def test_a_large_file_stays_in_memory_while_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + bytes(3 * 2**20)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body + b"\r\n--b--\r\n"

    async def arrived() -> UploadFile:
        headers = Headers({"content-type": "multipart/form-data; boundary=b"})
        form = await MultiPartParser(headers, stream()).parse()
        file = form["file"]
        assert isinstance(file, UploadFile)
        return file

    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    keep_uploads_in_memory()
    file = event_loop.run(arrived())
    assert file.size == 3 * 2**20
    assert file._in_memory
    file.file.close()


def test_a_file_that_the_browser_took_back_is_not_there() -> None:
    file = UploadedFile(UploadedFileRec("id", "a.csv", "text/csv", b"bytes"), FileURLs())
    gone = DeletedFile("id")
    assert present([gone, file]) == present(file) == [file]
    assert present(gone) == present([gone]) == present(None) == present([]) == []
