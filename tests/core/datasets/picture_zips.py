"""Zips of folders of pictures, as people upload them."""

import io
import zipfile

from PIL import Image

SIDE = 8


def written(image: Image.Image, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def plain(value: int = 100, size: tuple[int, int] = (SIDE, SIDE)) -> bytes:
    """Return a picture in one shade of grey."""
    return written(Image.new("L", size, value))


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def folders(**values: list[int]) -> bytes:
    """Return a zip with a folder for each keyword, with plain pictures of these shades."""
    return zipped(
        {f"{name}/{place}.png": plain(value) for name, shades in values.items() for place, value in enumerate(shades)}
    )
