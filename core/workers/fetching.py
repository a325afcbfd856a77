"""Downloading pictures with Keras and scikit-learn, in a worker or on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from core.datasets.downloads import DOWNLOADS, HOME_VARIABLE, is_downloaded, write_pictures
from core.datasets.pictures import Pictures
from core.errors import DataError

_MIN_FACES = 20  # pictures of a person; a network cannot learn to recognize people with fewer


def _mnist() -> Pictures:
    import keras

    return _joined(keras.datasets.mnist.load_data(), tuple(map(str, range(10))))


def _fashion() -> Pictures:
    import keras

    names = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
    return _joined(keras.datasets.fashion_mnist.load_data(), names)


def _joined(parts: Any, class_names: tuple[str, ...]) -> Pictures:
    """Return Keras's training and test set as one set of pictures."""
    (x_train, y_train), (x_test, y_test) = parts
    labels = np.concatenate([y_train, y_test]).astype(np.int64)
    return Pictures(np.concatenate([x_train, x_test]), labels, class_names)


def _lfw() -> Pictures:
    from sklearn.datasets import fetch_lfw_people

    bunch = fetch_lfw_people(min_faces_per_person=_MIN_FACES)
    return Pictures(bunch.images.astype(np.float32), bunch.target.astype(np.int64), tuple(map(str, bunch.target_names)))


def _olivetti() -> Pictures:
    from sklearn.datasets import fetch_olivetti_faces

    bunch = fetch_olivetti_faces()
    names = tuple(f"person {number}" for number in range(1, 1 + len(np.unique(bunch.target))))
    return Pictures(bunch.images.astype(np.float32), bunch.target.astype(np.int64), names)


FETCH: Mapping[str, Callable[[], Pictures]] = {
    "mnist": _mnist,
    "fashion": _fashion,
    "lfw": _lfw,
    "olivetti": _olivetti,
}


def fetch_pictures(name: str) -> None:
    """Download a set of pictures and write it to disk, unless that was done before; takes seconds to minutes.

    Raises:
        DataError: where it cannot be downloaded, saying which file to put where, or cannot be written to disk.
    """
    if is_downloaded(name):
        return
    download = DOWNLOADS[name]
    try:
        pictures = FETCH[name]()
    # For a failed download Keras raises a plain Exception; scikit-learn and the network raise many kinds.
    except Exception as error:
        by_hand = download.by_hand.format(folder=download.folder())
        raise DataError(
            f"{download.title} could not be loaded ({type(error).__name__}: {error}). Without a network, put "
            f"{by_hand}, and try again."
        ) from error
    try:
        write_pictures(name, pictures)
    except OSError as error:
        raise DataError(
            f"{download.title} could not be saved ({error}). Make that folder writable, or set another one with "
            f"`{HOME_VARIABLE}`."
        ) from error
