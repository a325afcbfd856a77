"""Names of columns in one line or two, and lines of units below them."""

import pytest

from tests.core.tables.written_tables import read, rows


@pytest.mark.parametrize(
    "units",
    [
        "s,kPa,",
        "(s),(kPa),",
        "s,kPa,text",
        "seconds,kilo pascal,-",
        "time in s,m/s2,1 = yes",
        "[s],,",
        "s,1,",
        "1/s,10^3 Pa,",
    ],
)
def test_a_line_of_units_is_left_out_and_named(units):
    table = read(f"time,pressure,label\n{units}\n0.0,100,no\n0.1,101,yes\n0.2,102,no\n")
    assert [column.type for column in table.columns] == ["number", "number", "category"]
    assert rows(table)[0] == [0, 100, "no"]
    (note,) = table.warnings
    assert note.startswith("The line below the column names was left out: '" + units.split(",")[0])


def test_control_signs_beside_numbers_are_blanks():
    values = "0,0.5,a\n1,1.5,b\n" * 300
    assert list(read(f"2019,2020\x1f,target\n{values}").frame) == ["2019", "2020", "target"]
    assert len(read(f"0\x1f,1,target\n{values}").frame) == 601  # a first line that may be values is read as such


def test_units_of_a_single_column_of_numbers():
    assert rows(read("name,weight\n,kg\nann,5\nbob,6\n")) == [["ann", 5], ["bob", 6]]
    assert rows(read("day,weight\n2024-01-05,kg\n2024-01-06,5\n2024-01-07,6\n"))[0][1] == "kg"


def test_words_in_the_first_row_of_values_are_no_units():
    for text in (
        "name,weight\nann,absent\nbob,6\ncid,7\n",
        "a,b\nunk,unk\n1,unk\nunk,2\n3,4\n5,6\n",  # a word for missing, which comes again
        "a,b\nNA,NA\n1,2\n3,4\n5,6\n",
        "name,age\nann,5\nbob,6\n",
        "a,b\nx,y\nz,w\n",
    ):
        assert len(rows(read(text))) == text.count("\n") - 1


def test_questions_and_codes_of_a_survey_are_left_out():
    table = read('Q1,Q2,Q3\nHow old?,How tall?,Who?\n{"id":1},{"id":2},{"id":3}\n20,180,ann\n30,175,bob\n40,190,cid\n')
    assert rows(table)[0] == [20, 180, "ann"]
    assert table.warnings[0].startswith("The lines below the column names were left out: 'How old?, How tall?, Who?'")


def test_names_in_two_lines_are_joined():
    for text, names in (
        (",2019,,2020,\ncountry,a,b,a,b\nFrance,1,2,3,4\nSpain,5,6,7,8\n", "country,2019 a,2019 b,2020 a,2020 b"),
        ("A,A,B,B,k\nx,y,x,y,\n1,2,3,4,u\n5,6,7,8,v\n", "A x,A y,B x,B y,k"),
        ("id,size,,mark\n,width,depth,\nx,1.5,2,3\ny,1.5,2,5\n", "id,size width,size depth,mark"),
    ):
        table = read(text)
        assert list(table.frame) == names.split(",")
        assert len(table.frame) == 2
        assert table.warnings[0].startswith("Two lines of column names were joined: ")


def test_a_title_two_lines_of_names_and_units():
    table = read("Report 2024,,\nsignal,,label\nt,v,\ns,kPa,\n1,2.5,a\n2,3.5,b\n3,4.5,a\n")
    assert (list(table.frame), rows(table)[0]) == (["signal t", "signal v", "label"], [1, 2.5, "a"])
    assert [note.partition(":")[0] for note in table.warnings] == [
        "Two lines of column names were joined",
        "The line below the column names was left out",
        "1 line has been skipped above the table",
    ]


def test_units_above_a_single_row():
    assert rows(read("t,v,label\ns,kPa,\n1,2,a\n")) == [[1, 2, "a"]]
    assert len(rows(read("name,n\nann,few\nbob,2\n"))) == 2


def test_a_header_that_comes_again_is_still_one():
    assert read("a,b\n1,2\na,b\n3,4\na,b\n5,6\n").reading.header is True
    assert read("a,b\nx,y\nz,w\na,b\nq,r\n").reading.header is True


def test_dates_without_a_name_are_no_header():
    assert read("2018-01-07,x\n2018-01-08,y\n2018-01-09,z\n").reading.header is False
    assert read("$5,x\n$6,y\n$7,z\n").reading.header is False
