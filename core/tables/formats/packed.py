"""Packed files of one table: gzip, bzip2 and xz, and zip archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import PurePosixPath

from core.errors import DataError
from core.tables.binary_files import ARCHIVE_ERRORS, open_zip
from core.tables.table import MAX_BYTES, MAX_UNPACKED_BYTES

_XZ_MEMORY = 200_000_000  # bytes that a file may ask for
_MEMBERS_MOST = 10_000
_JUNK = ("__MACOSX/", ".", "Thumbs.db", "desktop.ini")
_TABLES = (
    ".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".asc", ".json", ".jsonl", ".ndjson", ".arff", ".xlsx", ".xls",
    ".xlsb", ".ods", ".parquet", ".npz", ".dta", ".sas7bdat", ".xpt", ".svm", ".libsvm", ".html", ".htm",
)  # fmt: skip
PICTURES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".webp", ".pgm", ".ppm", ".pbm",
    ".pnm",
)  # fmt: skip
# Pictures of kinds that are not read.
OTHER_PICTURES = (
    ".heic", ".heif", ".avif", ".jxl", ".jp2", ".j2k", ".jpx", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2",
    ".raw", ".psd", ".svg", ".tga", ".eps", ".ico", ".dcm", ".exr", ".hdr",
)  # fmt: skip
_REMARKS = ("readme", "license", "licence", "codebook", "changelog")
_SHOWN = 5


def packed_kind(content: bytes) -> str | None:
    """Return how a file is packed: "gzip", "bzip2" or "xz"; None if it isn't."""
    if content.startswith(b"BZh") and content[4:10] == b"1AY&SY":
        return "bzip2"
    kinds = ((b"\x1f\x8b\x08", "gzip"), (b"\xfd7zXZ\0", "xz"))
    return next((kind for beginning, kind in kinds if content.startswith(beginning)), None)


def unpacked(content: bytes, kind: str) -> bytes:
    """Return what a packed file holds.

    Raises:
        DataError: if it is damaged, or unpacks to more than a file may have.
    """
    try:
        if kind == "xz":
            unpacker = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            whole = unpacker.decompress(content, MAX_BYTES + 1)
            if not unpacker.eof and len(whole) <= MAX_BYTES:
                raise EOFError
        else:
            with gzip.open(io.BytesIO(content)) if kind == "gzip" else bz2.open(io.BytesIO(content)) as file:
                whole = file.read(MAX_BYTES + 1)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise DataError(
            f"The {kind} file is damaged and cannot be unpacked. Pack it again, or upload the table itself."
        ) from error
    if len(whole) > MAX_BYTES:
        raise _too_large()
    return whole


def _too_large() -> DataError:
    return DataError(f"A packed file may unpack to at most {MAX_BYTES // 1_000_000:,} MB. This one has more.")


def table_in_zip(content: bytes) -> tuple[str, bytes]:
    """Return the path and the content of the one table in a zip archive.

    Raises:
        DataError: if there is none or several, or it is damaged, protected or too large.
    """
    archive = open_zip(content, MAX_UNPACKED_BYTES, _MEMBERS_MOST)
    names = [name for name in archive.namelist() if not name.endswith("/") and not _is_junk(name)]
    document = _document(names)
    if document:
        raise DataError(f"The file is {document}. Expected: a table as CSV, Excel, Parquet or .npz.")
    tables = [name for name in names if name.lower().endswith(_TABLES) and not _is_remark(name)]
    if not tables:
        _check_pictures(names)
    found = tables or (names if len(names) == 1 else [])
    if len(found) != 1:
        raise _no_single_table(found, names)
    try:
        with archive.open(found[0]) as member:
            size = archive.getinfo(found[0]).file_size
            if size > MAX_BYTES:
                raise _too_large()
            return found[0], member.read(size)
    except RuntimeError as error:  # encrypted
        raise DataError("The zip archive is protected with a password. Upload the table itself.") from error
    except ARCHIVE_ERRORS as error:
        raise DataError("The zip archive is damaged. Pack it again, or upload the table itself.") from error


def _check_pictures(names: list[str]) -> None:
    """Raise a DataError if files are pictures that are not in folders, or of a kind that is not read."""
    unread = sorted({name.rpartition(".")[2].upper() for name in names if name.lower().endswith(OTHER_PICTURES)})
    loose = [name for name in names if name.lower().endswith(PICTURES)]
    if loose:
        count = "1 picture" if len(loose) == 1 else f"{len(loose):,} pictures"
        raise DataError(
            f"The zip archive has {count} at its top, such as {loose[0][-60:]!r}, and no folders of pictures. Put the "
            "pictures of each class into a folder with its name, and zip the folders."
        )
    if unread:
        raise DataError(
            f"The zip archive has pictures of a kind that cannot be read here ({', '.join(unread)}). Save them as JPEG "
            "or PNG, in a folder for each class."
        )


def _no_single_table(tables: list[str], names: list[str]) -> DataError:
    shown = ", ".join(repr(name[-60:]) for name in (tables or names)[:_SHOWN])
    shown += ", …" if len(tables or names) > _SHOWN else ""
    if tables:
        return DataError(f"The zip archive has {len(tables):,} tables: {shown}. Unpack it, and upload one of them.")
    what = f"It has {shown}." if names else "It is empty."
    return DataError(
        "The file is a zip archive without a table, and without pictures in folders: unpack it first. "
        f"{what} Expected: one table, or a folder of pictures for each class."
    )


def _document(names: list[str]) -> str:
    """Return what a zip archive is that only looks like one; "" if it is none of these."""
    for begins, what in (
        ("Index/", "an Apple Numbers or Pages document: in Numbers, choose File > Export To > CSV"),
        ("Index.zip", "an Apple Numbers or Pages document: in Numbers, choose File > Export To > CSV"),
        ("word/", "a Word document: copy its table into a spreadsheet program, and save that as CSV"),
        ("ppt/", "a PowerPoint document"),
        ("META-INF/container.xml", "an e-book"),
        ("META-INF/MANIFEST.MF", "a Java program"),
    ):
        if any(name.startswith(begins) or f".numbers/{begins}" in name for name in names):
            return what
    return ""


def _is_junk(name: str) -> bool:
    return any(name.startswith(junk) or f"/{junk}" in name for junk in _JUNK)


def _is_remark(name: str) -> bool:
    return PurePosixPath(name).name.lower().startswith(_REMARKS)
