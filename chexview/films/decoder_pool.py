"""Warm decoding children, handed out one film at a time, watched, killed and replaced.

A child is a fresh interpreter (never a fork of the server) with its own working folder and import path. While it holds
a film a thread watches its resident memory and the clock, which works on Linux, macOS and Windows alike; the child caps
its own address space besides where it can.
"""

import hashlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil

from chexview import errors
from chexview.films import limits, wire
from chexview.films.radiograph import Radiograph

COMMAND = (sys.executable, "-P", "-m", "chexview.films.decoder")
"""The decoding child; ``-P`` keeps its working folder off its import path."""

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.01
_BUSY = 0.5
"""Share of its time limit for which a child must have had a processor before slowness is put down to its film."""
_END_SECONDS = 0.5
_TRIES = 2
_PIPE_BYTES = 2**20
"""What anybody may ask of Linux (pipe(7))."""
_KILLING = frozenset(int(kind) for kind in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)))
"""Signals that come from outside; a crash sends others."""
_ERRORS = {
    kind.__name__: kind for kind in (errors.FormatError, errors.LimitError, errors.DamagedError, errors.ContentError)
}
_log = logging.getLogger(__name__)


class DecoderPool:
    """``size`` children at most, started when first needed.

    A film gets ``seconds`` of wall-clock time and ``memory`` bytes over what its child holds when idle; a child is
    replaced after ``films`` films. ``command`` is the child's command line: it must speak :mod:`chexview.films.wire`.
    """

    def __init__(
        self,
        size: int,
        *,
        command: Sequence[str] = COMMAND,
        seconds: float = limits.SECONDS,
        memory: int = limits.MEMORY_BYTES,
        films: int = 500,
    ) -> None:
        self._command, self._seconds, self._memory, self._films = tuple(command), seconds, memory, films
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._children: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = False
        for _ in range(size):
            self._slots.put(None)

    def read(self, data: bytes) -> Radiograph:
        """Decodes one film in a child, waiting for a free one. Thread-safe.

        A film whose child ends gets a second, fresh one: what it read before, or the system, may have been to blame.
        Raises a FilmError: the child's own, a LimitError where the film outgrows time or memory, a DamagedError where
        both children crash, a FilmError where both are killed from outside.
        """
        return self._ask({}, data)

    def read_member(self, source: str, member: str) -> Radiograph:
        """Decodes a film that lies in a folder or an archive, which the child opens. Thread-safe; raises as :meth:`read`."""
        return self._ask({"source": source, "member": member}, b"")

    def _ask(self, request: wire.Head, data: bytes) -> Radiograph:
        digest = hashlib.sha256(data).hexdigest()
        child = self._slots.get()
        try:
            for _ in range(_TRIES):
                if child is None or not child.is_fit(self._films):
                    self._drop(child)
                    child = None
                    child = self._start()
                answer = child.ask(request | {"digest": digest}, data, self._seconds, self._memory)
                if answer is not None:
                    return _answer(*answer, digest)
            raise _ended(child.exit_status if child is not None else None)
        finally:
            if child is not None and not child.is_fit(self._films):
                self._drop(child)
                child = None
            self._slots.put(child)

    def warm(self) -> None:
        """Starts a child, so that the first film does not wait for it. Raises a FilmError where it does not start."""
        child = self._slots.get()
        try:
            child = child or self._start()
        finally:
            self._slots.put(child)

    def processes(self) -> tuple[int, ...]:
        """The process ids of the children alive."""
        with self._lock:
            return tuple(child.pid for child in self._children if child.is_fit(self._films))

    def close(self) -> None:
        """Ends all children; films in their hands end in a DamagedError."""
        with self._lock:
            self._closed = True
            children = tuple(self._children)
        for child in children:
            self._drop(child)

    def _start(self) -> "_Child":
        if self._closed:
            raise errors.FilmError(
                "The film was not read, for the application is closing; open it again.", transient=True
            )
        child = _Child(self._command)
        with self._lock:
            self._children.add(child)
        return child

    def _drop(self, child: "_Child | None") -> None:
        if child is not None:
            child.kill()
            with self._lock:
                self._children.discard(child)


