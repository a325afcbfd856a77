"""Uploaded tables as data sets."""

from dataclasses import replace

import numpy as np
import pytest

from core.datasets import make_dataset, prepare
from core.datasets.table_columns import inputs_of, table_of, target_of, task_of
from core.datasets.upload_store import NotUploadedError, keep_upload
from core.errors import DataError
from core.experiment import DataSpec, TableSpec, menus

KINDS = [*(["oak"] * 30), *(["ash"] * 20), *(["elm"] * 10)]
LINES = [
    f"{row},{100 + row % 7},{'dry' if row % 3 else 'wet'},2024-01-{1 + row % 28:02},some words of row {row},{kind}"
    for row, kind in enumerate(KINDS)
]
TREES = "\n".join(["tree id,height,soil,planted,notes,kind", *LINES])


def table_spec(text: str = TREES, **changes) -> TableSpec:
    return TableSpec(keep_upload(text.encode()), **changes)


def data(text: str = TREES, name: str = "file", **changes) -> DataSpec:
    return DataSpec(name, table=table_spec(text, **changes), scaling="none")


def test_target_and_inputs_are_found():
    spec = table_spec()
    table = table_of(spec)
    assert [column.type for column in table.columns] == ["identifier", "number", "category", "date", "text", "category"]
    assert target_of(table, spec).name == "kind"
    assert [column.name for column in inputs_of(table, spec)] == ["height", "soil", "planted"]


def test_classes_are_in_alphabetical_order():
    dataset = make_dataset(data())
    assert dataset.class_names == ("ash", "elm", "oak")
    assert np.bincount(dataset.labels).tolist() == [20, 10, 30]
    assert (dataset.target_name, dataset.dropped_rows, dataset.task) == ("kind", 0, menus.CLASSES)


def test_dates_count_as_days():
    split = prepare(data())
    assert split.feature_names == ("height", "planted", "soil = dry", "soil = wet")
    days = np.concatenate([split.raw_train, split.raw_test])[:, 1]
    first = (np.datetime64("2024-01-01") - np.datetime64("1970-01-01")).astype(int)
    assert (days.min(), days.max()) == (first, first + 27)


def test_a_number_is_predicted():
    spec = data(name="file_numbers", target_column="height", columns=("soil", "kind"), rare=1)
    dataset = make_dataset(spec)
    assert dataset.task == menus.NUMBERS
    assert dataset.labels.dtype == np.float32
    assert set(dataset.labels) == set(range(100, 107))
    assert prepare(spec).feature_names == ("soil = dry", "soil = wet", "kind = ash", "kind = elm", "kind = oak")


def test_numbers_as_classes_are_in_their_own_order():
    text = "x,grade\n" + "\n".join(f"{row},{(2, 10, 1.5)[row % 3]}" for row in range(30))
    assert make_dataset(data(text)).class_names == ("1.5", "2", "10")


def test_the_encoders_learn_from_the_training_rows_alone():
    text = "x,c,y\n" + "\n".join(f"{row if row < 40 else ''},{'a' if row < 40 else 'b'},{row % 2}" for row in range(50))
    spec = replace(data(text, rare=1), split="ordered", train_rows=40)
    split = prepare(spec)
    assert split.feature_names == ("x", "c = a")
    np.testing.assert_array_equal(split.raw_test, [[19.5, 0]] * 10)


def test_rows_with_missing_values_can_be_dropped_and_those_without_a_target_always_are():
    text = "x,c,kind\n1,a,p\n,b,q\n3,,p\n4,b,\n5,a,q\n6,b,p\n7,a,q"
    assert make_dataset(data(text)).dropped_rows == 1
    dropped = make_dataset(data(text, missing="drop", category_columns=("c", "kind")))
    assert dropped.dropped_rows == 3
    assert len(dropped.labels) == 4
    with pytest.raises(DataError, match="Every row has a missing value"):
        make_dataset(data("x,z,y\n1,,p\n2,,q\n,3,p\n,4,q", missing="drop", category_columns=("y",), target_column="y"))


def test_rare_classes_are_merged():
    dataset = make_dataset(data(rare_classes=25))
    assert dataset.class_names == ("oak", "other")
    assert np.bincount(dataset.labels).tolist() == [30, 30]


def test_choices_that_cannot_be_learned_are_refused():
    for changes, message in (
        ({"target_column": "species"}, "`target_column` must be one of the table's columns: 'tree id', "),
        ({"columns": ("wings",)}, "`columns` must be one of the table's columns"),
        ({"columns": ("kind",)}, "must not include the target, 'kind'"),
        ({"columns": ("notes",)}, "'notes' has type text"),
        ({"rare_classes": 100}, "at least two classes: 'kind' has only 'other'"),
        ({"target_column": "notes"}, "only one of 'some words of row 0'"),
        ({"number_columns": ("kind",)}, "No value of 'kind' can be read as a number"),
        ({"delimiter": "#"}, "no column of numbers, categories or dates to learn from"),
    ):
        with pytest.raises(DataError, match=message):
            make_dataset(data(**changes))


