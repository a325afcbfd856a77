import os
from pathlib import Path

import pytest

from core.datasets.downloads import HOME_VARIABLE
from core.engine import kept_programs
from core.engine.kept_programs import is_kept, keep, read_kept

PARTS = {"one": b"\0" * 1000, "two/ä": bytes(range(256)), "none": b""}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path / "compiled"


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_what_is_kept_is_read_again():
    assert (read_kept("a.xla"), is_kept("a.xla")) == (None, False)
    keep("a.xla", PARTS)
    assert (read_kept("a.xla"), is_kept("a.xla")) == (PARTS, True)
    keep("a.xla", {"one": b"other"})
    assert read_kept("a.xla") == {"one": b"other"}


@pytest.mark.parametrize("damage", ["cut", "emptied", "changed", "foreign", "folder"])
def test_a_damaged_or_foreign_file_counts_as_missing_and_is_replaced(root: Path, damage: str):
    keep("a.xla", PARTS)
    (path,) = files(root)
    whole = path.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    path.write_bytes({"cut": whole[:-1], "changed": changed, "foreign": b"PK\3\4" + whole}.get(damage, b""))
    if damage == "folder":
        path.unlink()
        path.mkdir()
    assert read_kept("a.xla") is None
    if damage != "folder":
        keep("a.xla", PARTS)
        assert read_kept("a.xla") == PARTS


def test_what_cannot_be_written_is_not_kept(root: Path, caplog: pytest.LogCaptureFixture):
    root.write_text("where the folder should be")
    keep("a.xla", PARTS)
    assert read_kept("a.xla") is None
    assert "could not be kept" in caplog.text


def test_the_files_that_were_used_least_recently_go_first_of_other_versions_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    content = {"one": os.urandom(1000)}
    for age, name in enumerate(("d", "c", "b", "a")):
        keep(name, content)
        (path,) = root.rglob(name)
        os.utime(path, (1e9 - age, 1e9 - age))
    old = root / "another version"
    old.mkdir()
    (old / "z").write_bytes(b" " * 1000)
    os.utime(old / "z", (1e8, 1e8))
    size = path.stat().st_size
    monkeypatch.setattr(kept_programs, "MOST_BYTES", 3 * size)
    assert read_kept("a") == content  # used now
    keep("e", content)
    assert [path.name for path in files(root)] == ["a", "d", "e"]


def test_other_settings_of_the_compiler_are_another_version(monkeypatch: pytest.MonkeyPatch):
    version = kept_programs._version.__wrapped__
    before = version()
    assert version() == before
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert version() != before
