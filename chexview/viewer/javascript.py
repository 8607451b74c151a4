"""ES modules joined into the one module that Streamlit takes of a component. No build, no Node, no Streamlit.

Why they are joined: Streamlit's components v2 load JavaScript that comes as a string from a ``blob:`` address, and from there a
relative ``import`` resolves to nothing. Files of their own are served only for an installed package that declares an
``asset_dir``, so that ``streamlit run app.py`` in a clone would have no viewer; and their addresses carry no version, so that a
browser keeps yesterday's after an upgrade. Joining keeps what modules are for: each is a function of its own, sees only what
it imports, and shows only what it exports. Tools see the files as they are (``npm run check``).
"""

import re
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"

_IMPORT = re.compile(r'^import \{([^}]+)\} from "(\.{1,2}/[^"]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b(?! default function mount).*$", re.MULTILINE)


def joined(entry: Path) -> str:
    """The module ``entry`` and all that it imports as one module, whose default export is that of ``entry``.

    Imports name what they take from relative files, and exports stand at a declaration that never changes; what is written
    otherwise, and modules that import each other in a circle, raise ValueError.
    """
    parts: dict[Path, str] = {}
    _collect(entry.resolve(), parts, ())
    return "\n".join(parts.values())


def _collect(path: Path, parts: dict[Path, str], way: tuple[Path, ...]) -> None:
    """Adds ``path`` to ``parts`` after what it imports; ``way`` is how it was reached."""
    if path in way:
        circle = ", ".join(step.name for step in (*way[way.index(path) :], path))
        raise ValueError(f"JavaScript modules import each other: {circle}")
    if path in parts:
        return
    text = path.read_text("utf-8")
    for match in _IMPORT.finditer(text):
        _collect((path.parent / match[2]).resolve(), parts, (*way, path))
    exports = _EXPORT.findall(text)
    body = _IMPORT.sub(lambda match: _taken(match[1], _name((path.parent / match[2]).resolve())), text)
    body = _EXPORT.sub("", body)
    if other := _OTHER.search(body):
        raise ValueError(f"{path.name}: this is joined by no rule: {other[0]}")
    if way:
        body = f"const {_name(path)} = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();"
    parts[path] = body


def _taken(names: str, module: str) -> str:
    """An import as the names that are taken of a joined module."""
    return f"const {{ {', '.join(' '.join(name.split()).replace(' as ', ': ') for name in names.split(','))} }} = {module};"


def _name(path: Path) -> str:
    """The constant that a module is."""
    return "module_" + re.sub(r"\W", "_", path.relative_to(ASSETS.resolve()).with_suffix("").as_posix())
