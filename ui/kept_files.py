"""Keep files that a page offers until the browser has had time to fetch them."""

from __future__ import annotations

import time

from streamlit.runtime import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorage

KEPT_SECONDS = 60.0  # for which a file stays that no page shows any more


def keep_files() -> None:
    """Make Streamlit use `KeptFiles` for the server that starts from now on."""
    runtime.MediaFileManager = KeptFiles  # type: ignore[attr-defined]


class KeptFiles(MediaFileManager):
    """Holds pictures, downloads and what makes a download when its button is pressed.

    Streamlit (1.67) forgets all that no page shows whenever a page's run ends, anybody's. A button that was pressed
    just as its page ran again had nothing behind it; and a file that was made for a button is shown by no page at all,
    so that the ends of two other people's runs were enough to delete it before its browser had asked for it.

    Args:
        storage: where the files are.
    """

    def __init__(self, storage: MediaFileStorage) -> None:
        super().__init__(storage)
        self._unused_files: dict[str, float] = {}  # since when no page has shown them
        self._unused_makers: dict[str, float] = {}  # likewise, what makes a file when a button is pressed

    def _get_inactive_file_ids(self) -> set[str]:
        return _long_unused(self._unused_files, super()._get_inactive_file_ids())

    def _remove_orphaned_deferred_callables(self) -> None:
        shown = {made for of_session in self._files_by_session_and_coord.values() for made in of_session.values()}
        for maker in _long_unused(self._unused_makers, set(self._deferred_callables) - shown):
            self._drop_deferred_id(maker)


def _long_unused(since: dict[str, float], unused: set[str]) -> set[str]:
    """Note what is unused now, and return what has been for more than KEPT_SECONDS."""
    now = time.monotonic()
    for used in since.keys() - unused:
        del since[used]
    for name in unused:
        since.setdefault(name, now)
    return {name for name in unused if now - since[name] > KEPT_SECONDS}
