"""The uploads that Streamlit holds in memory: how many a browser may have, and which go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamlit import runtime

BROWSER_MOST_BYTES = 500_000_000
ALL_MOST_BYTES = 2_000_000_000
UNUSED_SECONDS = 120.0  # a widget asks for its file at once; a tab that lost its connection comes back


@dataclass
class _Held:
    """Whose upload it is, and since when nobody has used it, by `time.monotonic`."""

    browser: str
    unused_since: float


class HeldUploads:
    """Who holds which uploads in the memory of this process. Safe to use from any thread.

    Streamlit (1.67) keeps every upload until its session is forgotten, also those that no widget ever asks for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], _Held] = {}  # by session and file

    def note(self, browser: str, session: str, file: str) -> None:
        """Note that a browser uploads a file in a session."""
        with self._lock:
            self._held[session, file] = _Held(browser, time.monotonic())

    def refusal(self, browser: str, size: int) -> str:
        """Return why a browser may not upload so many bytes now; "" if it may."""
        with self._lock:
            mine = {key for key, held in self._held.items() if held.browser == browser}
        sizes = {(session, file): len(record.data) for session, file, record in _records()}
        if browser and sum(size for key, size in sizes.items() if key in mine) + size > BROWSER_MOST_BYTES:
            return (
                f"The tabs of this browser hold {BROWSER_MOST_BYTES // 1_000_000} MB of uploads. Close some of them, "
                "or remove files from their pages."
            )
        if sum(sizes.values()) + size > ALL_MOST_BYTES:
            return "The server holds too many uploads at the moment. Try again in a few minutes."
        return ""

    def tidy(self) -> None:
        """Drop what no widget uses, and what tabs that are gone have left."""
        now = time.monotonic()
        used = set(_used())
        present = {(session, file) for session, file, _ in _records()}
        with self._lock:
            for key in present:
                held = self._held.setdefault(key, _Held("", now))
                if key in used:
                    held.unused_since = now
            self._held = {key: held for key, held in self._held.items() if key in present or _is_young(held, now)}
            old = [key for key, held in self._held.items() if key in present - used and not _is_young(held, now)]
        for session, file in old:
            _manager().remove_file(session, file)


def _is_young(held: _Held, now: float) -> bool:
    return now - held.unused_since < UNUSED_SECONDS


def _manager() -> Any:
    return runtime.get_instance().uploaded_file_mgr


def _records() -> Iterator[tuple[str, str, Any]]:
    """Yield session, file and record of every upload that Streamlit holds."""
    if not runtime.exists():
        return
    for session, files in list(_manager().file_storage.items()):
        for file, record in list(files.items()):
            yield session, file, record


def _used() -> Iterator[tuple[str, str]]:
    """Yield session and file of the uploads that widgets of connected tabs show."""
    if not runtime.exists():
        return
    for info in runtime.get_instance()._session_mgr.list_active_sessions():
        for widget in info.session._client_state.widget_states.widgets:
            for shown in widget.file_uploader_state_value.uploaded_file_info:
                yield info.session.id, shown.file_id
