"""Text files: values, files that are not tables, bounds, and files written by pandas."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.experiment import TableSpec
from core.tables import read_table, table, text_files
from core.tables.cell_values import is_missing
from tests.core.tables.written_tables import read, rows


def test_line_ends():
    for end in ("\n", "\r\n", "\r"):
        assert rows(read(end.join(["a,b", "1,2", "3,4", ""]))) == [[1, 2], [3, 4]]
        assert rows(read(end.join(["", "", "a,b", "", "1,2", "3,4"]))) == [[1, 2], [3, 4]]
        assert read(end.join(["a,b", "1,2", "3,4", "\x1a"])).warnings == ()  # as DOS ends a file


def test_quoted_values():
    read_in = read('a,b\n"two\nlines","x,y"\n"says ""hi""",z\n')
    assert rows(read_in) == [["two\nlines", "x,y"], ['says "hi"', "z"]]
    assert read_in.warnings == ()


def test_thousands_marks():
    assert rows(read('n,m\n"1,234",5\n"1,234,567",6\n850,7\n')) == [[1234, 5], [1234567, 6], [850, 7]]
    assert rows(read("n;m\n1.234,5;a\n12.000.000,25;b\n")) == [[1234.5, "a"], [12000000.25, "b"]]
    assert rows(read("n;m\n1 234;a\n12 000;b\n7;c\n")) == [[1234, "a"], [12000, "b"], [7, "c"]]


def test_names_have_no_signs_that_nobody_sees():
    for sign in "\u200b\u00ad\ufeff\u202e\u200d\u2066\x07\x1b\x7f\ue000\U000e0001":
        read_in = read(
            f"{sign}size{sign} of it,{sign},si{sign}ze of it,kind\n" + "1,2,3,a\n4,5,6,b\n" * 40, header=True
        )
        assert list(read_in.frame) == ["size of it", "column 2", "size of it (2)", "kind"]
        TableSpec("0" * 32, target_column="kind", columns=tuple(read_in.frame)[:3])  # every name can be chosen


def test_names_are_made_unique():
    read_in = read("a,a,,a (2), b \n1,2,3,4,5\n6,7,8,9,0\n")
    assert list(read_in.frame) == ["a", "a (3)", "column 3", "a (2)", "b"]
    (warning,) = read_in.warnings
    assert "'a (3)', 'column 3'" in warning


def test_words_for_missing():
    read_in = read("a,b\n?,x\nNA,y\n3,N/A\nnull,-\n5,nan\n,NULL\n7, na \n")
    assert [column.missing for column in read_in.columns] == [4, 5]
    assert rows(read_in)[2] == [3, None]
    assert read_in.frame["a"].dtype == np.float64
    assert read_in.frame["b"].dtype == "str"


def test_an_empty_file_says_so():
    for content in (b"", b"\n\r\n", b"  \n ", b"\xef\xbb\xbf", b"\xff\xfe", b"\n" * 2_000_000):
        with pytest.raises(DataError, match="The file is empty"):
            read(content)


def test_a_header_alone_says_so():
    with pytest.raises(DataError, match="no rows below"):
        read("a,b\n")


def test_files_that_are_not_tables_are_named():
    for content, what in (
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "a zstd archive: unpack it first"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\x7fELF" + bytes(range(256)), "a program"),
        (bytes(range(256)) * 4, "This isn't a text file"),
    ):
        with pytest.raises(DataError, match=what):
            read(content)


def test_text_with_the_ending_of_a_sheet_is_read():
    read_in = read_table(b"a,b\n1,2\n", "export.xlsx")
    assert rows(read_in) == [[1, 2]]
    assert read_in.warnings == ("The name of the file ends with .xlsx, but it was read as text.",)


def test_bounds(monkeypatch):
    with pytest.raises(DataError, match=r"at most 10,000 columns\. This one has 10,001"):
        read("," * 10_000 + "\n1" + "," * 10_000 + "\n")
    monkeypatch.setattr("core.tables.table_reader.MAX_BYTES", 5)
    with pytest.raises(DataError, match="at most 0 MB"):
        read("a,b\n1,2\n")


