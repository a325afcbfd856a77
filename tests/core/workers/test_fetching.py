"""Fetching through Keras and scikit-learn, from small files in the format of the real ones."""

import gzip

import joblib
import keras
import numpy as np
import pytest
from PIL import Image

from core.datasets.downloads import HOME_VARIABLE, is_downloaded, read_pictures
from core.errors import DataError
from core.workers.fetching import FETCH, fetch_pictures


@pytest.fixture(autouse=True)
def homes(tmp_path, monkeypatch):
    """Empty homes for the libraries, no network, and an empty home for the arrays."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "arrays"))
    monkeypatch.setattr(keras.src.utils.file_utils.config, "keras_home", lambda: str(tmp_path))
    for proxy in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # where nobody listens
    return tmp_path


def write_fashion(folder, images, labels, name) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / f"{name}-labels-idx1-ubyte.gz", "wb") as file:
        file.write(bytes(8) + labels.tobytes())
    with gzip.open(folder / f"{name}-images-idx3-ubyte.gz", "wb") as file:
        file.write(bytes(16) + images.tobytes())


def test_both_parts_of_fashion_mnist_are_one(homes):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (10, 28, 28), dtype=np.uint8)
    labels = np.arange(10, dtype=np.uint8)
    folder = homes / "datasets" / "fashion-mnist"
    write_fashion(folder, images[:7], labels[:7], "train")
    write_fashion(folder, images[7:], labels[7:], "t10k")
    fetch_pictures("fashion")
    pictures = read_pictures("fashion")
    np.testing.assert_array_equal(pictures.images, images)
    assert pictures.labels.tolist() == list(range(10))
    assert pictures.class_names[9] == "ankle boot"


def test_both_parts_of_mnist_are_one(homes, monkeypatch):
    monkeypatch.setattr(
        keras.src.utils.file_utils, "validate_file", lambda *_, **__: True
    )  # the sum is the real file's
    images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    labels = np.arange(12, dtype=np.uint8) % 10
    (homes / "datasets").mkdir()
    parts = {"x_train": images[:8], "y_train": labels[:8], "x_test": images[8:], "y_test": labels[8:]}
    np.savez(homes / "datasets" / "mnist.npz", **parts)
    fetch_pictures("mnist")
    pictures = read_pictures("mnist")
    np.testing.assert_array_equal(pictures.images, images)
    assert pictures.labels.tolist() == labels.tolist()
    assert pictures.class_names == tuple("0123456789")


def test_faces_in_the_wild(homes):
    folder = homes / "lfw_home"
    for person, count in (("Ada_Lovelace", 21), ("Emmy_Noether", 20), ("Somebody_Else", 3)):
        (folder / "lfw_funneled" / person).mkdir(parents=True)
        for number in range(count):
            picture = np.full((250, 250, 3), 10 * number, np.uint8)
            Image.fromarray(picture).save(folder / "lfw_funneled" / person / f"{person}_{number:04}.jpg")
    for name in ("pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt"):
        (folder / name).touch()
    fetch_pictures("lfw")
    pictures = read_pictures("lfw")
    assert pictures.images.shape == (41, 62, 47)
    assert pictures.class_names == ("Ada Lovelace", "Emmy Noether")
    assert np.bincount(pictures.labels).tolist() == [21, 20]
    assert 0 <= pictures.images.min() < 0.01
    assert pictures.images.max() == pytest.approx(200 / 255, abs=0.01)


def test_olivetti_faces(homes):
    joblib.dump(np.random.default_rng(0).random((400, 64 * 64)), homes / "olivetti_py3.pkz")
    fetch_pictures("olivetti")
    pictures = read_pictures("olivetti")
    assert pictures.images.shape == (400, 64, 64)
    assert pictures.labels.tolist() == [row // 10 for row in range(400)]
    assert len(pictures.class_names) == 40


@pytest.mark.parametrize(
    ("name", "file"),
    [("mnist", "mnist.npz in {}/datasets"), ("fashion", "{}/datasets/fashion-mnist"), ("olivetti", "olivetti_py3.pkz")],
)
def test_a_failed_download_says_which_file_to_put_where(homes, name, file):
    with pytest.raises(DataError, match=r"could not be loaded.*Without a network, put ") as raised:
        fetch_pictures(name)
    assert file.format(homes) in str(raised.value)
    assert not is_downloaded(name)


def test_a_set_on_disk_is_not_downloaded_again(homes, monkeypatch):
    joblib.dump(np.random.default_rng(0).random((400, 64 * 64)), homes / "olivetti_py3.pkz")
    fetch_pictures("olivetti")
    monkeypatch.setitem(FETCH, "olivetti", None)
    fetch_pictures("olivetti")


def test_a_folder_that_cannot_be_written_is_reported(homes, monkeypatch):
    joblib.dump(np.random.default_rng(0).random((400, 64 * 64)), homes / "olivetti_py3.pkz")
    (homes / "file").touch()
    monkeypatch.setenv(HOME_VARIABLE, str(homes / "file"))
    with pytest.raises(DataError, match=r"could not be saved .*set another one with `HIDDEN_LAYERS_HOME`"):
        fetch_pictures("olivetti")
