"""Downloaded pictures: stored, read, and made a data set."""

import numpy as np
import pytest

from core.datasets import make_dataset, prepare
from core.datasets.downloads import (
    DOWNLOADS,
    HOME_VARIABLE,
    NotDownloadedError,
    is_downloaded,
    read_pictures,
    use_data_home,
    write_pictures,
)
from core.datasets.pictures import Pictures
from core.errors import DataError
from core.experiment import DataSpec, menus


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path


def faces(*counts: int) -> Pictures:
    """Return these numbers of pictures of each person, with the number of the picture in its first pixel."""
    labels = np.repeat(np.arange(len(counts)), counts)
    images = np.zeros((len(labels), 4, 3), np.float32)
    images[:, 0, 0] = np.concatenate([np.arange(count) for count in counts])
    return Pictures(images, labels, tuple(f"person {label}" for label in range(len(counts))))


def test_all_downloads_are_on_the_menu():
    assert {name for name, data in menus.DATA.items() if data.downloaded} == set(DOWNLOADS)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_pictures_read_back(empty_home, dtype):
    images = np.random.default_rng(0).integers(0, 2, (6, 3, 2)).astype(dtype)
    write_pictures("mnist", Pictures(images, np.arange(6), ("é", "b", "c", "d", "e", "f")))
    read = read_pictures("mnist")
    np.testing.assert_array_equal(read.images, images)
    assert read.images.dtype == dtype
    assert read.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert read.class_names == ("é", "b", "c", "d", "e", "f")
    assert [path.name for path in (empty_home / "home").iterdir()] == ["mnist.npz"]


def test_a_missing_download_is_named(empty_home):
    for name in DOWNLOADS:
        assert not is_downloaded(name)
        with pytest.raises(NotDownloadedError, match="has not been downloaded yet") as raised:
            prepare(DataSpec(name, seed=77))
        assert raised.value.name == name


def test_bytes_become_numbers_from_0_to_1(empty_home):
    images = np.array([[[0, 51]], [[255, 102]]], np.uint8)
    write_pictures("fashion", Pictures(images, np.array([0, 1]), ("coat", "bag")))
    dataset = make_dataset(DataSpec("fashion"))
    np.testing.assert_allclose(dataset.features, [[0, 0.2], [1, 0.4]])
    assert dataset.image_shape == (1, 2)
    assert dataset.class_names == ("coat", "bag")


def test_people_with_enough_pictures_and_the_first_of_them(empty_home):
    write_pictures("lfw", faces(60, 25, 45))
    dataset = make_dataset(DataSpec("lfw", min_pictures=40, max_pictures=50))
    assert dataset.class_names == ("person 0", "person 2")
    assert np.bincount(dataset.labels).tolist() == [50, 45]
    np.testing.assert_array_equal(dataset.features[:, 0], [*range(50), *range(45)])


def test_too_few_people(empty_home):
    write_pictures("lfw", faces(60, 25, 45))
    with pytest.raises(DataError, match=r"leave at least two people.* has 45\. Received: 50"):
        make_dataset(DataSpec("lfw", min_pictures=50))


def test_a_data_home_holds_everything(tmp_path, monkeypatch):
    for variable in ("KERAS_HOME", "SCIKIT_LEARN_DATA", HOME_VARIABLE):
        monkeypatch.setenv(variable, "elsewhere")
    use_data_home(tmp_path)
    assert DOWNLOADS["mnist"].folder() == tmp_path / "datasets"
    assert DOWNLOADS["lfw"].folder() == tmp_path
    (tmp_path / "scikit_learn_data").mkdir()
    use_data_home(tmp_path)
    assert DOWNLOADS["lfw"].folder() == tmp_path / "scikit_learn_data"
    assert not is_downloaded("mnist")
