"""A table from anybody as text: CSV in any common encoding, parquet, an Excel sheet, gzipped or zipped. Bounded before it is read.

Everything becomes text, so that an id ``0012`` or a name ``NA`` survives and a bad cell is told by the row and column that a
spreadsheet shows (the header is row 1). What a file declares is counted before it is read whole: bytes, rows, columns, cells.
"""

import csv
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

from chexview.errors import TableError
from chexview.labels.workbook import check_cells

BYTES = 200_000_000
"""Bytes of a table, unpacked; NIH's whole test list with 14 scores is 5 million."""
ROWS, COLUMNS, CELLS = 1_000_000, 2_000, 20_000_000
CELL = 100_000
"""Letters of one cell."""
HEADING = 300
"""Letters of a column's name."""

ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")


@dataclass(frozen=True, slots=True, eq=False)
class TextTable:
    """``frame`` holds text only, its index counts from 0; ``first_row`` is the row of a spreadsheet that line 0 stands in.

    ``encoding`` names another encoding than UTF-8, "" if it was that; ``comma`` says that cells are parted by commas.
    """

    frame: pd.DataFrame
    first_row: int = 2
    encoding: str = ""
    comma: bool = True


def read_table(data: bytes, name: str) -> TextTable:
    """A table's text. Raises TableError in one sentence with row and column where there are such."""
    if not data:
        raise TableError(f"{name} is empty.")
    if data[:2] == b"\x1f\x8b":
        data, name = _gunzipped(data, name), name.removesuffix(".gz")
    if data[:4] == b"PK\x03\x04" or data[:2] == b"PK":
        archive = _archive(data, name)
        if "xl/workbook.xml" in archive.namelist():
            return _from_sheet(data, archive, name)
        data, name = _member(archive, name)
    if data[:4] == b"PAR1":
        return _from_parquet(data, name)
    _refuse_others(data, name)
    return _from_text(data, name)


def _refuse_others(data: bytes, name: str) -> None:
    """Calls a file of another kind what it is."""
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise TableError(f"{name} is an old Excel file (.xls); save it as .xlsx or CSV.")
    for begin, kind in (
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"SQLite format 3", "an SQLite database"),
        (b"\x93NUMPY", "a NumPy array"),
        (b"\x80\x04", "a Python pickle"),
        (b"ARROW1", "an Arrow (Feather) file"),
        (b"\x89HDF", "an HDF5 file"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"BZh", "a bzip2 archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
        (b"<!DOCTYPE", "a web page"),
        (b"<HTML", "a web page"),
        (b"<TABLE", "a web page"),
        (b"<?XML", "an XML document"),
    ):
        if data.startswith(begin) or start.upper().startswith(begin):
            raise TableError(f"{name} is {kind}; bring the table as CSV, parquet or .xlsx.")
    if (start[:1], data[-64:].rstrip()[-1:]) in ((b"{", b"}"), (b"[", b"]")):
        raise TableError(f"{name} is JSON; bring the table as CSV, parquet or .xlsx.")


def _too_large(name: str) -> TableError:
    return TableError(
        f"{name} is larger than {BYTES // 1_000_000} MB unpacked; bring only the columns that are needed."
    )


def _check_size(rows: int, columns: int, name: str) -> None:
    """Raises TableError for a table of more than can be read."""
    if columns > COLUMNS:
        raise TableError(
            f"{name} has {columns:,} columns and at most {COLUMNS:,} are read; bring only those that are needed."
        )
    if rows > ROWS:
        raise TableError(f"{name} has {rows:,} rows and at most {ROWS:,} are read; bring a part of it.")
    if rows * columns > CELLS:
        raise TableError(
            f"{name} has {rows * columns:,} cells and at most {CELLS:,} are read; bring only columns that are needed."
        )


