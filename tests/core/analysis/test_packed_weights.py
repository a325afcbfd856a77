"""Weights as frames carry them, read again as a page reads them; and which points are followed."""

from collections import Counter

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.analysis.decision import plane_of
from core.analysis.packed_weights import (
    followed_points,
    half_bits,
    mode,
    pack_weights,
    sample_rows,
    spread_rows,
    strongest_units,
)
from core.datasets import prepare
from core.experiment import DataSpec, LayerSpec, NetworkSpec
from core.trained.network import weight_shapes


def weights_of(units: list[int], inputs: int, classes: int, normalization: str = "none") -> dict[str, np.ndarray]:
    network = NetworkSpec(tuple(LayerSpec(count, "tanh", normalization=normalization) for count in units))
    random = np.random.default_rng(1)
    shapes = weight_shapes(network, inputs, classes)
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def flat(weights: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in weights.values()])


def test_the_number_of_weights_says_how_they_travel():
    assert [mode(count) for count in (1, 10_000, 10_001, 21_500, 21_501)] == ["half", "half", "byte", "byte", "summary"]


def test_few_weights_travel_as_half_floats():
    weights = weights_of([4, 2], 2, 2, "batch")
    arrays = pack_weights(weights)
    assert set(arrays) == {"weights"}
    np.testing.assert_allclose(arrays["weights"].view(np.float16), flat(weights), rtol=2**-11)


def test_more_travel_as_bytes_of_their_tensors_scale():
    weights = weights_of([100, 100], 10, 3) | {"hidden_2/bias": np.zeros(100, np.float32)}
    arrays = pack_weights(weights)
    assert (arrays["weights"].dtype, arrays["scales"].dtype, arrays["scales"].shape) == (np.uint8, np.float32, (1, 6))
    start = 0
    for weight, scale in zip(weights.values(), arrays["scales"][0], strict=True):
        part = arrays["weights"][start : start + weight.size].astype(np.float64)
        assert scale == np.abs(weight).max()
        np.testing.assert_allclose((part - 128) / 127 * scale, weight.ravel(), atol=scale / 127 / 2 * 1.001)
        start += weight.size
    assert start == len(arrays["weights"])


def test_of_many_the_strongest_units_travel():
    weights = weights_of([40, 5, 300], 400, 20, "layer")
    weights["hidden_1/kernel"][[3, 77]] *= 100  # two inputs
    weights["hidden_2/kernel"][[1, 39]] *= 100  # two units of the first layer, by what goes out
    weights["output/kernel"][:, 19] *= 100  # a class
    arrays = pack_weights(weights)
    shown = arrays["shown"]
    assert (shown.dtype, shown.shape) == (np.int32, (5, 16))
    assert {3, 77} <= set(shown[0])
    assert {1, 39} <= set(shown[1])
    np.testing.assert_array_equal(shown[2], [0, 1, 2, 3, 4, *[-1] * 11])
    assert 19 in shown[4]
    assert all((np.diff(level[level >= 0]) > 0).all() for level in shown)

    first, second, third, last, classes = ([int(unit) for unit in level if unit >= 0] for level in shown)
    kept = [
        weights["hidden_1/kernel"][first][:, second],
        *(weights[name][second] for name in ("hidden_1/bias", "normalization_1/gamma", "normalization_1/beta")),
        weights["hidden_2/kernel"][second][:, third],
        *(weights[name][third] for name in ("hidden_2/bias", "normalization_2/gamma", "normalization_2/beta")),
        weights["hidden_3/kernel"][third][:, last],
        *(weights[name][last] for name in ("hidden_3/bias", "normalization_3/gamma", "normalization_3/beta")),
        weights["output/kernel"][last][:, classes],
        weights["output/bias"][classes],
    ]
    expected = np.concatenate([part.ravel() for part in kept])
    np.testing.assert_allclose(arrays["weights"].view(np.float16), expected, rtol=2**-11)


def test_a_units_strength_is_what_comes_in_and_what_goes_out():
    weights = weights_of([30], 2, 2)
    kernel, out = weights["hidden_1/kernel"], weights["output/kernel"]
    strengths = [np.sqrt((kernel[:, unit] ** 2).sum()) + np.sqrt((out[unit] ** 2).sum()) for unit in range(30)]
    np.testing.assert_array_equal(strongest_units(weights)[1], sorted(np.argsort(strengths)[-16:]))


def test_half_floats_have_no_infinities():
    bits = half_bits(np.array([[1e9, -np.inf], [0.5, 65504]]))
    np.testing.assert_array_equal(bits.view(np.float16), [[65504, -65504], [0.5, 65504]])


@pytest.mark.parametrize(("classes", "weights"), [(3, [0.5, 0.3, 0.2]), (2, [0.9, 0.1])])
def test_every_class_has_its_share_of_the_rows(classes, weights):
    labels = np.random.default_rng(2).choice(classes, 5000, p=weights)
    rows = spread_rows(labels, 120)
    assert len(set(rows)) == 120
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, spread_rows(labels, 120))
    for label, count in Counter(labels[rows].tolist()).items():
        assert abs(count - 120 * np.mean(labels == label)) <= 1


def test_numbers_are_spread_as_they_are_and_few_rows_are_all_there():
    targets = np.random.default_rng(3).normal(size=3000).astype(np.float32)
    chosen = np.sort(targets[spread_rows(targets, 100)])
    np.testing.assert_allclose(chosen[10:-10], np.quantile(targets, (np.arange(100) + 0.5) / 100)[10:-10], atol=0.02)
    np.testing.assert_array_equal(spread_rows(targets[:7], 10), np.arange(7))


def test_points_are_training_rows_and_the_vertices_of_a_grid_over_the_plane():
    split = prepare(DataSpec("moons"))
    axes = Axes(1, 0)
    points = followed_points(split, axes, levels=4)
    rows = sample_rows(split, levels=4)
    assert points.shape == (120 + 81, 2)
    np.testing.assert_array_equal(points[:120], split.x_train[rows])
    plane = plane_of(split, axes)
    corners = points[[120, 128, 192, 200]]
    across, up = (plane.low[0], plane.high[0]), (plane.high[1], plane.low[1])
    raw = np.array([[up[0], across[0]], [up[0], across[1]], [up[1], across[0]], [up[1], across[1]]], np.float32)
    np.testing.assert_allclose(corners, split.to_inputs(raw), rtol=1e-5, atol=1e-6)


def test_without_a_plane_of_two_features_there_is_no_grid():
    assert followed_points(prepare(DataSpec("iris")), Axes(0, 1), levels=3).shape == (120, 4)
    assert followed_points(prepare(DataSpec("moons")), None, levels=3).shape == (120, 2)
    assert followed_points(prepare(DataSpec("curve")), None, levels=3).shape[1] == 1


@pytest.mark.parametrize(("units", "inputs"), [([64] * 6, 2), ([40] * 6, 30), ([73] * 5, 2), ([512] * 6, 784)])
def test_a_frames_arrays_take_at_most_30_kb(units, inputs):
    split = prepare(DataSpec("moons"))
    weights = weights_of(units, inputs, 2)
    levels = len(units) + 2
    arrays = pack_weights(weights)
    points = len(followed_points(split, Axes(0, 1), levels))
    total = sum(array.nbytes for array in arrays.values()) + levels * points * 3 * 2 + levels * 4
    assert total <= 30_000
