"""Numbers as people write them, decided for a column as a whole."""

import numpy as np
import pytest

from core.errors import DataError
from core.tables import Table, retype
from tests.core.tables.written_tables import read


def column(*written: str, delimiter: str = ",", **reading: object) -> Table:
    """Return the table of a column and one of words, in the order given."""
    lines = [f'"{value}"{delimiter}word {place % 3}' for place, value in enumerate(written)]
    return read(f"a{delimiter}b\n" + "\n".join(lines) + "\n", **reading)


def values(*written: str, delimiter: str = ",", **reading: object) -> list[float]:
    table = column(*written, delimiter=delimiter, **reading)
    assert table.columns[0].type == "number", table.warnings
    return table.frame["a"].tolist()


@pytest.mark.parametrize(
    ("written", "right"),
    [
        # Currency: before and behind, signs and codes, in front of and behind the minus.
        (["$1,000.00", "$37.50", "-$5", "$-6"], [1000, 37.5, -5, -6]),
        (["1.250,00 €", "5 €", "6,50 €"], [1250, 5, 6.5]),
        (["USD 5", "USD 6.5", "USD 1,000"], [5, 6.5, 1000]),
        (["£5", "£6", "£1,234.50"], [5, 6, 1234.5]),
        (["₹1,00,000", "₹2,50,000", "₹900"], [100_000, 250_000, 900]),
        (["Rs. 500", "Rs. 1,500", "Rs. 70"], [500, 1500, 70]),
        (["R$ 1.234,50", "R$ 2,00", "R$ 3,10"], [1234.5, 2, 3.1]),
        (["150 kr", "99 kr", "1 250 kr"], [150, 99, 1250]),
        # Percent.
        (["12%", "7.5 %", "100%"], [12, 7.5, 100]),
        (["12,5 %", "7 %", "3,25 %"], [12.5, 7, 3.25]),
        # Units behind.
        (["5 kg", "6.5 kg", "7kg"], [5, 6.5, 7]),
        (["1248 CC", "998 CC", "1197 CC"], [1248, 998, 1197]),
        (["-5.0°C", "3 °C", "10°C"], [-5, 3, 10]),
        (["80 m²", "95m2", "100 m²"], [80, 95, 100]),
        (["7.5 l/100km", "8 l/100km", "12 l/100km"], [7.5, 8, 12]),
        # Thousands of every school.
        (["1,234.5", "12", "1,234,567"], [1234.5, 12, 1234567]),
        (["1.234,5", "12", "1.234.567"], [1234.5, 12, 1234567]),
        (["1 234,5", "12", "1 234 567"], [1234.5, 12, 1234567]),
        (["1\u00a0234,5", "12", "12\u202f345"], [1234.5, 12, 12345]),
        (["1'234.5", "12", "1’234’567"], [1234.5, 12, 1234567]),
        (["1,00,000", "12,34,567", "12,345"], [100_000, 1234567, 12345]),
        # Below zero.
        (["\u22125", "\u22127.5", "8"], [-5, -7.5, 8]),
        (["(5)", "7", "(1,234.50)"], [-5, 7, -1234.5]),
        (["$ (5.00)", "$ 7.00", "($1,234.50)"], [-5, 7, -1234.5]),
        (["5-", "7", "8"], [-5, 7, 8]),
        # What multiplies.
        (["€110.5M", "€565K", "€0"], [110.5e6, 565e3, 0]),
        (["1.2k", "3.4M", "12"], [1200, 3.4e6, 12]),
        (["5", "6.5", "+7", ".5", "4.", "1e3", "2.5E-3"], [5, 6.5, 7, 0.5, 4, 1000, 0.0025]),
    ],
    ids=lambda case: str(case[0]),
)
def test_forms(written, right):
    np.testing.assert_allclose(values(*written), right, rtol=1e-12)


def test_what_is_left_out_of_numbers_is_said_by_an_example():
    assert column("$1,000.00", "$2", "$3").warnings == ("'a': '$1,000.00' is read as 1000.",)
    assert column("(5)", "7", "8").warnings == ("'a': '(5)' is read as -5.",)
    assert column("5", "7", "8").warnings == ()
    assert column("1,5", "7,25", "8", delimiter=";").warnings == ()  # the file's decimal separator is said above


