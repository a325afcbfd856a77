"""Data sets of pictures: every row is a picture, stored row by row."""

from __future__ import annotations

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.downloads import read_pictures
from core.datasets.pictures import Pictures
from core.errors import DataError
from core.experiment import DataSpec


def digits(_: DataSpec) -> Dataset:
    """Load 1,797 handwritten digits of 8x8 pixels from 0 to 16; source: scikit-learn's `load_digits`."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        bunch.data.astype(np.float32),
        bunch.target.astype(np.int64),
        feature_names=tuple(bunch.feature_names),
        class_names=tuple(map(str, bunch.target_names)),
        image_shape=(8, 8),
    )


def mnist(_: DataSpec) -> Dataset:
    """Load 70,000 handwritten digits of 28x28 pixels from 0 to 1, the training part first; source: Keras."""
    return from_pictures(read_pictures("mnist"))


def fashion(_: DataSpec) -> Dataset:
    """Load 70,000 pieces of clothing of 28x28 pixels from 0 to 1, the training part first; source: Keras."""
    return from_pictures(read_pictures("fashion"))


def lfw(spec: DataSpec) -> Dataset:
    """Load faces of 62x47 pixels from 0 to 1 of the people with enough pictures.

    Everybody has at least `min_pictures`, of which the first `max_pictures` are taken. Source: scikit-learn's
    `fetch_lfw_people` (Huang et al., 2007).

    Raises:
        DataError: if fewer than two people have so many pictures.
    """
    assert spec.min_pictures is not None
    assert spec.max_pictures is not None
    pictures = read_pictures("lfw")
    counts = np.bincount(pictures.labels, minlength=len(pictures.class_names))
    people = np.flatnonzero(counts >= spec.min_pictures)
    if len(people) < 2:
        raise DataError(
            f"`min_pictures` must leave at least two people: the one with the second most pictures has "
            f"{np.sort(counts)[-2]}. Received: {spec.min_pictures}."
        )
    # For every row, how many pictures of that person there are up to this one.
    seen = np.zeros(len(pictures.labels), np.int64)
    for person in people:
        rows = pictures.labels == person
        seen[rows] = np.arange(1, rows.sum() + 1)
    kept = (seen > 0) & (seen <= spec.max_pictures)
    names = tuple(pictures.class_names[person] for person in people)
    shown = Pictures(pictures.images[kept], np.searchsorted(people, pictures.labels[kept]), names)
    return from_pictures(shown, photographs=True)


def olivetti(_: DataSpec) -> Dataset:
    """Load 400 faces of 64x64 pixels from 0 to 1, ten of each of 40 people; source: scikit-learn."""
    return from_pictures(read_pictures("olivetti"), photographs=True)


def from_pictures(pictures: Pictures, photographs: bool = False) -> Dataset:
    """Make a data set of pictures from 0 to 1; in photographs high values mean light rather than ink."""
    count, *shape = pictures.images.shape
    features = pictures.images.reshape(count, -1).astype(np.float32)
    if pictures.images.dtype == np.uint8:
        features /= 255
    return Dataset(
        features,
        pictures.labels.astype(np.int64),
        feature_names=_pixel_names(*shape),
        class_names=pictures.class_names,
        image_shape=tuple(shape),
        photographs=photographs,
        dropped_rows=pictures.damaged,
    )


def _pixel_names(height: int, width: int, channels: int = 1) -> tuple[str, ...]:
    """Return the names of all pixels, in colour those of red, green and blue."""
    colours = tuple(f", {colour}" for colour in ("red", "green", "blue")) if channels == 3 else ("",)
    return tuple(
        f"row {row + 1}, column {column + 1}{colour}"
        for row in range(height)
        for column in range(width)
        for colour in colours
    )
