import csv
import importlib.resources

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine

from core.datasets import make_dataset
from core.experiment import DataSpec


def test_sklearn_tables_are_as_loaded():
    for name, load in (
        ("iris", load_iris),
        ("wine", load_wine),
        ("cancer", load_breast_cancer),
        ("digits", load_digits),
    ):
        dataset, bunch = make_dataset(DataSpec(name)), load()
        np.testing.assert_array_equal(dataset.features, bunch.data.astype(np.float32))
        np.testing.assert_array_equal(dataset.labels, bunch.target)
        assert dataset.feature_names == tuple(bunch.feature_names)
        assert dataset.class_names == tuple(str(target) for target in bunch.target_names)
        assert dataset.dropped_rows == 0


def test_digits_are_pictures_with_raw_pixel_values():
    digits = make_dataset(DataSpec("digits"))
    assert digits.image_shape == (8, 8)
    assert (digits.features.min(), digits.features.max()) == (0, 16)
    np.testing.assert_array_equal(digits.features.reshape(-1, *digits.image_shape), load_digits().images)


def test_penguins_are_the_complete_rows_of_the_package():
    path = importlib.resources.files("palmerpenguins") / "data" / "penguins.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    columns = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    complete = [row for row in rows if all(row[column] not in ("", "NA") for column in columns)]

    penguins = make_dataset(DataSpec("penguins"))
    assert penguins.features.shape == (342, 4)
    assert penguins.dropped_rows == len(rows) - len(complete) == 2
    assert penguins.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert penguins.feature_names == ("bill length (mm)", "bill depth (mm)", "flipper length (mm)", "body mass (g)")
    expected = [[float(row[column]) for column in columns] for row in complete]
    np.testing.assert_array_equal(penguins.features, np.array(expected, np.float32))
    assert [penguins.class_names[label] for label in penguins.labels] == [row["species"] for row in complete]


def test_diabetes_is_as_measured():
    diabetes, bunch = make_dataset(DataSpec("diabetes")), load_diabetes(scaled=False)
    np.testing.assert_array_equal(diabetes.features, bunch.data.astype(np.float32))
    np.testing.assert_array_equal(diabetes.labels, bunch.target)
    assert (diabetes.labels.min(), diabetes.labels.max()) == (25, 346)
    assert diabetes.target_name == "disease progression"
    names = dict(zip(bunch.feature_names, diabetes.feature_names, strict=True))
    assert (names["age"], names["bmi"], names["s6"]) == ("age (years)", "body mass index", "blood sugar")
    ages = diabetes.features[:, diabetes.feature_names.index("age (years)")]
    assert (ages.min(), ages.max()) == (19, 79)
