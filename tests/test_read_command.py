"""``chexview read`` of one film loads no more than it needs, in one decoder; the other commands come when they are called."""

import json
import subprocess
import sys

import pytest

from chexview import cli, settings

FILM = settings.BUNDLED / "films" / "00021782_018.png"
UNNEEDED = {
    "highdicom",
    "imagecodecs",
    "lightning",
    "matplotlib",
    "pandas",
    "plotly",
    "pyarrow",
    "pydicom",
    "ray",
    "scipy",
    "sklearn",
    "streamlit",
    "torchvision",
}
PROGRAM = """
import json, sys
from chexview.cli import main
from chexview.films.read import pool
status = main(["read", sys.argv[1], "--format", "json"])
print(json.dumps([status, len(pool().processes()), sorted({name.split(".")[0] for name in sys.modules})]))
"""


def test_one_film_is_read_without_what_it_does_not_need() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(FILM)], capture_output=True, text=True, check=True)
    record, found = ran.stdout.splitlines()
    status, decoders, loaded = json.loads(found)
    assert status == 0 and "Effusion" in json.loads(record)["findings"]
    assert decoders == 1
    assert "torch" in loaded
    assert not UNNEEDED & set(loaded)


def test_a_wrong_command_hears_of_all_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["reed", str(FILM)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert all(name in said for name in ("read", "watch", "checkpoint", "runs", "references", "app"))
