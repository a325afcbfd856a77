"""The data sets of the menu, each made from its DataSpec, and their preparation."""

from __future__ import annotations

from collections.abc import Callable

from core.datasets import images, points, tables
from core.datasets.data_cache import DATA_CACHE
from core.datasets.dataset import Dataset, Split
from core.datasets.preparation import split_dataset
from core.experiment import DataSpec

__all__ = ["DATASETS", "Dataset", "Split", "make_dataset", "prepare", "split_dataset"]


def _from_file(spec: DataSpec) -> Dataset:
    from core.datasets.files import from_file  # and with it pandas and PyArrow

    return from_file(spec)


DATASETS: dict[str, Callable[[DataSpec], Dataset]] = {
    "linear": points.linear,
    "moons": points.moons,
    "circles": points.circles,
    "xor": points.xor,
    "gaussians": points.gaussians,
    "sine": points.sine,
    "spiral": points.spiral,
    "blobs": points.blobs,
    "iris": tables.iris,
    "wine": tables.wine,
    "cancer": tables.cancer,
    "digits": images.digits,
    "mnist": images.mnist,
    "fashion": images.fashion,
    "lfw": images.lfw,
    "olivetti": images.olivetti,
    "file": _from_file,
    "file_numbers": _from_file,
    "penguins": tables.penguins,
    "plane": points.plane,
    "hills": points.hills,
    "curve": points.curve,
    "diabetes": tables.diabetes,
}


def make_dataset(spec: DataSpec) -> Dataset:
    """Return the data set that `spec` names, made with its settings and seed; equal specs, equal arrays."""
    return DATASETS[spec.name](spec)


@DATA_CACHE.cached
def prepare(spec: DataSpec) -> Split:
    """Return the data set that `spec` names, split and scaled; prepared once for everybody who asks.

    >>> split = prepare(DataSpec("moons", points=100, test=0.2))
    >>> split.x_train.shape, split.x_test.shape
    ((80, 2), (20, 2))

    Raises:
        DataError: where no split gives every class training rows and leaves rows to hold out.
        NotDownloadedError: where the data set has to be downloaded first.
        NotUploadedError: where its file has to be uploaded first.
    """
    return split_dataset(make_dataset(spec), spec)
