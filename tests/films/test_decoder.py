"""The decoding child itself: its limits, its silence, its answers."""

import logging
import sys
import textwrap
from pathlib import Path

import pytest

from chexview.errors import DamagedError, LimitError
from chexview.films import limits
from chexview.films.decoder import answer
from chexview.films.decoder_pool import DecoderPool
from tests.films.builders import (
    film,
)
from tests.films.children import child
from tests.films.expectations import is_sentence


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux caps the address space")
def test_the_child_caps_its_own_address_space(pools: list[DecoderPool]) -> None:
    pools.append(DecoderPool(1))
    pools[0].read(film())
    (process,) = pools[0].processes()
    line = next(
        line
        for line in Path(f"/proc/{process}/limits").read_text().splitlines()
        if line.startswith("Max address space")
    )
    assert limits.MEMORY_BYTES < int(line.split()[3]) < limits.MEMORY_BYTES + 2**30


def test_the_child_is_free_of_torch_and_of_the_server(
    tmp_path: Path, pools: list[DecoderPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pydicom.py").write_text("raise RuntimeError('the server has the wrong folder')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONINSPECT", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pools.append(DecoderPool(1))
    assert pools[0].read(film()).pixels.shape == (64, 64)
    body = """
        import chexview.films.decoder
        banned = [name for name in ("torch", "streamlit", "pandas", "scipy", "psutil") if name in sys.modules]
        wire.send(sys.stdout, {"error": "LimitError", "text": f"{banned} {os.getcwd()}"})
    """
    pools.append(DecoderPool(1, command=child(body)))
    with pytest.raises(LimitError) as found:
        pools[1].read(b"film")
    assert str(found.value) == f"[] {Path(__file__).resolve().parents[2]}"


def test_what_a_library_prints_goes_nowhere(pools: list[DecoderPool]) -> None:
    script = """
        import os
        import chexview.films.decoder as decoder
        read = decoder._read
        def noisy(data, digest):
            print("printed"); os.write(1, b"written"); os.write(2, b"warned")
            return read(data, digest)
        decoder._read = noisy
        decoder.main()
    """
    pools.append(DecoderPool(1, command=(sys.executable, "-P", "-c", textwrap.dedent(script))))
    assert pools[0].read(film()).pixels.shape == (64, 64)


@pytest.mark.parametrize(
    "raised", ["BaseException('Sentinel')", "KeyboardInterrupt", "SystemExit(3)", "RecursionError"]
)
def test_whatever_is_raised_becomes_one_sentence(
    raised: str, pools: list[DecoderPool], caplog: pytest.LogCaptureFixture
) -> None:
    script = f"""
        import chexview.films.decoder as decoder
        def broken(data, digest):
            raise {raised}
        decoder._read = broken
        decoder.main()
    """
    pools.append(DecoderPool(1, command=(sys.executable, "-P", "-c", textwrap.dedent(script))))
    with pytest.raises(DamagedError) as found, caplog.at_level(logging.DEBUG):
        pools[0].read(film())
    assert is_sentence(str(found.value))
    assert len(pools[0].processes()) == 1
    assert raised.split("(")[0] in caplog.text
    assert "Sentinel" not in caplog.text


def test_running_out_of_memory_is_a_limit_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes, digest: str) -> None:
        raise MemoryError

    monkeypatch.setattr("chexview.films.dicom.read_dicom", broken)
    head, buffers = answer(film(), "d")
    assert head["error"] == "LimitError"
    assert is_sentence(head["text"])
    assert buffers == []
