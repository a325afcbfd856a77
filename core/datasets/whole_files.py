"""Files that other processes read: they appear whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

_UNFINISHED = ".tmp"
_UNFINISHED_SECONDS = 3600  # after which nobody still writes a file


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under a temporary name of its own and rename it, so that nobody reads half of it.

    Any number of threads and processes may write the same file: the last one to finish wins. If writing fails, as on a
    full disk, nothing is left behind.

    Args:
        path: the file; its folder must exist.
        write: writes the content to an open file.

    Raises:
        OSError: if it cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(8)}{_UNFINISHED}")
    try:
        with unfinished.open("xb") as file:
            write(file)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def whole_files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the finished files of a folder; none if there is no folder. Files that vanish meanwhile are left out."""
    for path in _entries(folder):
        if path.suffix != _UNFINISHED and (status := _status(path)) is not None:
            yield path, status


def sweep_unfinished(folder: Path) -> None:
    """Delete what processes that were killed have left half written in a folder."""
    for path in _entries(folder):
        if path.suffix != _UNFINISHED or (status := _status(path)) is None:
            continue
        writer = path.stem.split(".")[1:2]
        if time.time() - status.st_mtime > _UNFINISHED_SECONDS or not (writer and _is_running(writer[0])):
            path.unlink(missing_ok=True)


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except PermissionError:  # it runs, for another user
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return True
