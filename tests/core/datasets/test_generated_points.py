import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_circles, make_classification, make_moons

from core.datasets import Dataset, make_dataset
from core.experiment import DataSpec

CLASS_SETS = ("linear", "moons", "circles", "xor", "gaussians", "sine", "spiral", "blobs")
NUMBER_SETS = ("plane", "hills", "curve")


def assert_is(dataset: Dataset, features, labels) -> None:
    np.testing.assert_array_equal(dataset.features, np.asarray(features).astype(np.float32))
    np.testing.assert_array_equal(dataset.labels, labels)


def test_linear_is_the_recipe():
    expected = make_classification(
        n_samples=1000, n_features=2, n_redundant=0, n_informative=2, random_state=7, n_clusters_per_class=1
    )
    assert_is(make_dataset(DataSpec("linear")), *expected)


def test_moons_are_the_recipe():
    assert_is(make_dataset(DataSpec("moons")), *make_moons(1000, noise=0.05, random_state=0))


def test_circles_are_the_recipe():
    assert_is(make_dataset(DataSpec("circles")), *make_circles(1000, noise=0.05, factor=0.3, random_state=0))


def test_sklearn_makers_take_points_noise_and_seed():
    for noise in (0.0, 0.3):
        linear, moons, circles = (
            make_dataset(DataSpec(name, points=60, noise=noise, seed=5)) for name in ("linear", "moons", "circles")
        )
        assert_is(moons, *make_moons(60, noise=noise, random_state=5))
        assert_is(circles, *make_circles(60, noise=noise, factor=0.3, random_state=5))
        options = {"n_informative": 2, "n_redundant": 0, "n_clusters_per_class": 1}
        assert_is(linear, *make_classification(60, 2, **options, flip_y=noise, random_state=5))


