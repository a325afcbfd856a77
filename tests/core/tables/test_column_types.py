"""Detected types of columns, and types chosen by a person."""

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.tables import TYPES, Table, read_table, retype


def column(name: str, values: list[object]) -> Table:
    lines = [f'"{name}","other"', *(f'"{value}","{place % 3}"' for place, value in enumerate(values))]
    return read_table("\n".join(lines).encode(), "file.csv")


def found(name: str, values: list[object]) -> str:
    return column(name, values).columns[0].type


def test_types():
    for name, values, type in (
        ("x", [1.5, 2, -3e5, ".5", "+4."], "number"),
        ("survived", [0, 1, 1, 0], "number"),
        ("age", ["", 5, "NA", 7], "number"),
        ("PassengerId", range(5, 50), "identifier"),
        ("customer_id", ["a7", "b9", "c3"], "identifier"),
        ("key", ["a7", "b9", "c3"], "identifier"),
        ("No", [7, 3, 9], "identifier"),
        ("Name", ["Ann", "Bob", "Cid"], "identifier"),
        ("row", range(1, 30), "identifier"),
        ("row", range(30), "identifier"),
        ("row", range(2, 30), "number"),
        ("x", range(30), "number"),
        ("row", range(1, 6), "number"),
        ("width", [1, 7, 3], "number"),
        ("id", [1.5, 2.5, 3.5], "number"),
        ("id", [1, 1, 2, 2], "number"),
        ("idle", [7, 3, 9], "number"),
        ("colour", ["red", "blue", "red", "red"], "category"),
        ("answer", ["True", "False", "True", "False"], "category"),
        ("grade", ["A", "B", "C", "A"], "category"),
        ("remark", ["good", "bad", "so so"], "text"),
        ("zip", ["01234", "02345", "01234", "01234"], "category"),
        ("day", ["2024-01-31", "2024-02-01", "2024-03-05"], "date"),
        ("year", [1999, 2001, 2005], "number"),
        ("stamp", [20240131, 20240201, 20240305], "date"),
        ("stamp", [20240131, 20240201, 20241305], "number"),
        ("clock", ["10:30", "11:30", "10:30", "11:30"], "category"),
        ("version", ["1.2.3", "1.2.4", "1.2.3", "1.2.4"], "category"),
        ("nothing", ["", "NA", "?"], "text"),
    ):
        assert found(name, list(values)) == type


def test_forms_of_dates():
    for written in (
        "2024-02-29",
        "2024-2-29",
        "2024/02/29",
        "2024.02.29",
        "29.02.2024",
        "29.2.2024",
        "29.02.24",
        "02/29/2024",
        "29/02/2024",
        "2/29/24",
        "29-02-2024",
        "29 Feb 2024",
        "29-Feb-2024",
        "29 February 2024",
        "Feb 29, 2024",
        "February 29 2024",
    ):
        table = column("when", [written] * 4)
        assert table.columns[0].type == "date"
        assert set(table.frame["when"]) == {pd.Timestamp("2024-02-29")}
        assert table.frame["when"].dtype.kind == "M"


def test_dates_with_a_time():
    for written in (
        "2024-02-29 13:45",
        "2024-02-29T13:45:00",
        "2024-02-29T13:45:00.000Z",
        "02/29/2024 13:45",
        "29.02.2024 13:45:00",
    ):
        assert set(column("when", [written] * 4).frame["when"]) == {pd.Timestamp("2024-02-29 13:45")}


