"""A school's folder of lessons: read again when files change; whatever is in it harms nothing."""

import os

import pytest

from core.lessons import shelf as shelf_module
from core.lessons.lesson import BrokenLesson, Lesson
from core.lessons.shelf import FOLDER_VARIABLE, Shelf
from tests.core.lessons.files import LESSON


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "school").mkdir()
    (tmp_path / "own" / "01-own.md").write_text(LESSON)
    return tmp_path / "school"


@pytest.fixture
def shelf(folder) -> Shelf:
    return Shelf(folder.parent / "own", folder)


def lesson(name: str) -> str:
    return LESSON.replace("id: a-test", f"id: {name}")


def test_lessons_of_both_folders_stand_in_order(shelf, folder):
    (folder / "02-b.md").write_text(lesson("b"))
    (folder / "01-a.md").write_text(lesson("a"))
    assert [one.id for one in shelf.all()] == ["a-test", "a", "b"]
    assert shelf.lesson("b").file == "02-b.md"
    assert shelf.lesson("c") is None


def test_a_changed_file_is_read_again_and_others_are_not(shelf, folder, monkeypatch):
    (folder / "a.md").write_text(lesson("a"))
    (folder / "b.md").write_text(lesson("b"))
    before = shelf.lesson("b")
    read = []
    original = shelf_module.read_file
    monkeypatch.setattr(shelf_module, "read_file", lambda path: read.append(path.name) or original(path))
    shelf.all()
    assert read == []
    (folder / "a.md").write_text(lesson("a").replace("A test", "Another title"))
    assert shelf.lesson("a").title == "Another title"
    assert read == ["a.md"]
    assert shelf.lesson("b") is before
    (folder / "a.md").unlink()
    assert shelf.lesson("a") is None


def test_a_broken_file_is_shown_as_broken_and_harms_nothing(shelf, folder):
    (folder / "a.md").write_text(lesson("a"))
    (folder / "binary.md").write_bytes(b"\xff\xfe\0")
    (folder / "double.md").write_text(lesson("a"))
    (folder / "long.md").write_text("-" * 1_000_000)
    (folder / "wrong.md").write_text(lesson("wrong").replace("minutes: 5", "minutes: many"))
    (folder / "gone.md").symlink_to(folder / "nowhere")
    (folder / "folder.md").mkdir()
    (folder / ".hidden.md").write_text("")
    (folder / "other.txt").write_text("")
    os.mkfifo(folder / "pipe.md")  # which would be waited for without end
    found = shelf.all()
    assert [one.id for one in found if isinstance(one, Lesson)] == ["a-test", "a"]
    broken = {one.file: one.problem for one in found if isinstance(one, BrokenLesson)}
    assert set(broken) == {"binary.md", "double.md", "long.md", "wrong.md"}
    assert broken["wrong.md"].startswith("wrong.md, line 4: `minutes` must be")
    assert "is that of a.md already" in broken["double.md"]


def test_a_folder_that_is_away_is_told_and_one_with_very_many_files_is_cut(shelf, folder, monkeypatch):
    away = Shelf(folder.parent / "own", folder / "nowhere").all()
    assert isinstance(away[0], Lesson)
    assert "cannot be read" in away[1].problem
    monkeypatch.setattr(shelf_module, "FILES_MOST", 2)
    for name in "abc":
        (folder / f"{name}.md").write_text(lesson(name))
    *lessons, told = shelf.all()
    assert [one.id for one in lessons] == ["a-test", "a", "b"]
    assert told.problem == "Only the first 2 of 3 lessons are read."


def test_the_variable_names_the_folder(folder, monkeypatch):
    (folder / "a.md").write_text(lesson("a"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    assert [one.id for one in Shelf(folder.parent / "own").all()] == ["a-test", "a"]
    monkeypatch.delenv(FOLDER_VARIABLE)
    assert [one.id for one in Shelf(folder.parent / "own").all()] == ["a-test"]
