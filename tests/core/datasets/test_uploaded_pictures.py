"""Zips of folders of pictures as data sets."""

import numpy as np
import pytest
from PIL import Image

from core.datasets import make_dataset, prepare
from core.datasets.upload_store import keep_upload
from core.datasets.uploaded_data import holds_pictures
from core.errors import DataError
from core.experiment import DataSpec, TableSpec
from core.tables import read_table
from tests.core.datasets.picture_zips import folders, plain, written, zipped


def data(content: bytes, name: str = "file", split: str = "stratified", **changes) -> DataSpec:
    return DataSpec(name, table=TableSpec(keep_upload(content), **changes), scaling="none", split=split)


def test_a_data_set_of_pictures():
    spec = data(zipped({"a/1.png": plain(51), "b/1.png": plain(255), "b/2.png": b"x"}), split="all", side=9)
    dataset = make_dataset(spec)
    assert (dataset.image_shape, dataset.class_names, dataset.dropped_rows) == ((9, 9), ("a", "b"), 1)
    np.testing.assert_allclose(dataset.features, [[0.2] * 81, [1.0] * 81], rtol=1e-6)
    split = prepare(spec)
    assert split.photographs
    assert split.raw_train.dtype == np.float32


def test_rare_folders_are_merged():
    dataset = make_dataset(data(folders(a=[1, 2], b=[3], c=[4]), rare_classes=2))
    assert dataset.class_names == ("a", "other")
    assert np.bincount(dataset.labels).tolist() == [2, 2]


def test_zips_that_cannot_be_learned_are_refused():
    for content, changes, message in (
        (folders(a=[1, 2]), {}, "at least two folders, one for each class: there is only 'a'"),
        (folders(a=[1, 2], b=[3]), {}, "two readable pictures.*: there is only one in 'b'"),
        (folders(**{f"f{number}": [1] for number in range(101)}), {}, "at most 100 folders.*: there are 101"),
        (folders(a=[1, 2], b=[3, 4]), {"name": "file_numbers"}, "no number to predict. Choose `data=file`"),
    ):
        with pytest.raises(DataError, match=message):
            make_dataset(data(content, **changes))


def test_only_photographs_are_photographs():
    made = {name: prepare(DataSpec(name)).photographs for name in ("moons", "digits", "mnist", "lfw", "olivetti")}
    assert {name for name, photographs in made.items() if photographs} == {"lfw", "olivetti"}


def test_a_table_is_not_a_zip_of_pictures():
    assert not holds_pictures(keep_upload(b"x,y\n1,2\n"))


def test_a_zip_of_pictures_without_folders_says_what_is_missing():
    for names, message in (
        (("1.png",), "has 1 picture at its top, such as '1.png', and no folders of pictures. Put the pictures of each"),
        (("1.png", "2.JPG", "3.heic"), "has 2 pictures at its top"),
        (("a/1.HEIC", "b/2.heic"), r"pictures of a kind that cannot be read here \(HEIC\). Save them as JPEG"),
        (("1.dng", "2.cr2"), r"cannot be read here \(CR2, DNG\)"),
    ):
        with pytest.raises(DataError, match=message):
            read_table(zipped(dict.fromkeys(names, plain())), "file.zip")


def test_pictures_in_colour_have_three_inputs_a_pixel():
    red, blue = (written(Image.new("RGB", (8, 8), colour)) for colour in ("red", "blue"))
    content = zipped({f"{name}/{place}.png": red if name == "a" else blue for name in "ab" for place in range(4)})
    spec = TableSpec(keep_upload(content), side=8, colour=True)
    split = prepare(DataSpec("file", table=spec, scaling="none", split="all"))
    assert split.image_shape == (8, 8, 3)
    assert split.feature_names[:4] == (
        "row 1, column 1, red",
        "row 1, column 1, green",
        "row 1, column 1, blue",
        "row 1, column 2, red",
    )
    assert {tuple(row[:3]) for row in split.raw_train} == {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}
