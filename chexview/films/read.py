"""The door: bytes in, a Radiograph out, everything dangerous in a decoding child."""

import atexit
import threading

from chexview import settings
from chexview.films.decoder_pool import DecoderPool
from chexview.films.limits import check_file_bytes
from chexview.films.radiograph import Radiograph

_lock = threading.Lock()
_pools: list[DecoderPool] = []


def read(data: bytes, name: str = "") -> Radiograph:
    """Reads one film from the bytes of a PNG, JPEG, TIFF or DICOM file. Thread-safe; waits for a free decoder.

    What the file is, its bytes decide; ``name`` is not looked at and goes nowhere. Raises a FilmError whose text is one
    sentence for the user: FormatError, LimitError, DamagedError or ContentError.
    """
    check_file_bytes(len(data))
    return pool().read(bytes(data))


def pool() -> DecoderPool:
    """The process's one pool, of as many decoders as the settings say; ended with the process."""
    with _lock:
        if not _pools:
            _pools.append(DecoderPool(settings.load().decoders))
            atexit.register(_pools[0].close)
        return _pools[0]
