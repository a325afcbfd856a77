"""Zips of folders of pictures: their classes, pixels, bounds, and damaged files."""

import io
import random
import stat
import struct
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from core.datasets import picture_folders
from core.datasets.picture_folders import as_json, as_text, is_picture_folder, read_pictures_of
from core.datasets.pictures import Pictures
from core.errors import DataError
from tests.core.datasets.picture_zips import SIDE, folders, plain, written, zipped


def one(picture: bytes, name: str = "a/1.png", side: int = SIDE) -> np.ndarray:
    """Return a picture as it is read."""
    return read_pictures_of(zipped({name: picture}), side).images[0]


def found(content: bytes) -> list[tuple[str, int]]:
    """Return the class and the first pixel of every picture."""
    pictures = read_pictures_of(content, SIDE)
    return [
        (pictures.class_names[label], int(image[0, 0]))
        for label, image in zip(pictures.labels, pictures.images, strict=True)
    ]


# Classes


def test_folders_are_classes_and_come_in_turn():
    content = folders(dogs=[1, 2], cats=[3, 4, 5])
    assert is_picture_folder(content)
    assert found(content) == [("cats", 3), ("dogs", 1), ("cats", 4), ("dogs", 2), ("cats", 5)]
    pictures = read_pictures_of(content, SIDE)
    assert (pictures.images.dtype, pictures.images.shape) == (np.uint8, (5, SIDE, SIDE))
    assert (pictures.labels.dtype, pictures.class_names) == (np.int64, ("cats", "dogs"))
    assert (pictures.damaged, pictures.warnings) == (0, ())


def test_numbers_are_in_their_own_order():
    assert read_pictures_of(zipped({f"{name}/1.png": plain() for name in (10, 9, 1)}), SIDE).class_names == (
        "1",
        "9",
        "10",
    )


def test_outer_folders_do_not_count():
    content = zipped({"pets/train/cats/1.png": plain(1), "pets/test/cats/1.png": plain(2), "pets/dogs/1.png": plain(3)})
    assert found(content) == [("cats", 2), ("dogs", 3), ("cats", 1)]


def test_junk_is_not_seen():
    junk = ("__MACOSX/a/._1.png", "a/._1.png", "a/.DS_Store", "b/Thumbs.db", ".hidden/1.png", "a/desktop.ini")
    pictures = read_pictures_of(zipped({"a/1.png": plain(), "b/1.PNG": plain()} | dict.fromkeys(junk, b"x")), SIDE)
    assert (len(pictures.labels), pictures.warnings) == (2, ())


def test_what_is_left_out_is_said():
    good = ("pets/a/1.png", "pets/b/1.png", "pets/cover.png", "top.png")
    bad = ("pets/readme.txt", "pets/a/2.heic", "pets/a/3.png")
    pictures = read_pictures_of(zipped(dict.fromkeys(good, plain()) | dict.fromkeys(bad, b"x")), SIDE)
    assert (len(pictures.labels), pictures.damaged) == (2, 1)
    assert pictures.warnings == (
        "1 of 3 pictures were left out: damaged, protected or larger than 50 megapixels, such as 'a/3.png'.",
        "2 pictures outside the folders of classes were left out, such as 'pets/cover.png'.",
        "1 picture of a kind that cannot be read here was left out (HEIC): save them as JPEG.",
        "1 file that is no PNG, JPEG, TIFF, BMP, GIF, WebP or PGM picture was left out, such as 'pets/readme.txt'.",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x,y\n1,2\n",
        b"PK",
        plain(),
        zipped({}),
        zipped({"1.png": plain()}),
        zipped({"a/1.txt": b"x"}),
        zipped({"a/1.png/": b""}),
        zipped({"x.npy": b"", "a/1.png": plain()}),
        zipped({"[Content_Types].xml": b"", "word/media/1.png": plain()}),
        zipped({"mimetype": b"", "Pictures/1.png": plain()}),
    ],
)
def test_other_files_are_no_picture_folders(content):
    assert not is_picture_folder(content)


# Pixels


