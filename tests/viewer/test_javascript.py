"""Modules become one without losing what modules are for."""

import re
from pathlib import Path

import pytest

from chexview.viewer import javascript
from chexview.viewer.javascript import ASSETS, joined

ENTRIES = ["viewer/viewer.js", "chooser.js", "findings.js", "gallery.js"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules."""
    monkeypatch.setattr(javascript, "ASSETS", tmp_path)
    return tmp_path


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, "utf-8")
    return folder / "main.js"


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_applications_modules_are_joined(entry: str) -> None:
    text = joined(ASSETS / entry)
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert re.findall(r"^export .*$", text, re.MULTILINE) == [
        f"export default function mount({re.search(r'mount[(](.*)$', text, re.MULTILINE)[1]}"  # type: ignore[index]
    ]
    assert text.count("const module_dom = ") == 1
    assert re.findall(r"^  return (\w+)[(]parentElement, draw", text, re.MULTILINE) == ["called"]


def test_a_module_comes_once_and_after_what_it_imports(folder: Path) -> None:
    main = write(
        folder,
        base="const hidden = 1;\nexport const one = hidden;\n",
        side='import { one } from "./base.js";\nexport function two() {\n  return one + 1;\n}\n',
        main='import { one as first } from "./base.js";\nimport { two } from "./side.js";\nexport default function mount() {}\n',
    )
    text = joined(main)
    assert [text.count(f"const module_{name} =") for name in ("base", "side")] == [1, 1]
    assert text.index("module_base = ") < text.index("module_side = ") < text.index("export default")
    assert "const { one: first } = module_base;" in text
    assert "return { one };" in text and "return { two };" in text


def test_a_circle_is_an_error(folder: Path) -> None:
    main = write(
        folder,
        main='import { a } from "./a.js";\nexport default function mount() {}\n',
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )
    with pytest.raises(ValueError, match=r"a\.js, b\.js, a\.js"):
        joined(main)


@pytest.mark.parametrize(
    "line",
    ['import everything from "./a.js";', "export let counter = 0;", "export { a };", 'import * as a from "./a.js";'],
)
def test_what_no_rule_joins_is_an_error(folder: Path, line: str) -> None:
    main = write(folder, a="export const a = 1;\n", main=f"{line}\nexport default function mount() {{}}\n")
    with pytest.raises(ValueError, match="joined by no rule"):
        joined(main)
