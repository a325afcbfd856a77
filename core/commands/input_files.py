"""Reading and writing the files named on the command line."""

from __future__ import annotations

from pathlib import Path

from core.errors import DataError


def read_content(path: Path) -> bytes:
    """Return the content of a file, truncated just above the largest allowed size.

    Raises:
        DataError: where the file does not exist or cannot be opened.
    """
    from core.tables.table import MAX_BYTES  # imports pandas and PyArrow

    try:
        if path.is_dir():
            raise DataError(f"{str(path)!r} is a folder. Expected: a file.")
        # One byte more than allowed, to distinguish a file that is too large from one that just fits.
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
