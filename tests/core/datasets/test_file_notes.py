"""What is decided about a file: target, inputs, rows and split, and that all of it is said."""

import numpy as np
import pytest

from core.datasets import make_dataset, prepare
from core.datasets.file_notes import file_notes
from core.datasets.table_columns import data_name, inputs_of, table_of, target_of, task_of
from core.datasets.upload_store import keep_upload
from core.datasets.uploaded_data import fitting_split
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus


def spec_of(lines: list[str], **changes: object) -> TableSpec:
    return TableSpec(keep_upload("\n".join(lines).encode()), **changes)


def data_of(lines: list[str], **changes: object) -> DataSpec:
    """Return the data set that a file starts with."""
    spec = spec_of(lines, **changes)
    return DataSpec(data_name(task_of(target_of(table_of(spec), spec))), table=spec)


def input_names(spec: TableSpec) -> list[str]:
    return [column.name for column in inputs_of(table_of(spec), spec)]


ROWS = range(60)
TREES = ["tree_id,height,notes,kind", *(f"{row * 7 % 60 + 100},{row % 9},words {row},{'ab'[row % 2]}" for row in ROWS)]


def test_columns_that_are_no_inputs_are_said_with_the_reason():
    (note,) = [note for note in file_notes(data_of(TREES)) if note.startswith("No inputs")]
    assert "'tree_id' (an identifier: its values are all different, and its name is that of an identifier)" in note
    assert "'notes' (text: 60 different values in 60 rows)" in note
    assert "`columns`" in note
    assert not any(note.startswith("No inputs") for note in file_notes(data_of(TREES, columns=("height",))))


def test_an_identifier_that_is_asked_for_is_an_input():
    spec = spec_of(TREES, columns=("tree_id",))
    assert input_names(spec) == ["tree_id"]
    split = prepare(DataSpec("file", table=spec, scaling="none", split="all"))
    assert sorted(split.raw_train[:, 0]) == list(range(100, 160))


def test_words_that_are_asked_for_are_categories_unless_all_are_different():
    lines = [line.replace("words 59", "words 58") for line in TREES]
    spec = spec_of(lines, columns=("notes",), rare=1)
    assert prepare(DataSpec("file", table=spec)).features == 59 or input_names(spec) == ["notes"]
    with pytest.raises(DataError, match="'notes' has type text"):
        inputs_of(table_of(spec_of(TREES, columns=("notes",))), spec_of(TREES, columns=("notes",)))


def test_an_identifier_that_is_asked_for_is_a_target():
    data = data_of(TREES, target_column="tree_id")
    assert data.task == menus.NUMBERS
    assert sorted(make_dataset(data).labels) == list(range(100, 160))


def counted(target: list[object], name: str = "lfd", more: str = "a") -> list[str]:
    """Return a file whose first column counts the rows."""
    return [f"{name},{more},y", *(f"{row + 1},{row * 3 % 7},{value}" for row, value in enumerate(target))]


def test_numbers_that_count_the_rows_are_inputs_where_the_target_goes_with_them():
    random = np.random.default_rng(0)
    noise = [float(value) for value in random.normal(size=80).round(3)]
    assert input_names(spec_of(counted(noise, "stunden"))) == ["a"]
    rising = [row * 2 + value for row, value in enumerate(noise)]
    assert input_names(spec_of(counted(rising, "stunden"))) == ["stunden", "a"]
    sorted_classes = ["no"] * 40 + ["yes"] * 40  # the order of the rows alone
    assert input_names(spec_of(counted(sorted_classes, "stunden"))) == ["a"]


