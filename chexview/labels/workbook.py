"""What an Excel sheet's XML says beyond its values: cells that look full in Excel and come out empty."""

import re
import zipfile

from chexview.errors import TableError

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MERGED = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?![^>]*t="str")[^>]*><f(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
"""A formula without the value that Excel keeps beside it (ECMA-376 part 1, 18.3.1.4); an empty text is of type ``str``."""


def check_cells(archive: zipfile.ZipFile, name: str) -> None:
    """Raises TableError for merged cells, of which all but the first are empty, and for formulas that nobody computed."""
    for inside in archive.namelist():
        if not _SHEET.fullmatch(inside):
            continue
        content = archive.read(inside)
        if merged := _MERGED.search(content):
            raise TableError(
                f"{name} has merged cells ({merged[1].decode()}), of which only the first holds a value; take the merging away."
            )
        if uncomputed := _UNCOMPUTED.search(content):
            raise TableError(
                f"{name}, cell {uncomputed[1].decode()} holds a formula without its value; open and save it in Excel, or save "
                "it as CSV."
            )
