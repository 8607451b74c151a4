"""``python -m tests.benchmarks.load``: how long users wait for their first findings when many bring a film at once.

Each user is a websocket client of the real server, as a browser is: it opens the page, uploads a film of its own, runs what the
page asks to be run again, and stops its clock when the findings come. A user alone, before and after, tells how fast the machine
is at that moment: 40 users who wait for each other would wait 20 of those on the median.
"""

import asyncio
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from chexview.settings import BUNDLED
from tests.browser.serving import serving

USERS = (10, 20, 40)
GOAL = 0.4
"""Median wait of 40 users as a share of 40 single waits."""
PATIENCE = 200.0
FILM = BUNDLED / "films" / "00021782_018.png"


@dataclass
class User:
    """One browser's part: its widgets' states, and what it must run again."""

    http: httpx.AsyncClient
    socket: ClientConnection
    states: WidgetStates = field(default_factory=WidgetStates)
    session: str = ""
    uploader: str = ""
    page: str = ""
    runs: int = 0
    findings: bool = False
    fresh: set[str] = field(default_factory=set)
    """Fragments that the present run of the whole page asked to be run again."""
    again: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Interval and next moment of each fragment that runs again by itself."""

    async def rerun(self, fragment: str = "") -> None:
        """Asks for the page, or for a fragment of it."""
        message = BackMsg()
        message.rerun_script.widget_states.CopyFrom(self.states)
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        await self.socket.send(message.SerializeToString())

    async def until(self, done: str) -> None:
        """Takes messages until the attribute ``done`` is set, running again what is due."""
        end = time.monotonic() + PATIENCE
        while not getattr(self, done):
            due = min([moment for _, moment in self.again.values()], default=end)
            try:
                async with asyncio.timeout(max(0.0, min(due, end) - time.monotonic())):
                    self.take(ForwardMsg.FromString(await self.socket.recv()))
            except TimeoutError:
                if time.monotonic() >= end:
                    raise
                for fragment, (interval, moment) in list(self.again.items()):
                    if moment <= time.monotonic():
                        self.again[fragment] = (interval, time.monotonic() + interval)
                        await self.rerun(fragment)

    def take(self, message: ForwardMsg) -> None:
        """What a browser does with a message, as far as it matters here."""
        match message.WhichOneof("type"):
            case "new_session":
                self.session = message.new_session.initialize.session_id
                self.page = message.new_session.page_script_hash
                self.fresh.clear()
            case "auto_rerun":
                rerun = message.auto_rerun
                self.again[rerun.fragment_id] = (rerun.interval, time.monotonic() + rerun.interval)
                self.fresh.add(rerun.fragment_id)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self.again.pop(fragment, None)
            case "script_finished":
                self.runs += 1
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.again = {name: due for name, due in self.again.items() if name in self.fresh}
            case "delta" if message.delta.HasField("new_element"):
                element = message.delta.new_element
                if element.HasField("file_uploader"):
                    self.uploader = element.file_uploader.id
                    kept = [state for state in self.states.widgets if state.id == self.uploader]
                    self.states = WidgetStates(widgets=kept)
                if element.HasField("bidi_component"):
                    self.findings |= element.bidi_component.component_name.endswith("findings")

    async def upload(self, data: bytes) -> None:
        """Brings a film by the page's uploader."""
        address = f"/_stcore/upload_file/{self.session}/film"
        answer = await self.http.put(
            address,
            files={"file": ("film.png", data, "image/png")},
            headers={"X-Xsrftoken": self.http.cookies["_streamlit_xsrf"]},
        )
        answer.raise_for_status()
        state = self.states.widgets.add()
        state.id = self.uploader
        urls = FileURLs(file_id="film", upload_url=address, delete_url=address)
        info = UploadedFileInfo(name="film.png", size=len(data), file_id="film", file_urls=urls)
        state.file_uploader_state_value.uploaded_file_info.append(info)
        await self.rerun()


def film(number: int) -> bytes:
    """A film that nobody else brings: a bundled one with one grey level changed."""
    with Image.open(FILM) as picture:
        grey = np.asarray(picture.convert("L")).copy()
    grey[0, :8] = [number >> k & 1 for k in range(8)]
    out = io.BytesIO()
    Image.fromarray(grey).save(out, "PNG", compress_level=1)
    return out.getvalue()


async def visit(stack: AsyncExitStack, address: str) -> User:
    """A new user, whose page is drawn."""
    each_its_own = httpx.Limits(max_keepalive_connections=0)  # an idle connection may be closed just when it is used
    http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=each_its_own))
    await http.get("/")
    await http.get("/_stcore/health")
    socket = await stack.enter_async_context(
        connect(
            f"{address.replace('http', 'ws', 1)}/_stcore/stream",
            origin=address,  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in http.cookies.items())},
            open_timeout=PATIENCE,
            ping_timeout=None,
            max_size=None,
            proxy=None,
        )
    )
    user = User(http, socket)
    await user.rerun()
    await user.until("runs")
    return user


async def waits(address: str, users: int, first: int) -> list[float]:
    """Seconds from upload to findings of users who all bring a film at the same moment."""
    films = [film(first + k) for k in range(users)]

    async def one(user: User, data: bytes) -> float:
        start = time.perf_counter()
        await user.upload(data)
        await user.until("findings")
        return time.perf_counter() - start

    async with AsyncExitStack() as stack:
        everybody = [await visit(stack, address) for _ in range(users)]
        return list(await asyncio.gather(*(one(user, data) for user, data in zip(everybody, films, strict=True))))


def measure(address: str, counts: Sequence[int]) -> None:
    """Prints the waits for each number of users, and the ratio for the last. Raises TimeoutError where findings do not come."""
    asyncio.run(waits(address, 1, 0))
    alone = [asyncio.run(waits(address, 1, 1 + k))[0] for k in range(3)]
    share = 0.0
    for users in counts:
        times = asyncio.run(waits(address, users, 10 * users))
        alone += asyncio.run(waits(address, 1, 200 + users))
        one, median = statistics.median(alone), statistics.median(times)
        share = median / users / one
        print(f"{users} users: median {median:.1f} s, slowest {max(times):.1f} s; alone {one:.2f} s")
    print(f"RATIO waits_of_{counts[-1]}_users {share:.2f} <= {GOAL}")


def main() -> None:
    """Starts a server of its own and measures it; says so where the machine is too busy to tell."""
    counts = [int(text) for text in sys.argv[1:] if text.isdecimal()] or USERS
    with tempfile.TemporaryDirectory() as folder:
        try:
            with serving(Path(folder) / "server.log", {"CHEXVIEW_HOME": folder}) as address:
                measure(address, counts)
        except TimeoutError:
            print(
                f"no findings within {PATIENCE:.0f} s, at a load of {psutil.getloadavg()[0]:.0f}: nothing was measured"
            )


if __name__ == "__main__":
    main()