class _Child:
    """One decoding process and its two pipes; used by one thread at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        self._films = 0
        self.exit_status: int | None = None
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=_environment(),
            creationflags=flags,
        )
        self.pid = self._process.pid
        _widen(self._process)
        try:
            with _Watch(self._process, _START_SECONDS, limits.MEMORY_BYTES):
                assert self._process.stdout is not None
                ready = wire.receive(self._process.stdout)
            self._idle = psutil.Process(self.pid).memory_info().rss
        except (OSError, EOFError, ValueError, psutil.Error):
            ready = None
        if ready is None or not ready[0].get("ready"):
            self.kill()
            raise errors.FilmError(
                "The film was not read, for its decoder does not start; install CheXView again.", transient=True
            )

    def is_fit(self, films: int) -> bool:
        """Whether the process is alive and has not had its fill of films."""
        return self._process.poll() is None and self._films < films

    def ask(self, request: wire.Head, data: bytes, seconds: float, memory: int) -> tuple[wire.Head, bytes] | None:
        """Sends a film and returns its answer, or None if the process ended; it is dead then, ``exit_status`` says how.

        Raises LimitError if it was killed for outgrowing its limits.
        """
        digest = str(request["digest"])
        assert self._process.stdin is not None and self._process.stdout is not None
        self._films += 1
        found: tuple[wire.Head, bytes] | None = None
        try:
            with _Watch(self._process, seconds, self._idle + memory) as watch:
                try:
                    wire.send(self._process.stdin, request, [data])
                    found = wire.receive(self._process.stdout)
                except (OSError, EOFError, ValueError):
                    found = None
        finally:
            if found is None:
                self._note_end()
                self.kill()
        if watch.exceeded is None and found is not None:
            return found
        self.kill()
        _log.warning("decoder of film %s ended: %s", digest[:12], watch.exceeded or "by itself")
        if watch.exceeded == "time":
            raise errors.LimitError(
                f"The film takes longer than {seconds:g} seconds to decode; export it uncompressed or at its normal "
                "size.",
                transient=watch.starved,
            )
        if watch.exceeded == "memory":
            raise errors.LimitError(
                f"The film takes more than {memory // 2**20} MB to decode; export it uncompressed or at its normal "
                "size."
            )
        return None

    def _note_end(self) -> None:
        """Keeps the status with which the process has ended by itself, if it has: a little after its pipes close."""
        try:
            self.exit_status = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.exit_status = None

    def kill(self) -> None:
        """Ends the process at once and closes its pipes."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue
        self._process.wait()


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Lets a process's pipes hold most of a film where the system can: in 64 KiB, a film passes in forty wakings of either side."""
    if sys.platform == "linux":
        import fcntl

        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _ended(status: int | None) -> errors.FilmError:
    """What happened to a film whose decoder ended twice: killed from outside, or crashed on it."""
    if status is not None and -status in _KILLING:
        return errors.FilmError(
            "The film was not read, for the system ended its decoder twice, as it does where memory runs out; try again.",
            transient=True,
        )
    return errors.DamagedError("The decoder crashed twice on this file, so the film was not read; export it again.")


def _environment() -> dict[str, str]:
    """The server's environment without what would change the child's interpreter (PYTHONINSPECT ...)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    path = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    kept["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class _Watch:
    """Kills a process once it holds more than ``memory`` bytes or ``seconds`` have passed; ``exceeded`` says which.

    ``starved``: time ran out while the process had a processor for less than half of it.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int) -> None:
        self._process, self._memory, self._seconds = process, memory, seconds
        self._deadline = time.monotonic() + seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="chexview-film-watch", daemon=True)
        self.exceeded: str | None = None
        self.starved = False

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        watched: psutil.Process | None = None
        before = 0.0
        while not self._done.wait(_LOOK_SECONDS):
            try:
                if watched is None:
                    watched = psutil.Process(self._process.pid)
                    before = _processor_seconds(watched)
                resident = watched.memory_info().rss
            except psutil.Error:
                resident = 0
            if resident > self._memory:
                self.exceeded = "memory"
            elif time.monotonic() > self._deadline:
                self.exceeded = "time"
                self.starved = watched is None or _processor_seconds(watched) - before < _BUSY * self._seconds
            else:
                continue
            self._process.kill()
            return


def _processor_seconds(process: psutil.Process) -> float:
    """How long a process has had a processor; 0 where it has ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _answer(head: wire.Head, body: bytes, digest: str) -> Radiograph:
    if "trace" in head:
        _log.warning("decoder of film %s: %s", digest[:12], head["trace"])
    if "error" in head:
        raise _ERRORS.get(head["error"], errors.DamagedError)(head["text"])
    try:
        return wire.unpack(head, body, str(head.get("digest", digest)))
    except (KeyError, TypeError, ValueError) as error:
        raise errors.DamagedError("The file confuses the decoder, so it is damaged; export the film again.") from error
