"""Lines that are no rows: bare delimiters, repeated headers, headings, totals and remarks."""

import pyarrow as pa
import pytest

from core.tables.rows_left_out import without_extra_rows
from tests.core.tables.written_tables import read, rows

SALES = "region,sales,n\nnorth,10,1\nsouth,20,2\neast,30,3\nwest,40,4\n"


def test_lines_of_bare_delimiters():
    table = read("a;b;c\n1;2;x\n;;\n3;4;y\n;;\n ; ;\n")
    assert rows(table) == [[1, 2, "x"], [3, 4, "y"]]
    assert table.warnings == ("3 lines without values were left out (rows 2, 4, 5).",)


def test_lines_of_more_or_fewer_bare_delimiters():
    table = read("a;b;c\n1;2;x\n;\n3;4;y\n;;;;;\n")
    assert rows(table) == [[1, 2, "x"], [3, 4, "y"]]
    assert table.warnings == ("2 lines without values were left out (rows 2, 4).",)


def test_the_header_again():
    table = read("a,b,class\n1,2.5,no\n3,4.5,yes\na,b,class\n5,6,no\n a , b,class\n7,8,yes\n")
    assert [column.type for column in table.columns] == ["number", "number", "category"]
    assert rows(table)[2] == [5, 6, "no"]
    assert table.warnings == ("2 lines that repeat the column names were left out (rows 3, 5).",)
    with_marks = read("\ufeffa,b\n1,2\n\ufeffa,b\n3,4\n".encode())
    assert rows(with_marks) == [[1, 2], [3, 4]]
    assert rows(read("x\nx\ny\n")) == [["x"], ["y"]]  # of one column, it may be a value


def test_lines_drawn_between_rows():
    table = read(" id | n | c\n----+---+---\n 1 | 2 | x\n 2 | 5 | y\n 3 | 4 | x\n(3 rows)\n")
    assert rows(table) == [["1", 2, "x"], ["2", 5, "y"], ["3", 4, "x"]]
    assert rows(read("a,b\n+,-\n-,+\n+,+\n", decimal="."))[0][0] == "+"


@pytest.mark.parametrize(
    "ending",
    [
        "Total,100,10\n",
        "TOTAL:,100,10\n",
        "Grand total,,10\n",
        "Mean,25,2.5\n",
        "Max,40,4\nTotal,100,10\n",
        "Source: the office,,\n",
        "Source:,WHO,\n",
        "* provisional\n",
        "Generated on 5 May 2024,,\n",
        "These figures are provisional and will be corrected,,\n",
    ],
)
def test_totals_and_remarks_at_the_end(ending):
    table = read(SALES + ending)
    assert rows(table) == rows(read(SALES))
    note = table.warnings[-1]
    assert ("was" if ending.count("\n") == 1 else "were") + " left out as totals or remarks: " in note
    assert ending.split(",")[0].strip() in note


def test_rows_at_the_end_that_look_like_others_are_kept():
    for ending in ("Max,33,3\n", "Max,,\n", "west,,\n", "Sourceville,5,6\n", "Total Wine,7,8\n", "x,y,z\n"):
        assert len(rows(read(SALES + ending))) == 5
    people = "name,age\nann,10\nbob,20\ncid,30\ndan,33\nMax,40\n"
    assert rows(read(people.replace("40", "41")))[-1] == ["Max", 41]


def test_a_total_below_numbers():
    assert rows(read("year,n\n2019,5\n2020,6\n2021,7\nSum,18\n"))[-1] == [2021, 7]


def test_headings_between_rows():
    table = read("t,v,label\nGroup A,,\n1,2,x\n2,3,y\n3,4,x\nGroup B,,\n4,2,x\n5,3,y\n6,4,x\n")
    assert rows(table)[3] == [4, 2, "x"]
    assert table.warnings == ("2 lines with nothing but a heading were left out: 'Group A', 'Group B'.",)
    assert len(rows(read("name,v\nann,1\nbob,\ncid,3\n"))) == 3


def test_headings_below_which_there_is_no_row_are_rows():
    def left(*lines: str) -> list[str]:
        columns = [
            pa.chunked_array([list(values)]) for values in zip(*(line.split(",") for line in lines), strict=True)
        ]
        return without_extra_rows(columns, ["x", "y"], [0, 1]).columns[0].to_pylist()

    assert left("Group A,", "1,2", "3,4", "5,6") == ["1", "3", "5"]
    assert left("Group A,", "Group B,") == ["Group A", "Group B"]
