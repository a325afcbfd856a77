"""Columns that only identify rows."""

import pytest

from tests.core.tables.written_tables import read


def type_of(name: str, values: list[object]) -> str:
    """Return the type of a column that is not the last one."""
    lines = [f"{place * 0.7},{value},{'ab'[place % 2]}" for place, value in enumerate(values)]
    table = read("\n".join([f"q,{name},kind", *lines]))
    return table.columns[1].type


SHUFFLED = [(place * 7 + 3) % 60 + 100 for place in range(60)]


@pytest.mark.parametrize(
    "name",
    [
        "id", "ID", "Id", "PassengerId", "customer_id", "customerID", "Customer ID", "patient-id", "customerid",
        "row_id", "No", "No.", "S.No", "S.No.", "Sr. No.", "Sl No", "SNo", "serial no",
        "Serial Number", "Record Number", "Order No", "index_id", "uuid", "Invoice Code", "Ticket number", "Player #",
        "#", "case nr", "rownum", "key", "Index No",
    ],
)  # fmt: skip
def test_names_of_identifiers(name):
    assert type_of(name, SHUFFLED) == "identifier"


@pytest.mark.parametrize(
    "name",
    [
        "Number of employees", "number of rooms", "No. of rooms", "no of children", "num_rooms", "number_of_visits",
        "count", "Total number", "atomic number", "Wave Number", "price index", "Heat Index", "body mass index", "idle",
        "acid", "paid", "humid", "grid", "covid", "width", "population", "n_children", "#rooms", "code per hour",
        "year", "amount",
    ],
)  # fmt: skip
def test_names_of_quantities(name):
    assert type_of(name, SHUFFLED) == "number"


@pytest.mark.parametrize(
    ("name", "rows", "type"),
    [
        ("hours", 25, "number"),
        ("stunden", 25, "number"),
        ("stunden", 50, "number"),
        ("stunden", 51, "identifier"),
        ("hours", 200, "number"),
        ("time", 200, "number"),
        ("step", 200, "number"),
        ("x", 200, "number"),
        ("Number of visits", 200, "number"),
        ("row", 30, "identifier"),
        ("Observation", 30, "identifier"),
        ("index", 30, "identifier"),
        ("row", 5, "number"),
    ],
)
def test_numbers_that_count_the_rows(name, rows, type):
    assert type_of(name, list(range(1, rows + 1))) == type
    assert type_of(name, list(range(rows))) == type


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "Unnamed: 0.1", "...1", "__index_level_0__", "level_0"])
def test_a_column_without_a_name_is_an_index(name):
    assert type_of(name, SHUFFLED) == "identifier"
    assert type_of(name, [value % 7 for value in SHUFFLED]) == "number"


def test_in_a_table_without_names_no_column_is_an_index():
    table = read("\n".join(f"{value},{value * 0.3},{'ab'[value % 2]}" for value in SHUFFLED))
    assert table.reading.header is False
    assert [column.type for column in table.columns] == ["number", "number", "category"]


def test_the_last_column_is_predicted_though_it_counts():
    table = read("\n".join(["date,total", *(f"2024-{1 + day // 28:02}-{1 + day % 28:02},{day}" for day in range(80))]))
    assert [column.type for column in table.columns] == ["date", "number"]
