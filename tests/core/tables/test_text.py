"""Text files: encodings, delimiters, decimal signs, headers, and lines that are not even."""

import csv
import io
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.tables import Reading, Table, read_table, table, text


def read(content: bytes | str, **reading: object) -> Table:
    content = content.encode() if isinstance(content, str) else content
    return read_table(content, "file.csv", Reading(**reading))


def rows(table: Table) -> list[list[object]]:
    frame = table.frame.astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()


def types(table: Table) -> dict[str, str]:
    return {column.name: column.type for column in table.columns}


WORDS = "name,size\nHäuser,1\nÉté,2\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("latin-1", "latin-1"),
    ],
)
def test_the_encoding_is_found(encoding, found):
    read_in = read(WORDS.encode(encoding))
    assert read_in.reading.encoding == found
    assert rows(read_in) == [["Häuser", 1], ["Été", 2]]
    assert list(read_in.frame) == ["name", "size"]


def test_western_text_of_windows_is_told_from_the_standard():
    content = "price,what\n5 €,„a“\n".encode("cp1252")
    assert read(content).reading.encoding == "cp1252"
    assert rows(read(content)) == [["5 €", "„a“"]]
    assert read("a,b\nä,\x81\n".encode("latin-1")).reading.encoding == "latin-1"


def test_an_encoding_can_be_given():
    content = "слово,x\nдом,1\n".encode("cp1251")
    read_in = read(content, encoding="cp1251")
    assert list(read_in.frame) == ["слово", "x"]
    assert read(WORDS, encoding="UTF_8").reading.encoding == "utf-8"
    with pytest.raises(DataError, match="cannot be read as utf-8"):
        read(content, encoding="utf-8")
    for name in ("punycode", "rot13", "zlib", "nonsense", ""):
        with pytest.raises(DataError, match="`encoding` must be one of utf-8, "):
            read(content, encoding=name)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter):
    read_in = read(f"a{delimiter}b{delimiter}c\n1{delimiter}x, y; z{delimiter}2\n".replace(", y; z", " y"))
    assert read_in.reading.delimiter == delimiter
    assert rows(read_in) == [[1, "x y", 2]]


def test_other_delimiters_inside_values_count_for_nothing():
    read_in = read('title;genres;year\n"One; two, three";a|b,c;1999\nFour, five;d|e,f;2001\n')
    assert read_in.reading.delimiter == ";"
    assert rows(read_in)[0] == ["One; two, three", "a|b,c", 1999]
    movies = read("id,title,genres\n1,Toy,A|B|C\n2,Heat,A|D\n3,Sabrina,E\n")
    assert movies.reading.delimiter == ","


def test_runs_of_spaces_part_where_nothing_else_does():
    read_in = read("  x    y  colour\n 1.0  22  red\n10.5   3  blue\n")
    assert read_in.reading.delimiter == " "
    assert rows(read_in) == [[1, 22, "red"], [10.5, 3, "blue"]]
    assert rows(read("1.0   2.0\n 3.0 4.0\n")) == [[1, 2], [3, 4]]


def test_prose_is_one_column():
    assert read("text\nthe cat sat\non the mat\n").frame.shape == (2, 1)


def test_one_column():
    assert rows(read("x\n1\n2\n")) == [[1], [2]]
    assert rows(read("x\n1,5\n2,5\n")) == [[1.5], [2.5]]
    assert rows(read('x\n1\n""\n3\n')) == [[1], [None], [3]]
    assert rows(read("name\nAnn\nBob")) == [["Ann"], ["Bob"]]


def test_a_delimiter_can_be_given():
    assert rows(read("a:b\n1:2\n", delimiter=":")) == [[1, 2]]
    assert read("a,b\n1,2\n", delimiter=";").frame.shape == (1, 1)
    for wrong in ("", ",,", '"', "\n", "x", "1", "é", "."):
        with pytest.raises(DataError, match="`delimiter` must be one sign"):
            read("a,b\n1,2\n", delimiter=wrong)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end):
    assert rows(read(end.join(["a,b", "1,2", "3,4", ""]))) == [[1, 2], [3, 4]]
    assert rows(read(end.join(["", "", "a,b", "", "1,2", "3,4"]))) == [[1, 2], [3, 4]]


def test_quoted_values():
    read_in = read('a,b\n"two\nlines","x,y"\n"says ""hi""",z\n')
    assert rows(read_in) == [["two\nlines", "x,y"], ['says "hi"', "z"]]
    assert read_in.warnings == ()


def test_a_quotation_mark_that_is_never_closed_swallows_nothing():
    read_in = read('a,b\n1,"x\n2,y\n3,z\n')
    assert rows(read_in) == [[1, '"x'], [2, "y"], [3, "z"]]
    assert read_in.warnings == ("A quotation mark is never closed, so quotation marks were read as any other sign.",)
    inches = read('size,n\n5" pipe,1\n6 pipe,2\n')
    assert rows(inches)[0] == ['5" pipe', 1]
    assert inches.warnings == ()


