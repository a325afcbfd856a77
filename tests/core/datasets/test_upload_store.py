"""Uploaded files: stored and read by their fingerprint, and deleted when they are old."""

import hashlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.datasets import upload_store
from core.datasets.downloads import HOME_VARIABLE
from core.datasets.upload_store import (
    NotUploadedError,
    check_here,
    delete_upload,
    fingerprint,
    hand_over_uploads,
    keep_upload,
    read_upload,
    sweep_uploads,
    uploads_of,
)
from core.datasets.whole_files import whole_files
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


def keep_and_read(content):
    return read_upload(keep_upload(content))


def race(contents, act=keep_and_read):
    """Return what `act` returns of each content, in threads that begin at once."""
    ready = threading.Barrier(len(contents))

    def store(content):
        ready.wait()
        return act(content)

    with ThreadPoolExecutor(len(contents)) as pool:
        return list(pool.map(store, contents))


def test_many_store_the_same_file_or_others_at_once_and_all_can_read_it(folder):
    for round in range(20):
        same = [bytes([round]) * 40_000] * 16
        others = [bytes([round, place]) * 20_000 for place in range(16)]
        assert race(same) == same
        assert race(others) == others
    assert {path.name for path in folder.iterdir()} == {path.name for path, _ in whole_files(folder)}


def test_files_that_vanish_while_room_is_made_are_no_error(folder, monkeypatch):
    monkeypatch.setattr(upload_store, "_MOST_BYTES", 100)
    for round in range(20):
        race([bytes([round, place]) * 40 for place in range(12)], keep_upload)


# Under a limit of file sizes writing fails half way, as on a full disk.
FULL_DISK = """
import resource
from core.datasets.upload_store import keep_upload
from core.errors import DataError
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    keep_upload(bytes(50_000))
except DataError as error:
    print(error)
print(keep_upload(b"small"))
"""


def test_a_full_disk_leaves_nothing_behind_and_is_said(folder):
    done = subprocess.run([sys.executable, "-c", FULL_DISK], capture_output=True, text=True, check=True)
    said, file = done.stdout.splitlines()
    assert "could not be stored on this server (File too large)" in said
    assert [path.name for path in folder.iterdir()] == [file]


def test_what_a_killed_server_has_left_half_written_goes_at_the_next_start(folder):
    kept = keep_upload(b"x")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    for name in ("0" * 32 + f".{ended.pid}.tmp", "0" * 32 + f".{ended.pid}.0123.tmp", "no number.tmp"):
        (folder / name).write_bytes(b"half")
    written_now = folder / f"{'0' * 32}.{os.getpid()}.0123.tmp"
    written_now.write_bytes(b"half")
    sweep_uploads()
    assert {path.name for path in folder.iterdir()} == {kept, written_now.name}
    os.utime(written_now, (time.time() - 7200,) * 2)
    sweep_uploads()
    assert [path.name for path in folder.iterdir()] == [kept]


def test_a_file_that_is_not_what_was_stored_is_asked_for_again(folder):
    for damaged in (b"", b"a,b\n1,3\n"):
        file = keep_upload(b"a,b\n1,2\n")
        (folder / file).write_bytes(damaged)
        with pytest.raises(NotUploadedError):
            read_upload(file)
        assert read_upload(keep_upload(b"a,b\n1,2\n")) == b"a,b\n1,2\n"


def test_what_is_in_use_is_not_old(folder):
    file = keep_upload(b"x")
    for use in (lambda: check_here(file), lambda: keep_upload(b"x"), lambda: read_upload(file)):
        os.utime(folder / file, (time.time() - 40 * 24 * 3600,) * 2)
        use()
        sweep_uploads()
        assert read_upload(file) == b"x"


def test_a_browser_deletes_what_it_has_stored_and_nothing_else(folder):
    mine, shared, others = keep_upload(b"1", "me"), keep_upload(b"2", "me"), keep_upload(b"3", "you")
    assert keep_upload(b"2", "you") == shared
    keep_upload(b"4")
    assert {upload.file for upload in uploads_of("me")} == {mine, shared}
    assert delete_upload(mine, "me")
    assert not delete_upload(shared, "me")
    assert read_upload(shared) == b"2"
    for file in (mine, shared, others):
        with pytest.raises(NotUploadedError):
            delete_upload(file, "me")
    with pytest.raises(NotUploadedError):
        read_upload(mine)
    assert uploads_of("me") == []
    assert delete_upload(shared, "you")
    assert {upload.file for upload in uploads_of("you")} == {others}
    assert not any(b"me" in path.name.encode() for path in folder.parent.rglob("*"))


def test_what_a_browser_has_stored_under_a_name_can_get_another_name():
    file = keep_upload(b"1", "before")
    hand_over_uploads("before", "after")
    assert (uploads_of("before"), uploads_of("after")[0].file) == ([], file)
    assert delete_upload(file, "after")


def test_a_browser_stores_only_so_much(monkeypatch):
    monkeypatch.setattr(upload_store, "OWNED_MOST_BYTES", 5_000_000)
    first = keep_upload(bytes(3_000_000), "me")
    keep_upload(bytes(3_000_000), "me")  # the same file counts once
    with pytest.raises(DataError, match=r"at most 5 MB together .* Yours have 3 MB, and this one has 4 MB\. Delete"):
        keep_upload(bytes(4_000_000), "me")
    keep_upload(bytes(4_000_000), "you")
    delete_upload(first, "me")
    keep_upload(bytes(4_000_000), "me")