def test_numbers_that_count_the_rows_are_inputs_where_nothing_else_is():
    lines = ["stunden,y", *(f"{row},{'ab'[row % 2]}" for row in range(80))]
    assert input_names(spec_of(lines)) == ["stunden"]


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([39000, 47500, 54400, 56900, 66000, 71000, 83000, 90000], menus.NUMBERS),
        ([1.5, 2.5, 3.5], menus.NUMBERS),
        ([5, 6, 7, 8, 8], menus.NUMBERS),
        ([0, 1, 1, 0], menus.CLASSES),
        ([0, 1, 1], menus.CLASSES),
        ([0, 1, 1, 2], menus.NUMBERS),
        ([1, 2, 3] * 10, menus.CLASSES),
        (list(range(10)) * 3, menus.CLASSES),
        ([value / 2 for value in range(25)] * 4, menus.NUMBERS),
    ],
    ids=str,
)
def test_numbers_of_which_most_occur_once_are_numbers_to_predict(values, task):
    data = data_of(["x,y", *(f"{row * 0.3},{value}" for row, value in enumerate(values))])
    assert data.task == task
    here, other = ("number", "data=file`") if task == menus.NUMBERS else ("class", "data=file_numbers`")
    (note,) = [note for note in file_notes(data) if "is predicted as" in note]
    assert f"'y' is predicted as a {here}" in note
    assert other in note


def test_an_error_about_numbers_as_classes_says_the_other_key():
    lines = ["x,y", *(f"{row * 0.3},{row}" for row in range(30))]
    with pytest.raises(DataError, match=r"Predict a number instead \(`data=file_numbers`\).*`split=all`"):
        make_dataset(DataSpec("file", table=spec_of(lines)))


TRUTH_TABLES = [
    ["x1,x2,y", "0,0,0", "0,1,1", "1,0,1", "1,1,0"],
    ["a,b,and", "0,0,no", "0,1,no", "1,0,no", "1,1,yes"],
    ["a,b,c,y", *(f"{n >> 2},{n >> 1 & 1},{n & 1},{n.bit_count() % 2}" for n in range(8))],
    ["a,b,c,d,y", *(f"{n >> 3},{n >> 2 & 1},{n >> 1 & 1},{n & 1},{n.bit_count() % 2}" for n in range(16))],
    ["a,b,c,d,y", *(f"{n >> 3},{n >> 2 & 1},{n >> 1 & 1},{n & 1},{int(n == 15)}" for n in range(16))],
    ["x,kind", *(f"{n * 0.3},{'aab'[n % 3] if n else 'c'}" for n in range(20))],  # one row of class c
]


@pytest.mark.parametrize("lines", TRUTH_TABLES, ids=lambda lines: f"{lines[0]}: {len(lines) - 1}")
def test_all_rows_of_a_very_small_table_train_and_it_is_said(lines):
    data = data_of(lines)
    assert fitting_split(data) == "all"
    everything = DataSpec(data.name, table=data.table, split="all")
    assert len(prepare(everything).y_train) == len(lines) - 1
    assert file_notes(everything)[-1].startswith(f"All {len(lines) - 1} rows train and none is held out")


def test_larger_tables_hold_rows_out():
    assert fitting_split(data_of(TREES)) == "stratified"
    assert fitting_split(data_of(TREES[:25])) == "stratified"
    assert not any("train and none" in note for note in file_notes(data_of(TREES)))


def test_rows_that_are_left_out_and_values_that_are_filled_in_are_said():
    lines = ["x,c,kind", "1,a,p", "..,b,q", "3,,p", "4,b,?", "5,a,q", "6,b,p", "7,a,q", "8,b,"]
    notes = file_notes(data_of(lines, category_columns=("c", "kind")))
    assert "'x': 1 value counts as missing: '..' (1)." in notes
    assert "'kind': 1 value counts as missing: '?' (1)." in notes
    assert "2 of 8 rows are left out, where 'kind' is missing: row 4, 8." in notes
    assert (
        "Missing values are replaced by their median or the most frequent category of the training rows: 'x' (1), "
        "'c' (1)." in notes
    )
    dropped = file_notes(data_of(lines, category_columns=("c", "kind"), missing="drop"))
    assert "2 of 8 rows are left out, where an input is missing: row 2, 3." in dropped
    assert not any("replaced" in note for note in dropped)
