"""The page that is given damaged files: the lab and the data page through Streamlit's AppTest, without a browser."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.datasets.downloads import HOME_VARIABLE
from core.datasets.upload_store import fingerprint
from ui import server

SHELL = Path(__file__).parents[1] / "ui" / "shell.py"
SECONDS = 120.0  # that a page may take
PAGES = ("lab", "data")
FOLDS = ("fold-columns", "fold-reading")  # what is closed in the sidebar is not drawn


@contextmanager
def two_pages() -> Iterator[Page]:
    """Give the two pages, and a folder for the files which goes with them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ[HOME_VARIABLE] = folder
        try:
            yield Page()
        finally:
            server.jobs().close()


class Page:
    """A tab with the lab and one with the data page; files are brought to them in turns."""

    def __init__(self) -> None:
        self._tabs = {name: _tab(name) for name in PAGES}
        self._turns = cycle(PAGES)

    def bring(self, content: bytes, name: str) -> str:
        """Return "loaded", "refused" where the page says why, or what is wrong: exceptions, or nothing said."""
        page = next(self._turns)
        tab = self._tabs[page]
        before = tab.query_params.get("file", "")
        tab.file_uploader[0].upload(name, content)
        tab.run()
        if tab.exception:
            raised = [f"{error.proto.type}: {error.value}\n{''.join(error.stack_trace)}" for error in tab.exception]
            self._tabs[page] = _tab(page)  # a page that broke off is left as it is
            return f"on the {page} page:\n" + "\n".join(raised)
        file = tab.query_params.get("file", "")
        if any(error.value.startswith(name) for error in tab.sidebar.error):
            return "refused" if file == before else "refused, but the data are others"
        return "loaded" if file == fingerprint(content) else "nothing said"


def _tab(page: str) -> AppTest:
    """Return a page whose data are a file that has not come, with its controls open."""
    tab = AppTest.from_file(str(SHELL), default_timeout=SECONDS).run()
    if page != "lab":
        tab.switch_page(f"../pages/{page}.py")
    for fold in FOLDS:
        tab.session_state[fold] = True
    tab.query_params = {"data": "file"}
    return tab.run()
