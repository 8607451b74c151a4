"""Tables of any encoding, separator and packing are the same text; what is too large or no table is called what it is."""

import bz2
import gzip
import io
import lzma
import tracemalloc
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chexview.errors import TableError
from chexview.labels import tables
from chexview.labels.tables import read_table

TEXT = 'image,Effusion,note\n0012.png,0.5,NA\nb.png,1e-3,"a, ""b""\nc"\n'
FRAME = pd.DataFrame({"image": ["0012.png", "b.png"], "Effusion": ["0.5", "1e-3"], "note": ["NA", 'a, "b"\nc']})


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def sheet(*rows: list[object], more: bool = False) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    second = book.create_sheet("second")
    if more:
        second.append(["x"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


FORMS = {
    "utf-8": TEXT.encode(),
    "bom": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16-be": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "utf-32": TEXT.encode("utf-32"),
    "sep=": b"sep=,\r\n" + TEXT.encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "zip": zipped(**{"a.csv": TEXT.encode(), "__MACOSX/._a.csv": b"\x00\x05", ".hidden.csv": b"x"}),
    "trailing comma": TEXT.replace("note\n", "note,\n").replace("NA\n", "NA,\n").replace('c"\n', 'c",\n').encode(),
    "a text file alone": zipped(**{"a.txt": TEXT.encode()}),
    "carriage returns twice": TEXT.replace("\n", "\r\r\n").replace('""\r\r\n', '""\n').encode(),
    "blank end": TEXT.encode() + b"\n\n,,\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_table(form: str) -> None:
    found = read_table(FORMS[form], "a.csv")
    pd.testing.assert_frame_equal(found.frame, FRAME, check_dtype=False)
    assert found.first_row == (3 if form == "sep=" else 2)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems(end: str) -> None:
    frame = read_table(f"image,x{end}a.png,1{end}b.png,2{end}".encode(), "a.csv").frame
    assert frame.to_numpy().tolist() == [["a.png", "1"], ["b.png", "2"]]


def test_another_encoding_is_read_and_named() -> None:
    found = read_table("image;größe\nä.png;1\n".encode("latin-1"), "a.csv")
    assert found.frame.columns.tolist() == ["image", "größe"] and found.frame["image"][0] == "ä.png"
    assert found.encoding == "Windows-1252 (Latin-1)" and not found.comma
    assert read_table(TEXT.encode("utf-16"), "a.csv").encoding == "UTF-16"


def test_a_sheet_and_a_parquet_file_are_text_too() -> None:
    found = read_table(sheet(["image", "Effusion", "n"], ["0012.png", 0.5, 3], ["b.png", None, 4.0]), "a.xlsx").frame
    assert found.to_numpy().tolist() == [["0012.png", "0.5", "3"], ["b.png", "", "4"]]
    frame = pd.DataFrame({"image": ["a", "b"], "x": [1.0, np.nan], "n": [1, 2], "yes": [True, False]})
    assert read_table(frame.to_parquet(), "a.parquet").frame.to_numpy().tolist() == [
        ["a", "1", "1", "1"],
        ["b", "", "2", "0"],
    ]


def parquet(column: pa.Array) -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table({"image": column}), packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "a.csv is empty"),
        (b"\n\n", "a.csv is empty"),
        (b"image,x\n", "holds no rows"),
        (b"image,x,x\na,1,2\n", "has the column x twice"),
        (b"image,x\na,1\nb,1,2\n", "row 3 has 3 cells where the first row has 2"),
        (b"image,x\na,1\nb\n", "row 3 has 1 cells where the first row has 2"),
        (b"image,x\na,1\n\nb,2\n", "row 3 is empty"),
        (b'image,x\na,1\n"b,2\n', "row [34] cannot be read as a row of a table"),
        (b"image,x\na," + b"y" * 200_000 + b"\n", "cannot be read as a row of a table"),
        (b"image,x\na,\x00\n", "row 2 holds a NUL character"),
        (b"image,x\n\x81,1\n", "not text in UTF-8"),
        (TEXT.encode("utf-16")[:-1], "is no text in UTF-16"),
        (b"\x1f\x8b\x08 broken", "is not a whole gzip file"),
        (gzip.compress(TEXT.encode() * 100, mtime=0)[:-40], "is not a whole gzip file"),
        (b"PK\x03\x04 broken", "is not a whole zip file"),
        (zipped(**{"a.csv": b"x", "b.csv": b"y"}), r"holds 2 tables \(a.csv, b.csv\)"),
        (zipped(**{"a.jpg": b"x"}), "a zip archive without a table"),
        (b"PAR1 broken", "is not a whole parquet file"),
        (parquet(pa.array([[1], [2]])), r"the column image holds list<.*>; a column must hold text or numbers"),
        (parquet(pa.array([b"\xff"])), "the column image holds binary"),
        (sheet(["image"], ["a"], more=True), "has 2 sheets .Sheet, second. that hold anything"),
        (sheet(["image"], ["a"])[:-300], "is not a whole zip file|is not a whole Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", r"is an old Excel file \(.xls\)"),
        (b"%PDF-1.4", "is a PDF; bring the table as CSV"),
        (b"version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer"),
        (lzma.compress(b"x"), "is an xz archive"),
        (bz2.compress(b"x"), "is a bzip2 archive"),
    ],
)
def test_what_is_no_table_gets_one_true_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(TableError, match=sentence) as caught:
        read_table(data, "a.csv")
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_damaged_member_of_a_zip() -> None:
    packed = bytearray(zipped(**{"a.csv": TEXT.encode() * 50}))
    packed[60:70] = bytes(10)
    with pytest.raises(TableError, match="is damaged, or locked with a password"):
        read_table(bytes(packed), "a.zip")