def test_sine_is_the_recipe():
    draws = np.random.RandomState(0).normal(0, 0.1, 2400)
    rows, labels = [], []
    for row in range(2400):
        x0 = -3 * math.pi + row * 6 * math.pi / 2399
        height = math.sin(x0)
        height += math.copysign(abs(draws[row] + 0.1), height)
        rows.append((x0 + 0.3 * (row // 200), height))
        labels.append(row // 200 % 2)
    sine = make_dataset(DataSpec("sine"))
    np.testing.assert_allclose(sine.features, rows, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(sine.labels, labels)


@given(points=st.integers(20, 10_000), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_sine_has_twelve_quarters_of_nearly_one_size(points, seed):
    labels = make_dataset(DataSpec("sine", points=points, seed=seed)).labels
    starts = np.flatnonzero(np.diff(labels, prepend=1))
    sizes = np.diff(starts, append=points)
    assert len(sizes) == 12
    assert np.ptp(sizes) <= 1


def test_sine_keeps_away_from_the_axis_without_noise():
    sine = make_dataset(DataSpec("sine", points=2400, noise=0.0))
    assert np.abs(sine.features[:, 1]).min() >= 0.1
    assert np.abs(sine.features[:, 1]).max() == pytest.approx(1.1, abs=1e-3)


def test_spiral_is_the_recipe():
    draws = np.random.RandomState(0).normal(size=1500)
    rows = []
    for row in range(1500):
        arm, place = divmod(row, 500)
        radius = place / 499
        angle = 4 * arm + 4 * radius + 0.2 * draws[row]
        rows.append((radius * math.sin(angle), radius * math.cos(angle)))
    spiral = make_dataset(DataSpec("spiral"))
    np.testing.assert_allclose(spiral.features, rows, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(spiral.labels, [0] * 500 + [1] * 500 + [2] * 500)


def test_spiral_arms_start_evenly_around_the_centre():
    for arms in (2, 4, 5):
        spiral = make_dataset(DataSpec("spiral", points=1000 * arms, noise=0.0, arms=arms))
        early = spiral.features[10::1000]
        directions = np.sort(np.arctan2(early[:, 0], early[:, 1]) % (2 * np.pi))
        np.testing.assert_allclose(np.diff(directions), 2 * np.pi / arms, atol=1e-4)


@given(
    points=st.integers(20, 2000),
    kind=st.one_of(
        st.tuples(st.just("spiral"), st.just("arms"), st.integers(2, 5)),
        st.tuples(st.just("blobs"), st.just("classes"), st.integers(2, 8)),
    ),
)
@settings(max_examples=30, deadline=None)
def test_many_class_sets_are_balanced_whatever_the_points(points, kind):
    name, key, classes = kind
    dataset = make_dataset(DataSpec(name, points=points, **{key: classes}))
    counts = np.bincount(dataset.labels)
    assert len(counts) == len(dataset.class_names) == classes
    assert counts.sum() == len(dataset.features) == points
    assert np.ptp(counts) <= 1


def test_blobs_lie_evenly_on_a_circle_with_the_first_of_four_at_the_top():
    blobs = make_dataset(DataSpec("blobs", points=40, noise=0.0))
    centres = np.array([blobs.features[blobs.labels == label].mean(axis=0) for label in range(4)])
    # A quarter turn to the left moves (x, y), relative to the centre, to (-y, x).
    across, up = 0.35 * math.cos(math.radians(102)), 0.35 * math.sin(math.radians(102))
    expected = 0.5 + np.array([(across, up), (-up, across), (-across, -up), (up, -across)])
    np.testing.assert_allclose(centres, expected, atol=1e-6)


def test_clouds_spread_by_noise():
    for name, spread in (("blobs", 0.1), ("gaussians", 0.6)):
        clouds = make_dataset(DataSpec(name, points=10_000, noise=spread))
        for label in np.unique(clouds.labels):
            deviation = clouds.features[clouds.labels == label].std(axis=0)
            np.testing.assert_allclose(deviation, spread, rtol=0.06)


def test_gaussians_are_centred_on_minus_one_and_one():
    gaussians = make_dataset(DataSpec("gaussians", points=40, noise=0.0))
    np.testing.assert_array_equal(gaussians.features[gaussians.labels == 0], np.full((20, 2), -1.0))
    np.testing.assert_array_equal(gaussians.features[gaussians.labels == 1], np.full((20, 2), 1.0))


def test_xor_classes_are_the_quadrants():
    xor = make_dataset(DataSpec("xor", points=1000, noise=0.0))
    signs = np.sign(xor.features)
    np.testing.assert_array_equal(xor.labels, signs[:, 0] == signs[:, 1])
    assert np.abs(xor.features).max() <= 1
    assert {tuple(pair) for pair in signs} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}


def test_xor_noise_moves_points_but_not_their_classes():
    clean = make_dataset(DataSpec("xor", points=10_000, noise=0.0))
    noisy = make_dataset(DataSpec("xor", points=10_000, noise=0.2))
    np.testing.assert_array_equal(noisy.labels, clean.labels)
    np.testing.assert_allclose((noisy.features - clean.features).std(axis=0), 0.2, rtol=0.05)


def test_every_point_set_has_the_points_asked_for_and_every_class():
    for name in CLASS_SETS:
        for points in (20, 23, 10_000):
            dataset = make_dataset(DataSpec(name, points=points))
            assert dataset.features.shape == (points, 2)
            assert set(dataset.labels) == set(range(len(dataset.class_names)))
            assert dataset.feature_names == ("x1", "x2")
            assert dataset.class_names[:2] == ("class 0", "class 1")


def test_the_plane_is_half_the_sum_of_both_features():
    plane = make_dataset(DataSpec("plane", noise=0.0))
    np.testing.assert_allclose(plane.labels, plane.features @ [0.5, 0.5], atol=1e-6)


def test_hills_and_hollows_take_turns():
    hills = make_dataset(DataSpec("hills", points=10_000, noise=0.0))
    centres = {(-0.65, 0.45): 1, (0, 0.45): -1, (0.65, 0.45): 1, (-0.65, -0.45): -1, (0, -0.45): 1, (0.65, -0.45): -1}
    for centre, height in centres.items():
        distances = np.linalg.norm(hills.features - np.array(centre, np.float32), axis=1)
        assert np.sign(hills.labels[distances.argmin()]) == height
        # Almost 1 at the top and exp(-1/2) at a distance of one standard deviation; the other hills add little.
        assert np.abs(hills.labels[distances < 0.03]) == pytest.approx(1, abs=0.03)
        ring = np.abs(distances - 0.2) < 0.005
        assert np.abs(hills.labels[ring]).mean() == pytest.approx(math.exp(-0.5), abs=0.06)


def test_the_curve_is_its_formula():
    curve = make_dataset(DataSpec("curve", noise=0.0))
    expected = [0.7 * math.sin(1.5 * x) + 0.3 * math.sin(5 * x) for x in curve.features[:, 0].tolist()]
    np.testing.assert_allclose(curve.labels, expected, atol=1e-6)
    assert curve.feature_names == ("x",)


def test_every_number_set_has_the_points_asked_for_evenly_in_its_bounds():
    for name, bound in (("plane", 1), ("hills", 1), ("curve", 3)):
        for points in (20, 10_000):
            dataset = make_dataset(DataSpec(name, points=points))
            assert len(dataset.features) == len(dataset.labels) == points
            assert np.abs(dataset.features).max() <= bound
            if points == 10_000:  # the standard deviation of a uniform distribution is its width over the root of 12
                np.testing.assert_allclose(dataset.features.std(axis=0), 2 * bound / math.sqrt(12), rtol=0.02)
                assert np.abs(dataset.labels).max() == pytest.approx(1, abs=0.25)


def test_noise_moves_the_numbers_and_no_point():
    for name in NUMBER_SETS:
        clean, noisy = (make_dataset(DataSpec(name, points=10_000, noise=noise)) for noise in (0.0, 0.2))
        np.testing.assert_array_equal(noisy.features, clean.features)
        assert (noisy.labels - clean.labels).std() == pytest.approx(0.2, rel=0.05)


def test_another_seed_makes_other_points():
    for name in (*CLASS_SETS, *NUMBER_SETS):
        first, second = (make_dataset(DataSpec(name, seed=seed)) for seed in (3, 4))
        assert not np.array_equal(first.features, second.features)