def test_thousands_that_may_be_decimals_are_doubtful():
    table = column("950", "1.234", "12.500", delimiter=";")
    assert table.frame["a"].tolist() == [950, 1234, 12500]
    assert table.warnings == (
        "'a': '1.234' is read as 1234, but it may be 1.234: then choose '.' as the decimal separator (`decimal`).",
    )
    assert values("950", "1.234", "12.500", delimiter=";", decimal=".") == [950, 1.234, 12.5]
    table = column("1.234", "2.345", "3.456")  # as instruments write them, too
    assert table.frame["a"].tolist() == [1.234, 2.345, 3.456]
    assert "it may be 1234: then choose ','" in table.warnings[0]
    assert values("1.234", "2.345", "3.456", decimal=",") == [1234, 2345, 3456]


def test_other_values_of_the_column_clear_the_doubt():
    assert values("1.234", "0.5", "2.345") == [1.234, 0.5, 2.345]
    assert values("1.234", "1.234.567", "2") == [1234, 1234567, 2]
    assert values("1,234", "2,345", "17") == [1234, 2345, 17]
    assert values("1,234", "2,5", "17") == [1.234, 2.5, 17]
    assert values("0.123", "1.234", "950") == [0.123, 1.234, 950]
    for table in (column("1.234", "0.5", "2.345"), column("0.123", "1.234", "950")):
        assert table.warnings == ()


@pytest.mark.parametrize(
    "written",
    [
        ["1.5", "1,5", "2.5", "2,25", "3.75", "4,75"],
        ["1,234.5", "1.234,5", "2,345.5", "2.345,5"],
        ["5 kg", "300 g", "7 kg", "200 g", "3 kg", "8 g"],
        ["$5", "€6", "$7", "€8"],
        ["5%", "0.05", "7%", "0.08"],
    ],
    ids=lambda written: written[1],
)
def test_mixed_forms_are_asked_about(written):
    table = column(*written)
    assert table.columns[0].type == "text"
    assert "has numbers in different forms" in table.warnings[-1]
    assert "`number_columns`" in table.warnings[-1]
    assert retype(table, "a", "number").column("a").missing < len(written)  # and done when it is asked for


def test_a_forced_type_names_the_values_that_cannot_be_read():
    table = column("5", "seven", "8", "nine or so", "7")
    assert table.columns[0].type == "text"
    forced = retype(table, "a", "number")
    assert forced.frame["a"].tolist() == pytest.approx([5, np.nan, 8, np.nan, 7], nan_ok=True)
    assert "2 values in the column 'a' are not numbers" in forced.warnings[-1]
    assert "'seven' (1), 'nine or so' (1)" in forced.warnings[-1]
    with pytest.raises(
        DataError, match=r"No value of 'b' can be read as a number\. Received: 'word 0', 'word 1', 'word 2'"
    ):
        retype(table, "b", "number")


@pytest.mark.parametrize(
    "written",
    [
        ["1st", "2nd", "3rd", "4th"],
        ["4WD", "2WD", "4WD", "2WD"],
        ["A1", "A2", "B1", "B2"],
        ["01234", "02345", "01234", "02345"],
        ["192.168.1.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"],
        ["555-1234", "555-2345", "555-3456", "555-4567"],
        ["10:30", "11:30", "12:30", "13:30"],
        ["12 34", "56 78", "90 12", "34 56"],
        ["5-10", "10-20", "20-30", "30-40"],
        ["<5", "10+", "20+", "30+"],
        ["5 ft 3", "6 ft 1", "5 ft 9", "6 ft 2"],
    ],
    ids=lambda written: written[0],
)
def test_what_is_no_number_is_not_read_as_one(written):
    table = column(*written)
    assert table.columns[0].type in ("text", "category")
    assert table.warnings == ()
    assert table.frame["a"].tolist() == written


def test_notes_on_a_column_are_those_of_its_type():
    table = column("5 kg", "300 g", "7 kg", "200 g", "3 kg", "8 g")
    assert len(table.warnings) == 1
    assert retype(table, "a", "number").warnings == ("'a': '5 kg' is read as 5.",)
    assert retype(column("5", "..", "7"), "a", "text").warnings == ()


def test_a_decimal_separator_that_is_chosen_is_the_only_one():
    assert column("1,5", "2,5", "3,5", decimal=".").columns[0].type == "text"
    assert values("1,5", "2,5", "3,5") == [1.5, 2.5, 3.5]


def test_numbers_of_a_sheet_have_a_point_whatever_they_look_like():
    from tests.core.tables.workbooks import text_cells, workbook

    cells = "".join(text_cells(number, "x") for number in ("950", "1.234", "12.500"))
    table = read(workbook(("s", text_cells("a", "b") + cells)))
    assert table.frame["a"].tolist() == [950, 1.234, 12.5]
    assert table.warnings == ()
