"""Classes of pictures by the tree of a zip archive, names in old code pages, and pictures of more kinds and depths."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.datasets.picture_folders import read_pictures_of
from core.datasets.picture_tree import find_tree
from tests.core.datasets.picture_zips import SIDE, plain, written, zipped

# Classes


def test_classes_are_the_folders_at_the_top_as_in_keras(tmp_path):
    import keras

    trees = (
        ("ill/images/1", "ill/masks/1", "well/images/1", "well/images/2", "well/masks/1"),
        ("cats/1", "cats/kittens/2", "dogs/3", "dogs/puppies/small/4"),
        ("train/1", "test/2"),
        ("b/x/1", "a/x/1"),
    )
    for place, tree in enumerate(trees):
        folder = tmp_path / str(place)
        for name in tree:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.png").write_bytes(plain())
        kept = keras.utils.image_dataset_from_directory(folder, image_size=(SIDE, SIDE), shuffle=False, verbose=False)
        labels = np.concatenate([labels for _, labels in kept])
        for wrapper in ("", "data/", "data/set of 2024/"):
            pictures = read_pictures_of(zipped({f"{wrapper}{name}.png": plain() for name in tree}), SIDE)
            assert list(pictures.class_names) == kept.class_names
            assert np.bincount(pictures.labels).tolist() == np.bincount(labels).tolist()


@pytest.mark.parametrize("parts", [("train", "test"), ("Training", "Validation"), ("train", "val")])
def test_folders_of_a_split_are_put_together(parts):
    train, test = parts
    tree = (f"x/{train}/ill/images/1", f"x/{train}/ill/masks/1", f"x/{train}/well/1", f"x/{test}/ill/images/2")
    pictures = read_pictures_of(zipped({f"{name}.png": plain() for name in tree}), SIDE)
    assert pictures.class_names == ("ill", "well")
    assert np.bincount(pictures.labels).tolist() == [3, 1]
    first, second = sorted(parts)
    split, nested = pictures.warnings
    assert split.startswith(
        f"Folders such as {first!r} and {second!r} are no classes: their pictures were put together"
    )
    assert nested.startswith("Folders within those of the classes count with them, such as in 'ill/images/")


# Names


class _OldName(zipfile.ZipInfo):
    """A member whose name is not marked as UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.comment, 0


def zipped_as(encoding: str, names: list[str]) -> bytes:
    """Return a zip of pictures with names in a code page, as old programs write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            info = _OldName(name)
            info.comment = name.encode(encoding)
            archive.writestr(info, plain())
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "classes"),
    [
        ("cp866", ("Кошки", "Собаки")),
        ("gb18030", ("苹果的图片", "香蕉和橘子")),
        ("shift_jis", ("いぬ", "ねこ")),
        ("cp850", ("Hündchen", "Kätzchen")),
        ("utf-8", ("Hündchen", "Kätzchen")),
    ],
)
def test_names_in_old_code_pages(encoding, classes):
    content = zipped_as(encoding, [f"{name}/{place}.png" for name in classes for place in range(2)])
    pictures = read_pictures_of(content, SIDE)
    assert pictures.class_names == classes
    assert any("names of the folders were read as" in warning for warning in pictures.warnings) == (encoding != "utf-8")
    with zipfile.ZipFile(io.BytesIO(content), metadata_encoding=pictures.encoding) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == set(classes)


def test_a_doubt_about_names_is_said():
    content = zipped_as("gb18030", ["高/1.png", "低/1.png"])
    tree = find_tree(zipfile.ZipFile(io.BytesIO(content)))
    (note,) = read_pictures_of(content, SIDE).warnings
    assert tree.doubts
    assert f"read as {tree.encoding}, but they may be {' or '.join(tree.doubts)}" in note


# Kinds


@pytest.mark.parametrize(
    ("ending", "form"),
    [
        ("jfif", "JPEG"),
        ("JPE", "JPEG"),
        ("tif", "TIFF"),
        ("TIFF", "TIFF"),
        ("bmp", "BMP"),
        ("pgm", "PPM"),
        ("ppm", "PPM"),
    ],
)
def test_more_kinds_are_read(ending, form):
    grey = Image.new("RGB" if ending == "ppm" else "L", (SIDE, SIDE), 90 if ending != "ppm" else (90, 90, 90))
    pictures = read_pictures_of(zipped({f"{name}/1.{ending}": written(grey, form) for name in "ab"}), SIDE)
    np.testing.assert_allclose(pictures.images, 90, atol=1)
    assert pictures.warnings == ()


def test_a_packed_tiff_and_one_of_several_pages():
    first, second = (Image.new("L", (SIDE, SIDE), value) for value in (10, 200))
    for options in (
        {"compression": "tiff_lzw"},
        {"compression": "tiff_deflate"},
        {"append_images": [second], "save_all": True},
    ):
        picture = written(first, "TIFF", **options)
        assert np.unique(read_pictures_of(zipped({"a/1.tif": picture}), SIDE).images).tolist() == [10]


# More than 256 shades


def deep(highest: float, dtype: str = "uint16") -> np.ndarray:
    """Return a ramp from 0 to a value, in SIDE steps."""
    return np.tile(np.linspace(0, highest, SIDE).astype(dtype), (SIDE, 1))


@pytest.mark.parametrize(
    ("highest", "white", "dtype", "form"),
    [
        (4095, 4095, "uint16", "PNG"),
        (4000, 4095, "uint16", "TIFF"),
        (1000, 1023, "uint16", "PNG"),
        (65_535, 65_535, "uint16", "PNG"),
        (200, 255, "uint16", "PNG"),
        (1.0, 1, "float32", "TIFF"),
        (5000, 16_383, "float32", "TIFF"),
        (100_000, 100_000, "int32", "TIFF"),
    ],
)
@pytest.mark.parametrize("colour", [False, True])
def test_deep_grey_is_scaled_by_the_values_that_are_there(highest, white, dtype, form, colour):
    half = deep(highest, dtype) // 2 if dtype != "float32" else deep(highest, dtype) / 2
    pictures = [written(Image.fromarray(pixels), form) for pixels in (deep(highest, dtype), half)]
    read = read_pictures_of(
        zipped({f"a/{place}.{form.lower()}": one for place, one in enumerate(pictures)}), SIDE, colour
    )
    assert read.scale == white
    expected = np.stack([deep(highest, dtype), half]) / white * 255
    shown = read.images if not colour else read.images[..., 1]
    np.testing.assert_allclose(shown, expected, atol=0.51)  # both pictures on one scale
    assert read.warnings == (
        f"2 pictures have more than 256 shades of grey: {white:,} is white, by the highest value in them.",
    )


def test_deep_and_plain_pictures_together():
    content = zipped({"a/1.png": written(Image.fromarray(deep(4095))), "b/1.png": plain(77)})
    read = read_pictures_of(content, SIDE)
    assert np.unique(read.images[1]).tolist() == [77]
    assert read.images[0].max() == 255
