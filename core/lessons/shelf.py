"""All lessons: the project's and a school's own, read again when their files change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import LessonError
from core.lessons.lesson import BrokenLesson, Lesson
from core.lessons.reader import BYTES_MOST, read_lesson

FOLDER_VARIABLE = "HIDDEN_LAYERS_LESSONS"
OWN_FOLDER = Path(__file__).parents[2] / "lessons"
FILES_MOST = 200  # of one folder

_BYTES_OF_FILE_MOST = 4 * BYTES_MOST  # UTF-8


@dataclass(frozen=True)
class _Read:
    """What a file held when it was read, and how to tell that it has changed."""

    stamp: tuple[int, int, int]
    found: Lesson | BrokenLesson


class Shelf:
    """Lessons from two folders. Safe to use from any thread: what was read is replaced as a whole, and nothing waits.

    Args:
        own: the project's folder, whose lessons come first.
        folder: a school's; None for what FOLDER_VARIABLE names, at every call.
    """

    def __init__(self, own: Path = OWN_FOLDER, folder: Path | None = None) -> None:
        self._own = own
        self._folder = folder
        self._read: dict[Path, _Read] = {}

    def all(self) -> tuple[Lesson | BrokenLesson, ...]:
        """Return all lessons in the order of their files' names, the project's first; files that are none as broken."""
        read = {path: one for folder in self._folders() for path, one in self._files(folder)}
        self._read = read
        return tuple(_with_own_ids([one.found for one in read.values()])) + self._missing()

    def lesson(self, lesson_id: str) -> Lesson | None:
        """Return a lesson by its id, or None where there is none."""
        return next((one for one in self.all() if isinstance(one, Lesson) and one.id == lesson_id), None)

    def _folders(self) -> list[Path]:
        extra = self._extra()
        return [self._own] if extra is None else [self._own, extra]

    def _extra(self) -> Path | None:
        if self._folder is not None:
            return self._folder
        named = os.environ.get(FOLDER_VARIABLE, "")
        return Path(named).expanduser() if named else None

    def _missing(self) -> tuple[BrokenLesson, ...]:
        """Return the school's folder as broken, where it cannot be read or has too many files."""
        extra = self._extra()
        if extra is None:
            return ()
        try:
            count = len(_paths(extra))
        except OSError as error:
            return (BrokenLesson(str(extra), f"The folder of {FOLDER_VARIABLE} cannot be read: {error.strerror}."),)
        if count > FILES_MOST:
            return (BrokenLesson(str(extra), f"Only the first {FILES_MOST} of {count} lessons are read."),)
        return ()

    def _files(self, folder: Path) -> Iterator[tuple[Path, _Read]]:
        try:
            paths = _paths(folder)[:FILES_MOST]
        except OSError:
            return
        for path in paths:
            try:
                about = path.stat()
            except OSError:  # deleted meanwhile, or a link to nowhere
                continue
            if not stat.S_ISREG(about.st_mode):
                continue
            stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
            before = self._read.get(path)
            yield path, before if before is not None and before.stamp == stamp else _Read(stamp, read_file(path))


def read_file(path: Path) -> Lesson | BrokenLesson:
    """Return the lesson of a file, or why it is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_OF_FILE_MOST + 1)
        return read_lesson(content.decode("utf-8"), path.name)
    except LessonError as error:
        return BrokenLesson(path.name, str(error))
    except UnicodeDecodeError:
        return BrokenLesson(path.name, f"{path.name} is not text in UTF-8.")
    except OSError as error:
        return BrokenLesson(path.name, f"{path.name} cannot be read: {error.strerror}.")


def _paths(folder: Path) -> list[Path]:
    """Return the Markdown files of a folder in the order of their names, without hidden ones."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".md" and path.name[0] not in "._")


def _with_own_ids(found: list[Lesson | BrokenLesson]) -> Iterator[Lesson | BrokenLesson]:
    """Yield lessons; one whose id an earlier one has is broken."""
    files: dict[str, str] = {}
    for one in found:
        if isinstance(one, Lesson) and one.id in files:
            yield BrokenLesson(one.file, f"{one.file}: the id {one.id!r} is that of {files[one.id]} already.")
            continue
        if isinstance(one, Lesson):
            files[one.id] = one.file
        yield one
