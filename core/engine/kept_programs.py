"""What was traced and compiled before, on disk: a restart, or a worker that is replaced, need not do it again.

    compiled/VERSION/KEY.graphs   the traced functions of a structure
    compiled/VERSION/NAME.xla     what XLA has made of a function, by the function's name

VERSION stands for everything that these depend on: this program's code, the versions of TensorFlow and Keras, the
settings of XLA, and the processor. Any number of processes and servers may share the folder. A file that is damaged
or foreign counts as missing. Nothing here raises where the disk is full or cannot be written.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import platform
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import keras
import tensorflow as tf

from core.datasets.downloads import home
from core.datasets.whole_files import sweep_unfinished, whole_files, write_whole

logger = logging.getLogger(__name__)

MOST_BYTES = 256 * 2**20  # of all files, of all versions; those that were used least recently are deleted first
_CODE = ("engine", "experiment", "trained")  # the packages that decide what is traced
_DIGEST_BYTES = hashlib.sha256().digest_size

Parts = Mapping[str, bytes]  # the content of a file, by names


def read_kept(name: str) -> Parts | None:
    """Return the parts of a file, or None where there is none that is whole."""
    path = _folder() / name
    try:
        content = path.read_bytes()
        digest, packed = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(packed).digest() != digest:
            return None
        with suppress(OSError):  # where it may be read only
            os.utime(path)  # it was used now
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            return {part: archive.read(part) for part in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return None


def is_kept(name: str) -> bool:
    """Return whether there is a file of a name; it may still turn out to be damaged."""
    return (_folder() / name).exists()


def keep(name: str, parts: Parts) -> None:
    """Write a file, for every process to read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    folder, content = _folder(), packed.getvalue()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / name, lambda file: file.write(hashlib.sha256(content).digest() + content))
        _make_room(folder.parent)
    except OSError as error:
        logger.warning("What was compiled could not be kept in %s: %s", folder, error.strerror)


def _make_room(root: Path) -> None:
    """Delete the files that were used least recently until the others are within MOST_BYTES."""
    files = sorted((status.st_mtime, status.st_size, path) for path, status in _all_files(root))
    surplus = sum(size for _, size, _ in files) - MOST_BYTES
    for _, size, path in files:
        if surplus <= 0:
            break
        path.unlink(missing_ok=True)
        surplus -= size


def _all_files(root: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for folder in root.iterdir():
        sweep_unfinished(folder)
        yield from whole_files(folder)


def _folder() -> Path:
    return home() / "compiled" / _version()


@cache
def _version() -> str:
    """Return a name of everything that traced and compiled functions depend on besides their structure."""
    digest = hashlib.sha256(repr((tf.version.VERSION, keras.version(), os.environ.get("XLA_FLAGS"))).encode())
    digest.update(repr((platform.machine(), os.cpu_count(), _processor())).encode())
    for package in _CODE:
        for path in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _processor() -> str:
    """Return what the system says of its first processor, the instructions that it knows included."""
    with suppress(OSError):
        first, _, _ = Path("/proc/cpuinfo").read_text().partition("\n\n")
        return "\n".join(line for line in first.splitlines() if not line.startswith("cpu MHz"))
    return platform.processor()
