"""Numbers far from 0: scaled in float64, then cast."""

import json

import numpy as np
import pytest

from core.datasets import prepare
from core.datasets.upload_store import keep_upload
from core.experiment import DataSpec, TableSpec
from core.trained.preparation import Preparation

SECONDS = 1_700_000_000


def seconds(scaling: str) -> DataSpec:
    lines = ["t,a,y", *(f"{SECONDS + row},{row % 7},{SECONDS + 2 * row}" for row in range(100))]
    table = TableSpec(keep_upload("\n".join(lines).encode()), target_column="y")
    return DataSpec("file_numbers", table=table, split="ordered", train_rows=80, scaling=scaling)


def test_the_seconds_of_today_differ_after_scaling():
    split = prepare(seconds("standard"))
    np.testing.assert_array_equal(split.raw_train[:, 0], SECONDS + np.arange(80))
    standard = (np.arange(80) - 39.5) / np.arange(80).std()
    np.testing.assert_allclose(split.x_train[:, 0], standard, atol=1e-6)
    assert split.x_train.dtype == split.x_test.dtype == np.float32
    np.testing.assert_allclose(split.scale_target(split.y_train), standard, atol=1e-6)
    np.testing.assert_array_equal(split.unscale_target(split.scale_target(split.y_test)).round(), split.y_test)


def test_without_scaling_the_mean_is_subtracted():
    split = prepare(seconds("none"))
    np.testing.assert_allclose(split.x_train[:, 0], np.arange(80) - 39.5)
    np.testing.assert_array_equal(split.x_train[:, 1], np.arange(80) % 7)  # which is near 0
    np.testing.assert_allclose(split.scale_target(split.y_train), 2 * (np.arange(80) - 39.5))
    assert split.scale_target(split.y_train).dtype == np.float32


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax"])
def test_a_bundle_keeps_the_digits(scaling):
    split = prepare(seconds(scaling))
    kept = Preparation.from_json(json.loads(json.dumps(Preparation.of(split).to_json())))
    np.testing.assert_array_equal(kept.to_inputs(split.raw_val), split.x_val)
    for name in ("offset", "factor", "low", "high", "typical"):
        assert getattr(kept, name).dtype == np.float64


def test_other_numbers_stay_float32():
    for spec in (DataSpec("moons"), DataSpec("diabetes"), DataSpec("plane", scaling="none"), DataSpec("wine")):
        split = prepare(spec)
        assert split.raw_train.dtype == split.offset.dtype == np.float32
        assert split.y_train.dtype != np.float64
    assert prepare(DataSpec("diabetes", scaling="none")).target_offset == 0