def many_rows() -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table({"image": pa.array(np.zeros(3_000_000, np.int8))}), packed, compression="zstd")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: b"image," + b",".join(b"c%d" % k for k in range(80_000)) + b"\na\n",
            "80,001 columns and at most 2,000",
        ),
        (lambda: b"image\n" + b"a\n" * 1_100_000, "rows and at most 1,000,000"),
        (
            lambda: (b",".join(b"c%d" % k for k in range(1_999)) + b"\n") + (b"," * 1_998 + b"\n") * 12_000,
            "cells and at most",
        ),
        (many_rows, "3,000,000 rows and at most"),
        (lambda: zipped(**{"a.csv": b"image\n" + b"a" * 210_000_000}), "larger than 200 MB unpacked"),
        (lambda: gzip.compress(b"a" * 210_000_000, 1), "larger than 200 MB unpacked"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read_whole(make: object, sentence: str) -> None:
    data = make()  # type: ignore[operator]
    tracemalloc.start()
    with pytest.raises(TableError, match=sentence):
        read_table(data, "a.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * max(len(data), 30_000_000)


def test_the_limits_let_nihs_own_lists_through() -> None:
    assert tables.ROWS > 112_120 and tables.CELLS > 112_120 * 40


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'[{"image": "a.png"}]', "is JSON"),
        (b'{"image": "a.png"}\n{"image": "b.png"}\n', "is JSON"),
        (b"\n <!doctype html><p>", "web page"),
        (b'<table border="1"></table>', "web page"),
        (b'<?xml version="1.0"?><a/>', "XML"),
    ],
)
def test_other_texts_that_are_named_csv_are_called_what_they_are(data: bytes, kind: str) -> None:
    with pytest.raises(TableError, match=kind):
        read_table(data, "t.csv")


def test_a_separator_line_may_name_a_tab() -> None:
    assert list(read_table(b"sep=\t\nimage\tMass\na.png\t0,5\n", "t.csv").frame.columns) == ["image", "Mass"]
    assert list(read_table(b"[Image Index],[Mass]\na.png,1\n", "t.csv").frame.columns) == ["[Image Index]", "[Mass]"]


def test_blank_lines_above_the_header_are_counted() -> None:
    table = read_table(b"\n\n" + TEXT.encode(), "t.csv")
    assert table.frame.to_numpy().tolist() == FRAME.to_numpy().tolist() and table.first_row == 4
    assert read_table(b"\nsep=,\n" + TEXT.encode(), "t.csv").first_row == 4


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("a.png", "a zip archive without a table"),
        ("b.zip", "a zip archive without a table"),
        ("word/document.xml", "a Word document"),
        ("xl/workbook.bin", "a binary Excel workbook"),
        ("content.xml", "an OpenDocument file"),
        ("Index/Document.iwa", "an Apple Numbers document"),
    ],
)
def test_archives_without_a_table_are_called_what_they_are(inside: str, words: str) -> None:
    with pytest.raises(TableError, match=words):
        read_table(zipped(**{inside: b"x"}), "t.zip")
