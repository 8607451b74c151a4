"""The decoding child: ``python -m chexview.films.decoder``, one film at a time over standard input and output.

It knows no torch, no Streamlit, no file names and no network. It answers every film with a radiograph or with one
sentence, caps its own address space where the system can, and ends when its input does. A library that prints goes to
the null device: the frames travel on descriptors of their own.
"""

import faulthandler
import hashlib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import imagecodecs
from PIL import Image

from chexview import errors
from chexview.films import formats, limits, wire
from chexview.films.archives import member
from chexview.films.pictures import read_picture
from chexview.films.radiograph import Radiograph
from chexview.films.sniff import sniff
from chexview.parent_death import end_with_parent

_ORPHAN_SECONDS = 60.0
"""A child whose server is gone, and with it the watch over it, ends itself after so long on one film, if it cannot before."""


def main() -> None:
    """Announces itself, then answers frames until its input ends."""
    requests, answers = _private_streams()
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _warm_up()
    _cap_memory(limits.MEMORY_BYTES)
    wire.send(answers, {"ready": True})
    while (request := wire.receive(requests)) is not None:
        faulthandler.dump_traceback_later(_ORPHAN_SECONDS, exit=True)
        head, buffers = respond(*request)
        faulthandler.cancel_dump_traceback_later()
        wire.send(answers, head, buffers)


def respond(request: wire.Head, data: bytes) -> tuple[wire.Head, list[memoryview]]:
    """The answer to one request: a film's bytes, or the place of one in a folder or an archive."""
    if "source" not in request:
        return answer(data, str(request["digest"]))
    try:
        data = member(str(request["source"]), str(request["member"]))
    except errors.FilmError as error:
        return {"error": type(error).__name__, "text": str(error)}, []
    digest = hashlib.sha256(data).hexdigest()
    if data[8:12] == b"WEBP":  # a data set's own copies, which no user brings
        head, buffers = answer(data, digest, lambda data, digest: read_picture(data, digest, ("WEBP",)))
    else:
        head, buffers = answer(data, digest)
    return head | {"digest": digest}, buffers


def answer(
    data: bytes, digest: str, reader: Callable[[bytes, str], Radiograph] | None = None
) -> tuple[wire.Head, list[memoryview]]:
    """The radiograph in ``data`` packed for the wire, or the error it gives: class, sentence, where it arose."""
    try:
        return wire.pack((reader or _read)(data, digest))
    except errors.FilmError as error:
        return {"error": type(error).__name__, "text": str(error)}, []
    except MemoryError as error:
        text = "The film takes more memory to decode than any film does; export it at its normal size, uncompressed."
        return {"error": "LimitError", "text": text, "trace": _places(error)}, []
    except BaseException as error:
        text = "The file contradicts itself and cannot be decoded; export the film again."
        return {"error": "DamagedError", "text": text, "trace": _places(error)}, []


def _read(data: bytes, digest: str) -> Radiograph:
    return sniff(data).read(data, digest)


def _places(error: BaseException) -> str:
    """Where an unforeseen exception arose: its class, and lines of code without values, which may name a patient."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Binary streams on copies of descriptors 0 and 1, which then lead to the null device."""
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    streams = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    return streams


def _warm_up() -> None:
    """Loads readers and codecs, which come in on first use, so that the first film waits for none of them."""
    Image.preinit()
    for each in formats.FORMATS:
        import_module(each.reader.split(":")[0])
    for name in ("jpeg8", "jpegsof3", "jpegls", "jpeg2k", "packbits"):
        getattr(imagecodecs, f"{name}_decode")


def _cap_memory(more: int) -> None:
    """Caps the address space at ``more`` bytes over what is mapped now, where the system tells and can (Linux)."""
    try:
        import resource

        mapped = int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + more, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    main()
