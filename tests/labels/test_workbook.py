"""Cells that look full in Excel and come out empty are named, never read as unknown."""

import datetime
import io

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from chexview.errors import TableError
from chexview.labels.tables import TextTable, read_table


def book(sheet_name: str = "Sheet") -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = sheet_name
    for row in (["image", "label__Mass"], ["a.png", 1], ["b.png", 0]):
        sheet.append(row)
    return made, sheet


def read(made: openpyxl.Workbook) -> TextTable:
    packed = io.BytesIO()
    made.save(packed)
    return read_table(packed.getvalue(), "t.xlsx")


@pytest.mark.parametrize("formula", ["=1-1", '=IF(A2="x",1,0)'])
def test_a_formula_that_nobody_computed_is_named(formula: str) -> None:
    made, sheet = book()
    sheet["B3"] = formula
    with pytest.raises(TableError, match="cell B3 holds a formula without its value"):
        read(made)


def test_merged_cells_are_named() -> None:
    made, sheet = book()
    sheet.merge_cells("B2:B3")
    with pytest.raises(TableError, match=r"merged cells \(B2:B3\)"):
        read(made)


def test_rows_above_the_header_are_counted_and_sheets_named() -> None:
    made, sheet = book()
    sheet.insert_rows(1, 2)
    table = read(made)
    assert list(table.frame["image"]) == ["a.png", "b.png"] and table.first_row == 4
    made.create_sheet("old").append(["x"])
    with pytest.raises(TableError, match=r"2 sheets \(Sheet, old\)"):
        read(made)


def test_booleans_percentages_and_dates() -> None:
    made, sheet = book()
    sheet["B2"], sheet["B3"] = True, 0.25
    sheet["B3"].number_format = "0.00%"
    sheet["A3"] = datetime.datetime(2020, 1, 2)
    assert read(made).frame.to_numpy().tolist() == [["a.png", "1"], ["2020-01-02 00:00:00", "0.25"]]
