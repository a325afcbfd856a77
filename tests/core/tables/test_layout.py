"""Delimiters, decimal separators, headers, and lines above a table."""

import pytest

from core.errors import DataError
from tests.core.tables.written_tables import read, rows


def test_the_delimiter_is_found():
    for delimiter in (",", ";", "\t", "|"):
        read_in = read(f"a{delimiter}b{delimiter}c\n1{delimiter}x, y; z{delimiter}2\n".replace(", y; z", " y"))
        assert read_in.reading.delimiter == delimiter
        assert rows(read_in) == [[1, "x y", 2]]


def test_other_delimiters_inside_values_do_not_count():
    read_in = read('title;genres;year\n"One; two, three";a|b,c;1999\nFour, five;d|e,f;2001\n')
    assert read_in.reading.delimiter == ";"
    assert rows(read_in)[0] == ["One; two, three", "a|b,c", 1999]
    movies = read("id,title,genres\n1,Toy,A|B|C\n2,Heat,A|D\n3,Sabrina,E\n")
    assert movies.reading.delimiter == ","


def test_runs_of_spaces_are_used_if_nothing_else_fits():
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
        with pytest.raises(DataError, match="`delimiter` must be one character"):
            read("a,b\n1,2\n", delimiter=wrong)


def test_decimal_commas():
    read_in = read("x;y\n1,5;red\n-2,25;blue\n")
    assert (read_in.reading.decimal, rows(read_in)) == (",", [[1.5, "red"], [-2.25, "blue"]])
    quoted = read('x,y\n"1,5",2\n"2,75",3\n')
    assert (quoted.reading.delimiter, rows(quoted)) == (",", [[1.5, 2], [2.75, 3]])
    assert rows(read("1,5;2\n2,5;3\n")) == [[1.5, 2], [2.5, 3]]
    assert rows(read("x;y\n1.5;2\n2.5;3\n")) == [[1.5, 2], [2.5, 3]]
    for mark in ".'’ \u00a0\u202f":
        assert rows(read(f"x;y\n1{mark}234,5;red\n2{mark}000,25;blue\n")) == [[1234.5, "red"], [2000.25, "blue"]]
    assert rows(read("x;y\n1,5e-3;2\n2,5E-3;2\n")) == [[0.0015, 2], [0.0025, 2]]
    assert rows(read("x;y\n1,5;2\n", decimal=".")) == [["1,5", 2]]
    with pytest.raises(DataError, match="`decimal` must be a point or a comma"):
        read("x;y\n1;2\n", decimal=":")


def test_a_header_is_found():
    assert read("a,b\n1,2\n").reading.header is True
    assert read("1,2\n3,4\n").reading.header is False
    assert read("5.1,3.5,setosa\n4.9,3.0,setosa\n").reading.header is False
    assert read("name,colour\nAnn,red\nBob,blue\n").reading.header is True
    assert read("p,x\ne,x\np,y\ne,x\n").reading.header is False  # the values of the first row are repeated
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


def test_row_names_of_r_have_no_name():
    read_in = read("mpg,cyl\nMazda,21,6\nDatsun,22,4\n")
    assert list(read_in.frame) == ["column 1", "mpg", "cyl"]
    assert rows(read_in)[0] == ["Mazda", 21, 6]
    assert list(read("x y\n1 5.5 red\n2 6 blue\n").frame) == ["column 1", "x", "y"]


def test_lines_above_the_table_are_skipped():
    for above in ("Report of 2024\n\n", "Report,,\n,,\n", "# made by x\n# with, care\n"):
        read_in = read(above + "name,x,y\nu,1,2\nv,3,4\n")
        assert rows(read_in) == [["u", 1, 2], ["v", 3, 4]]
        assert f"above the table: '{above[:6].strip()}" in read_in.warnings[0]


def test_delimiters_at_the_end_of_lines_are_not_columns():
    assert rows(read("a,b\n1,2,\n3,4,\n")) == [[1, 2], [3, 4]]
    assert read("a,b\n1,2,,,\n3,4\n5,6\n").warnings == ()


def test_a_line_that_names_the_delimiter():
    for sign in ";,|\t":
        body = f"hours{sign}score\n1{sign}0\n2{sign}3\n"
        for line in (f"sep={sign}", f"SEP={sign}", f'"sep={sign}"', f"sep={sign}{sign}"):
            for content in (f"{line}\r\n{body}", f"\ufeff{line}\n{body}", f"{line}\n{body}".encode("utf-16")):
                table = read(content)
                assert (table.reading.delimiter, list(table.frame), rows(table)[1]) == (
                    sign,
                    ["hours", "score"],
                    [2, 3],
                )
                assert table.warnings == ("The first line of the file names the delimiter and was left out (sep=).",)
    assert rows(read("sep=;\na,b\n1,2\n", delimiter=",")) == [[1, 2]]
    assert list(read("sep=x,b\n1,2\n").frame) == ["sep=x", "b"]


def test_spaces_and_tabs_mixed():
    table = read('15.0   8   300.0\t"car 0"\n16.0   ?   301.0\t"car 1"\n 17.0  6   302.5\t"car 2"\n')
    assert (table.reading.delimiter, table.reading.header) == (" ", False)
    assert rows(table)[1] == [16, None, 301, "car 1"]
    assert table.warnings == (
        "Both spaces and tabs separate the values.",
        "'column 2': 1 value counts as missing: '?' (1).",
    )
    assert rows(read("x\t y \t z\n1 \t2\t 3\n10\t 20 30\n")) == [[1, 2, 3], [10, 20, 30]]
    assert rows(read("x\t\ty\n1\t2\n10\t\t20\n")) == [[1, 2], [10, 20]]


def test_tabs_between_words_with_spaces():
    table = read("name\tage\nAnn Lee\t5\nBob Roy\t6\n")
    assert (list(table.frame), rows(table)[0]) == (["name", "age"], ["Ann Lee", 5])
    assert list(read("label\tpixels\n1\t5 6 7\n0\t8 9 1\n").frame) == ["label", "pixels"]
    assert rows(read("Ann Lee\t5\nBob Roy\t6\n")) == [["Ann Lee", 5], ["Bob Roy", 6]]


def test_single_quotes():
    table = read("'name','n','colour'\n'x, y','1','red'\n'it''s','2','blue'\n'\"w\"','3','red'\n")
    assert rows(table) == [["x, y", 1, "red"], ["it's", 2, "blue"], ['"w"', 3, "red"]]
    assert table.warnings == ("Single quotes around values were read as quotation marks.",)
    uneven = read("a;b;c\n'x; y';1;'red'\n'z';2\n'w';3;'red'\n")
    assert rows(uneven) == [["x; y", 1, "red"], ["z", 2, None], ["w", 3, "red"]]


def test_single_quotes_around_few_values():
    table = read("name,v\n'Smith, J',1\nBob,2\nO'Brien,3\nAnn,4\n")
    assert rows(table)[:3] == [["Smith, J", 1], ["Bob", 2], ["O'Brien", 3]]
    assert rows(read("a,b\n'x',1\ny,2\nz,3\n"))[0] == ["'x'", 1]  # they need none


def test_apostrophes_are_letters():
    words = [["O'Brien", 1], ["'tis", 2], ["rock 'n' roll", 3], ["the boys'", 4]]
    assert rows(read("a,b\n" + "".join(f"{word},{n}\n" for word, n in words))) == words