def test_decimal_commas():
    read_in = read("x;y\n1,5;red\n-2,25;blue\n")
    assert (read_in.reading.decimal, rows(read_in)) == (",", [[1.5, "red"], [-2.25, "blue"]])
    quoted = read('x,y\n"1,5",2\n"2,75",3\n')
    assert (quoted.reading.delimiter, rows(quoted)) == (",", [[1.5, 2], [2.75, 3]])
    assert rows(read("1,5;2\n2,5;3\n")) == [[1.5, 2], [2.5, 3]]
    assert rows(read("x;y\n1.5;2\n2.5;3\n")) == [[1.5, 2], [2.5, 3]]
    assert rows(read("x;y\n1,5;2\n", decimal=".")) == [["1,5", 2]]
    with pytest.raises(DataError, match="`decimal` must be a point or a comma"):
        read("x;y\n1;2\n", decimal=":")


def test_thousands_marks():
    assert rows(read('n,m\n"1,234",5\n"1,234,567",6\n850,7\n')) == [[1234, 5], [1234567, 6], [850, 7]]
    assert rows(read("n;m\n1.234,5;a\n12.000.000,25;b\n")) == [[1234.5, "a"], [12000000.25, "b"]]
    assert rows(read("n;m\n1 234;a\n12 000;b\n7;c\n")) == [[1234, "a"], [12000, "b"], [7, "c"]]


def test_a_header_is_found():
    assert read("a,b\n1,2\n").reading.header is True
    assert read("1,2\n3,4\n").reading.header is False
    assert read("5.1,3.5,setosa\n4.9,3.0,setosa\n").reading.header is False
    assert read("name,colour\nAnn,red\nBob,blue\n").reading.header is True
    assert read("p,x\ne,x\np,y\ne,x\n").reading.header is False  # the values of the first row come again
    assert read("country,2019,2020\nFrance,1.5,2\nSpain,2,3\n").reading.header is True
    assert read("0,1,2\n5.5,1.5,7\n3.5,2.5,9\n").reading.header is True
    assert read("0,0,0\n0,1,1\n1,0,1\n1,1,0\n").reading.header is False


def test_without_a_header_columns_are_numbered():
    read_in = read("1,a\n2,b\n")
    assert list(read_in.frame) == ["column 1", "column 2"]
    assert read_in.warnings == ()


def test_a_header_can_be_given():
    assert rows(read("a,b\n1,2\n", header=False)) == [["a", "b"], ["1", "2"]]
    assert list(read("1,2\n3,4\n", header=True).frame) == ["1", "2"]


def test_names_are_made_unique():
    read_in = read("a,a,,a (2), b \n1,2,3,4,5\n6,7,8,9,0\n")
    assert list(read_in.frame) == ["a", "a (3)", "column 3", "a (2)", "b"]
    (warning,) = read_in.warnings
    assert "'a (3)', 'column 3'" in warning


def test_row_names_of_r_have_no_name():
    read_in = read("mpg,cyl\nMazda,21,6\nDatsun,22,4\n")
    assert list(read_in.frame) == ["column 1", "mpg", "cyl"]
    assert rows(read_in)[0] == ["Mazda", 21, 6]
    assert list(read("x y\n1 5.5 red\n2 6 blue\n").frame) == ["column 1", "x", "y"]


def test_lines_that_are_not_even_are_counted():
    read_in = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n")
    assert rows(read_in) == [[1, 2, 3], [4, 5, None], [1, 1, 1]]
    assert read_in.warnings == (
        "1 line has fewer than 3 values: what they lack is missing.",
        "1 line has more than 3 values: it was left out (4).",
    )


def test_delimiters_at_the_end_of_lines_are_no_column():
    assert rows(read("a,b\n1,2,\n3,4,\n")) == [[1, 2], [3, 4]]
    assert read("a,b\n1,2,,,\n3,4\n5,6\n").warnings == ()


def test_what_stands_above_the_table_is_left_out():
    for above in ("Report of 2024\n\n", "Report,,\n,,\n", "# made by x\n# with, care\n"):
        read_in = read(above + "name,x,y\nu,1,2\nv,3,4\n")
        assert rows(read_in) == [["u", 1, 2], ["v", 3, 4]]
        assert "above the table" in read_in.warnings[0]


def test_words_for_missing():
    read_in = read("a,b\n?,x\nNA,y\n3,N/A\nnull,-\n5,nan\n,NULL\n7, na \n")
    assert [column.missing for column in read_in.columns] == [4, 5]
    assert rows(read_in)[2] == [3, None]
    assert read_in.frame["a"].dtype == np.float64
    assert read_in.frame["b"].dtype == "str"


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"  \n ", b"\xef\xbb\xbf", b"\xff\xfe", b"\n" * 2_000_000])
def test_an_empty_file_says_so(content):
    with pytest.raises(DataError, match="The file is empty"):
        read(content)


