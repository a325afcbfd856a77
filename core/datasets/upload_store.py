"""Uploaded files, stored under the hash of their content: only who knows the hash can read a file.

    uploads/HASH                 the files
    upload_owners/BROWSER/HASH   empty: which browser has stored which file, by a hash of the browser's cookie

Equal files are stored once. A browser deletes a file for itself; the content goes when no browser that stored it is
left. Everything else is deleted when nobody has read it for a month, or when there is no room for more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from core.datasets.downloads import home
from core.datasets.whole_files import sweep_unfinished, whole_files, write_whole
from core.errors import DataError

OWNED_MOST_BYTES = 500_000_000  # of the files of one browser
KEPT_DAYS = 30  # since a file was last read
_MOST_BYTES = 2_000_000_000  # of all files; the least recently read ones are deleted first
_MOST_SECONDS = KEPT_DAYS * 24 * 3600


class NotUploadedError(DataError):
    """The file of an experiment is not on this machine; carries its fingerprint, "" if none is named."""

    def __init__(self, file: str) -> None:
        named = f"The file {file} is not on this server" if file else "No file has been chosen yet"
        super().__init__(f"{named}: upload it to continue with this experiment.")
        self.file = file

    def __reduce__(self) -> tuple[type[NotUploadedError], tuple[str]]:
        return (NotUploadedError, (self.file,))


@dataclass(frozen=True)
class StoredUpload:
    """A stored file: its fingerprint, its size in bytes, and when it was last read, in seconds since 1970."""

    file: str
    size: int
    read_at: float


def fingerprint(content: bytes) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()[:32]


def keep_upload(content: bytes, owner: str = "") -> str:
    """Store a file, for every process of this machine to read, and return its fingerprint.

    Args:
        content: the file.
        owner: the browser that stores it, which may delete it again; "" for nobody.

    Raises:
        DataError: if it cannot be written, or the browser has stored too much already.
    """
    file = fingerprint(content)
    if owner:
        _check_share(file, len(content), owner)
    try:
        if owner:  # first, so that another browser's Delete sees it
            _mark(_mark_of(owner, file))
        _write(_path_of(file), content)
    except OSError as error:
        raise DataError(f"The file could not be stored on this server ({error.strerror}). Try again later.") from error
    return file


def read_upload(file: str) -> bytes:
    """Return the content of a file.

    Raises:
        NotUploadedError: if it is not on this machine, or no longer, or not as it was stored.
    """
    path = _path_of(file)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotUploadedError(file) from error
    if fingerprint(content) != file:
        path.unlink(missing_ok=True)  # so that it is stored again
        raise NotUploadedError(file)
    check_here(file)
    return content


def check_here(file: str) -> None:
    """Note that a file is in use, also where what was read from it is still in memory.

    Raises:
        NotUploadedError: if it is not on this machine, or no longer.
    """
    path = _path_of(file)
    try:
        os.utime(path)
    except OSError as error:  # also for files that can only be read, as a worker's may be
        if not path.exists():
            raise NotUploadedError(file) from error


def uploads_of(owner: str) -> list[StoredUpload]:
    """Return the files that a browser has stored, the one that was read last first."""
    found = []
    for mark, _ in whole_files(_marks_of(owner)):
        try:
            status = _path_of(mark.name).stat()
        except (OSError, NotUploadedError):
            continue
        found.append(StoredUpload(mark.name, status.st_size, status.st_mtime))
    return sorted(found, key=lambda upload: upload.read_at, reverse=True)


def delete_upload(file: str, owner: str) -> bool:
    """Delete a file that a browser has stored.

    Returns:
        Whether the content is gone; not if another browser has stored the same file.

    Raises:
        NotUploadedError: if this browser has not stored it.
    """
    path, mark = _path_of(file), _mark_of(owner, file)
    try:
        mark.unlink()
    except OSError as error:
        raise NotUploadedError(file) from error
    if any(folder.joinpath(file).exists() for folder in _owners()):
        return False
    path.unlink(missing_ok=True)
    return True


def hand_over_uploads(owner: str, other: str) -> None:
    """Let another browser have what a browser has stored, as far as that can be written down."""
    with contextlib.suppress(OSError):
        for upload in uploads_of(owner):
            _mark(_mark_of(other, upload.file))
            _mark_of(owner, upload.file).unlink(missing_ok=True)


def sweep_uploads() -> None:
    """Delete what nobody has read for a month, and what a server that was killed has left behind."""
    sweep_unfinished(_folder())
    _make_room(_MOST_BYTES)
    for folder in _owners():
        for mark, _ in whole_files(folder):
            if not (_folder() / mark.name).exists():
                mark.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_kept(path, len(content)):
        _make_room(_MOST_BYTES - len(content))
        write_whole(path, lambda file: file.write(content))


def _is_kept(path: Path, size: int) -> bool:
    """Return whether a file is stored already; it then counts as read now."""
    try:
        os.utime(path)
        return path.stat().st_size == size
    except OSError:
        return False


def _make_room(most: int) -> None:
    """Delete files that nobody has read for long, and the least recently read ones beyond `most` bytes."""
    files = [(status.st_mtime, status.st_size, path) for path, status in whole_files(_folder())]
    total = 0
    for read_at, size, path in sorted(files, reverse=True):
        total += size
        if total > most or time.time() - read_at > _MOST_SECONDS:
            path.unlink(missing_ok=True)


def _check_share(file: str, size: int, owner: str) -> None:
    stored = uploads_of(owner)
    total = sum(upload.size for upload in stored if upload.file != file)
    if total + size > OWNED_MOST_BYTES:
        raise DataError(
            f"The files of one browser may have at most {OWNED_MOST_BYTES // 1_000_000} MB together on this server. "
            f"Yours have {total / 1e6:,.0f} MB, and this one has {size / 1e6:,.0f} MB. Delete one of yours first."
        )


def _mark(mark: Path) -> None:
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()


def _owners() -> list[Path]:
    try:
        return [path for path in (home() / "upload_owners").iterdir() if path.is_dir()]
    except OSError:
        return []


def _marks_of(owner: str) -> Path:
    # Hashed: a cookie on a disk could be used by whoever reads the disk.
    return home() / "upload_owners" / fingerprint(owner.encode("utf-8", "replace"))


def _mark_of(owner: str, file: str) -> Path:
    return _marks_of(owner) / file


def _folder() -> Path:
    return home() / "uploads"


def _path_of(file: str) -> Path:
    """Return the path of a file; its name has hexadecimal digits only, so it cannot lead to another folder."""
    if not re.fullmatch("[0-9a-f]{32}", file):
        raise NotUploadedError("")
    return _folder() / file
