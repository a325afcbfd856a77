"""Sheets, Parquet and arrays."""

import io
import subprocess
import zipfile
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.fuzz import sheet
from core.errors import DataError
from core.experiment import TableSpec
from core.tables import Reading, Table, binary_files, read_table, sheet_process

FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "size": [1.5, -2.25, 1e-3, 4.0],
        "colour": ["red", "blü", "red", "a, b & <c>"],
        "zip": ["01234", "02345", "01234", "01234"],
    }
)


def types(table: Table) -> list[str]:
    return [column.type for column in table.columns]


def workbook(*sheets: tuple[str, str], **more: str) -> bytes:
    """Return an .xlsx file of sheets, each its name and the XML of its rows."""
    plain = zipfile.ZipFile(io.BytesIO(sheet(FRAME)))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "_rels/.rels"):
            archive.writestr(name, plain.read(name))
        listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, (n, _) in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{listed}</sheets></workbook>'
        )
        targets = "".join(
            f'<Relationship Id="r{i}" Type="{relations}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{targets}'
            "</Relationships>",
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
            "</styleSheet>",
        )
        for i, (_, rows) in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
            )
        for name, text in more.items():
            archive.writestr(name, text)
    return out.getvalue()


def text_cells(*values: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values) + "</row>"


def ods(frame: pd.DataFrame) -> bytes:
    rows = ""
    for values in [list(frame), *frame.to_numpy().tolist()]:
        rows += "<table:table-row>"
        for value in values:
            number = isinstance(value, float)
            kind = f'office:value-type="float" office:value="{value}"' if number else 'office:value-type="string"'
            rows += f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"
        rows += "</table:table-row>"
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="One">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def test_a_sheet():
    table = read_table(sheet(FRAME), "book.xlsx")
    assert types(table) == ["identifier", "number", "category", "category"]
    assert table.frame["size"].tolist() == FRAME["size"].tolist()
    assert table.frame["colour"].tolist() == FRAME["colour"].tolist()
    assert table.frame["zip"].tolist() == FRAME["zip"].tolist()
    assert table.sheets == ("Sheet1",)
    assert table.reading == Reading(sheet="Sheet1", header=True, decimal=".")
    assert table.warnings == ()


def test_the_name_of_a_file_is_only_a_hint():
    assert read_table(sheet(FRAME), "book.csv").sheets == ("Sheet1",)


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


@pytest.mark.parametrize("name", ["xl/worksheets/sheet2.xml", "x.npy"])
def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(name, monkeypatch):
    monkeypatch.setattr(binary_files, "MAX_UNPACKED_BYTES", 1_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(2_000_000))
    with pytest.raises(DataError, match=r"at most 1 MB in 10,000 parts\. This one unpacks to 2 MB"):
        read_table(out.getvalue(), "file")


def test_other_archives():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("slides.key", "a,b\n1,2\n")
        archive.writestr("song.mp3", "a,b\n1,2\n")
    with pytest.raises(DataError, match="unpack it first"):
        read_table(out.getvalue(), "file.zip")
    with pytest.raises(DataError, match="damaged"):
        read_table(out.getvalue()[:40], "file.zip")


def parquet(table: pa.Table, **more: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **more)
    return out.getvalue()


def test_parquet():
    table = read_table(
        parquet(
            pa.table(
                {
                    "id": [1, 2, 3, 4],
                    "n": pa.array([1, None, 3, 4], pa.int32()),
                    "x": pa.array([1.5, float("nan"), 2.5, float("inf")], pa.float32()),
                    "d": pa.array([1, 2, 3, None], pa.decimal128(5, 2)),
                    "yes": [True, False, None, True],
                    "word": pa.array(["a", "b", "a", None]).dictionary_encode(),
                    "when": pa.array([0, 86_400_000, None, 1], pa.timestamp("ms", "UTC")),
                    "day": pa.array([0, 1, 2, None], pa.date32()),
                    "nested": [[1], [2], [3], []],
                    "coded": ["01", "02", "01", "01"],
                }
            )
        ),
        "file.parquet",
    )
    assert dict(zip(table.frame, types(table), strict=True)) == {
        "id": "identifier",
        "n": "number",
        "x": "number",
        "d": "number",
        "yes": "category",
        "word": "category",
        "when": "date",
        "day": "date",
        "coded": "category",
    }
    assert [column.missing for column in table.columns] == [0, 1, 2, 1, 1, 1, 1, 1, 0]
    assert table.frame["yes"].tolist()[:2] == ["True", "False"]
    assert table.frame["when"].tolist()[1] == pd.Timestamp("1970-01-02")
    assert any("'nested'" in warning for warning in table.warnings)


