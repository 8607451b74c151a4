"""Every file of the shared corpus, through the decoding child: the right picture, the right refusal, within limits."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chexview.films import limits
from chexview.films.decoder_pool import DecoderPool
from tests.films.expectations import Row, complaint, rows

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
ROWS = rows(CORPUS)

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ROWS, reason="the shared corpus is not beside the repository"),
]


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


def peak(pool: DecoderPool) -> int:
    """The child's peak resident memory since :func:`reset`, in bytes; 0 where the system does not tell."""
    for process in pool.processes():
        status = Path(f"/proc/{process}/status")
        if status.is_file():
            return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if "VmHWM" in line)
    return 0


def reset(pool: DecoderPool) -> None:
    """Forgets the child's peak resident memory, where the system can."""
    for process in pool.processes():
        switch = Path(f"/proc/{process}/clear_refs")
        if switch.exists():
            switch.write_text("5")


def test_corpus(pool: DecoderPool, capsys: pytest.CaptureFixture[str]) -> None:
    complaints: dict[str, str] = {}
    times: dict[str, float] = {}
    peaks: dict[str, int] = {}
    for row in ROWS:
        reset(pool)
        started = time.perf_counter()
        found = complaint(row, pool)
        times[row.name], peaks[row.name] = time.perf_counter() - started, peak(pool)
        if found:
            complaints[row.name] = found
    slowest, largest = max(times, key=times.__getitem__), max(peaks, key=peaks.__getitem__)
    with capsys.disabled():
        print(
            f"\ncorpus: {len(ROWS) - len(complaints)} of {len(ROWS)} as the index asks; worst time {times[slowest]:.2f} s "
            f"({slowest}); worst peak memory of the child {peaks[largest] / 2**20:.0f} MB ({largest})"
        )
    assert not complaints
    assert len(pool.processes()) == 1
    assert max(times.values()) < limits.SECONDS
    assert max(peaks.values()) < limits.MEMORY_BYTES


def test_the_index_is_whole() -> None:
    counts = {kind: sum(row.expect == kind for row in ROWS) for kind in ("film", "refusal", "withheld")}
    assert counts == {"film": 127, "refusal": 87, "withheld": 2}


def test_bombs_stay_far_below_the_limit(pool: DecoderPool) -> None:
    bombs = [row for row in ROWS if "b40" <= row.name[:3] <= "b60"]
    assert len(bombs) > 15
    for row in bombs:
        reset(pool)
        assert complaint(row, pool) is None
        assert peak(pool) < 512 * 2**20, row.name


def test_a_contradictory_photometric_is_cautioned(pool: DecoderPool) -> None:
    row: Row = next(row for row in ROWS if row.name.startswith("o61"))
    radiograph = pool.read(row.data)
    assert "photometric" in {caution.kind.value for caution in radiograph.cautions}
