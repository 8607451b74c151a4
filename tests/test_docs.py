"""The papers: the notebook runs, and what the papers name is there."""

import ast
import json
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest

import chexview

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1_000_000
NOTEBOOK = ROOT / "docs" / "example.ipynb"
PAPERS = [
    ROOT / name
    for name in ("CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/deployment.md", "docs/pacs.md")
    if (ROOT / name).is_file()
]


def test_the_example_notebook_runs() -> None:
    """Each cell's code as a notebook runs it, one after the other; the last expression of a cell must show something."""
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 5
    names: dict[str, object] = {}
    shown = []
    for cell in cells:
        assert cell["outputs"] == []
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, NOTEBOOK.name, "exec"), names)
        if isinstance(last, ast.Expr):
            shown.append(eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names))
    assert sum(value is not None for value in shown) >= 4


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_files_that_a_paper_names_are_there(paper: Path) -> None:
    """Links, and paths in code marks; ``*`` and ``NAME`` stand for any."""
    text = paper.read_text()
    linked = re.findall(r"\]\((?!http|#)([^)#]+)", text)
    marked = re.findall(r"`((?:chexview|train|tests|docs|\.ci|\.github|\.streamlit)/[\w./*-]*|app\.py)`", text)
    assert linked or marked
    missing = [name for name in linked if not (paper.parent / name).exists()]
    missing += [name for name in marked if not list(ROOT.glob(name.rstrip("/")))]
    assert missing == []


def test_the_changelog_begins_with_what_is_not_released_and_knows_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert chexview.__version__ in headings


def test_the_hooks_run_what_ci_runs() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    ci = (ROOT / ".ci" / "run").read_text()
    for command in ("ruff check", "ruff format", "mypy", "lint-imports", ".ci/lock --check"):
        assert command in hooks and command in ci
    assert (
        tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"]
        in (ROOT / "CITATION.cff").read_text()
    )


def test_each_answer_of_where_is_it_stands_in_its_file() -> None:
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    table = text.split("## Where is it?")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")
    ]
    assert len(rows) > 20
    for question, files, name in rows[1:]:
        for part in re.findall(r"`([^`]+)`", name):
            assert any(part in (ROOT / file).read_text() for file in re.findall(r"`([^`]+)`", files)), question


def test_every_room_is_described() -> None:
    rooms = {path.name for path in (ROOT / "chexview").iterdir() if (path / "__init__.py").is_file()}
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    assert {room for room in rooms if f"`chexview/{room}/`" not in text} == set()


def test_what_is_tracked_stays_small() -> None:
    """A clone is quick, and no folder of films is committed by accident."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no clone, or git is not installed")
    names = listed.stdout.rstrip("\0").split("\0")
    assert "pyproject.toml" in names
    sizes = {name: (ROOT / name).lstat().st_size for name in names if (ROOT / name).is_file()}
    assert sum(sizes.values()) < 45 * MEGABYTE
    assert {name: size for name, size in sizes.items() if size > 15 * MEGABYTE} == {}
    folders = Counter(str(PurePosixPath(name).parent) for name in names if not name.startswith("tests/data/"))
    assert {folder: count for folder, count in folders.items() if count > 300} == {}
