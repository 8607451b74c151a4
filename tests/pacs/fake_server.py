"""A small DICOMweb server on loopback that misbehaves as it is told."""

import base64
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pydicom
import uvicorn
from pydicom.dataset import Dataset
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from chexview.settings import PacsSettings

USER, PASSWORD = "reader", "geheim-\u00fc-1234"
_ATTRIBUTES = {
    "0020000D": "StudyInstanceUID",
    "0020000E": "SeriesInstanceUID",
    "00080018": "SOPInstanceUID",
    "00080016": "SOPClassUID",
    "00100020": "PatientID",
    "00080020": "StudyDate",
    "00080060": "Modality",
    "00185101": "ViewPosition",
}


@dataclass
class FakePacs:
    """What the server holds, how it misbehaves, and what it was asked.

    ``trouble`` is one of the words below; ``sent`` replaces the bytes of every film; ``refuses`` are the results, by
    their place, that it fails to store.
    """

    held: list[tuple[Dataset, bytes]] = field(default_factory=list)
    trouble: str = ""
    sent: bytes | None = None
    refuses: set[int] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    def add(self, data: bytes) -> Dataset:
        """Holds a file."""
        self.held.append((pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True), data))
        return self.held[-1][0]

    def reset(self) -> None:
        """Behaves again, and holds nothing."""
        self.__init__()  # type: ignore[misc]


def _row(dataset: Dataset, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        tag: {"vr": "LO", "Value": [str(dataset.get(name))]} for tag, name in _ATTRIBUTES.items() if dataset.get(name)
    }
    row["00100010"] = {"vr": "PN", "Value": [{"Alphabetic": str(dataset.get("PatientName"))}]}
    return row | {tag.removeprefix("t"): {"vr": "IS", "Value": value} for tag, value in more.items()}


def application(pacs: FakePacs) -> Starlette:
    """The server's application."""

    def let_in(request: Request) -> bool:
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return request.headers.get("authorization") in (f"Basic {wanted}", "Bearer token-5678")

    async def answer(request: Request) -> Response:
        pacs.requests.append(f"{request.method} {request.url.path}?{request.url.query}")
        pacs.accepted.append(request.headers.get("accept", ""))
        if not let_in(request):
            return Response("who?", 401)
        if pacs.trouble == "slow":
            return StreamingResponse(_dripping(), media_type="application/dicom+json")
        if pacs.trouble == "redirect":
            return RedirectResponse("http://127.0.0.1:9/elsewhere")
        if pacs.trouble == "no dicomweb":
            return Response("<html>Welcome</html>")
        if pacs.trouble == "deep":
            return Response("[" * 200_000, media_type="application/dicom+json")
        if pacs.trouble == "endless":
            return StreamingResponse(_endless(), media_type="application/dicom+json")
        if pacs.trouble == "broken":
            return Response(status_code=500)
        if request.method == "POST":
            return await stored(request)
        return listed(request.path_params, dict(request.query_params))

    def listed(path: dict[str, str], query: dict[str, str]) -> Response:
        held = [
            (dataset, data)
            for dataset, data in pacs.held
            if path.get("study") in (None, dataset.StudyInstanceUID)
            and path.get("series") in (None, dataset.SeriesInstanceUID)
        ]
        if "uid" in path:
            return film(next((data for dataset, data in held if dataset.SOPInstanceUID == path["uid"]), None))
        if "series" in path:
            rows = [_row(dataset) for dataset, _ in held]
            return JSONResponse(rows[: -1 if pacs.trouble == "half" else None])
        if "study" in path:
            every = {dataset.SeriesInstanceUID: dataset for dataset, _ in held}
            counts = {uid: sum(dataset.SeriesInstanceUID == uid for dataset, _ in held) for uid in every}
            return JSONResponse([_row(every[uid], t00201209=[counts[uid]]) for uid in every])
        every = {dataset.StudyInstanceUID: dataset for dataset, _ in held if fits(dataset, query)}
        counts = {uid: sum(dataset.StudyInstanceUID == uid for dataset, _ in held) for uid in every}
        rows = [_row(every[uid], t00201208=[counts[uid]], t00080061=[every[uid].Modality]) for uid in every]
        return JSONResponse(rows) if rows else Response(status_code=204)

    def fits(dataset: Dataset, query: dict[str, str]) -> bool:
        first, _, last = query.get("StudyDate", "-").partition("-")
        return pacs.trouble == "ignores filters" or (
            query.get("PatientID", dataset.PatientID) == dataset.PatientID
            and (first or "0") <= dataset.StudyDate <= (last or "9")
            and query.get("ModalitiesInStudy", dataset.Modality) == dataset.Modality
        )

    def film(data: bytes | None) -> Response:
        if data is None:
            return Response(status_code=404)
        if pacs.trouble == "no film":
            return Response(status_code=406)
        body = b"\r\n--edge\r\nContent-Type: application/dicom\r\n\r\n" + (pacs.sent or data) + b"\r\n--edge--"
        if pacs.trouble == "cut":
            body = body[: len(body) // 2]
        if pacs.trouble == "twice":
            body = body[:-2] + body
        return Response(body, media_type='multipart/related; type="application/dicom"; boundary=edge')

    async def stored(request: Request) -> Response:
        if pacs.trouble == "refuses":
            return Response(status_code=409)
        boundary = request.headers["content-type"].partition('boundary="')[2].rstrip('"').encode()
        parts = (await request.body()).split(b"--" + boundary)[1:-1]
        files = [part.partition(b"\r\n\r\n")[2][:-2] for part in parts]
        kept, failed = [], []
        for place, data in enumerate(files):
            dataset = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
            said = {"00081155": {"vr": "UI", "Value": [dataset.SOPInstanceUID]}}
            if place in pacs.refuses:
                failed.append(said | {"00081197": {"vr": "US", "Value": [0xA700]}})
            else:
                pacs.add(data)
                kept.append(said)
        answer = {"00081199": {"vr": "SQ", "Value": kept}, "00081198": {"vr": "SQ", "Value": failed}}
        if pacs.trouble == "silent":
            return Response(status_code=200)
        body = json.dumps({tag: value for tag, value in answer.items() if value["Value"]})
        return Response(body, 202 if failed else 200, media_type="application/dicom+json")

    return Starlette(
        routes=[
            Route("/dicom-web/studies", answer),
            Route("/dicom-web/studies/{study}", answer, methods=["POST"]),
            Route("/dicom-web/studies/{study}/series", answer),
            Route("/dicom-web/studies/{study}/series/{series}/instances", answer),
            Route("/dicom-web/studies/{study}/series/{series}/instances/{uid}", answer),
        ]
    )


def _dripping() -> Iterator[bytes]:
    for _ in range(400):
        time.sleep(0.1)
        yield b" "


def _endless() -> Iterator[bytes]:
    while True:
        yield b" " * 2**18


@contextmanager
def serving_pacs(pacs: FakePacs) -> Iterator[PacsSettings]:
    """The server on a free port, and the settings that lead to it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(application(pacs), log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield PacsSettings(f"http://127.0.0.1:{port}/dicom-web", USER, PASSWORD, seconds=60)
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
