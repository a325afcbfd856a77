"""Words that mean "no value", where the column's other values make it likely."""

import pytest

from core.tables import Table
from tests.core.tables.written_tables import read


def column(name: str, values: list[str]) -> Table:
    return read("\n".join([f"x,{name}", *(f'{place * 0.7},"{value}"' for place, value in enumerate(values))]))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("class", ["+", "-"]),
        ("sign", ["+", "-", "+-"]),
        ("answer", ["x", "-"]),
        ("element", ["Na", "K", "Li"]),
        ("symbol", ["Na", "Cl", "Mg", "C"]),
        ("region", ["NA", "EU", "AS", "SA"]),
        ("country", ["NA", "US", "DE", "FR"]),
        ("market", ["EMEA", "APAC", "LATAM", "NA"]),
        ("lang", ["en", "de", "na", "fr"]),
        ("surname", ["Na", "Kim", "Park", "Lee"]),
        ("province", ["Nan", "Phrae", "Tak", "Krabi"]),
        ("fence", ["None", "Wood", "Wire"]),
        ("job", ["unknown", "admin", "student"]),
        ("punctuation", ["?", "!", "."]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_that_look_like_missing_ones(name, values):
    table = column(name, values * 8)
    assert (table.columns[1].type, table.columns[1].missing) == ("category", 0)
    assert set(table.frame[name]) == set(values)


def test_a_value_that_looks_like_a_missing_one_is_said():
    (note,) = column("element", ["Na", "K", "Li"] * 8).warnings
    assert note == "'element': 'Na' counts as a value, beside 'K', 'Li'."


@pytest.mark.parametrize(
    ("name", "values", "missing"),
    [
        ("sex", ["male", "female", "NA"], "NA"),
        ("sex", ["M", "F", "NA"], "NA"),
        ("sex", ["MALE", "FEMALE", "NA"], "NA"),
        ("answer", ["Yes", "No", "Na"], "Na"),
        ("answer", ["YES", "NO", "NA"], "NA"),
        ("country", ["Germany", "France", "NA"], "NA"),
        ("soil", ["dry", "wet", "-"], "-"),
        ("soil", ["dry", "wet", "?"], "?"),
        ("soil", ["dry", "wet", "n.a."], "n.a."),
        ("soil", ["dry", "wet", "#N/A"], "#N/A"),
        ("soil", ["dry", "wet", "NULL"], "NULL"),
        ("soil", ["dry", "wet", "NaN"], "NaN"),
        ("quality", ["Gd", "TA", "Ex", "NA"], "NA"),
    ],
)
def test_missing_among_words(name, values, missing):
    table = column(name, values * 8)
    assert (table.columns[1].type, table.columns[1].missing) == ("category", 8)
    assert table.warnings == (f"{name!r}: 8 values count as missing: {missing!r} (8).",)


WORDS = [
    "?", "-", "--", "–", "—", ".", "..", "...", ":", "*", "NA", "na", "Na", "N/A", "n/a", "n.a.", "#N/A", "NULL",
    "null", "None", "none", "NaN", "nan", "<NA>", "unknown", "Unknown", "missing", "not available", "Not applicable",
    "no data", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "nd", "n.d.", "k.A.", "\\N", "(blank)", "tbd", "undefined",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("form", ["{}.5", "2024-01-{:02}", "${},000"], ids=["numbers", "dates", "amounts"])
def test_missing_among_numbers_and_dates(word, form):
    table = column("a", [*(form.format(number) for number in range(1, 21)), *[word] * 4])
    assert (table.columns[1].type, table.columns[1].missing) == ("date" if "-" in form else "number", 4)
    assert table.warnings[0] == f"'a': 4 values count as missing: {word!r} (4)."


def test_words_are_counted_each():
    values = [*(f"{number}" for number in range(2, 40)), "..", "..", "NA", ""]
    table = column("a", values)
    assert table.columns[1].missing == 4
    assert table.warnings == ("'a': 3 values count as missing: '..' (2), 'NA' (1).",)


def test_another_word_that_stands_alone_among_many_numbers_is_missing():
    table = column("a", [*(f"{number * 1.5}" for number in range(20)), "absent", "absent", "absent"])
    assert (table.columns[1].type, table.columns[1].missing) == ("number", 3)
    assert "'absent' (3)" in table.warnings[0]
    assert column("a", ["1", "2", "3", "B"] * 6).columns[1].type == "category"