def test_a_header_alone_says_so():
    with pytest.raises(DataError, match="no row below"):
        read("a,b\n")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x1f\x8b\x08" + bytes(20), "a gzip archive: unpack it first"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\x7fELF" + bytes(range(256)), "a program"),
        (bytes(range(256)) * 4, "bytes that are no text"),
    ],
)
def test_what_is_no_table_is_named(content, what):
    with pytest.raises(DataError, match=what):
        read(content)


def test_text_with_the_ending_of_a_sheet_is_read():
    read_in = read_table(b"a,b\n1,2\n", "export.xlsx")
    assert rows(read_in) == [[1, 2]]
    assert read_in.warnings == ("The file is named .xlsx, but holds text; it was read as such.",)


def test_bounds(monkeypatch):
    with pytest.raises(DataError, match=r"at most 10,000 columns\. This one has 10,001"):
        read("," * 10_000 + "\n1" + "," * 10_000 + "\n")
    monkeypatch.setattr("core.tables.reading.MAX_BYTES", 5)
    with pytest.raises(DataError, match="at most 0 MB"):
        read("a,b\n1,2\n")


@pytest.mark.parametrize("uneven", ["", "9\n"])
@pytest.mark.parametrize(("header", "kept"), [("a,b\n", 4), ("", 4)])
def test_rows_beyond_the_bound_are_cut(monkeypatch, header, kept, uneven):
    monkeypatch.setattr(text, "MAX_CELLS", 8)
    read_in = read(header + "1,2\n" * 10 + uneven)
    assert read_in.frame.shape == (kept, 2)
    count = 11 if uneven else 10
    assert f"Only the first 4 of {count} rows were read" in read_in.warnings[-1]


def test_uneven_files_are_mended_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(text, "_MAX_UNEVEN", 50)
    read_in = read("a,b\n" + "1,2\n" * 5 + "1\n" + "1,2\n" * 20)
    assert len(read_in.frame) == 12
    assert read_in.warnings[0].startswith("Only the first 0 MB were read")


def test_lines_that_are_not_even_beyond_the_sample():
    body = [f"{number},x" for number in range(5_000)]
    body[4_000] = "7"
    read_in = read("n,w\n" + "\n".join(body))
    assert len(read_in.frame) == 5_000
    assert read_in.warnings == ("1 line has fewer than 2 values: what they lack is missing.",)


def test_five_thousand_columns():
    names = ",".join(f"c{place}" for place in range(5_000))
    read_in = read(f"{names}\n{','.join(['1.5'] * 5_000)}\n{','.join(['2'] * 5_000)}\n")
    assert read_in.frame.shape == (2, 5_000)
    assert set(types(read_in).values()) == {"number"}


def test_the_order_of_lines_is_kept():
    numbers = np.random.default_rng(0).permutation(50_000) + 0.5
    read_in = read("\n".join(map(str, ["n", *numbers])))
    np.testing.assert_array_equal(read_in.frame["n"], numbers)


@pytest.mark.parametrize(
    "value", ["9" * 2_000_000 + "x", "1," * 1_000_000, " " * 2_000_000 + "x", "1 " * 1_000_000, "-" * 2_000_000]
)
def test_long_values_take_no_time(value):
    started = time.monotonic()
    read(f'a;b\n"{value}";1\n"{value}";2\n')
    read(f"{value};1\n{value};2\n", delimiter=";")
    assert time.monotonic() - started < 10


def test_a_long_value_is_no_open_quotation_mark():
    long = "word " * 60_000
    assert rows(read(f'a,b\n"{long}",1\nx,2\ny\n'))[0] == [long.strip(), 1]


ALPHABET = "abcxyzäöüß éÄ,;|\"'\t\n.:%&"
VALUES = st.text(ALPHABET, min_size=1, max_size=8).filter(lambda value: not text.is_missing(value))
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
            # Spaces around a value are no part of it.
            assert read_in.frame[name].tolist() == [value.strip() for value in frame[name]]


@given(frames(), st.sampled_from([",", ";", "\t"]))
def test_what_pandas_writes_is_found_out(frame, delimiter):
    plain = frame.drop(columns="first word").assign(colour="red")
    content = plain.to_csv(sep=delimiter, index=False).encode()
    read_in = read(content)
    assert (read_in.reading.delimiter, read_in.reading.header) == (delimiter, True)
    assert read_in.frame.shape == plain.shape


def test_the_bounds_hold_mnist():
    assert table.MAX_CELLS >= 70_000 * 785
