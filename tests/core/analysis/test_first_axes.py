"""Which plane a data set opens on."""

import numpy as np
import pandas as pd
from sklearn.feature_selection import r_regression

from core.analysis.axes import Axes
from core.analysis.first_axes import first_axes
from core.analysis.overview import rows_of
from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, TableSpec


def test_diabetes_opens_on_the_two_features_with_the_largest_correlations():
    split = prepare(DataSpec("diabetes"))
    rows = rows_of(split)
    strongest = np.argsort(-np.abs(r_regression(rows.raw, rows.target)))[:2]
    axes = first_axes(split)
    assert {axes.across, axes.up} == set(strongest)
    assert [split.feature_names[place] for place in (axes.across, axes.up)] == [
        "body mass index",
        "log of triglycerides",
    ]


def test_points_and_pictures_have_their_first_two():
    assert first_axes(prepare(DataSpec("moons"))) == first_axes(prepare(DataSpec("digits"))) == Axes(0, 1)


def test_numbers_come_before_categories():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 200)
    noise, weak, strong = rng.normal(size=(3, 200)) + np.array([[0.0], [0.3], [1.0]]) * label
    columns = {"letter": np.where(label, "a", "b"), "noise": noise, "strong": strong, "weak": weak, "answer": label}
    content = pd.DataFrame(columns).to_csv(index=False).encode()
    table = TableSpec(keep_upload(content), target_column="answer")
    split = prepare(DataSpec("file", table=table))
    axes = first_axes(split)
    assert {split.feature_names[axes.across], split.feature_names[axes.up]} == {"strong", "weak"}