def test_parquet_that_cannot_be_used(monkeypatch):
    good = parquet(pa.table({"a": list(range(9)), "b": list("abcabcabc")}))
    with pytest.raises(DataError, match="The Parquet file is damaged"):
        read_table(good[:-20], "file.parquet")
    with pytest.raises(DataError, match="no column of numbers, dates or text"):
        read_table(parquet(pa.table({"a": [[1]]})), "file.parquet")
    with pytest.raises(DataError, match="no rows"):
        read_table(parquet(pa.table({"a": pa.array([], pa.int64())})), "file.parquet")
    monkeypatch.setattr(binary_files, "MAX_CELLS", 8)
    cut = read_table(good, "file.parquet")
    assert (len(cut.frame), cut.warnings[0][:31]) == (4, "Only the first 4 of 9 rows were")
    monkeypatch.setattr(binary_files, "MAX_TEXTS", 3)
    assert len(read_table(good, "file.parquet").frame) == 3
    monkeypatch.setattr(binary_files, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(DataError, match="this one unpacks to more"):
        read_table(good, "file.parquet")
    monkeypatch.setattr(binary_files, "MAX_COLUMNS", 1)
    with pytest.raises(DataError, match="at most 1 columns"):
        read_table(good, "file.parquet")


def test_text_that_comes_often_is_no_bomb():
    words = pa.array(["x" * 100_000]).dictionary_encode().take(pa.array([0] * 100_000))
    with pytest.raises(DataError, match="this one unpacks to more"):
        read_table(parquet(pa.table({"word": words})), "file.parquet")
    few = read_table(parquet(pa.table({"a.word": words[:20], "n": list(range(20))})), "file.parquet")
    assert few.frame["a.word"].str.len().tolist() == [100_000] * 20


def npz(**arrays: object) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


PICTURES = np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3)


def test_arrays_of_pictures_are_joined():
    table = read_table(npz(x_train=PICTURES[:3], y_train=[0, 1, 2], x_test=PICTURES[3:], y_test=[1, 0]), "mnist.npz")
    assert table.image_shape == (2, 3)
    assert table.frame.shape == (5, 7)
    assert list(table.frame)[::6] == ["pixel 1", "y"]
    np.testing.assert_array_equal(table.frame.to_numpy()[:, :6], PICTURES.reshape(5, 6))
    assert table.frame["y"].tolist() == [0, 1, 2, 1, 0]
    assert {column.type for column in table.columns} == {"number"}


def test_names_of_arrays():
    for features, target in (("x", "y"), ("X", "target"), ("data", "labels"), ("features", "y")):
        table = read_table(npz(**{features: [[1.5, 2], [3, 4], [5, 6]], target: ["a", "b", "a"]}), "file.npz")
        assert list(table.frame) == [f"{features} 1", f"{features} 2", target]
        assert table.frame[target].tolist() == ["a", "b", "a"]
        assert types(table) == ["number", "number", "category"]
        assert table.image_shape is None


def test_arrays_with_other_names_are_columns():
    table = read_table(npz(age=[1, 5, 3], size=[0.5, 1, 2], when=np.array(["2024-01-01"] * 3, "M8[D]")), "file.npz")
    assert list(table.frame) == ["age", "size", "when"]
    assert types(table) == ["number", "number", "date"]


def test_arrays_that_make_no_table():
    for content, what in (
        (npz(x=np.zeros((3, 2)), y=np.zeros(4)), "same number of rows. Received: 3 and 4"),
        (npz(x_train=np.zeros((3, 2)), x_test=np.zeros((3, 5))), "same columns"),
        (npz(x=np.zeros((0, 2))), "no array with rows"),
        (npz(x=np.zeros((4, 0))), "no array with rows and columns"),
        (npz(a=np.float64(5)), "no array with rows"),
        (npz(x=np.zeros((2, 20_000), np.uint8)), "at most 10,000 columns"),
        (npz(x=np.array([{}], object)), "must have numbers or text"),
        (npz(x=np.zeros(3, np.complex128)), "must have numbers or text"),
    ):
        with pytest.raises(DataError, match=what):
            read_table(content, "file.npz")


def test_an_array_that_declares_more_than_it_holds_is_not_unpacked():
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12, 3)})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(240))
    with pytest.raises(DataError, match="damaged"):
        read_table(out.getvalue(), "file.npz")


def test_rows_of_arrays_beyond_the_bound_are_cut(monkeypatch):
    monkeypatch.setattr(binary_files, "MAX_CELLS", 9)
    table = read_table(npz(x=np.ones((7, 2)), y=np.arange(7)), "file.npz")
    assert table.frame.shape == (3, 3)
    assert "Only the first 3 of 7 rows" in table.warnings[0]


def hidden(content: bytes, *names: str) -> bytes:
    """Return an .xlsx file with these sheets hidden."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as plain, zipfile.ZipFile(out, "w") as archive:
        for name in plain.namelist():
            text = plain.read(name)
            if name == "xl/workbook.xml":
                for sheet_name in names:
                    text = text.replace(
                        f'<sheet name="{sheet_name}"'.encode(), f'<sheet name="{sheet_name}" state="hidden"'.encode()
                    )
            archive.writestr(name, text)
    return out.getvalue()


def number_rows(*rows: tuple[int, ...]) -> str:
    return "".join("<row>" + "".join(f"<c><v>{value}</v></c>" for value in row) + "</row>" for row in rows)


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
