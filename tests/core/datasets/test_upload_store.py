"""Uploaded files: stored and read by their fingerprint, and deleted when they are old."""

import hashlib
import os
import time

import pytest

from core.datasets import upload_store
from core.datasets.downloads import HOME_VARIABLE
from core.datasets.upload_store import NotUploadedError, fingerprint, keep_upload, read_upload
from core.errors import DataError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path / "uploads"


def test_a_file_is_read_by_the_name_of_what_is_in_it():
    file = keep_upload(b"a,b\n1,2\n")
    assert file == fingerprint(b"a,b\n1,2\n") == hashlib.sha256(b"a,b\n1,2\n").hexdigest()[:32]
    assert keep_upload(b"a,b\n1,2\n") == file
    assert read_upload(file) == b"a,b\n1,2\n"


def test_nobody_else_on_the_machine_looks_in(folder):
    keep_upload(b"x")
    assert folder.stat().st_mode & 0o077 == 0


def test_a_file_that_is_not_here_is_asked_for():
    with pytest.raises(NotUploadedError, match=r"The file 0{32} is not on this server: upload it"):
        read_upload("0" * 32)


def test_only_a_fingerprint_names_a_file(folder):
    folder.mkdir(parents=True)
    for file in ("", "../../etc/passwd", "0" * 31, "0" * 33, "A" * 32, "/" * 32, "0" * 31 + "\n"):
        with pytest.raises(NotUploadedError, match="No file has been chosen yet"):
            read_upload(file)


def test_what_was_not_read_for_the_longest_time_makes_room(folder, monkeypatch):
    monkeypatch.setattr(upload_store, "_MOST_BYTES", 10)
    first, second = keep_upload(b"1" * 4), keep_upload(b"2" * 4)
    for age, file in ((200, first), (100, second)):
        os.utime(folder / file, (time.time() - age,) * 2)
    read_upload(first)
    third = keep_upload(b"3" * 4)
    assert {path.name for path in folder.iterdir()} == {first, third}


def test_what_nobody_has_read_for_a_month_goes(folder):
    old, young = keep_upload(b"old"), keep_upload(b"young")
    for days, file in ((31, old), (29, young)):
        os.utime(folder / file, (time.time() - days * 24 * 3600,) * 2)
    new = keep_upload(b"new")
    assert {path.name for path in folder.iterdir()} == {young, new}


def test_a_file_that_cannot_be_kept_is_a_message(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file stands where the folder should")
    with pytest.raises(DataError, match="could not be stored on this server"):
        keep_upload(b"x")
