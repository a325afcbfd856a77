"""Sheets of workbooks."""

import subprocess

import pandas as pd
import pytest

from benchmarks.fuzz import sheet
from core.errors import DataError
from core.experiment import TableSpec
from core.tables import Reading, Table, read_table, sheet_process
from tests.core.tables.workbooks import FRAME, hidden, number_rows, ods, text_cells, workbook


def types(table: Table) -> list[str]:
    return [column.type for column in table.columns]


def test_a_sheet():
    table = read_table(sheet(FRAME), "book.xlsx")
    assert types(table) == ["identifier", "number", "category", "category"]
    assert table.frame["size"].tolist() == FRAME["size"].tolist()
    assert table.frame["colour"].tolist() == FRAME["colour"].tolist()
    assert table.frame["zip"].tolist() == FRAME["zip"].tolist()
    assert table.sheets == ("Sheet1",)
    assert table.reading == Reading(sheet="Sheet1", header=True, decimal=".")
    assert table.warnings == ()


def test_sheets_are_chosen_by_name_or_the_first_with_values():
    content = workbook(("Empty", ""), ("One", text_cells("a") + text_cells("x")), ("Two", text_cells("b", "c") * 2))
    first = read_table(content, "book.xlsx")
    assert first.sheets == ("Empty", "One", "Two")
    assert (first.reading.sheet, list(first.frame)) == ("One", ["a"])
    second = read_table(content, "book.xlsx", Reading(sheet="Two", header=False))
    assert (second.reading.sheet, second.frame.shape) == ("Two", (2, 2))
    with pytest.raises(DataError, match=r"no sheet 'Three'\. Its sheets: Empty, One, Two"):
        read_table(content, "book.xlsx", Reading(sheet="Three"))
    with pytest.raises(DataError, match="The sheet 'Empty' has no values"):
        read_table(content, "book.xlsx", Reading(sheet="Empty"))
    with pytest.raises(DataError, match="no sheet with values"):
        read_table(workbook(("Empty", "")), "book.xlsx")


def test_dates_booleans_errors_and_titles_of_a_sheet():
    rows = (
        text_cells("Report")
        + text_cells("day", "time", "done", "odd")
        + '<row><c s="1"><v>45351</v></c><c s="2"><v>45351.5</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
        + '<row><c s="1"><v>45352</v></c><c s="2"><v>45352.25</v></c><c t="b"><v>0</v></c><c><v>7</v></c></row>'
    )
    table = read_table(workbook(("One", rows)), "book.xlsx")
    assert types(table) == ["date", "date", "text", "number"]
    assert table.frame["day"].tolist() == [pd.Timestamp("2024-02-29"), pd.Timestamp("2024-03-01")]
    assert table.frame["time"].tolist() == [pd.Timestamp("2024-02-29 12:00"), pd.Timestamp("2024-03-01 06:00")]
    assert table.frame["done"].tolist() == ["True", "False"]
    assert table.columns[3].missing == 1
    assert "above the table" in table.warnings[0]


def test_an_open_document():
    table = read_table(ods(FRAME.assign(id=FRAME["id"].astype(float))), "book.ods")
    assert table.sheets == ("One",)
    assert table.frame["size"].tolist() == FRAME["size"].tolist()
    assert types(table)[0] == "identifier"


def test_sheets_have_names_that_can_be_chosen():
    rows = text_cells("n", "kind") + "".join(text_cells(str(number), kind) for number in range(8) for kind in "xy")
    content = workbook(("A\u200b", rows), ("A", rows.replace("kind", "sort")), ("\u202e", rows), ("B\u00a0C", rows))
    names = ("A", "A (2)", "sheet 3", "B C")
    assert read_table(content, "book.xlsx").sheets == names
    for name, column in zip(names, ("kind", "sort", "kind", "kind"), strict=True):
        read_in = read_table(content, "book.xlsx", Reading(sheet=TableSpec("0" * 32, sheet=name).sheet))
        assert (read_in.reading.sheet, list(read_in.frame)) == (name, ["n", column])


def test_a_sheet_writes_only_as_much_text_as_a_file_may_have(monkeypatch, tmp_path):
    monkeypatch.setattr(sheet_process, "_TEXT_MOST", 100)
    with (tmp_path / "out").open("wb") as out:
        written = sheet_process._BoundedOutput(out.fileno())
        written.write(b"x" * 60)
        with pytest.raises(MemoryError):
            written.write(b"x" * 60)


def test_a_value_in_the_last_cell_ends_only_the_process_that_reads_it():
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(DataError, match="The sheet is too large"):
        read_table(workbook(("One", far)), "book.xlsx")


def test_a_sheet_that_takes_too_long_is_refused(monkeypatch):
    def wait(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("sheet", 9)

    monkeypatch.setattr(subprocess, "run", wait)
    with pytest.raises(DataError, match="not read within 9 s"):
        read_table(sheet(FRAME), "book.xlsx")


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), workbook(("One", "<row"))])
def test_a_damaged_sheet(content):
    with pytest.raises(DataError, match=r"damaged|no sheet"):
        read_table(content, "book.xls")


def test_hidden_sheets_are_no_choice():
    data = text_cells("n", "m") + number_rows((1, 2), (3, 4), (5, 6))
    content = hidden(
        workbook(("lists", text_cells("yes") + text_cells("no")), ("data", data), ("old", data)), "lists", "old"
    )
    table = read_table(content, "book.xlsx")
    assert (table.sheets, table.reading.sheet, len(table.frame)) == (("data",), "data", 3)
    assert table.warnings == (
        "The sheet 'data' was read, the first with a table. Not read: 'lists' (hidden), 'old' (hidden).",
    )
    # What is asked for by name is read.
    assert read_table(content, "book.xlsx", Reading(sheet="old")).warnings == ()


def test_the_first_sheet_with_a_table_is_read():
    cover = text_cells("Survey of 2024", "") + text_cells("", "") + text_cells("by", "Bob")
    words = text_cells("name", "colour") + text_cells("ann", "red") + text_cells("bob", "blue")
    numbers = text_cells("n", "m") + number_rows((1, 2), (3, 4))
    for found in (words, numbers):
        table = read_table(workbook(("Cover", cover), ("Data", found), ("More", numbers)), "book.xlsx")
        assert table.reading.sheet == "Data"
        assert table.warnings[0] == "The sheet 'Data' was read, the first with a table. Not read: 'Cover', 'More'."


def test_two_lines_of_names_empty_rows_and_a_second_table_in_a_sheet():
    top = text_cells("2019", "", "2020", "") + text_cells("a", "b", "a", "b")
    body = number_rows((1, 2, 3, 4), (5, 6, 7, 8)) + text_cells("", "", "", "") * 2 + number_rows((9, 1, 2, 3))
    below = text_cells("", "", "", "") + text_cells("name", "score", "", "") + text_cells("x", "5", "", "")
    table = read_table(workbook(("One", top + body + below)), "book.xlsx")
    assert list(table.frame) == ["2019 a", "2019 b", "2020 a", "2020 b"]
    assert table.frame.to_numpy().tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 1, 2, 3]]
    joined, below = table.warnings
    assert joined == "Two lines of column names were joined: '2019 a', '2019 b', '2020 a', '2020 b'."
    assert below.startswith("2 lines below the table were left out, with a second table: 'name, score'.")
