"""What does not fit is refused in one sentence with the file, the key and the value."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from chexview.errors import RecipeError, RunError
from chexview.schema import build, decode

MANY_THREADS = """
import sys, threading
from dataclasses import make_dataclass
from chexview.errors import RunError
from chexview.schema import build
sys.setswitchinterval(1e-6)
for turn in range(15):
    inner = [make_dataclass(f"Inner{turn}{i}", [(f"field_{k}", int) for k in range(12)]) for i in range(8)]
    outer = make_dataclass(f"Outer{turn}", [(f"part_{i}", kind) for i, kind in enumerate(inner)])
    data = {f"part_{i}": {f"field_{k}": k for k in range(12)} for i in range(8)}
    gate = threading.Barrier(6)
    threads = [threading.Thread(target=lambda: (gate.wait(), build(outer, data, "a.json", RunError))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Line:
    slope: float
    points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    name: str
    lines: dict[str, Line] = field(default_factory=dict)
    colours: dict[Colour, dict[str, float]] = field(default_factory=dict)
    parts: tuple[Line, ...] = ()
    best: Line | None = None


def test_what_fits_becomes_the_dataclass() -> None:
    data = decode(
        '{"name": "a", "lines": {"x": {"slope": 1}}, "colours": {"red": {"y": 2}}, "parts": [{"slope": 0.5, "points": [1, 2]}]}',
        "a.json",
        RunError,
    )
    assert build(Whole, data, "a.json", RunError) == Whole(
        "a", {"x": Line(1.0)}, {Colour.RED: {"y": 2.0}}, (Line(0.5, (1, 2)),)
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "a.json has no 'name'; copy its folder again"),
        ({"name": 3}, "a.json: 'name' must be text, not 3."),
        ({"name": "a", "nam": 1}, "a.json has the unknown key 'nam'; is it misspelt"),
        ({"name": "a", "lines": {"x": {"slope": 1, "slop": 2}}}, "the unknown key 'slop' in 'lines.x'"),
        ({"name": "a", "parts": [{"slope": 1}, {"slop": 2}]}, r"the unknown key 'slop' in 'parts\[1\]'"),
        ({"name": "a", "best": {"slop": 2}}, "the unknown key 'slop' in 'best'"),
        ({"name": "a", "lines": {"x": {"slope": 1}, "y": {"slope": "2"}}}, "'lines.y.slope' must be a number, not '2'"),
        ({"name": "a", "lines": {"y": {"slope": True}}}, "'lines.y.slope' must be a number, not True"),
        ({"name": "a", "lines": {"y": {}}}, "has no 'slope' in 'lines.y'"),
        ({"name": "a", "lines": 4}, "'lines' must be an object, not 4"),
        (
            {"name": "a", "parts": [{"slope": 1, "points": [1, 2.5]}]},
            r"'parts.0.points.1' must be a whole number, not 2.5",
        ),
        ({"name": "a", "best": 7}, "'best' must be an object or null, not 7"),
        ({"name": "a", "colours": {"green": {}}}, "unknown value 'green' in 'colours'; there are red, blue"),
        ({"name": "a", "colours": {"red": {"x": None}}}, "'colours.red.x' must be a number, not None"),
    ],
)
def test_what_does_not_fit_is_named(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        build(Whole, data, "a.json", RecipeError)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        b"\xff",
        "[" * 100_000,
        '{"a": ' * 100_000,
        '{"name": "\\ud800"}',
        '{"slope": 1e400}',
        '{"slope": NaN}',
        '{"name": "\x01"}',
    ],
)
def test_text_that_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(RunError, match=r"^a\.json is not JSON \(.+\); copy its folder again\.$"):
        decode(text, "a.json", RunError)


def test_an_array_is_no_object_and_a_huge_number_no_number() -> None:
    with pytest.raises(RunError, match="must hold one JSON object"):
        decode("[]", "a.json", RunError)
    with pytest.raises(RunError, match=r"a\.json"):
        huge = json.dumps({"name": "a", "lines": {"x": {"slope": 10**400}}})
        build(Whole, decode(huge, "a.json", RunError), "a.json", RunError)


def test_threads_that_build_one_dataclass_for_the_first_time_do_not_crash_the_process() -> None:
    """As the server's warm-up and its first page do; msgspec alone ends this program by SIGSEGV."""
    assert subprocess.run([sys.executable, "-c", MANY_THREADS], timeout=300, check=False).returncode == 0
