"""A file that a page has offered can be fetched, whoever's page runs again meanwhile."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from streamlit.runtime import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from ui import kept_files
from ui.kept_files import KeptFiles


class Server:
    """Streamlit's store of files, as the runs of pages use it. Without a page its only session has no name."""

    def __init__(self, kind: type[MediaFileManager]) -> None:
        self._storage = MemoryMediaFileStorage("/media")
        self.files = kind(self._storage)

    def run_page(self, *files: str) -> list[str]:
        """Have a page run from beginning to end; return the names of the buttons that make these files."""
        self.files.clear_session_refs("")
        makers = [
            self.files.add_deferred(lambda file=file: file.encode(), "text/plain", f"0.{place}", element_id=file)
            for place, file in enumerate(files)
        ]
        self.files.remove_orphaned_files()
        return makers

    def fetch(self, url: str) -> bytes:
        """Return a file as a browser gets it."""
        return self._storage.get_file(url.rpartition("/")[2]).content


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(kept_files.time, "monotonic", lambda: now[0])
    return now


def test_a_button_that_was_pressed_while_its_page_ran_again_still_makes_its_file(clock):
    server = Server(KeptFiles)
    (pressed,) = server.run_page("film")
    server.run_page("film")
    assert server.fetch(server.files.execute_deferred(pressed)) == b"film"


def test_a_file_that_was_made_stays_until_its_browser_has_fetched_it(clock):
    server = Server(KeptFiles)
    (pressed,) = server.run_page("film")
    url = server.files.execute_deferred(pressed)
    for _ in range(5):
        server.run_page("film")
    assert server.fetch(url) == b"film"


def test_what_no_page_shows_any_more_goes_after_a_minute(clock):
    server = Server(KeptFiles)
    (pressed,) = server.run_page("film")
    url = server.files.execute_deferred(pressed)
    for seconds in (30, 30, 30, 30):
        (shown,) = server.run_page("other film")
        clock[0] += seconds
    server.run_page("other film")
    with pytest.raises(MediaFileStorageError, match="not found"):
        server.files.execute_deferred(pressed)
    with pytest.raises(MediaFileStorageError):
        server.fetch(url)
    assert server.fetch(server.files.execute_deferred(shown)) == b"other film"


def test_what_a_page_shows_for_long_stays(clock):
    server = Server(KeptFiles)
    (shown,) = server.run_page("film")
    clock[0] += 1000
    server.files.remove_orphaned_files()  # as at the end of another person's run
    server.files.remove_orphaned_files()
    assert server.fetch(server.files.execute_deferred(shown)) == b"film"


def test_the_app_keeps_files():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime, "MediaFileManager", MediaFileManager)
        runpy.run_path(str(Path(__file__).parents[2] / "app.py"))
        assert runtime.MediaFileManager is KeptFiles
