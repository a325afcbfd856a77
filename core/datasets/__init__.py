"""The data sets of the menu, made from a DataSpec, and their preparation."""

from __future__ import annotations

from collections.abc import Callable

from core.bounded_process import bounded
from core.datasets import generated_points, measured_tables, picture_sets
from core.datasets.data_cache import DATA_CACHE
from core.datasets.dataset import Dataset, Split
from core.datasets.splitting import split_dataset
from core.datasets.upload_store import check_here
from core.experiment import DataSpec

__all__ = ["DATASETS", "Dataset", "Split", "make_dataset", "prepare", "split_dataset"]


def _from_file(spec: DataSpec) -> Dataset:
    from core.datasets.uploaded_data import from_file  # loads pandas and PyArrow

    return from_file(spec)


DATASETS: dict[str, Callable[[DataSpec], Dataset]] = {
    "linear": generated_points.linear,
    "moons": generated_points.moons,
    "circles": generated_points.circles,
    "xor": generated_points.xor,
    "gaussians": generated_points.gaussians,
    "sine": generated_points.sine,
    "spiral": generated_points.spiral,
    "blobs": generated_points.blobs,
    "iris": measured_tables.iris,
    "wine": measured_tables.wine,
    "cancer": measured_tables.cancer,
    "digits": picture_sets.digits,
    "mnist": picture_sets.mnist,
    "fashion": picture_sets.fashion,
    "lfw": picture_sets.lfw,
    "olivetti": picture_sets.olivetti,
    "file": _from_file,
    "file_numbers": _from_file,
    "penguins": measured_tables.penguins,
    "plane": generated_points.plane,
    "hills": generated_points.hills,
    "curve": generated_points.curve,
    "diabetes": measured_tables.diabetes,
}


def make_dataset(spec: DataSpec) -> Dataset:
    """Return the data set that `spec` names, made with its settings and seed; equal specs give equal arrays."""
    return DATASETS[spec.name](spec)


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
    if spec.table is not None:
        check_here(spec.table.file)  # it may have been deleted since
        return _prepare_upload(spec)
    return _prepare(spec)


@DATA_CACHE.cached
def _prepare(spec: DataSpec) -> Split:
    return split_dataset(make_dataset(spec), spec)


@bounded
def _split_upload(spec: DataSpec) -> Split:
    return split_dataset(make_dataset(spec), spec)


_prepare_upload = DATA_CACHE.cached(_split_upload)  # not kept in the bounded process