def test_the_order_of_day_and_month_is_that_of_all_values():
    days = column("when", ["01/02/2024", "31/12/2024"]).frame["when"]
    assert days.tolist() == [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-12-31")]
    months = column("when", ["01/02/2024", "12/31/2024"]).frame["when"]
    assert months.tolist() == [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-12-31")]


def test_zones_of_time_become_one():
    days = column("when", ["2024-01-01T12:00:00+02:00", "2024-01-01T12:00:00Z"]).frame["when"]
    assert days.tolist() == [pd.Timestamp("2024-01-01 10:00"), pd.Timestamp("2024-01-01 12:00")]


def test_a_few_strays_become_missing_with_a_warning():
    table = column("size", [*(number * 7 % 101 for number in range(60)), "abc"])
    assert (table.columns[0].type, table.columns[0].missing) == ("number", 1)
    assert table.warnings == ("1 value in the column 'size' is not a number and counts as missing: 'abc' (1).",)
    assert found("size", [1, 2, 3, "abc"]) == "text"
    days = column("day", [*["2024-01-01"] * 40, "soon"])
    assert (days.columns[0].type, days.columns[0].missing) == ("date", 1)
    assert days.warnings == ("1 value in the column 'day' is not a date and counts as missing: 'soon' (1).",)


def test_infinite_numbers_count_as_missing():
    table = column("x", ["1e999", "-inf", 5, 6])
    assert table.frame["x"].tolist() == pytest.approx([np.nan, np.nan, 5, 6], nan_ok=True)
    assert (table.columns[0].missing, table.columns[0].unique) == (2, 2)
    assert "are not numbers and count as missing" in table.warnings[0]


def test_ten_thousand_categories():
    table = column("city", [f"city {number % 10_000}" for number in range(30_000)])
    assert (table.columns[0].type, table.columns[0].unique) == ("category", 10_000)


def test_counts():
    table = column("colour", ["red", "blue", "", " red ", "red", "NA"])
    assert (table.columns[0].missing, table.columns[0].unique) == (2, 2)
    assert table.frame["colour"].isna().sum() == 2


def test_a_person_can_change_the_type():
    table = column("level", [1, 2, 3, 1])
    as_words = retype(table, "level", "category")
    assert as_words.frame["level"].tolist() == ["1", "2", "3", "1"]
    assert as_words.columns[0].type == "category"
    assert as_words.columns[1] is table.columns[1]
    back = retype(as_words, "level", "number")
    assert back.frame["level"].tolist() == [1, 2, 3, 1]
    assert back.frame["level"].dtype == np.float64
    assert table.columns[0].type == "number"
    assert retype(table, "level", "number") is table


def test_the_original_text_comes_back_with_another_type():
    table = column("size", [*(number * 7 % 101 for number in range(60)), "10+"])
    assert retype(table, "size", "text").frame["size"].iloc[-1] == "10+"
    words = column("size", ["01", "02", "v", "w"])
    numbers = retype(words, "size", "number")
    assert numbers.frame["size"].tolist()[:2] == [1, 2]
    assert "are not numbers and count as missing: 'v' (1), 'w' (1)" in numbers.warnings[-1]
    assert retype(numbers, "size", "category").frame["size"].tolist() == ["01", "02", "v", "w"]


def test_a_person_can_make_numbers_dates():
    years = retype(column("year", [1999, 2001, 2005]), "year", "date")
    assert years.frame["year"].tolist()[0] == pd.Timestamp("1999-01-01")
    days = retype(column("day", [20240131, 20240201, 20240305]), "day", "date")
    assert days.frame["day"].tolist()[0] == pd.Timestamp("2024-01-31")
    words = retype(column("day", ["2024-01-31", "2024-02-01"]), "day", "category")
    assert words.frame["day"].tolist() == ["2024-01-31", "2024-02-01"]


def test_a_type_that_no_value_can_have_is_refused():
    table = column("colour", ["red", "blue", "red", "red"])
    with pytest.raises(DataError, match=r"No value of 'colour' can be read as a number\. Received: 'red'"):
        retype(table, "colour", "number")
    with pytest.raises(DataError, match="No value of 'colour' can be read as a date"):
        retype(table, "colour", "date")
    with pytest.raises(DataError, match="nothing but missing values"):
        retype(column("nothing", ["", "", ""]), "nothing", "number")
    with pytest.raises(DataError, match="must be one of number, category, date, text, identifier"):
        retype(table, "colour", "colour")
    with pytest.raises(DataError, match="no column 'size'"):
        retype(table, "size", "number")


def test_every_retyping_gives_a_table_or_a_data_error():
    for type in TYPES:
        for values in ([1, 2.5, 3], ["red", "blue", "red"], ["2024-01-01", "2024-01-02", ""]):
            table = column("c", values)
            try:
                new = retype(table, "c", type)
            except DataError:
                return
            assert new.columns[0].type == type
            assert len(new.frame) == 3
