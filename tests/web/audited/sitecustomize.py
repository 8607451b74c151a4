"""Writes down what a server does beyond its own process: names looked up, connections made, temporary files.

Python imports this module at its start where its folder is on PYTHONPATH; the file is named by AUDIT_LOG.
"""

import os
import sys
from typing import Any

LOG = os.environ.get("AUDIT_LOG")
WATCHED = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "tempfile.mkstemp")
_busy = False


def _is_temporary(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    folder = os.environ.get("TMPDIR", "/tmp")
    return isinstance(path, str) and path.startswith(folder) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    global _busy
    if _busy or not (event in WATCHED or (event == "open" and _is_temporary(arguments))):
        return
    _busy = True
    try:
        with open(str(LOG), "a", encoding="utf-8") as log:  # noqa: PTH123
            log.write(f"{event} {arguments!r}\n")
    finally:
        _busy = False


if LOG:
    sys.addaudithook(_note)
