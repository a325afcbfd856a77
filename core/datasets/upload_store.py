"""Uploaded files, stored under the hash of their content: only who knows the hash can read a file."""

from __future__ import annotations

import hashlib
import os
import re
import time
from pathlib import Path

from core.datasets.downloads import home
from core.errors import DataError

_MOST_BYTES = 2_000_000_000  # of all files; the least recently read ones are deleted first
_MOST_SECONDS = 30 * 24 * 3600  # since a file was last read


class NotUploadedError(DataError):
    """The file of an experiment is not on this machine; carries its fingerprint, "" if none is named."""

    def __init__(self, file: str) -> None:
        named = f"The file {file} is not on this server" if file else "No file has been chosen yet"
        super().__init__(f"{named}: upload it to continue with this experiment.")
        self.file = file

    def __reduce__(self) -> tuple[type[NotUploadedError], tuple[str]]:
        return (NotUploadedError, (self.file,))


def fingerprint(content: bytes) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()[:32]


def keep_upload(content: bytes) -> str:
    """Store a file, for every process of this machine to read, and return its fingerprint.

    Raises:
        DataError: if it cannot be written.
    """
    file = fingerprint(content)
    try:
        _write(_path_of(file), content)
    except OSError as error:
        raise DataError(f"The file could not be stored on this server ({error.strerror}). Try again later.") from error
    return file


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_room(path.parent, _MOST_BYTES - len(content))
        # Written to a temporary file and renamed, so that nobody reads half a file.
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_bytes(content)
        unfinished.replace(path)


def read_upload(file: str) -> bytes:
    """Return the content of a file.

    Raises:
        NotUploadedError: if it is not on this machine, or no longer.
    """
    path = _path_of(file)
    try:
        content = path.read_bytes()
        path.touch()
    except OSError as error:
        raise NotUploadedError(file) from error
    return content


def _make_room(folder: Path, most: int) -> None:
    """Delete files that nobody has read for long, and the least recently read ones beyond `most` bytes."""
    files = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir()), reverse=True)
    total = 0
    for read_at, size, path in files:
        total += size
        if total > most or time.time() - read_at > _MOST_SECONDS:
            path.unlink(missing_ok=True)


def _path_of(file: str) -> Path:
    """Return the path of a file; its name has hexadecimal digits only, so it cannot lead to another folder."""
    if not re.fullmatch("[0-9a-f]{32}", file):
        raise NotUploadedError("")
    return home() / "uploads" / file
