"""Files on a command line: what is in one that is read, and writing one."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError


def read_content(path: Path) -> bytes:
    """Return what is in a file, cut behind the most that a table may have.

    Raises:
        DataError: where there is no such file, or it cannot be opened.
    """
    from core.tables.table import MAX_BYTES  # and with it pandas and PyArrow

    try:
        if path.is_dir():
            raise DataError(f"{str(path)!r} is a folder. Expected: a file.")
        # One byte more than is allowed, so that a larger file is told from one that just fits.
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"The file {str(path)!r} cannot be read: {reason}.") from error


def write_content(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        DataError: where it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise DataError(f"The file {str(path)!r} cannot be written: {error.strerror}.") from error
