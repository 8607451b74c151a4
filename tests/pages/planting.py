"""Markup planted where users bring text, and the search for it in what a page sends to the browser."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

PLANT = (
    "<b id=planted>x</b><a href='//planted'>x</a>\"onplanted='x' [x](https://planted) ![x](https://planted/x) "
    "https://planted.example www.planted.example `planted` $planted$ :red[planted]"
)
SHORT = "<b id=planted>[x](#planted) $planted$ :red[planted]"
"""As much as fits a name."""
MARKDOWN = re.compile(
    r"<b id|<a href|\]\(|!\[|https?://planted|www\.planted|`planted|\$planted|:red\[|:material/planted", re.IGNORECASE
)
PLAIN = {
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("MultiSelect", "options"),
    ("TextInput", "value"),
    ("TextInput", "default"),
    ("TextInput", "placeholder"),
    ("Slider", "options"),
    ("ArrowDataframe", "columns"),
    ("PlotlyChart", "alt"),
}
"""Fields that the browser shows as they are; so it does the JSON of this project's components and tables' data."""


class Planted(HTMLParser):
    """Whether HTML holds an element or attribute of the plant."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if found.get("id") == "planted" or "onplanted" in str(list(found)) or "planted" in str(found.get("href")):
            self.found.append(self.get_starttag_text() or tag)


def strings(message: Message, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Message, field and text of every string that a message holds."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        for item in values:
            if isinstance(item, Message):
                yield from strings(item, message.DESCRIPTOR.name)
            elif isinstance(item, str):
                yield message.DESCRIPTOR.name, field.name, item


def texts(spec: Any) -> Iterator[str]:
    """Every text in a figure, but those that only come back with a click."""
    if isinstance(spec, str):
        yield spec
    elif isinstance(spec, list):
        for item in spec:
            yield from texts(item)
    elif isinstance(spec, dict):
        for key, item in spec.items():
            if key not in ("customdata", "ids", "meta"):
                yield from texts(item)


def sown(app: AppTest) -> list[str]:
    """Everything on a page in which the plant would be more than text, and where."""
    found = []
    for element in _elements(app._tree):
        proto = getattr(element, "proto", None)
        if not isinstance(proto, Message):
            continue
        for message, field, text in strings(proto):
            where = f"{message}.{field}"
            if "planted" not in text or "id" in field.split("_") or (message, field) in PLAIN:
                continue
            if where == "Html.body":
                search = Planted()
                search.feed(text)
                found += [f"{where}: {tag}" for tag in search.found]
            elif message == "PlotlyChart" and field in ("spec", "figure"):
                found += [
                    f"{where}: {part}" for part in set(texts(json.loads(text))) if re.search("<b id|<a href", part)
                ]
            elif message in ("BidiComponent",):
                continue
            elif hit := MARKDOWN.search(text):
                found.append(f"{where}: {hit[0]} in {text}")
    return found


def seen(app: AppTest) -> str:
    """All strings of a page, so that a test can say that the plant was there at all."""
    return "\n".join(
        text
        for element in _elements(app._tree)
        if isinstance(getattr(element, "proto", None), Message)
        for _, _, text in strings(element.proto)
    )


def _elements(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _elements(child)
