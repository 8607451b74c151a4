"""``python -m tests.benchmarks.viewer``: from an upload to the film and its findings, and a drag of the window, in Chromium.

A real film enlarged to 3000 x 2500 pixels and 12 bits as DICOM. Beside the film's time and that of its findings stand the parts
that nobody can avoid, measured in the same run: decoding in this process, one forward, the raw transfer of the pixels to a page,
and what Streamlit alone takes from the choice of the same file to a word on a page that does nothing else. The film needs no
forward. The drag runs on the 2D canvas; frames a second are printed, and nothing asserts them.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from chexview.films.dicom import read_dicom
from chexview.films.grey import grey
from chexview.model import checkpoint
from chexview.model.eye import eye
from chexview.model.predictor import Predictor, use_all_cores
from chexview.settings import BUNDLED
from tests.browser.conftest import ARGUMENTS
from tests.browser.serving import serving

ROWS, COLUMNS = 3000, 2500
FILM_GOAL, FINDINGS_GOAL = 2.0, 2.5
ROUNDS = 5
CHROMIUM = os.environ.get("CHEXVIEW_CHROMIUM", "/usr/bin/chromium")
HOST = "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')].find(host => host.__chexview)"


def film(path: Path, seed: int) -> None:
    """Writes a real film, enlarged and with noise, in 12 bits; another seed is another film."""
    generator = np.random.default_rng(seed)
    with Image.open(BUNDLED / "films" / "00021782_018.png") as small:
        large = np.asarray(small.convert("F").resize((COLUMNS, ROWS), Image.Resampling.BICUBIC))
    pixels = np.clip(300 + 14 * large + generator.normal(0, 12, (ROWS, COLUMNS)), 0, 4095).astype(np.uint16)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    made = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    made.Modality, made.BodyPartExamined, made.ViewPosition = "DX", "CHEST", "PA"
    made.PhotometricInterpretation, made.SamplesPerPixel = "MONOCHROME2", 1
    made.Rows, made.Columns, made.BitsAllocated, made.BitsStored, made.HighBit = ROWS, COLUMNS, 16, 12, 11
    made.PixelRepresentation, made.WindowCenter, made.WindowWidth = 0, 2048, 4096
    made.ImagerPixelSpacing = [0.14, 0.14]
    made.PixelData = pixels.tobytes()
    made.save_as(path, enforce_file_format=True)


class Plain(BaseHTTPRequestHandler):
    """Gives the pixels: what a browser needs at least to get so many bytes."""

    pixels = b""

    def do_GET(self) -> None:
        """The pixels, as they are, or an empty page to ask for them from."""
        self.answer(self.pixels if self.path == "/pixels" else b"<p>")

    def answer(self, body: bytes) -> None:
        """Sends ``body`` to whoever asks."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def plain_server(pixels: bytes) -> Iterator[str]:
    """A bare server with the pixels of a film."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Films", (Plain,), {"pixels": pixels}))
    Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{made.server_port}"
    finally:
        made.shutdown()
        made.server_close()


GET = """async ([url, size]) => {
    const start = performance.now(), answer = await fetch(url);
    if ((await answer.arrayBuffer()).byteLength !== size) throw new Error("short");
    return (performance.now() - start) / 1000;
}"""


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


DRAWN = f"""() => {{
    const host = {HOST};
    return Boolean(host && host.getBoundingClientRect().width && host.__chexview.ready(0));
}}"""
LISTED = """() => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
    .some(other => other.shadowRoot?.querySelectorAll('button.row').length === 14)"""


def upload(page: Page, path: Path) -> tuple[float, float]:
    """Seconds from the choice of a file to the film drawn, and to its findings listed."""
    start = time.perf_counter()
    page.locator("input[type=file]").first.set_input_files(path)
    page.wait_for_function(DRAWN, timeout=60_000)
    drawn = time.perf_counter() - start
    page.wait_for_function(LISTED, timeout=60_000)
    return drawn, time.perf_counter() - start


def bare_upload(page: Page, path: Path) -> float:
    """Seconds from the choice of a file to a word on a page that does nothing else."""
    start = time.perf_counter()
    page.locator("input[type=file]").set_input_files(path)
    page.wait_for_function("() => document.body.innerText.includes('It came.')", timeout=60_000)
    return time.perf_counter() - start


def drag(page: Page) -> float:
    """Frames a second while the window is dragged."""
    box = page.locator(".stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    before = page.evaluate(f"() => {HOST}.__chexview.frames.drawn")
    start = time.perf_counter()
    for step in range(120):
        page.mouse.move(box["x"] + 200 + step, box["y"] + 200 + step // 2)
    took = time.perf_counter() - start
    drawn = page.evaluate(f"() => {HOST}.__chexview.frames.drawn") - before
    page.mouse.up()
    return float(drawn / took)


def main() -> None:
    """Prints the parts, the whole and their ratio, and the frames."""
    use_all_cores()
    predictor = Predictor(checkpoint.load(next((BUNDLED / "checkpoints").iterdir())), torch.device("cpu"))
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "log", {}) as address,
        serving(Path(folder) / "bare", {}, "tests/browser/bare_app.py") as bare,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        films: list[float] = []
        whole: list[float] = []
        parts: dict[str, list[float]] = {"decode": [], "forward": [], "transfer": [], "bare upload": []}
        for turn in range(ROUNDS + 1):
            path = Path(folder) / f"{turn}.dcm"
            film(path, turn)
            data = path.read_bytes()
            with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
                page = context.new_page()
                page.goto(address)
                page.get_by_text("Or open an example").wait_for()
                page.wait_for_timeout(1500)
                drawn, listed = upload(page, path)
                frames = drag(page)
                painter = page.evaluate(f"() => {HOST}.__chexview.painter")
                decoded = read_dicom(data, sha256(data).hexdigest())
                picture = eye(grey(decoded), predictor.card.input_size).picture[None]
                pixels = decoded.pixels.tobytes()
                with plain_server(pixels) as plain:
                    raw = context.new_page()
                    raw.goto(plain)
                    found = {
                        "decode": seconds(partial(read_dicom, data, "0" * 64)),
                        "forward": seconds(partial(predictor.forward, picture)),
                        "transfer": raw.evaluate(GET, [f"{plain}/pixels", len(pixels)]),
                    }
                raw.goto(bare)
                raw.locator("input[type=file]").wait_for(state="attached")
                raw.wait_for_timeout(1500)
                found["bare upload"] = bare_upload(raw, path)
                if turn:  # the first round starts the decoders
                    films.append(drawn)
                    whole.append(listed)
                    for name, value in found.items():
                        parts[name].append(value)
        browser.close()
    medians = {name: float(np.median(values)) for name, values in parts.items()}
    for name, value in medians.items():
        print(f"  {name:<12} {value:.3f} s")
    of_film = medians["decode"] + medians["transfer"] + medians["bare upload"]
    all_parts, film_after, all_after = sum(medians.values()), float(np.median(films)), float(np.median(whole))
    first = sum(seen + 0.02 < found for seen, found in zip(films, whole, strict=True))
    print(f"  film after {film_after:.3f} s ({min(films):.3f} to {max(films):.3f})")
    print(f"  its findings after {all_after:.3f} s ({min(whole):.3f} to {max(whole):.3f})")
    print(
        f"  the film was seen before its findings in {first} of {ROUNDS} uploads, {all_after - film_after:.3f} s on the median"
    )
    print(
        f"  findings took {all_after / (all_parts - medians['bare upload']):.2f} times the parts without the bare upload"
    )
    print(f"  window dragged on the {painter} painter: {frames:.0f} frames a second")
    print(f"RATIO upload_to_film_vs_parts {film_after / of_film:.2f} <= {FILM_GOAL}")
    print(f"RATIO upload_to_findings_vs_parts {all_after / all_parts:.2f} <= {FINDINGS_GOAL}")


if __name__ == "__main__":
    main()
