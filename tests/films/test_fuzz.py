"""Small files with bytes changed, cut, moved and repeated: a Radiograph or a FilmError comes out, nothing else."""

import random
import time

import imagecodecs
import numpy as np
import pytest
from pydicom import uid

from chexview.errors import FilmError
from chexview.films.decoder_pool import DecoderPool
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph
from tests.films.builders import NAME, dataset, encapsulated, encode, film, picture, ramp, table
from tests.films.expectations import is_sentence

SECONDS = 4.0


def seeds() -> dict[str, bytes]:
    pixels = ramp(12, 40, 40)
    eight = ramp(8, 40, 40).astype(np.uint8)
    made = {
        "explicit": film(pixels, WindowCenter="2000", WindowWidth="3000", RescaleSlope="2", RescaleIntercept="-3"),
        "implicit": film(pixels, uid.ImplicitVRLittleEndian, PixelSpacing=["0.2", "0.3"], PixelPaddingValue=3),
        "deflated": film(pixels, uid.DeflatedExplicitVRLittleEndian),
        "tables": film(pixels, VOILUTSequence=[table(0, np.arange(64), 6)], PixelRepresentation=1),
        "j2k": encapsulated(
            imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True), pixels, uid.JPEG2000Lossless
        ),
        "jpegls": encapsulated(
            imagecodecs.jpegls_encode(pixels), pixels, uid.JPEGLSLossless, BitsStored=16, HighBit=15
        ),
        "lossless": encapsulated(imagecodecs.ljpeg_encode(pixels, bitspersample=12), pixels, uid.JPEGLosslessSV1),
        "baseline": encapsulated(picture(eight, "JPEG"), eight, uid.JPEGBaseline8Bit),
        "png": picture(eight),
        "png16": picture(pixels),
        "jpeg": picture(eight, "JPEG"),
        "tiff": picture(pixels, "TIFF"),
        "lzw": picture(eight, "TIFF", compression="tiff_lzw"),
    }
    rle = dataset(pixels)
    encode(rle)
    rle.compress(uid.RLELossless, generate_instance_uid=False)
    return made | {"rle": encode(rle, uid.RLELossless)}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to six small accidents, most of them in its first 1500 bytes."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(min(len(out), 1500 if chance.random() < 0.8 else len(out)))
        accident = chance.randrange(6)
        if accident == 0:
            out[at] = chance.randrange(256)
        elif accident == 1:
            out[at] ^= 1 << chance.randrange(8)
        elif accident == 2:
            out[at : at + 4] = chance.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xfe\xff\x00\xe0", b"\x7f\xff\xff\xff")
            )
        elif accident == 3:
            del out[at : at + chance.randrange(1, 40)]
        elif accident == 4:
            out[at:at] = out[at : at + chance.randrange(1, 40)]
        else:
            del out[max(at, 200) :]
        out = out or bytearray(b"\0")
    return bytes(out)


def test_mutated_films(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, films = random.Random(20240611), seeds()
    pool = DecoderPool(1)
    outcomes = {"film": 0, "error": 0}
    deadline = time.monotonic() + SECONDS
    try:
        for data in films.values():
            assert isinstance(pool.read(data), Radiograph)
        while time.monotonic() < deadline or (min(outcomes.values()) <= 20 and sum(outcomes.values()) < 2000):
            name = chance.choice(sorted(films))
            data = mutated(films[name], chance)
            try:
                radiograph = pool.read(data)
            except FilmError as error:
                outcomes["error"] += 1
                assert is_sentence(str(error)), (name, str(error))
                assert NAME not in str(error)
                continue
            outcomes["film"] += 1
            seen = grey(radiograph)
            assert seen.dtype == np.float32 and seen.ndim == 2
            assert seen.min() >= 0.0 and seen.max() <= 1.0
    finally:
        pool.close()
    print(f"\nfuzz: {outcomes}")
    assert min(outcomes.values()) > 20
