"""Reading a table in a process of its own, with limits on memory and time, as films are: what an upload does there harms nobody.

The child gets the file's name and bytes on standard input and answers with one line of JSON and, where it could read the table, an
Arrow stream of its text.
"""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import IO

import pandas as pd
import pyarrow as pa

from chexview.errors import TableError
from chexview.labels.tables import TextTable, read_table
from chexview.parent_death import end_with_parent

SECONDS = 60.0
"""Wall-clock time one table may take on a busy machine; NIH's whole list takes one second."""
MEMORY = 4 * 2**30
"""Address space of the child, all libraries included."""
STEP = 0.1


def read_apart(
    data: bytes, name: str, cancelled: threading.Event | None = None, seconds: float = SECONDS, memory: int = MEMORY
) -> TextTable:
    """As :func:`chexview.labels.tables.read_table`, in a child that is ended after ``seconds`` or when ``cancelled`` is set.

    Raises TableError in one sentence.
    """
    command = [sys.executable, "-m", "chexview.labels.table_process", str(memory), str(int(seconds) + 1)]
    until = time.monotonic() + seconds
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child,
        ThreadPoolExecutor(2) as threads,
    ):
        assert child.stdin is not None and child.stdout is not None
        threads.submit(_give, child.stdin, json.dumps(name).encode() + b"\n" + data)
        answer = threads.submit(child.stdout.read)
        while True:
            try:
                return _answered(answer.result(timeout=STEP), name)
            except TimeoutError:
                why = ""
                if cancelled is not None and cancelled.is_set():
                    why = f"Reading {name} was cancelled."
                elif time.monotonic() > until:
                    why = f"{name} takes longer than {seconds:g} s to read; bring a part of it."
                if why:
                    child.kill()
                    raise TableError(why) from None


def _give(pipe: IO[bytes], data: bytes) -> None:
    """Writes to the child; one that has ended does not want it any more."""
    with suppress(OSError):
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def _answered(answer: bytes, name: str) -> TextTable:
    line, _, rest = answer.partition(b"\n")
    try:
        facts = json.loads(line)
    except ValueError as error:
        raise TableError(f"{name} needs more memory than a table may take; bring a part of it.") from error
    if "refused" in facts:
        raise TableError(str(facts["refused"]))
    table = pa.ipc.open_stream(rest).read_all()
    frame = pd.DataFrame(
        {column: table.column(k).to_pylist() for k, column in enumerate(table.column_names)}, dtype=object
    )
    return TextTable(frame, facts["first_row"], facts["encoding"], facts["comma"])


def _limited(memory: int, seconds: int) -> None:
    """Limits of this process, where the system has them (not on Windows, where time alone is limited)."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def main() -> None:
    """The child."""
    end_with_parent()
    _limited(int(sys.argv[1]), int(sys.argv[2]))
    name = json.loads(sys.stdin.buffer.readline())
    out = sys.stdout.buffer
    try:
        found = read_table(sys.stdin.buffer.read(), name)
    except TableError as error:
        out.write(json.dumps({"refused": str(error)}).encode() + b"\n")
        return
    facts = {"first_row": found.first_row, "encoding": found.encoding, "comma": found.comma}
    table = pa.table({column: pa.array(found.frame[column], pa.string()) for column in found.frame.columns})
    out.write(json.dumps(facts).encode() + b"\n")
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    main()
