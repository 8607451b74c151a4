"""An import that is killed at any moment leaves a whole run or none, and the next import works."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chexview.evaluation.run import list_runs, load_run

IMPORT = """
import os, signal, sys
folder, at = sys.argv[1], int(sys.argv[2])
seen = 0
def count(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir") and folder in str(arguments):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
from chexview.evaluation.importing import import_predictions
from pathlib import Path
rows = "".join(f"{k:08d}_000.png,p{k // 2},{k % 2},0.{k:03d}\\n" for k in range(1, 900))
sys.addaudithook(count)
import_predictions(("image,patient,Effusion_label,Effusion\\n" + rows).encode(), "theirs.csv", Path(folder) / "theirs")
print(seen, flush=True)
os._exit(0)  # pyarrow's threads now and then abort an interpreter that ends
"""


def imported(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
    """An import in a process of its own, killed at its ``at``-th touch of the folder."""
    command = [sys.executable, "-c", IMPORT, str(folder), str(at)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_import_leaves_a_whole_run_or_none(tmp_path: Path) -> None:
    whole = imported(tmp_path / "whole", 10**9)
    assert whole.returncode == 0, whole.stderr
    touches = int(whole.stdout)
    assert touches >= 5
    killed = 0
    for at in range(1, touches + 1):
        folder = tmp_path / str(at)
        killed += imported(folder, at).returncode == -signal.SIGKILL
        for listing in list_runs((folder,)):
            assert listing.problem == ""
            assert load_run(listing.folder).table.rows == 899
        if at in (1, touches // 2, touches) and not list_runs((folder,)):
            assert imported(folder, 10**9).returncode == 0
            assert load_run(folder / "theirs").table.rows == 899
    assert killed == touches