def test_words_cannot_be_predicted_as_numbers():
    with pytest.raises(DataError, match=r"'kind' has type category\. Predict a class"):
        make_dataset(data(name="file_numbers"))


def test_too_many_classes():
    text = "x,y\n" + "\n".join(f"{row},{row * 1.5}" for row in range(300))
    with pytest.raises(DataError, match=r"at most 100 classes: 'y' has 300\. Predict a number instead"):
        make_dataset(data(text, target_column="y"))


def test_numbers_too_large_to_train_on():
    for name, target in (("file", "kind"), ("file_numbers", "x")):
        text = "x,z,kind\n" + "\n".join(f"{row}e300,{row},{'ab'[row % 2]}" for row in range(30))
        with pytest.raises(DataError, match=r"'x' must have numbers from -1e30 to 1e30.* Received: 2\.9e\+301"):
            prepare(data(text, name=name, target_column=target))


def test_without_a_file():
    with pytest.raises(NotUploadedError):
        make_dataset(DataSpec("file"))


def test_a_single_column_has_nothing_to_learn_from():
    with pytest.raises(DataError, match="Besides 'y', the table has no column"):
        make_dataset(data("y\na\nb\na\nb"))


def test_the_task_is_guessed():
    for text, task in (("1,2,3", menus.CLASSES), ("a,b", menus.CLASSES), (None, menus.NUMBERS)):
        values = text.split(",") * 20 if text else [str(row * 1.5) for row in range(60)]
        spec = table_spec("x,y\n" + "\n".join(f"{row % 9},{value}" for row, value in enumerate(values)))
        assert task_of(target_of(table_of(spec), spec)) == task


def test_pictures_of_a_file_of_arrays(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (40, 4, 3)).astype(np.uint8)
    np.savez(tmp_path / "pictures.npz", x=images, y=np.arange(40) % 2)
    spec = TableSpec(keep_upload((tmp_path / "pictures.npz").read_bytes()))
    split = prepare(DataSpec("file", table=spec, scaling="none", split="all"))
    assert split.image_shape == (4, 3)
    np.testing.assert_array_equal(split.raw_train, images.reshape(40, 12))


def test_coloured_pictures_of_a_file_of_arrays(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (40, 4, 5, 3)).astype(np.uint8)
    np.savez(tmp_path / "pictures.npz", x=images, y=np.arange(40) % 2)
    spec = TableSpec(keep_upload((tmp_path / "pictures.npz").read_bytes()))
    split = prepare(DataSpec("file", table=spec, scaling="none", split="all"))
    assert split.image_shape == (4, 5, 3)
    np.testing.assert_array_equal(split.raw_train, images.reshape(40, 60))


def test_pictures_of_numbers_are_features_as_any_others(tmp_path):
    images = np.arange(40 * 12).reshape(40, 4, 3)
    np.savez(tmp_path / "pictures.npz", x=images, y=np.arange(40) / 7)
    spec = TableSpec(keep_upload((tmp_path / "pictures.npz").read_bytes()))
    split = prepare(DataSpec("file_numbers", table=spec, scaling="none"))
    assert (split.image_shape, split.features, split.task) == (None, 12, menus.NUMBERS)


def test_too_few_rows_of_numbers():
    for rows, changes in ((1, {}), (2, {"validation": 0.2})):
        text = "x,y\n" + "".join(f"{row},{row * 1.5}\n" for row in range(rows))
        spec = DataSpec("file_numbers", table=table_spec(text), **changes)
        with pytest.raises(DataError, match=r"at least one row to train on and one to .*: there is only 1\."):
            prepare(spec)


def test_long_numbers_are_classes_with_different_names():
    text = "x,code\n" + "".join(f"{row * 1.5},{1234567890123 + row % 3}\n" for row in range(60))
    assert make_dataset(data(text)).class_names == ("1234567890123", "1234567890124", "1234567890125")


def test_merged_classes_and_categories_have_unique_names():
    lines = [f"{row * 0.5},{'other' if row % 3 else 'u'},{'other' if row % 2 else 'x'}\n" for row in range(60)]
    text = "x,part,kind\n" + "".join([*lines, *("1,v,y\n" * 2), *("1,w,z\n" * 2)])
    split = prepare(data(text, rare=5, rare_classes=3))
    assert split.class_names == ("other", "x", "other (2)")
    assert split.feature_names == ("x", "part = other", "part = u", "part = other (2)")
