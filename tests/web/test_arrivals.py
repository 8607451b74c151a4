"""A film that is being uploaded: taken early only for the browser that asks, told once, its pixels out before all else."""

import asyncio
import gc
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from chexview.web import arrivals
from chexview.web.arrivals import ARRIVING, Arrival, Arrivals, arriving_route
from chexview.web.security_headers import COOKIE
from chexview.web.uploads import Upload, UploadLimit
from tests import event_loop


class Page:
    """A page that waits for a film, and what it was given."""

    def __init__(self, session: str = "s", owner: str = "anna", scene: bytes | None = b"{}") -> None:
        self.taken: list[str] = []
        self.scene = scene
        self.arrival = Arrival(session, owner, self.take, self.answer)
        self.gone: Callable[[], None] | None = None

    def take(self, file: str, name: str, data: bytes) -> None:
        self.taken.append(f"{file} {name} {data.decode()}")

    def answer(self, gone: Callable[[], None]) -> bytes | None:
        self.gone = gone
        return self.scene


async def question(arrival: Arrival, seconds: float = 20.0) -> "asyncio.Task[bytes | None]":
    """A question that waits for its answer."""
    task = asyncio.create_task(arrival.film(seconds))
    while not arrival.is_awaited and not task.done():
        await asyncio.sleep(0.001)
    return task


def test_an_upload_is_taken_early_only_while_the_browser_asks_and_once() -> None:
    page = Page()
    page.arrival.take("1", "a", b"x")
    assert page.taken == []

    async def uploads() -> None:
        task = await question(page.arrival)
        page.arrival.take("2", "b", b"y")
        page.arrival.take("3", "c", b"z")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    event_loop.run(uploads())
    assert page.taken == ["2 b y"]
    assert page.arrival.is_spent
    assert not page.arrival.is_announced
    assert not page.arrival.is_awaited


def test_nothing_else_is_done_with_a_film_until_its_pixels_have_gone_out() -> None:
    page, order = Page(), list[str]()

    def score() -> None:
        page.arrival.show(30.0)
        order.append("scored")

    async def shown() -> bytes | None:
        task = await question(page.arrival)
        worker = threading.Thread(target=score)
        worker.start()
        found = await task
        await asyncio.sleep(0.2)
        assert order == []
        order.append("pixels")
        assert page.gone is not None
        page.gone()
        await asyncio.to_thread(worker.join)
        return found

    assert event_loop.run(shown()) == b"{}"
    assert order == ["pixels", "scored"]
    assert page.arrival.is_announced


def test_a_browser_that_does_not_ask_or_never_fetches_the_pixels_holds_up_nothing_for_long() -> None:
    page = Page()
    start = time.monotonic()
    page.arrival.show(30.0)
    assert time.monotonic() - start < 10
    assert not page.arrival.is_announced

    async def held() -> float:
        task = await question(page.arrival)
        start = time.monotonic()
        await asyncio.to_thread(page.arrival.show, 0.05)
        await task
        return time.monotonic() - start

    assert 0.05 <= event_loop.run(held()) < 10
    assert page.arrival.is_announced


def test_a_question_ends_without_a_film_and_few_wait_at_once() -> None:
    page = Page()
    assert event_loop.run(page.arrival.film(0.01)) is None
    assert not page.arrival.is_awaited

    async def many() -> list[bool]:
        tasks = [await question(page.arrival) for _ in range(6)]
        await asyncio.sleep(0.05)
        ended = [task.done() for task in tasks]
        await asyncio.to_thread(page.arrival.show, 0.01)
        assert await asyncio.gather(*tasks) == [b"{}"] * 4 + [None] * 2
        return ended

    assert event_loop.run(many()) == [False] * 4 + [True] * 2


async def upload(known: Arrivals, arrival: Arrival, came: Upload, owner: str) -> None:
    """An upload that comes while the page's browser asks."""
    task = await question(arrival)
    known.came(came, owner)
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_an_upload_is_taken_for_its_own_session_and_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {Upload("s", "f"): UploadedFileRec("f", "film.dcm", "", b"x")}
    monkeypatch.setattr(arrivals, "file_of", files.get)
    known, page = Arrivals(), Page()
    known.expect(page.arrival)
    event_loop.run(upload(known, page.arrival, Upload("s", "f"), "bert"))
    event_loop.run(upload(known, page.arrival, Upload("s", "f"), ""))
    event_loop.run(upload(known, page.arrival, Upload("other", "f"), "anna"))
    event_loop.run(upload(known, page.arrival, Upload("s", "gone"), "anna"))
    assert page.taken == []
    event_loop.run(upload(known, page.arrival, Upload("s", "f"), "anna"))
    assert page.taken == ["f film.dcm x"]


def test_the_registry_holds_no_page_that_is_gone_and_knows_whose_each_is() -> None:
    known, pages = Arrivals(), [Page(), Page("t", owner="")]
    for page in pages:
        known.expect(page.arrival)
    token, nobodys = (page.arrival.token for page in pages)
    assert known.find(token, "anna") is pages[0].arrival
    assert known.find(token, "bert") is known.find(token, "") is known.find(nobodys, "") is None
    known.forget("s")
    assert known.find(token, "anna") is None
    known.expect(pages[0].arrival)
    assert known.find(token, "anna") is not None
    del page
    pages.clear()
    gc.collect()
    assert known.find(token, "anna") is None


def test_the_route_answers_the_browser_whose_page_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(scene=b'{"panes": []}')
    monkeypatch.setattr(arrivals, "ASK_SECONDS", 0.05)
    monkeypatch.setattr(arrivals, "ARRIVALS", known := Arrivals())
    known.expect(page.arrival)
    app = Starlette(routes=[Route(f"{ARRIVING}/{{token}}", arriving_route)])

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:

            async def get(owner: str, token: str = page.arrival.token) -> httpx.Response:
                return await client.get(f"{ARRIVING}/{token}", headers={"cookie": f"{COOKIE}={owner}"})

            waiting = asyncio.create_task(get("anna"))
            while not page.arrival.is_awaited:
                await asyncio.sleep(0.001)
            await asyncio.to_thread(page.arrival.show, 0.01)
            return [await waiting, await get("bert"), await get("anna", "unknown"), await get("anna")]

    answered, foreign, unknown, again = event_loop.run(answers())
    assert (answered.status_code, answered.content) == (200, b'{"panes": []}')
    assert answered.headers["content-type"] == "application/json"
    assert [answer.status_code for answer in (foreign, unknown, again)] == [404, 404, 204]
    assert b"panes" not in foreign.content + unknown.content + again.content


@pytest.mark.parametrize(("status", "heard"), [(204, [(Upload("s", "f"), "anna")]), (413, []), (403, [])])
def test_an_upload_is_told_of_with_its_browsers_cookie_where_it_was_taken(
    status: int, heard: list[tuple[Upload, str]]
) -> None:
    came: list[tuple[Upload, str]] = []

    async def upload(_: Request) -> Response:
        assert came == []
        return PlainTextResponse("", status)

    app = Starlette(routes=[Route("/_stcore/upload_file/s/f", upload, methods=["PUT"])])
    limit = UploadLimit(app, held=dict, came=lambda upload, owner: came.append((upload, owner)))

    async def put() -> int:
        transport = httpx.ASGITransport(app=limit)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            headers = {"cookie": f"other=1; {COOKIE}=anna"}
            return (await client.put("/_stcore/upload_file/s/f", content=b"x", headers=headers)).status_code

    assert event_loop.run(put()) == status
    assert came == heard
