"""Files in other known formats are read under any name, or named with the way out."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io.arff
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_svmlight_file

from benchmarks.fuzz import damage
from core.errors import DataError
from core.tables import Reading, Table, read_table
from core.tables.formats import arff as arff_files
from core.tables.formats import html_tables, json_tables, packed, statistics_files, svmlight
from tests.core.tables.formats.written_formats import FILES, FRAME, RECORDS, arff, csv, stata, xport, zipped
from tests.core.tables.written_tables import rows


def read(content: bytes | str, name: str = "file.csv") -> Table:
    return read_table(content.encode() if isinstance(content, str) else content, name)


def check_refused(content: bytes | str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(content)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith((".svm", ".xpt"))])
def test_the_same_table_in_every_format(name):
    for called in (name, "trees.csv", "trees.xls"):
        table = read(FILES[name], called)
        assert list(table.frame) == list(FRAME)
        assert rows(table) == FRAME.to_numpy().tolist()
        assert [column.type for column in table.columns] == ["number", "number", "category", "category"]
        assert table.warnings[0].startswith("The file is ")
        assert len(table.warnings) == 1


# ARFF


@pytest.mark.parametrize("name", ["iris", "missing", "test1", "test4", "quoted_nominal", "quoted_nominal_spaces"])
def test_arff_is_read_as_by_scipy(name):
    path = Path(scipy.io.arff.__file__).parent / "tests" / "data" / f"{name}.arff"
    expected, meta = scipy.io.arff.loadarff(path)
    table = read(path.read_bytes())
    assert len(table.frame) == len(expected)
    for ours, theirs in zip(table.frame, meta.names(), strict=True):
        if expected[theirs].dtype.kind == "f":
            np.testing.assert_array_equal(table.frame[ours].to_numpy(float), expected[theirs])
        else:
            words = [word.decode().strip() for word in expected[theirs]]
            assert [str(word).removesuffix(".0") for word in table.frame[ours]] == words


def test_arff_with_quotes_comments_and_missing_values():
    table = read(
        "% by hand, with a comma\n@relation r\n@attribute 'how \\'big\\'' REAL\n@attribute \"b c\" {'x, y',z}\n"
        "@attribute d string\n@data\n% none\n1.5, 'x, y', 'it\\'s'\n?, z, \"q, r\"\n2,z,s\n"
    )
    assert list(table.frame) == ["how 'big'", "b c", "d"]
    assert rows(table)[0] == [1.5, "x, y", "it's"]
    assert rows(table)[1][:2] == [None, "z"]


def test_sparse_arff():
    table = read(
        "@relation r\n@attribute a numeric\n@attribute b numeric\n@attribute c {no,yes}\n"
        "@data\n{0 5, 2 yes}\n{1 2.5}\n{}\n"
    )
    assert rows(table) == [[5, 0, "yes"], [0, 2.5, "no"], [0, 0, "no"]]


def test_arff_without_rows_or_attributes(monkeypatch):
    check_refused("@relation r\n@attribute a numeric\n@data\n% none\n", "no rows below @data")
    check_refused("@relation r\n@data\n1,2\n", "lines of @attribute")
    monkeypatch.setattr(arff_files, "MOST_BYTES", 10)
    check_refused(arff(), "An ARFF file may have at most 0 MB")


# JSON


def test_objects_within_objects_are_columns():
    table = read('[{"id": "a", "size": {"w": 1, "h": 2.5}, "tags": ["x"]}, {"id": "b", "size": {"w": 3}, "ok": true}]')
    assert list(table.frame) == ["id", "size.w", "size.h", "tags", "ok"]
    assert rows(table) == [["a", 1, 2.5, '["x"]', None], ["b", 3, None, None, "True"]]


def test_forms_of_json():
    expected = [[1, "x"], [2, "y"], [3, "z"]]
    for value in (
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}],
        {"a": [1, 2, 3], "b": ["x", "y", "z"]},
        {"columns": ["a", "b"], "index": [0, 1, 2], "data": expected},
        [["a", "b"], *expected],
        {"a": {"0": 1, "1": 2, "2": 3}, "b": {"0": "x", "1": "y", "2": "z"}},
        {"count": 3, "results": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}]},
    ):
        for text in (json.dumps(value), "\ufeff" + json.dumps(value, indent=2)):
            table = read(text)
            assert (list(table.frame), rows(table)) == (["a", "b"], expected)
    named = read('{"x": {"a": 1, "b": 2}, "y": {"a": 3, "b": 4}}')
    assert (list(named.frame), rows(named)) == (["name", "a", "b"], [["x", 1, 2], ["y", 3, 4]])


def test_json_without_a_table(monkeypatch):
    check_refused('{"a": 1, "b": "x"}', "JSON without a table")
    check_refused('[{"a": 1}, {"a": ', "not valid")
    check_refused("[" * 100_000, "not valid")
    monkeypatch.setattr(json_tables, "_CELLS_MOST", 3)
    check_refused('[{"a": 1}, {"b": 2}]', "at most 10,000 columns and 3 values. This one has 2 columns and 2 rows")
    monkeypatch.setattr(json_tables, "MOST_BYTES", 10)
    check_refused(json.dumps(RECORDS), "A JSON file may have at most 0 MB")


def test_text_that_only_begins_like_json_is_text():
    assert list(read("[x],{y}\n1,2\n3,4\n").frame) == ["[x]", "{y}"]


# Web pages


def test_the_largest_table_of_a_page_is_read():
    page = (
        "<!DOCTYPE html><head><meta charset='windows-1251'><style>td {color: red}</style></head>"
        "<table><tr><td>menu</table><p>text</p>"
        "<TABLE><thead><tr><th>имя<th>n</tr></thead><tr><td>Иван &amp; Ко<br>x</td><td>1</td></tr>"
        "<tr><td>Анна</td><td><b>2</b>,5</td></tr></TABLE>"
    )
    table = read(page.encode("cp1251"), "table.xls")
    assert (list(table.frame), rows(table)) == (["имя", "n"], [["Иван & Ко x", 1], ["Анна", 2.5]])
    assert table.warnings[0] == "The file is a web page; of its 2 tables, the largest was read."


def test_cells_that_span_rows_and_columns():
    table = read(
        "<table><tr><th rowspan=2>city</th><th colspan=2>2019</th></tr><tr><th>a</th><th>b</th></tr>"
        "<tr><td>Rome</td><td>1</td><td>2</td></tr><tr><td rowspan=2>Bern</td><td>3</td><td>4</td></tr>"
        "<tr><td>5</td><td>6</td></tr></table>"
    )
    assert rows(table) == [["Rome", 1, 2], ["Bern", 3, 4], ["Bern", 5, 6]]
    assert list(table.frame)[1:] == ["2019 a", "2019 b"]


def test_pages_without_a_table():
    check_refused("<!DOCTYPE html><html><p>hello</html>", "a web page without a table: download the file itself")


def test_cells_that_span_too_much(monkeypatch):
    check_refused(
        "<table>" + "<tr>" + "<td colspan=999999>x" * 50, "at most 5,000,000 cells in its tables, and 10,000 in"
    )
    monkeypatch.setattr(html_tables, "_CELLS_MOST", 1_000)
    row = "<tr>" + "<td rowspan=900>x" * 20
    check_refused(f"<table>{row}{'<tr><td>y' * 100}", "at most 1,000 cells in its tables")


# LIBSVM


def test_libsvm_is_read_as_by_scikit_learn(tmp_path):
    (tmp_path / "file").write_bytes(b"# made by x\n+1 1:0.5 3:-2e-1 # first\n-1 2:1\n\n+1 3:4 5:.5\n")
    x, y = load_svmlight_file(str(tmp_path / "file"))
    table = read((tmp_path / "file").read_bytes())
    assert list(table.frame) == ["feature 1", "feature 2", "feature 3", "feature 4", "feature 5", "label"]
    np.testing.assert_array_equal(table.frame.to_numpy(float), np.column_stack([x.toarray(), y]))
    with_query = read("2 qid:1 1:0.5 2:1\n1 qid:1 2:0.25\n")
    assert rows(with_query) == [[0.5, 1, 2], [0, 0.25, 1]]


def test_libsvm_with_many_places(monkeypatch):
    check_refused("1 1:1 99999:1\n0 2:1\n", "With its zeros, this file has 100,000 columns")
    monkeypatch.setattr(svmlight, "MAX_CELLS", 5)
    check_refused("1 1:1 2:1\n0 2:1\n", "at most 10,000 columns and 5 values")


def test_times_of_day_are_not_libsvm():
    assert rows(read("1 12:30\n2 13:45\n3 09:15\n"))[0][0] == 1
    assert len(read("n time\n1 12:30\n2 13:45\n").frame) == 2


# Stata and SAS


def test_numbers_of_sas():
    numbers = {"A": [0.0, 1.0, -118.625, 1e10, 0.1], "B": [1.0, 2.0, 3.0, 4.0, 5.5]}
    table = read(xport(numbers))
    assert table.frame.to_dict("list") == {name: pytest.approx(values, rel=1e-15) for name, values in numbers.items()}


def test_a_label_of_stata_that_comes_often_is_no_bomb():
    words = pd.Categorical.from_codes(np.zeros(40_000, int), ["x" * 30_000])
    content = stata(pd.DataFrame({"word": words, "kind": "oak"}))
    assert len(content) < 500_000
    check_refused(content, "this one unpacks to more")


def test_bounds_of_stata_and_sas(monkeypatch):
    monkeypatch.setattr(statistics_files, "MAX_CELLS", 20)
    for name, kept, width in (("trees.dta", 5, 4), ("trees.xpt", 10, 2)):
        table = read(FILES[name])
        assert table.frame.shape == (kept, width)
        assert f"Only the first {kept} of 24 rows were read" in table.warnings[1]
    monkeypatch.setattr("core.tables.table.MAX_COLUMNS", 1)
    for name in ("trees.dta", "trees.xpt", "old.dta"):
        check_refused(FILES[name], "at most 1 columns")


# Packed files


def test_a_packed_file_of_another_format():
    assert rows(read(gzip.compress(arff()))) == FRAME.to_numpy().tolist()
    table = read(zipped(only=csv()))
    assert table.warnings[0] == "The file is packed ('only' in a zip archive); the table in it was read."


def test_packed_files_that_are_refused(monkeypatch):
    check_refused(zipped(**{"a.csv": csv(), "b.csv": csv()}), r"has 2 tables: 'a.csv', 'b.csv'\. Unpack it")
    check_refused(zipped(**{"a.doc": b"x", "b.doc": b"x"}), "without a table, and without pictures in folders")
    check_refused(gzip.compress(gzip.compress(csv())), "packed twice")
    check_refused(zipped(**{"a.zip": zipped(**{"a.csv": csv()})}), "packed twice")
    for name in ("trees.csv.gz", "trees.csv.bz2", "trees.csv.xz"):
        check_refused(FILES[name][:-20], "is damaged and cannot be unpacked")
    monkeypatch.setattr(packed, "MAX_BYTES", 100)
    for name in ("trees.csv.gz", "trees.csv.bz2", "trees.csv.xz", "trees.zip"):
        check_refused(FILES[name], "may unpack to at most 0 MB")


# Files that are named


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file: in SPSS, choose File > Export > CSV"),
        (zipped(**{"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "an Apple Numbers or Pages document: in Numbers"),
        (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b"x"}), "a Word document"),
        (b"\x80\x04\x95" + bytes(20), "a Python pickle, which is not opened because it may hold a program"),
        (b"RDX3\nX\n" + bytes(20), "a file of R"),
        (b"MATLAB 5.0 MAT-file, Platform: x" + bytes(90), "a MATLAB file"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a sheet of Excel 2003",
        ),
        (b'<?xml version="1.0"?><trees/>', "an XML document: save the table as CSV"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "a HEIC or AVIF picture"),
        (b"BM\x36\0\0\0" + bytes(20), "a BMP picture"),
        (bytes(257) + b"ustar\0" + bytes(100), "a tar archive: unpack it first"),
        (b"FEA1\0\0" + bytes(20), "a Feather file: save it as Parquet"),
    ],
)
def test_other_formats_are_named_with_the_way_out(content, what):
    check_refused(content, what)


def test_words_that_begin_like_another_format_are_text():
    for name in ("BMI", "RDA", "ORC", "BZh", "GIF8", "PK", "Rar", "II"):
        assert list(read(f"{name},x\n1,2\n3,4\n").frame) == [name, "x"]


# Damage


@given(st.sampled_from(list(FILES)), st.integers(0, 2**32))
@example("trees.dta", 93)  # pandas finds no rows where it reads none: StopIteration
@settings(max_examples=300)
def test_damaged_files_are_read_or_refused(name, seed):
    try:
        table = read_table(damage(FILES, name, random.Random(seed)), name, Reading())
    except DataError:
        return
    assert len(table.frame) > 0
    assert len(table.columns) == table.frame.shape[1] == len({column.name for column in table.columns})