@pytest.mark.parametrize("uneven", ["", "9\n"])
@pytest.mark.parametrize(("header", "kept"), [("a,b\n", 4), ("", 4)])
def test_rows_beyond_the_bound_are_cut(monkeypatch, header, kept, uneven):
    monkeypatch.setattr(text_files, "MAX_CELLS", 8)
    read_in = read(header + "1,2\n" * 10 + uneven)
    assert read_in.frame.shape == (kept, 2)
    count = 11 if uneven else 10
    assert f"Only the first 4 of {count} rows were read" in read_in.warnings[-1]


def test_too_many_columns_of_words_are_refused_before_they_are_read(monkeypatch):
    names = ",".join(f"c{place}" for place in range(4_001))
    numbers, words = ",".join(["1"] * 4_001), ",".join(["oak"] * 4_001)
    monkeypatch.setattr(text_files, "_parse", lambda *_: pytest.fail("it was read"))
    with pytest.raises(DataError, match=r"at most 4,000 columns of words\. This one has 4,001\. Keep those you need"):
        read(f"{names}\n{words}\n{words}\n")
    with pytest.raises(pytest.fail.Exception):
        read(f"{names}\n{numbers}\n{numbers}\n")


def test_a_thousand_columns():
    names = ",".join(f"c{place}" for place in range(1_000))
    read_in = read(f"{names}\n{','.join(['1.5'] * 1_000)}\n{','.join(['2'] * 1_000)}\n")
    assert read_in.frame.shape == (2, 1_000)
    assert {column.type for column in read_in.columns} == {"number"}


def test_the_order_of_lines_is_kept():
    numbers = np.random.default_rng(0).permutation(50_000) + 0.5
    read_in = read("\n".join(map(str, ["n", *numbers])))
    np.testing.assert_array_equal(read_in.frame["n"], numbers)


def test_long_values_are_read_whole():
    """In milliseconds; a pattern that backtracks at every character would take hours."""
    for value in ("9" * 500_000 + "x", "1," * 250_000, " " * 500_000 + "x", "1 " * 250_000, "-" * 500_000):
        quoted = read(f'a;b\n"{value}";1\n"{value}";2\n')
        assert rows(quoted) == [[value.strip(), 1], [value.strip(), 2]]
        plain = read(f"{value};1\n{value};2\n", delimiter=";")
        assert rows(plain) == rows(quoted)


ALPHABET = "abcxyzäöüß éÄ,;|\"'\t\n.:%&"
VALUES = st.text(ALPHABET, min_size=1, max_size=8).filter(lambda value: not is_missing(value))
NUMBERS = st.floats(-1e12, 1e12, allow_nan=False) | st.integers(-(10**6), 10**6).map(float)


@st.composite
def frames(draw) -> pd.DataFrame:
    count = draw(st.integers(2, 12))
    columns: dict[str, list[object]] = {
        "first number": draw(st.lists(st.none() | NUMBERS, min_size=count, max_size=count)),
        "first word": draw(st.lists(VALUES.map(lambda value: f"w{value}w"), min_size=count, max_size=count)),
    }
    for place in range(draw(st.integers(0, 3))):
        columns[f"number {place}"] = draw(st.lists(NUMBERS, min_size=count, max_size=count))
    return pd.DataFrame(columns)


@given(
    frames(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_pandas_writes_comes_back(frame, delimiter, encoding, quoting, end):
    out = io.StringIO()
    frame.to_csv(out, sep=delimiter, index=False, quoting=quoting, lineterminator=end)
    read_in = read(out.getvalue().encode(encoding), delimiter=delimiter, encoding=encoding, header=True, decimal=".")
    assert list(read_in.frame) == list(frame)
    assert read_in.warnings == ()
    for name in frame:
        if "number" in name:
            assert read_in.frame[name].astype(float).tolist() == pytest.approx(
                frame[name].astype(float).tolist(), rel=0, abs=0, nan_ok=True
            )
        else:
            # Spaces around a value are removed.
            assert read_in.frame[name].tolist() == [value.strip() for value in frame[name]]


@given(frames(), st.sampled_from([",", ";", "\t"]))
def test_the_layout_of_what_pandas_writes_is_detected(frame, delimiter):
    plain = frame.drop(columns="first word").assign(colour="red")
    content = plain.to_csv(sep=delimiter, index=False).encode()
    read_in = read(content)
    assert (read_in.reading.delimiter, read_in.reading.header) == (delimiter, True)
    assert read_in.frame.shape == plain.shape


def test_mnist_is_within_the_bounds():
    assert table.MAX_CELLS >= 70_000 * 785
