"""Stored records and frozen dataclasses: runs, reference standards, studies, cards and recipes, checked by msgspec.

One way for all of them: the text is decoded, migrated to the current schema version, and checked against the dataclass's own
annotations. What does not fit is refused in one sentence that names the file, the key and its value. Unknown keys are refused.
"""

import dataclasses
import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from chexview.errors import ChexviewError

T = TypeVar("T")

Migrations = Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]
"""By schema version, what turns decoded JSON of that version into that of the next."""

_CONVERTING = threading.Lock()
"""msgspec 0.22 crashes the process where two threads convert to one dataclass for the first time."""
REMEDY = "copy its folder again, or make it again"

_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_PLACE = re.compile(r" - at (`key` in )?`\$(?P<path>.*)`$")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")


def decode(text: str | bytes, file: str, error: type[ChexviewError]) -> dict[str, Any]:
    """The object that a JSON text holds. Raises ``error`` in a sentence that names ``file``."""
    import msgspec  # one of the few packages that machines which only train may lack

    try:
        data = msgspec.json.decode(text)
    except (ValueError, RecursionError, UnicodeError) as problem:
        raise error(f"{file} is not JSON ({_first_line(problem)}); copy its folder again.") from problem
    if not isinstance(data, dict):
        raise error(f"{file} must hold one JSON object; copy its folder again.")
    return data


def migrated(
    data: dict[str, Any], version: int, migrations: Migrations, file: str, error: type[ChexviewError]
) -> dict[str, Any]:
    """Decoded JSON of an earlier schema version as that of ``version``. Raises ``error`` if there is no way to it."""
    stored = data.get("schema_version")
    if not isinstance(stored, int) or isinstance(stored, bool):
        raise error(f"{file} has no schema_version, a whole number; is this the right folder?")
    if stored > version:
        raise error(f"{file} has schema version {stored}, newer than this CheXView's {version}; update CheXView.")
    for step in range(stored, version):
        if step not in migrations:
            raise error(f"There is no way from schema version {step} of {file} to {version}; was it written by hand?")
        data = migrations[step](data)
    return {**data, "schema_version": version}


def encode(record: Any) -> str:
    """A dataclass as the JSON text that is stored. Raises ValueError for a number that JSON cannot hold."""
    return json.dumps(dataclasses.asdict(record), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def build(kind: type[T], data: Mapping[str, Any], file: str, error: type[ChexviewError], remedy: str = REMEDY) -> T:
    """A dataclass from decoded JSON or TOML, every key and value checked. Raises ``error`` naming file, key and value.

    ``remedy`` is what to do where a key is missing.
    """
    import msgspec

    _refuse_unknown(kind, data, "", file, error)
    try:
        with _CONVERTING:
            return msgspec.convert(data, kind)
    except msgspec.ValidationError as problem:
        raise error(_sentence(kind, data, str(problem), file, remedy)) from problem
    except (OverflowError, RecursionError) as problem:
        raise error(f"{file} holds a number or a nesting that cannot be ({_first_line(problem)}).") from problem


def _refuse_unknown(kind: Any, data: object, place: str, file: str, error: type[ChexviewError]) -> None:
    """Raises ``error`` for the first key that a dataclass, at any depth, does not have."""
    if isinstance(kind, UnionType):
        for inner in get_args(kind):
            _refuse_unknown(inner, data, place, file, error)
    elif dataclasses.is_dataclass(kind) and isinstance(data, Mapping):
        hints = get_type_hints(kind)
        if strange := sorted(str(key) for key in set(data) - set(hints)):
            where = f" in {place!r}" if place else ""
            known = ", ".join(hints)
            raise error(f"{file} has the unknown key {strange[0]!r}{where}; is it misspelt? Known are {known}.")
        for key, value in data.items():
            _refuse_unknown(hints[key], value, f"{place}.{key}".lstrip("."), file, error)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            for inner in get_args(kind)[1:]:
                _refuse_unknown(inner, value, f"{place}.{key}", file, error)
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for number, value in enumerate(data):
            for inner in get_args(kind):
                _refuse_unknown(inner, value, f"{place}[{number}]", file, error)


def _sentence(kind: Any, data: Mapping[str, Any], message: str, file: str, remedy: str) -> str:
    """msgspec's message as a sentence of ours, with the key in full and the value found there."""
    place = _PLACE.search(message)
    what = _PLACE.sub("", message)
    path, value = _located(kind, data, place["path"] if place else "")
    if lacking := re.match(r"Object missing required field `(.+)`", what):
        where = f" in {path!r}" if path else ""
        return f"{file} has no {lacking[1]!r}{where}; {remedy}."
    if strange := re.match(r"Invalid enum value (.+)", what):
        known = ", ".join(_choices(kind)) or "others"
        return f"{file} has the unknown value {strange[1]} in {path!r}; there are {known}."
    wanted = re.match(r"Expected `(.+?)`", what)
    if wanted is None:
        return f"{file}: {path!r} cannot be ({what})."
    words = " or ".join(_WORDS.get(word.strip(), word.strip()) for word in wanted[1].split("|"))
    return f"{file}: {path!r} must be {words}, not {value!r:.40}."


def _located(kind: Any, data: object, path: str) -> tuple[str, object]:
    """A place with every key named, and the value found there; msgspec writes ``[...]`` for any key of a mapping."""
    import msgspec

    names: list[str] = []
    for step in _STEP.finditer(path):
        key = step["key"] or step["index"]
        if key == "..." and isinstance(data, Mapping):
            kind = _inner(kind)
            for name, value in data.items():
                try:
                    with _CONVERTING:
                        msgspec.convert(value, kind)
                except msgspec.ValidationError:
                    key, data = str(name), value
                    break
        elif isinstance(data, Mapping):
            kind, data = get_type_hints(kind).get(key, Any) if dataclasses.is_dataclass(kind) else Any, data.get(key)
        elif isinstance(data, Sequence) and key.isdigit():
            kind, data = _inner(kind), data[int(key)]
        names.append(key)
    return ".".join(names), data


def _inner(kind: Any) -> Any:
    """The type of what a mapping or a sequence holds."""
    arguments = [item for item in get_args(kind) if item is not ... and item is not type(None)]
    if arguments and get_origin(arguments[0]) in (dict, tuple, list):
        arguments = list(get_args(arguments[0]))
    return arguments[-1] if arguments else Any


def _choices(kind: Any) -> tuple[str, ...]:
    """The values of the first enumeration anywhere in a dataclass's annotations."""
    pending, seen = [kind], set()
    while pending:
        item = pending.pop(0)
        if isinstance(item, type) and issubclass(item, Enum):
            return tuple(str(member.value) for member in item)
        if item in seen:
            continue
        seen.add(item)
        pending += get_type_hints(item).values() if dataclasses.is_dataclass(item) else get_args(item)
    return ()


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:120]
