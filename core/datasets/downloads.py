"""Pictures that are downloaded once: MNIST, Fashion-MNIST and two sets of faces.

A worker downloads them (`core.workers.fetching`) through Keras and scikit-learn, which have their own caches
(`KERAS_HOME`, `SCIKIT_LEARN_DATA`). The arrays are then stored in `HIDDEN_LAYERS_HOME`, one file per data set, which
every process reads without Keras and without pickles.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.pictures import Pictures
from core.datasets.whole_files import sweep_unfinished, write_whole
from core.errors import DataError

HOME_VARIABLE = "HIDDEN_LAYERS_HOME"


class NotDownloadedError(DataError):
    """The pictures have not been downloaded to this machine; carries the name of the data set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{DOWNLOADS[name].title} has not been downloaded yet.")
        self.name = name

    def __reduce__(self) -> tuple[type[NotDownloadedError], tuple[str]]:
        return (NotDownloadedError, (self.name,))


@dataclass(frozen=True)
class Download:
    """The source of a set of pictures.

    Attributes:
        title: the name that people see.
        megabytes: the approximate size of the download.
        folder: where the library stores its downloads.
        by_hand: which files to put where on a machine without a network.
    """

    title: str
    megabytes: float
    folder: Callable[[], Path]
    by_hand: str


def _keras_folder() -> Path:
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "datasets"


def _sklearn_folder() -> Path:
    return Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser()


DOWNLOADS = {
    "mnist": Download("MNIST", 11.5, _keras_folder, "mnist.npz in {folder}"),
    "fashion": Download(
        "Fashion-MNIST",
        30.9,
        _keras_folder,
        "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and "
        "t10k-labels-idx1-ubyte.gz in {folder}/fashion-mnist",
    ),
    "lfw": Download(
        "Labeled Faces in the Wild",
        243.0,
        _sklearn_folder,
        "lfw-funneled.tgz (or the folder lfw_funneled unpacked from it), pairs.txt, pairsDevTrain.txt and "
        "pairsDevTest.txt in {folder}/lfw_home",
    ),
    "olivetti": Download(
        "Olivetti faces", 4.0, _sklearn_folder, "olivetti_py3.pkz, as scikit-learn writes it, in {folder}"
    ),
}


def is_downloaded(name: str) -> bool:
    """Return whether the pictures of a set are on this machine."""
    return _file_of(name).exists()


def read_pictures(name: str) -> Pictures:
    """Return the pictures of a set that has been downloaded.

    Raises:
        NotDownloadedError: if it has not.
    """
    path = _file_of(name)
    if not path.exists():
        raise NotDownloadedError(name)
    with np.load(path, allow_pickle=False) as arrays:
        return Pictures(arrays["images"], arrays["labels"], tuple(arrays["class_names"].tolist()))


def write_pictures(name: str, pictures: Pictures) -> None:
    """Store the pictures of a set, for every process to read."""
    path = _file_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    names = np.array(pictures.class_names)
    write_whole(path, lambda file: np.savez(file, images=pictures.images, labels=pictures.labels, class_names=names))


def sweep_downloads() -> None:
    """Delete what a process that was killed has left half written."""
    sweep_unfinished(home())


def megabytes_in_folder(name: str) -> float:
    """Return the size of the folder in which a set's library stores its downloads."""
    folder = DOWNLOADS[name].folder()
    return sum(path.stat().st_size for path in folder.rglob("*.*") if path.is_file()) / 1e6


def use_data_home(folder: Path) -> None:
    """Use one folder for all downloads; scikit-learn's are in its `scikit_learn_data` if there is such a folder.

    Must be called before Keras is imported.
    """
    os.environ["KERAS_HOME"] = str(folder)
    below = folder / "scikit_learn_data"
    os.environ["SCIKIT_LEARN_DATA"] = str(below if below.is_dir() else folder)
    os.environ[HOME_VARIABLE] = str(folder / "hidden_layers")


def home() -> Path:
    """Return the folder in which the processes of this machine share data."""
    return Path(os.environ.get(HOME_VARIABLE, "~/.cache/hidden_layers")).expanduser()


def _file_of(name: str) -> Path:
    return home() / f"{name}.npz"
