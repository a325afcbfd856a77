import subprocess
import sys
from dataclasses import fields
from itertools import product
from pathlib import Path

import numpy as np

import core.datasets
from core.datasets import DATASETS, make_dataset, prepare, split_dataset
from core.experiment import RECIPES, DataSpec, menus, read_query
from tests.core.experiment.strategies import BUILT_IN


def test_registry_is_the_menu():
    assert list(DATASETS) == list(menus.DATA)


def test_every_data_set_has_its_shape():
    for name, rows, features, classes in (
        ("linear", 1000, 2, 2),
        ("moons", 1000, 2, 2),
        ("circles", 1000, 2, 2),
        ("xor", 1000, 2, 2),
        ("gaussians", 1000, 2, 2),
        ("sine", 2400, 2, 2),
        ("spiral", 1500, 2, 3),
        ("blobs", 1000, 2, 4),
        ("iris", 150, 4, 3),
        ("wine", 178, 13, 3),
        ("cancer", 569, 30, 2),
        ("digits", 1797, 64, 10),
        ("penguins", 342, 4, 3),
        ("plane", 1000, 2, 0),
        ("hills", 1000, 2, 0),
        ("curve", 300, 1, 0),
        ("diabetes", 442, 10, 0),
    ):
        dataset = make_dataset(DataSpec(name))
        assert dataset.features.shape == (rows, features)
        assert dataset.labels.shape == (rows,)
        assert len(dataset.feature_names) == features
        assert len(dataset.class_names) == classes
        if classes:
            assert set(dataset.labels) == set(range(classes))


def test_every_data_set_has_the_target_that_its_menu_says():
    for name in BUILT_IN:
        spec = DataSpec(name)
        dataset = make_dataset(spec)
        assert dataset.task == prepare(spec).task == spec.task
        assert dataset.labels.dtype == {menus.CLASSES: np.int64, menus.NUMBERS: np.float32}[spec.task]
        assert (dataset.target_name == "class") == (spec.task == menus.CLASSES)


def test_every_data_set_is_finite_and_well_typed():
    for name in BUILT_IN:
        dataset = make_dataset(DataSpec(name))
        assert dataset.features.dtype == np.float32
        assert np.isfinite(dataset.features).all()
        assert np.isfinite(dataset.labels).all()
        assert {type(text) for text in dataset.feature_names + dataset.class_names} == {str}


def test_every_split_is_finite_well_typed_and_whole():
    for name, scaling, validation in product(BUILT_IN, menus.SCALINGS, (0.0, 0.25)):
        spec = DataSpec(name, scaling=scaling, validation=validation)
        dataset, split = make_dataset(spec), prepare(spec)
        parts = [
            (split.x_train, split.raw_train, split.y_train),
            (split.x_val, split.raw_val, split.y_val),
            (split.x_test, split.raw_test, split.y_test),
        ]
        for x, raw, y in parts:
            assert x.dtype == raw.dtype == split.offset.dtype == split.factor.dtype == np.float32
            assert y.dtype == dataset.labels.dtype
            assert np.isfinite(x).all()
            assert len(x) == len(raw) == len(y) > 0
        if not split.three_parts:
            del parts[1]
        assert sum(len(x) for x, _, _ in parts) == len(dataset.features)
        assert split.offset.shape == split.factor.shape == (split.inputs,) == dataset.features.shape[1:]
        assert split.classes == len(dataset.class_names)
        for text in ("feature_names", "class_names", "image_shape", "dropped_rows", "target_name"):
            assert getattr(split, text) == getattr(dataset, text)


def test_equal_specs_give_equal_arrays_and_leave_the_global_generator_alone():
    for name in BUILT_IN:
        spec = DataSpec(name)
        np.random.seed(123)
        before = np.random.get_state()[1].copy()
        first = split_dataset(make_dataset(spec), spec)  # prepare() would return the same split twice
        np.testing.assert_array_equal(np.random.get_state()[1], before)
        assert np.random.get_state()[2] == 624  # no number drawn since then
        np.random.seed(456)
        second = split_dataset(make_dataset(spec), spec)
        for field in fields(first):
            np.testing.assert_array_equal(getattr(first, field.name), getattr(second, field.name))


def test_every_recipe_can_be_prepared():
    for recipe in RECIPES:
        spec = read_query(RECIPES[recipe].query).data
        split = prepare(spec)
        assert set(split.y_train) == set(split.y_test) == set(range(split.classes))
        assert split.all_rows_train == (spec.split == "all")


def test_import_is_light():
    code = """
import core.datasets, sys
print({"sklearn", "scipy", "pandas", "palmerpenguins", "streamlit", "keras", "tensorflow"} & set(sys.modules))
"""
    root = Path(core.datasets.__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert found.strip() == "set()"
