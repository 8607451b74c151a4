"""Orthanc, a real PACS, in a network of its own that has nothing but loopback.

Debian's 1.10.1 listens on all addresses whatever its configuration says, so it runs in a network namespace; whoever
speaks to it does so in a thread that has entered the same namespace.
"""

import ctypes
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import requests

from chexview.settings import PacsSettings

T = TypeVar("T")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "reader", "test-only-password"
ROOT = "http://127.0.0.1:18042"
_NEW_NETWORK = 0x40000000


def missing() -> str:
    """Why there is no Orthanc here; "" where there is one."""
    if not shutil.which("Orthanc") or not PLUGIN.is_file():
        return "Orthanc is not installed: apt-get install orthanc orthanc-dicomweb"
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True) if shutil.which("unshare") else None
    if tried is None or tried.returncode or os.geteuid():
        return "Orthanc listens on all addresses, and a network of its own needs root's rights here"
    return ""


class Orthanc:
    """A running server; ``ask`` calls a function where it can be reached."""

    own = PacsSettings(f"{ROOT}/dicom-web", USER, PASSWORD, seconds=20)

    def __init__(self, namespace: str) -> None:
        self._thread = ThreadPoolExecutor(1, initializer=_enter, initargs=(namespace,))

    def ask(self, call: Callable[[], T]) -> T:
        """What ``call`` returns or raises, within the server's network."""
        return self._thread.submit(call).result(120)

    def upload(self, data: bytes) -> None:
        """Stores a file as a device would, by Orthanc's own interface."""
        answer = self.ask(lambda: requests.post(f"{ROOT}/instances", data, auth=(USER, PASSWORD), timeout=20))
        assert answer.status_code == 200, answer.text

    def close(self) -> None:
        """Lets go of the thread."""
        self._thread.shutdown()


def _enter(namespace: str) -> None:
    with open(namespace) as file:  # noqa: PTH123
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "the server's network cannot be entered")


@contextmanager
def running(folder: Path) -> Iterator[Orthanc]:
    """A server that keeps its files in ``folder``. Raises RuntimeError where it does not start."""
    configuration = {
        "Name": "test",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "Plugins": [str(PLUGIN)],
        "HttpPort": 18042,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "OrthancExplorerEnabled": False,
        "WebDavEnabled": False,
        "DicomServerEnabled": False,
        "ExecuteLuaEnabled": False,
        "SaveJobs": False,
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": False, "Ssl": False},
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    start = f"ip link set lo up && exec Orthanc {folder / 'orthanc.json'}"
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(["unshare", "-n", "sh", "-c", start], stdout=log, stderr=log)
    try:
        for _ in range(200):
            if b"Orthanc has started" in (folder / "orthanc.log").read_bytes() or process.poll() is not None:
                break
            time.sleep(0.05)
        if process.poll() is not None:
            raise RuntimeError((folder / "orthanc.log").read_text()[-2000:])
        server = Orthanc(f"/proc/{process.pid}/ns/net")
        try:
            yield server
        finally:
            server.close()
    finally:
        process.terminate()
        process.wait(20)
