"""OFFIS's DICOMscope, a viewer that draws presentation states, on a display that nobody sees.

It needs Debian's ``dicomscope``, ``dcmtk``, ``xvfb``, ``x11-apps`` and ``xdotool``. No command of it opens a state, so a test
operates its window; on a display of one size, its list of studies and its picture always have the same place.
"""

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

PROGRAMS = ("dicomscope", "dcmqridx", "Xvfb", "xwd", "xdotool", "unshare")
PICTURE = (7, 68, 862)
"""Left, top and side, on the display, of a square film's picture."""
_SIZE = "1440x1000x24"
_ROOT, _STUDY, _SECOND_SERIES, _STATE = (80, 72), (31, 96), (52, 128), (170, 145)
"""Where the list of studies has its first line, the handles of a study and of its second series, and what that series holds."""
_PATIENCE = 180.0
"""Seconds to wait for what must come."""


def missing() -> str:
    """Why a test cannot operate DICOMscope here; "" where it can."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"{', '.join(absent)}: not installed; apt-get install dicomscope dcmtk xvfb x11-apps xdotool"
    if os.geteuid() or subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode:
        return "DICOMscope opens ports, and a network of its own needs root's rights here"
    return ""


class Display:
    """A screen, by the name that X gives it."""

    def __init__(self, name: str) -> None:
        self._environment = {**os.environ, "DISPLAY": name}

    def send(self, *arguments: str | int) -> None:
        """Moves the mouse, clicks or types, as ``xdotool`` is told."""
        command = ["xdotool", *map(str, arguments)]
        subprocess.run(command, env=self._environment, check=True, capture_output=True)

    def shot(self) -> np.ndarray:
        """What is on the screen, uint8 (rows, columns, 3)."""
        command = ["xwd", "-root", "-silent"]
        data = subprocess.run(command, env=self._environment, check=True, capture_output=True).stdout
        header = struct.unpack(">25I", data[:100])
        start, columns, rows, stride, colours = header[0], header[4], header[5], header[12], header[19]
        pixels = np.frombuffer(data, np.uint8, stride * rows, start + 12 * colours)
        return pixels.reshape(rows, stride)[:, : 4 * columns].reshape(rows, columns, 4)[..., 2::-1].copy()

    def changed(self, before: np.ndarray, share: float = 0.0, seconds: float = _PATIENCE) -> np.ndarray | None:
        """The screen when more than ``share`` of it differs from ``before`` and it stands still; None after ``seconds``."""
        end, last = time.monotonic() + seconds, before
        while time.monotonic() < end:
            time.sleep(0.5)
            now = self.shot()
            if (now != before).any(axis=2).mean() > share and np.array_equal(now, last):
                return now
            last = now
        return None

    def until_changed(self, *arguments: str | int, share: float = 0.0) -> np.ndarray:
        """The screen after this was sent, again where the program, still busy, does not answer. Raises TimeoutError."""
        before = self.shot()
        for _ in range(6):
            self.send(*arguments)
            if (now := self.changed(before, share, _PATIENCE / 6)) is not None:
                return now
        raise TimeoutError("DICOMscope's window does not change")


def second_series(folder: Path, files: Sequence[str]) -> np.ndarray:
    """The screen on which DICOMscope shows the second series of a study, whose files, uncompressed, are in ``folder``."""
    subprocess.run(["dcmqridx", str(folder), *(str(folder / name) for name in files)], check=True, capture_output=True)
    with _viewer(folder) as display:
        if display.changed(np.zeros_like(display.shot()), 0.5) is None:
            raise TimeoutError("DICOMscope shows no window")
        display.until_changed("mousemove", *_ROOT, "click", 1)
        display.until_changed("key", "Right")
        display.until_changed("mousemove", *_STUDY, "click", 1)
        display.until_changed("mousemove", *_SECOND_SERIES, "click", 1)
        open_it = ("click", "--repeat", 2, "--delay", 120, 1)
        return display.until_changed("mousemove", *_STATE, *open_it, share=0.3)


@contextmanager
def _viewer(folder: Path) -> Iterator[Display]:
    """DICOMscope on a display, with ``folder`` as its store, in a network that has nothing but loopback."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", _SIZE, "-nolisten", "tcp"]
    with (folder / "viewer.log").open("wb") as log:
        screen = subprocess.Popen(command, pass_fds=(writing,), stdout=log, stderr=log)
        os.close(writing)
        try:
            with os.fdopen(reading) as given:
                name = f":{given.readline().strip()}"
            environment = {**os.environ, "DISPLAY": name, "HOME": str(folder)}
            start = ["unshare", "-n", "sh", "-c", "ip link set lo up && exec dicomscope"]
            viewer = subprocess.Popen(start, cwd=folder, env=environment, stdout=log, stderr=log)
            try:
                yield Display(name)
            finally:
                viewer.terminate()
                viewer.wait(20)
        finally:
            screen.terminate()
            screen.wait(20)
