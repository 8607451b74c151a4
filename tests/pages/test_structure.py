"""How pages are written: their functions take what they need, and one list names the pages."""

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import chexview.pages
from chexview.pages import catalogue
from chexview.pages.catalogue import PageEntry
from tests.pages.shown import MAIN

FOLDER = Path(chexview.pages.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def module_variables(tree: ast.Module) -> set[str]:
    """Names assigned at the top of a module, constants (in capitals) and type variables left out."""
    names: set[str] = set()
    for statement in tree.body:
        for node in ast.walk(statement) if not isinstance(statement, ast.FunctionDef | ast.ClassDef) else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return {name for name in names if name != name.upper()}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_page_has_variables_of_the_module(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert module_variables(tree) == set()
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Global), f"{path.name} has a global statement"


def test_the_check_finds_a_variable() -> None:
    assert module_variables(ast.parse("state = 1\nfor row in ():\n    pass\nLIMIT = 2")) == {"state", "row"}


def test_every_page_has_its_file_and_every_page_file_its_entry() -> None:
    runs_itself = {path.name for path in MODULES if "\n\n\npage()\n" in path.read_text("utf-8")}
    assert {entry.file for entry in catalogue.PAGES} == runs_itself
    assert [entry.path for entry in catalogue.PAGES if entry.is_first] == [""]


def test_a_page_is_added_in_one_place(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHEXVIEW_HOME", str(home))
    monkeypatch.setenv("CHEXVIEW_CHECKPOINT", "random")
    file = tmp_path / "atlas.py"
    file.write_text("import streamlit as st\n\nst.html('An atlas of films')\n")
    monkeypatch.setattr(catalogue, "PAGES", [*catalogue.PAGES, PageEntry(str(file), "Atlas", "map")])
    app = AppTest.from_file(MAIN, default_timeout=300).run()
    assert not app.exception
    app.switch_page(str(file)).run()
    assert any("An atlas of films" in item.proto.body for item in app.get("html"))
    from app import page_routes

    assert "/atlas" in {route.path for route in page_routes("")}
