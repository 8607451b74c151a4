"""Names: each public class once, and no word that only its author understands."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINES = 400
"""Of a file of code at most."""
PRIVATE = set(
    [
        "told",
        "asked",
        "desk",
        "vault",
        "keeper",
        "shelf",
        "slip",
        "placing",
        "likeness",
        "opinions",
        "probes",
        "wording",
        "odd_films",
        "own_points",
    ]
)
"""What things were called once; the field has words for them (docs/ARCHITECTURE.md, Words)."""


def files(*suffixes: str) -> list[Path]:
    """The files of code in the tree, those that git ignores left out."""
    found = [
        path
        for folder in ("chexview", "train", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes and "node_modules" not in path.parts
    ]
    assert len(found) > 100 or ".py" not in suffixes
    return found


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Every name that a module binds or uses; names of test functions are sentences and left out."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name) if not name.startswith("test_"):
                yield name
            case ast.ImportFrom(module=str(name)):
                yield from name.split(".")
            case ast.alias(name=name):
                yield from name.split(".")


@cache
def parsed() -> dict[str, ast.Module]:
    """Every Python file in the tree, by its path."""
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in files(".py")}


def doubled(trees: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """The public classes that are defined in more than one of ``trees``, and where."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path)
    return {name: paths for name, paths in found.items() if len(paths) > 1}


def private(tree: ast.Module) -> set[str]:
    """The private words among a module's identifiers."""
    return {name for name in identifiers(tree) if name.strip("_").lower() in PRIVATE}


def test_every_public_class_has_a_name_of_its_own() -> None:
    assert doubled({path: tree for path, tree in parsed().items() if not path.startswith("tests")}) == {}
    assert doubled({name: ast.parse("class Box: pass") for name in "ab"}) == {"Box": ["a", "b"]}


def test_no_private_words() -> None:
    found = {path: private(tree) for path, tree in parsed().items()}
    assert {path: names for path, names in found.items() if names} == {}
    assert not {Path(path).stem for path in found} & PRIVATE


@pytest.mark.parametrize(
    "source", ["told = 1", "def f(asked): ...", "def desk(): ...", "from a import odd_films", "a._told", "OPINIONS = 1"]
)
def test_private_words_are_found_wherever_they_are_bound(source: str) -> None:
    assert private(ast.parse(source))
    assert not private(ast.parse("def test_what_is_told(): ..."))


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files(".py", ".js", ".css")}
    assert {path: lines for path, lines in lengths.items() if lines > LINES} == {}