def test_grey_is_the_luminance():
    for colour, grey in (
        ((255, 0, 0), 76),  # 0.299 * 255 = 76.2
        ((0, 255, 0), 150),  # 0.587 * 255 = 149.7
        ((0, 0, 255), 29),  # 0.114 * 255 = 29.1
        ((255, 255, 255), 255),
    ):
        image = Image.new("RGB", (SIDE, SIDE), colour)
        for form, options in (("PNG", {}), ("BMP", {}), ("GIF", {}), ("WEBP", {"lossless": True})):
            picture = written(image, form, **options)
            assert np.unique(one(picture, f"a/1.{form.lower()}")) == [grey]


def test_in_colour_every_pixel_is_red_green_and_blue():
    for mode, written_as in (("RGB", "PNG"), ("RGB", "BMP"), ("RGBA", "PNG")):
        image = Image.new("RGB", (SIDE, SIDE), (255, 128, 0)).convert(mode)
        content = zipped({f"a/1.{written_as.lower()}": written(image, written_as)})
        pictures = read_pictures_of(content, SIDE, colour=True)
        assert pictures.images.shape == (1, SIDE, SIDE, 3)
        assert np.unique(pictures.images.reshape(-1, 3), axis=0).tolist() == [[255, 128, 0]]


def test_in_colour_a_grey_picture_has_three_equal_values():
    pictures = read_pictures_of(zipped({"a/1.png": plain(90)}), SIDE, colour=True)
    assert np.unique(pictures.images).tolist() == [90]


def test_jpeg_of_every_mode():
    for mode, colour, grey in (("RGB", (255, 0, 0), 76), ("L", 90, 90), ("CMYK", (0, 0, 0, 255), 0)):
        image = one(written(Image.new(mode, (100, 70), colour), "JPEG"), "a/1.jpeg")
        np.testing.assert_allclose(image, grey, atol=2)


