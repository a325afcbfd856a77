"""Where points lie after a level, against scikit-learn's components; how well a line parts them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.analysis.spaces import lay_out, separability


def outputs(rows: int, units: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(size=(rows, units)) * np.linspace(3, 1, units) + random.normal(size=units)).astype(np.float32)


@pytest.mark.parametrize("units", [1, 2, 3])
def test_up_to_three_units_are_axes(units):
    given = outputs(50, units)
    (points,) = lay_out([given])
    np.testing.assert_array_equal(points[:, :units], given)
    np.testing.assert_array_equal(points[:, units:], 0)
    assert (points.dtype, points.shape) == (np.float32, (50, 3))


@pytest.mark.parametrize(("rows", "units"), [(201, 4), (201, 64), (90, 300), (5, 64)])
def test_more_are_seen_along_their_first_three_components(rows, units):
    given = outputs(rows, units)
    (points,) = lay_out([given])
    expected = PCA(3, svd_solver="full").fit_transform(given.astype(np.float64))
    np.testing.assert_allclose(np.abs(points), np.abs(expected), rtol=1e-4, atol=1e-4)
    (again,) = lay_out([given])
    np.testing.assert_array_equal(points, again)


def test_two_points_have_one_component():
    (points,) = lay_out([outputs(2, 10)])
    assert np.abs(points[:, 0]).min() > 0
    np.testing.assert_allclose(points[:, 1:], 0, atol=1e-3)


def test_signs_and_order_are_those_before():
    given = [outputs(100, 8), outputs(100, 2), outputs(100, 200, seed=1)]
    before = lay_out(given)
    turned = [points[:, [1, 2, 0]] * [1, -1, -1] for points in before]
    after = lay_out(given, turned)
    for place in (0, 2):
        np.testing.assert_allclose(after[place], turned[place], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(after[1], before[1])


def test_a_slow_change_flips_nothing():
    """Two components that change places in strength keep theirs on the axes."""
    random = np.random.default_rng(4)
    drawn = random.normal(size=(150, 5))
    base, _ = np.linalg.qr(drawn - drawn.mean(axis=0))
    before = None
    for share in np.linspace(0, 1, 20):
        strengths = np.array([3 - 2 * share, 1 + 2 * share, 0.5, 0.1, 0.1])
        (points,) = lay_out([(base * strengths).astype(np.float32)], before)
        if before is not None:
            for axis in range(2):
                assert np.corrcoef(points[:, axis], before[0][:, axis])[0, 1] > 0.9
        before = [points]
    assert points[:, 1].var() > 5 * points[:, 0].var()


def test_what_is_no_number_upsets_nothing():
    given = outputs(30, 6)
    given[3, 2], given[4, 1] = np.nan, np.inf
    (points,) = lay_out([given])
    assert np.isfinite(points).all()
    assert np.isfinite(separability([given], np.arange(30) % 2, [given], np.arange(30) % 2, classes=2)).all()


def test_separability_is_the_accuracy_of_a_logistic_regression():
    random = np.random.default_rng(5)
    labels = random.integers(0, 3, 600)
    centres = random.normal(size=(3, 4))
    easy, hard = (
        (centres[labels] * pull + random.normal(size=(600, 4))).astype(np.float32) * [1, 10, 0.1, 1]
        for pull in (3, 0.7)
    )
    found = separability([easy[:400], hard[:400]], labels[:400], [easy[400:], hard[400:]], labels[400:], classes=3)
    for level, score in zip((easy, hard), found, strict=True):
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(level[:400], labels[:400])
        assert score == pytest.approx(model.score(level[400:], labels[400:]), abs=0.011)
    assert found[0] > found[1] + 0.1
    assert (found.dtype, found.shape) == (np.float32, (2,))


def test_of_numbers_it_is_the_r2_of_a_linear_regression():
    random = np.random.default_rng(6)
    level = random.normal(size=(300, 5)).astype(np.float32)
    target = (level @ random.normal(size=5) + random.normal(size=300) + 50).astype(np.float32)
    (found,) = separability([level[:200]], target[:200], [level[200:]], target[200:], classes=0)
    expected = LinearRegression().fit(level[:200], target[:200]).score(level[200:], target[200:])
    assert found == pytest.approx(expected, abs=1e-3)


def test_units_that_are_all_alike_and_a_single_class_can_be_told_too():
    level = np.ones((40, 3), np.float32)
    (alike,) = separability([level], np.arange(40) % 4 // 3, [level], np.arange(40) % 4 // 3, classes=2)
    assert alike == pytest.approx(0.75)
    (numbers,) = separability([level], np.arange(40.0), [level], np.arange(40.0), classes=0)
    assert numbers == pytest.approx(0, abs=1e-6)
    (single,) = separability([level], np.zeros(40, np.int64), [level], np.arange(40) % 2, classes=2)
    assert single == 0.5
