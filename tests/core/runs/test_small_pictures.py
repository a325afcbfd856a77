"""A run in small: its curve and its boundary."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from core.datasets import prepare
from core.experiment import read_query
from core.figures.palette import class_colour, rgb
from core.runs.small_pictures import common_plane, small_boundary, small_curve
from core.runs.values import RunSketch, RunWeights
from core.trained.preparation import Preparation
from tests.core.runs.changes import ME, MOONS, OTHER, change, finished, key
from tests.waiting import PATIENCE


def sketch(experiment, weights) -> RunSketch:
    preparation = json.dumps(Preparation.of(prepare(experiment.data)).to_json())
    return RunSketch(np.array([1.0], np.float32), RunWeights(1, weights) if weights else None, preparation)


def test_a_small_curve_has_the_ends_of_a_long_one_and_only_numbers():
    curve = small_curve(np.arange(1000, dtype=np.float32))
    assert len(curve) == 40
    assert (curve[0], curve[-1]) == (0.0, 999.0)
    assert curve == sorted(curve)
    assert small_curve(np.array([2.0, np.inf, np.nan], np.float32)) == [2.0]
    assert small_curve(np.empty(0)) == []


def test_a_small_boundary_shows_each_class_where_it_is_predicted():
    experiment = read_query("data=moons&layers=linear-1")
    weights = {
        "hidden_1/kernel": np.array([[1.0], [0.0]], np.float32),  # the feature across
        "hidden_1/bias": np.zeros(1, np.float32),
        "output/kernel": np.full((1, 1), 50.0, np.float32),
        "output/bias": np.zeros(1, np.float32),
    }
    source = small_boundary(experiment, sketch(experiment, weights))
    assert source is not None
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))))
    assert picture.shape == (24, 24, 4)
    assert picture[12, 0, :3].tolist() == list(rgb(class_colour(0)))
    assert picture[12, -1, :3].tolist() == list(rgb(class_colour(1)))


def test_there_is_no_small_boundary_without_weights_or_a_plane():
    moons, iris = read_query(MOONS), read_query("data=iris")
    assert small_boundary(moons, sketch(moons, None)) is None
    assert small_boundary(moons, RunSketch(np.empty(0), RunWeights(1, {}), "")) is None
    assert small_boundary(iris, sketch(iris, {"output/kernel": np.zeros((4, 3), np.float32)})) is None


def test_a_common_plane_holds_the_rows_of_all_runs():
    near, far = (Preparation.of(prepare(read_query(f"data=moons&noise={noise}").data)) for noise in ("0", "0.5"))
    plane = common_plane([near, far])
    for preparation in (near, far):
        assert (np.array(plane.low) < preparation.low).all()
        assert (np.array(plane.high) > preparation.high).all()


@pytest.mark.parametrize("blocks", [1, 2])
def test_the_store_gives_what_is_drawn_of_own_runs_alone(start_writer, blocks):
    writer = start_writer()
    writer.note(change("a", MOONS, 0, 5))
    if blocks == 2:
        assert writer.flush(PATIENCE)
        writer.note(change("a", MOONS, 5, 5))
    writer.note(finished("b"))
    writer.note(finished("c", owner=OTHER))
    assert writer.flush(PATIENCE)
    found = writer.store.sketches(ME, [key(name) for name in "abc"])
    assert set(found) == {key("a"), key("b")}
    assert found[key("a")].losses.tolist() == [np.float32(1 / n) for n in range(1, 5 * blocks + 1)]
    assert found[key("a")].weights is None
    last = found[key("b")].weights
    kept = writer.store.weights(ME, key("b"), "last")
    assert (last.epoch, set(last.arrays)) == (kept.epoch, set(kept.arrays))
    assert small_boundary(read_query(MOONS), found[key("b")]).startswith("data:image/png;base64,")
