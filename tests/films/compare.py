"""Holds what ``films`` makes of a folder of DICOM files against what DCMTK makes of them, and prints what differs.

::

    python -m tests.films.compare FOLDER [--tolerance 2] [--all]

For each file: DCMTK's picture under the film's first view (``dcmdjpeg``, ``dcmdjpls`` or ``dcmdrle`` first where it is
compressed; ``dcm2pnm`` with the first VOI LUT, the first window or the whole range), and ours as stored, before turning and
squaring. One line for each file that differs by more than the tolerance of 255 levels, that one of the two refuses, or
that DCMTK reads with a warning and we without a word; a count at the end. Exit status 1 where pictures differ.
DCMTK comes from ``apt-get install dcmtk``.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from chexview.errors import FilmError
from chexview.films.decoder_pool import DecoderPool
from chexview.films.grey import grey
from chexview.films.radiograph import Radiograph, VoiTable

DECOMPRESSORS = ("dcmdjpeg", "dcmdjpls", "dcmdrle")
SECONDS = 60.0
MEMORY_BYTES = 2**31


@dataclass(frozen=True)
class Rendered:
    """DCMTK's picture uint8 (rows, columns), or None where it makes none, and what it warns of."""

    picture: npt.NDArray[np.uint8] | None
    warnings: str


@dataclass(frozen=True)
class Comparison:
    """One file: ``same``, ``differs``, ``refused here``, ``refused there``, ``refused by both`` or ``warned there``; and why."""

    file: str
    outcome: str
    detail: str = ""


def is_installed() -> bool:
    """Whether DCMTK is there."""
    return shutil.which("dcm2pnm") is not None


def render(path: Path, film: Radiograph | None) -> Rendered:
    """DCMTK's rendering of a file, under the kind of view that the film begins with."""
    with tempfile.TemporaryDirectory() as folder:
        raw, warnings = Path(folder) / "raw.dcm", ""
        source = path
        for program in DECOMPRESSORS:
            done = _run(program, str(path), str(raw))
            if done.returncode == 0 and raw.is_file() and raw.stat().st_size:
                source, warnings = raw, warnings + done.stderr
                break
        how = ["+Wm"]
        if film is not None and isinstance(film.views[0], VoiTable):
            how = ["+Wl", "1"]
        elif film is not None and len(film.views) > 1:
            how = ["+Wi", "1"]
        out = Path(folder) / "out.png"
        done = _run("dcm2pnm", "+on", *how, str(source), str(out))
        warnings += done.stderr
        if done.returncode or not out.is_file():
            return Rendered(None, warnings)
        return Rendered(np.asarray(Image.open(out).convert("L")), warnings)


def compare(path: Path, pool: DecoderPool, tolerance: int = 2) -> Comparison:
    """Holds one file's two pictures against each other."""
    try:
        film = pool.read(path.read_bytes())
    except FilmError as error:
        other = render(path, None)
        outcome = "refused by both" if other.picture is None else "refused here"
        return Comparison(path.name, outcome, str(error))
    there = render(path, film)
    if there.picture is None:
        return Comparison(
            path.name, "refused there", there.warnings.strip().splitlines()[-1:][0] if there.warnings else ""
        )
    if any(step.section == "PS3.3 C.7.6.1.1.1" for step in film.steps):
        return Comparison(path.name, "turned here")
    seen = np.rint(grey(replace(film, pixel_aspect=1.0, padding=None)) * 255).astype(int)
    if seen.shape != there.picture.shape:
        return Comparison(path.name, "differs", f"{seen.shape} here, {there.picture.shape} there")
    worst = int(np.abs(seen - there.picture).max())
    if worst > tolerance:
        return Comparison(path.name, "differs", f"by {worst} of 255")
    damaged = any(word in there.warnings.lower() for word in ("corrupt", "premature", "extraneous"))
    if damaged and not film.cautions:
        return Comparison(path.name, "warned there", there.warnings.strip().splitlines()[0])
    return Comparison(path.name, "same", f"within {worst}")


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Runs one of DCMTK's programs, which believe what a file declares, within bounds; status 124 where time ran out."""
    bounded = ["prlimit", f"--as={MEMORY_BYTES}", *command] if shutil.which("prlimit") else list(command)
    try:
        return subprocess.run(bounded, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "took too long")


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser("python -m tests.films.compare", description="Compare films with DCMTK.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tolerance", type=int, default=2, help="levels of 255 that may differ (default: 2)")
    parser.add_argument("--all", action="store_true", help="print files that agree, too")
    arguments = parser.parse_args()
    if not is_installed():
        print("DCMTK is not installed: apt-get install dcmtk", file=sys.stderr)
        return 2
    pool, counts = DecoderPool(1), Counter[str]()
    for path in sorted(path for path in arguments.folder.rglob("*") if path.is_file()):
        if path.read_bytes()[128:132] != b"DICM":
            continue
        found = compare(path, pool, arguments.tolerance)
        counts[found.outcome] += 1
        if arguments.all or found.outcome not in ("same", "refused by both"):
            print(f"{found.file}: {found.outcome} {found.detail}")
    pool.close()
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()))
    return 1 if counts["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
