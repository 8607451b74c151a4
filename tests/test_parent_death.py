"""Children end with the process that started them, also where it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 120.0
DECODERS = """
from chexview.films.decoder_pool import DecoderPool
pool = DecoderPool(1)
pool.warm()
children = pool.processes()
"""
AT_WORK = """
import subprocess, sys
work = "import time; from chexview.parent_death import end_with_parent; end_with_parent(); print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", work], stdout=subprocess.PIPE)
child.stdout.readline()
children = (child.pid,)
"""
WORKERS = """
import os
from train.cache import pool_of
pool = pool_of(1)
children = (pool.submit(os.getpid).result(),)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a child's parent never changes there")
@pytest.mark.parametrize("start", [DECODERS, AT_WORK, WORKERS], ids=["decoders", "at work", "workers"])
def test_children_end_with_a_killed_parent(start: str, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    body = "\n    ".join(start.strip().splitlines())
    script.write_text(f"if __name__ == '__main__':\n    {body}\n    print(*children, flush=True)\n    input()\n")
    with subprocess.Popen(
        [sys.executable, script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        assert children and all(child.is_running() for child in children)
        parent.send_signal(signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
            assert time.monotonic() < end
            time.sleep(0.05)
