"""Points in the plane, generated from a seed, with a class or a number to predict.

Every function takes a DataSpec and returns `points` rows of two features (`curve`: of one). The settings of the
published recipes give the published points, bit for bit; therefore `sine` and `spiral` use NumPy's
legacy generator.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.experiment import DataSpec


def linear(spec: DataSpec) -> Dataset:
    """Make two clouds that a straight line separates; `noise` is the share of random labels.

    Source: scikit-learn's `make_classification` with one cluster per class.
    """
    from sklearn.datasets import make_classification

    points, noise, seed = _settings(spec)
    features, labels = make_classification(
        n_samples=points,
        n_features=2,
        n_redundant=0,
        n_informative=2,
        n_clusters_per_class=1,
        flip_y=noise,
        random_state=seed,
    )
    return _dataset(features, labels, 2)


def moons(spec: DataSpec) -> Dataset:
    """Make two interleaving half circles; `noise` is the standard deviation of both coordinates.

    Source: scikit-learn's `make_moons`.
    """
    from sklearn.datasets import make_moons

    points, noise, seed = _settings(spec)
    features, labels = make_moons(points, noise=noise, random_state=seed)
    return _dataset(features, labels, 2)


def circles(spec: DataSpec) -> Dataset:
    """Make a circle inside a circle; `noise` is the standard deviation of both coordinates.

    Source: scikit-learn's `make_circles`.
    """
    from sklearn.datasets import make_circles

    points, noise, seed = _settings(spec)
    features, labels = make_circles(points, noise=noise, factor=0.3, random_state=seed)
    return _dataset(features, labels, 2)


def xor(spec: DataSpec) -> Dataset:
    """Make points in [-1, 1]², class 1 where both signs agree; `noise` is the standard deviation added to them."""
    points, noise, seed = _settings(spec)
    random = np.random.RandomState(seed)
    features = random.uniform(-1, 1, (points, 2))
    labels = features[:, 0] * features[:, 1] > 0
    return _dataset(features + random.normal(0, noise, (points, 2)), labels, 2)


def gaussians(spec: DataSpec) -> Dataset:
    """Make two round clouds around (-1, -1) and (1, 1); `noise` is their standard deviation."""
    centres = np.array([[-1.0, -1.0], [1.0, 1.0]])
    return _clouds(spec, centres)


def blobs(spec: DataSpec) -> Dataset:
    """Make `classes` round clouds, evenly spaced on a circle; `noise` is their standard deviation.

    The first centre is at 102 degrees. The point (0.2, 0.8) of the recipe `four-blobs` then lies on the first class's
    side of its border with the second, so close that the trained network predicts the recipe's 0.93 (0.91 to 0.97 over
    four seeds of weights and two of points) rather than 1.00.
    """
    assert spec.classes is not None
    angles = np.radians(102) + 2 * np.pi * np.arange(spec.classes) / spec.classes
    centres = 0.5 + 0.35 * np.column_stack([np.cos(angles), np.sin(angles)])
    return _clouds(spec, centres)


def sine(spec: DataSpec) -> Dataset:
    """Make three periods of a sine wave whose quarters alternate between two classes.

    Every quarter is shifted away from the one before, and both half-planes away from the axis;
    `noise` is the standard deviation from the wave. Source: the recipe `sine`.
    """
    points, noise, seed = _settings(spec)
    periods = 3
    x1 = np.linspace(-periods * np.pi, periods * np.pi, points)
    wave = np.sin(x1)
    away = np.abs(np.random.RandomState(seed).normal(0, noise, points) + 0.1)
    # The recipe's `row // step` if 12 divides the points; otherwise the quarters still match the wave.
    quarter = np.arange(points) * 4 * periods // points
    features = np.column_stack([x1 + 0.3 * quarter, wave + np.sign(wave) * away])
    return _dataset(features, quarter % 2, 2)


def spiral(spec: DataSpec) -> Dataset:
    """Make a spiral of `arms` arms, one class each; `noise` is the standard deviation of the angle in radians.

    Source: the recipe `spiral`.
    """
    points, noise, seed = _settings(spec)
    assert spec.arms is not None
    random = np.random.RandomState(seed)
    # The recipe's three arms start 4 radians apart; other numbers of arms would overlap.
    apart = 4.0 if spec.arms == 3 else 2 * np.pi / spec.arms
    labels = np.sort(np.arange(points) % spec.arms)
    arms = []
    for arm, size in enumerate(np.bincount(labels)):
        radius = np.linspace(0, 1, size)
        angle = np.linspace(apart * arm, apart * arm + 4, size) + noise * random.standard_normal(size)
        arms.append(np.column_stack([radius * np.sin(angle), radius * np.cos(angle)]))
    return _dataset(np.concatenate(arms), labels, spec.arms)


def plane(spec: DataSpec) -> Dataset:
    """Make points in [-1, 1]² with the number (x1 + x2) / 2; `noise` is its standard deviation.

    Source: TensorFlow Playground's regression on a plane.
    """
    features, random = _square(spec)
    return _numbers(spec, features, features.mean(axis=1), random)


def hills(spec: DataSpec) -> Dataset:
    """Make points in [-1, 1]² with the height of a landscape; `noise` is its standard deviation.

    The landscape has six alternating Gaussian hills and hollows in two rows of three, of height 1 and standard
    deviation 0.2. Source: after TensorFlow Playground's "multi gaussian".
    """
    features, random = _square(spec)
    heights = np.zeros(len(features))
    for index, centre in enumerate((x1, x2) for x2 in (0.45, -0.45) for x1 in (-0.65, 0.0, 0.65)):
        distances = np.square(features - centre).sum(axis=1)
        heights += (-1) ** index * np.exp(-distances / (2 * 0.2**2))
    return _numbers(spec, features, heights, random)


def curve(spec: DataSpec) -> Dataset:
    """Make points along 0.7 sin(1.5 x) + 0.3 sin(5 x), x from -3 to 3; `noise` is the standard deviation from it."""
    points, _, seed = _settings(spec)
    random = np.random.default_rng(seed)
    x = random.uniform(-3, 3, (points, 1))
    return _numbers(spec, x, 0.7 * np.sin(1.5 * x[:, 0]) + 0.3 * np.sin(5 * x[:, 0]), random)


def _square(spec: DataSpec) -> tuple[NDArray[np.float64], np.random.Generator]:
    """Return points (points, 2) drawn uniformly from [-1, 1]², and the generator."""
    points, _, seed = _settings(spec)
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (points, 2)), random


def _numbers(
    spec: DataSpec, features: NDArray[np.float64], numbers: NDArray[np.float64], random: np.random.Generator
) -> Dataset:
    """Return a data set of features and numbers, with noise on the numbers."""
    points, noise, _ = _settings(spec)
    return Dataset(
        features.astype(np.float32),
        (numbers + random.normal(0, noise, points)).astype(np.float32),
        feature_names=("x1", "x2") if features.shape[1] == 2 else ("x",),
        class_names=(),
        target_name="y",
    )


def _clouds(spec: DataSpec, centres: NDArray[np.float64]) -> Dataset:
    # Classes alternate, so that the first rows have all of them.
    points, noise, seed = _settings(spec)
    labels = np.arange(points) % len(centres)
    features = centres[labels] + np.random.RandomState(seed).normal(0, noise, (points, 2))
    return _dataset(features, labels, len(centres))


def _settings(spec: DataSpec) -> tuple[int, float, int]:
    # A DataSpec has all settings of its data set, which the types don't express.
    assert spec.points is not None
    assert spec.noise is not None
    assert spec.seed is not None
    return spec.points, spec.noise, spec.seed


def _dataset(features: NDArray[np.float64], labels: NDArray[np.generic], classes: int) -> Dataset:
    return Dataset(
        features.astype(np.float32),
        labels.astype(np.int64),
        feature_names=("x1", "x2"),
        class_names=tuple(f"class {label}" for label in range(classes)),
    )