def _gunzipped(data: bytes, name: str) -> bytes:
    try:
        content = gzip.GzipFile(fileobj=io.BytesIO(data)).read(BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(f"{name} is not a whole gzip file; copy it again.") from error
    if len(content) > BYTES:
        raise _too_large(name)
    return content


def _archive(data: bytes, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableError(f"{name} is not a whole zip file; copy it again.") from error


_OFFICE = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    "Index/Document.iwa": "an Apple Numbers document",
    "content.xml": "an OpenDocument file",
}
"""Files that are zip archives to their first bytes, by what each holds."""


def _member(archive: zipfile.ZipFile, name: str) -> tuple[bytes, str]:
    """The one table in a zip, or NIH's labels where several lie in it; what a Mac adds is not counted.

    A text file is one only where there is no other, for many archives hold a README.
    """
    for inside in archive.namelist():
        if inside in _OFFICE:
            raise TableError(f"{name} is {_OFFICE[inside]}; save the table as .xlsx or CSV.")
    files = [
        item
        for item in archive.infolist()
        if "__MACOSX" not in PurePosixPath(item.filename).parts
        and not PurePosixPath(item.filename).name.startswith(".")
    ]
    tables = [item for item in files if item.filename.lower().endswith(ENDINGS[:2] + ENDINGS[3:])]
    tables = tables or [item for item in files if item.filename.lower().endswith(ENDINGS[2])]
    chosen = [item for item in tables if "Data_Entry" in item.filename] or tables
    if not chosen:
        raise TableError(f"{name} is a zip archive without a table; bring the table as CSV, parquet or .xlsx.")
    if len(chosen) != 1:
        listed = ", ".join(PurePosixPath(item.filename).name for item in chosen[:4])
        raise TableError(f"{name} holds {len(chosen)} tables ({listed}); bring one of them.")
    if chosen[0].file_size > BYTES:
        raise _too_large(name)
    try:
        with archive.open(chosen[0]) as file:
            content = file.read(BYTES + 1)
    except (
        zipfile.BadZipFile,
        OSError,
        RuntimeError,
        EOFError,
        NotImplementedError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise TableError(f"{name} is damaged, or locked with a password; zip the table again.") from error
    if len(content) > BYTES:
        raise _too_large(name)
    inner = PurePosixPath(chosen[0].filename).name
    if inner.lower().endswith(".xlsx"):
        raise TableError(f"{name} holds an Excel file; bring {inner} itself.")
    return content, inner


def _from_sheet(data: bytes, archive: zipfile.ZipFile, name: str) -> TextTable:
    """The one sheet of an Excel workbook that holds anything."""
    if sum(item.file_size for item in archive.infolist()) > BYTES:
        raise _too_large(name)
    import openpyxl

    try:
        check_cells(archive, name)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {}
        for sheet in book.worksheets:
            _check_size(sheet.max_row or 0, sheet.max_column or 0, name)
            rows = _bounded(sheet.iter_rows(values_only=True), name)
            if rows:
                sheets[sheet.title] = rows
    except TableError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML reader and the file's own words bring
        raise TableError(f"{name} is not a whole Excel file; save it again, or as CSV.") from error
    if len(sheets) != 1:
        listed = f" ({', '.join(title[:40] for title in list(sheets)[:4])})" if sheets else ""
        raise TableError(
            f"{name} has {len(sheets)} sheets{listed} that hold anything; bring a workbook with one, or a CSV."
        )
    (rows,) = sheets.values()
    begin = next(number for number, row in enumerate(rows) if any(value is not None for value in row))
    texts = [[_cell(value) for value in row] for row in rows[begin:]]
    return TextTable(_framed(texts, name, begin + 2), begin + 2, comma=False)


def _bounded(rows: Iterable[tuple[object, ...]], name: str) -> list[tuple[object, ...]]:
    """The rows up to the last that is not empty, counted while they come."""
    kept: list[tuple[object, ...]] = []
    cells = 0
    for row in rows:
        cells += len(row)
        if cells > CELLS or len(kept) > ROWS:
            raise TableError(
                f"{name} has more cells than the {CELLS:,} that are read; bring only columns that are needed."
            )
        kept.append(row)
    while kept and all(value is None for value in kept[-1]):
        kept.pop()
    return kept


def _from_parquet(data: bytes, name: str) -> TextTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        facts = file.metadata
        _check_size(facts.num_rows, facts.num_columns, name)
        if sum(facts.row_group(k).total_byte_size for k in range(facts.num_row_groups)) > BYTES:
            raise _too_large(name)
        for field in file.schema_arrow:
            if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
                raise TableError(
                    f"{name}: the column {field.name[:60]} holds {field.type}; a column must hold text or numbers."
                )
        table = file.read()
    except TableError:
        raise
    except (pa.ArrowException, OSError, ValueError, NotImplementedError, KeyError) as error:
        raise TableError(f"{name} is not a whole parquet file.") from error
    columns = [[_cell(value) for value in table.column(k).to_pylist()] for k in range(table.num_columns)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return TextTable(_framed([list(table.column_names), *rows], name), comma=False)


def _cell(value: object) -> str:
    """A value as it would stand in a CSV; a missing one is empty, and whole numbers have no point."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""Byte order marks (Unicode Standard, section 23.8), the longer before the shorter."""


def _encoding(data: bytes) -> str:
    """The encoding by its byte order mark, or UTF-16 by the zeros of plain letters; else UTF-8."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    if marked:
        return marked
    head = data[:4000]
    if head[1::2].count(0) > len(head) // 5:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > len(head) // 5 else "utf-8"


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text, and its encoding where that is not UTF-8. Raises TableError for what is no text."""
    encoding = _encoding(data)
    try:
        text, named = data.decode(encoding), "" if encoding.startswith("utf-8") else encoding.upper()
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TableError(f"{name} is no text in {encoding.upper()}; save it as CSV (UTF-8).") from error
        try:
            text, named = data.decode("cp1252"), "Windows-1252 (Latin-1)"
        except UnicodeDecodeError:
            raise TableError(f"{name} is not text in UTF-8; save it as CSV (UTF-8).") from error
    if (place := text.find("\x00")) >= 0:
        row = text.count("\n", 0, place) + 1
        raise TableError(f"{name}, row {row} holds a NUL character; it is no table of text. Save it as CSV (UTF-8).")
    return text, named


def _from_text(data: bytes, name: str) -> TextTable:
    if len(data) > BYTES:
        raise _too_large(name)
    text, encoding = _decoded(data, name)
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    stripped = text.lstrip("\n")
    first_row, mark = 2 + len(text) - len(stripped), ""
    text = stripped
    lines = text.split("\n", 2)
    if lines[0].strip().strip('"').lower().startswith("sep=") and len(lines) > 1:
        mark = lines[0].lstrip().strip('"')[4:5] or ","
        text, first_row = text.split("\n", 1)[1], first_row + 1
    header = text.split("\n", 1)[0]
    if len(header) > COLUMNS * HEADING:
        raise TableError(f"{name} has a first row of {len(header):,} letters, which is no row of column names.")
    mark = mark or max(",;\t|", key=header.count)
    _check_size(text.count("\n"), header.count(mark) + 1, name)
    csv.field_size_limit(CELL)
    rows: list[list[str]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            cells += len(row)
            if cells > CELLS:
                _check_size(len(rows), len(row) + CELLS // max(len(rows), 1), name)
            rows.append(row)
    except csv.Error as error:
        where = first_row - 1 + len(rows)
        raise TableError(f"{name}, row {where} cannot be read as a row of a table ({error}).") from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    return TextTable(_framed(rows, name, first_row), first_row, encoding, mark == ",")


def _empty_from(rows: list[list[str]], column: int) -> bool:
    """Whether no row has anything in a column or after it, as where each line ends in a comma."""
    return not any(cell.strip() for row in rows for cell in row[column:])


def _framed(rows: list[list[str]], name: str, first_row: int = 2) -> pd.DataFrame:
    """The frame of a header and its rows. Raises TableError for columns that are named twice and rows of another length."""
    if not rows:
        raise TableError(f"{name} is empty.")
    header = [str(cell).strip() for cell in rows[0]]
    while (
        len(header) > 1
        and not header[-1]
        and all(len(row) < len(header) or not row[len(header) - 1].strip() for row in rows[1:])
    ):
        header.pop()
    named = [cell for cell in header if cell]
    if doubled := sorted({cell for cell in named if named.count(cell) > 1} if len(set(named)) < len(named) else ()):
        raise TableError(f"{name} has the column {doubled[0][:60]} twice.")
    if long := next((cell for cell in header if len(cell) > HEADING), ""):
        raise TableError(
            f"{name} has a column whose name has {len(long):,} letters; is its first row the column names?"
        )
    width = len(header)
    body = []
    for number, row in enumerate(rows[1:]):
        if len(row) != width:
            if not any(cell.strip() for cell in row):
                raise TableError(f"{name}, row {number + first_row} is empty; take it out.")
            if len(row) < width or any(cell.strip() for cell in row[width:]):
                raise TableError(
                    f"{name}, row {number + first_row} has {len(row)} cells where the first row has {width}."
                )
        body.append(row[:width])
    if not body:
        raise TableError(f"{name} holds no rows.")
    columns = [cell or f"(column {number})" for number, cell in enumerate(header, 1)]
    return pd.DataFrame(body, columns=columns, dtype=object)