def test_every_pixel_is_the_mean_of_what_it_covers():
    pixels = np.arange(16 * 16, dtype=np.uint8).reshape(16, 16)
    means = pixels.reshape(8, 2, 8, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(one(written(Image.fromarray(pixels))), means, atol=0.5)


def test_small_pictures_are_enlarged():
    pixels = np.array([[0, 50], [100, 150]], np.uint8)
    np.testing.assert_array_equal(one(written(Image.fromarray(pixels))), pixels.repeat(4, 0).repeat(4, 1))


def test_the_centre_is_kept():
    for across in (True, False):
        pixels = np.tile(np.arange(12, dtype=np.uint8) * 10, (8, 1))
        shown = one(written(Image.fromarray(pixels if across else pixels.T)))
        middle = np.tile(np.arange(2, 10) * 10, (8, 1))
        np.testing.assert_array_equal(shown, middle if across else middle.T)


def test_a_jpeg_unpacked_small_is_the_same_picture():
    ramp = np.tile(np.linspace(0, 255, 480), (640, 1)).round().astype(np.uint8)
    wanted = one(written(Image.fromarray(ramp)), side=16)
    np.testing.assert_allclose(one(written(Image.fromarray(ramp), "JPEG", quality=95), "a/1.jpg", 16), wanted, atol=3)


def test_transparent_pixels_are_white():
    pixels = np.zeros((SIDE, SIDE, 4), np.uint8)
    pixels[:4, :, 3] = 255  # black above, nothing below
    for image in (Image.fromarray(pixels), Image.fromarray(pixels).quantize(4)):
        shown = one(written(image))
        assert (np.unique(shown[:4]), np.unique(shown[4:])) == ([0], [255])


def test_sixteen_bits_a_pixel():
    pixels = np.full((SIDE, SIDE), 257 * 100, np.uint16)
    assert np.unique(one(written(Image.fromarray(pixels)))) == [100]


def test_the_stored_orientation_is_applied():
    upright = np.zeros((SIDE, SIDE), np.uint8)
    upright[0] = 255  # a bright row on top
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    lying = Image.fromarray(np.rot90(upright).copy())
    np.testing.assert_array_equal(one(written(lying, exif=exif)), upright)


def test_the_first_picture_of_a_moving_one():
    first, second = (Image.new("L", (SIDE, SIDE), value) for value in (10, 200))
    assert np.unique(one(written(first, "GIF", save_all=True, append_images=[second]), "a/1.gif")) == [10]


# Bounds


def with_size(picture: bytes, width: int, height: int) -> bytes:
    """Return a PNG that declares this size."""
    header = b"IHDR" + struct.pack(">II", width, height) + picture[24:29]
    return picture[:12] + header + struct.pack(">I", zlib.crc32(header)) + picture[33:]


def declared(content: bytes, size: int) -> bytes:
    """Return a zip whose last member declares that it unpacks to this many bytes."""
    place = content.rindex(b"PK\1\2")
    return content[: place + 24] + struct.pack("<I", size) + content[place + 28 :]


@pytest.mark.parametrize("size", [(8000, 8000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_is_too_large_is_not_unpacked(size, monkeypatch):
    unpacked = []
    load = ImageFile.ImageFile.load

    def note(picture):
        unpacked.append(picture.size)
        return load(picture)

    monkeypatch.setattr(ImageFile.ImageFile, "load", note)
    pictures = read_pictures_of(zipped({"a/1.png": plain(), "a/2.png": with_size(plain(), *size)}), SIDE)
    assert (len(pictures.labels), pictures.damaged) == (1, 1)
    assert size not in unpacked
    assert unpacked


def test_a_zip_that_says_it_unpacks_to_too_much():
    content = declared(folders(a=[1], b=[2]), 2_000_000_000)
    with pytest.raises(DataError, match=r"at most 1,000 MB in 50,000 parts\. This one unpacks to 2,000 MB"):
        is_picture_folder(content)


def test_a_member_that_unpacks_to_more_than_it_says_is_damaged():
    content = declared(zipped({"a/1.png": plain(), "a/2.png": plain() + bytes(10_000_000)}), 100)
    assert read_pictures_of(content, SIDE).damaged == 1


def test_too_many_members_and_pictures(monkeypatch):
    content = folders(a=[1, 2], b=[3, 4])
    monkeypatch.setattr(picture_folders, "PICTURES_MOST", 3)
    with pytest.raises(DataError, match=r"at most 3 pictures\. This one has 4"):
        read_pictures_of(content, SIDE)
    monkeypatch.setattr(picture_folders, "_MEMBERS_MOST", 3)
    with pytest.raises(DataError, match="at most 1,000 MB in 3 parts"):
        read_pictures_of(content, SIDE)
    monkeypatch.setattr(picture_folders, "_MEMBERS_MOST", 1)
    with pytest.raises(DataError, match=r"at most 1 files\. This one lists 4"):
        read_pictures_of(content, SIDE)


def test_too_many_pixels_together(monkeypatch):
    monkeypatch.setattr(picture_folders, "MAX_CELLS", 2 * SIDE**2)
    with pytest.raises(DataError, match="Choose a smaller `side`"):
        read_pictures_of(folders(a=[1, 2], b=[3]), SIDE)


def test_the_time_is_bounded(monkeypatch):
    monkeypatch.setattr(picture_folders, "_SECONDS", -1.0)
    with pytest.raises(DataError, match="Only 0 of 3 pictures were read"):
        read_pictures_of(folders(a=[1, 2], b=[3]), SIDE)


# Hostile and damaged files


def test_names_are_cleaned():
    for name, folder in (
        ("../../etc/1.png", "etc"),
        ("/root/1.png", "root"),
        ("..\\up\\1.png", "up"),
        ("C:\\cats\\1.png", "cats"),
        ("a\r\n\tb\x1b[31m/1.png", "a b [31m"),
        ("\u202eevil/1.png", "evil"),
        ("<b>x</b>/1.png", "b>"),
        (f"{'x' * 3000}/1.png", "x" * 100),
    ):
        assert read_pictures_of(zipped({name: plain()}), SIDE).class_names == (folder,)


def test_pictures_outside_the_folders_of_classes():
    for name in ("/1.png", "../1.png", "./1.png", "\n/1.png", "a/" * 30 + "1.png", "a/" * 30_000, "/"):
        assert not is_picture_folder(zipped({name: plain()}))


def test_a_member_without_a_name():
    content = zipped({"Z.png": plain(), "a/1.png": plain()}).replace(b"Z.png", b"\0.png")  # a null byte ends a name
    assert read_pictures_of(content, SIDE).class_names == ("a",)


def test_links_are_not_followed():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/1.png", plain())
        link = zipfile.ZipInfo("a/2.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert len(read_pictures_of(file.getvalue(), SIDE).labels) == 1


def test_a_class_whose_pictures_are_all_damaged_is_none():
    content = zipped({"a/1.png": plain(), "b/1.png": plain()[:40], "c/1.png": plain()})
    assert read_pictures_of(content, SIDE).class_names == ("a", "c")


def test_all_damaged():
    with pytest.raises(DataError, match="None of the 2 pictures can be read"):
        read_pictures_of(zipped({"a/1.png": b"", "b/1.png": plain()[:40]}), SIDE)


def test_other_compressions_count_as_damaged():
    with pytest.raises(DataError, match="None of the 1 pictures"):
        read_pictures_of(zipped({"a/1.png": plain()}, zipfile.ZIP_LZMA), SIDE)


def test_a_damaged_zip():
    with pytest.raises(DataError, match="zip archive is damaged"):
        is_picture_folder(folders(a=[1])[:-30])


def _every_form(compression: int) -> bytes:
    """Return a zip with pictures of every format."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 24, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    return zipped(
        {
            "a/1.png": written(noise.convert("RGBA")),
            "a/2.jpg": written(noise, "JPEG", exif=exif),
            "b/3.jpg": written(noise, "JPEG", progressive=True),
            "b/4.gif": written(noise, "GIF"),
            "c/5.bmp": written(noise, "BMP"),
            "c/6.webp": written(noise, "WEBP", exif=exif),
            "c/7.png": written(noise.quantize(8)),
        },
        compression,
    )


# Without compression, damage reaches the pictures.
FORMS = {compression: _every_form(compression) for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a file with some bytes changed, removed or repeated, mostly in its members or in its directory."""
    changed = bytearray(content)
    low = chance.choice([0, max(0, len(content) - 800)])
    for _ in range(chance.choice([1, 3, 10, 50])):
        place = chance.randrange(low, len(changed))
        kind = chance.randrange(12)
        if kind == 0:
            del changed[place : place + chance.randrange(1, 100)]
        elif kind == 1:
            changed[place:place] = changed[place : place + chance.randrange(1, 100)]
        else:
            changed[place] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])
        if len(changed) <= low + 1:
            break
    return bytes(changed)


@given(st.sampled_from(list(FORMS)), st.integers(0, 2**32))
@settings(max_examples=300)
def test_damaged_archives_are_read_or_refused(compression, seed):
    content = damaged(FORMS[compression], random.Random(seed))
    try:
        if not is_picture_folder(content):
            return
        pictures = read_pictures_of(content, SIDE)
    except DataError:
        return
    assert pictures.images.shape == (len(pictures.labels), SIDE, SIDE)
    assert set(pictures.labels) == set(range(len(pictures.class_names)))
    assert all(name.isprintable() and 0 < len(name) <= 100 for name in pictures.class_names)
    assert all(warning.isprintable() for warning in pictures.warnings)


# Output of `inspect`


def test_summary():
    pictures = Pictures(np.zeros((3, 8, 8), np.uint8), np.array([0, 1, 0]), ("cat", "horse"), 1, ("One was left out.",))
    assert as_text(pictures).splitlines() == [
        "3 pictures, 2 classes",
        "",
        "cat         2",
        "horse       1",
        "",
        "note: One was left out.",
    ]
    assert as_json(pictures) == {
        "rows": 3,
        "image_shape": [8, 8],
        "classes": {"cat": 2, "horse": 1},
        "warnings": ["One was left out."],
    }
