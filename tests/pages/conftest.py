"""Tabs for the page tests, before a server's jobs with a real worker."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime.scriptrunner import script_runner

from core.jobs.jobs import Jobs
from core.jobs.keeping import Keeping
from core.messages.updates import FINISHED
from core.runs.database import DATABASE_VARIABLE
from core.runs.writer import RunWriter
from tests.pages.lab_page import LabPage
from tests.waiting import wait_until
from ui import server

_WITH_WRITER = (
    *("learn.ended_run", "learn.lesson_gallery", "learn.progress", "learn.recipe_gallery"),
    *("runs.page", "runs.one_run", "training", "server"),
)
_SPECTATOR = "spectator"  # the browser of tests that only look at finished runs


@pytest.fixture(scope="package", autouse=True)
def _server(jobs: Jobs) -> Iterator[None]:
    """Make the jobs of this test process those of the server."""
    server.jobs.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Jobs", lambda **_: jobs)
        assert server.jobs() is jobs
    yield
    server.jobs.cache_clear()


@pytest.fixture(scope="package", autouse=True)
def _no_search_for_components() -> Iterator[None]:
    # For every new AppTest, Streamlit looks for components in every installed package: a third of a second, and none.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BidiComponentManager, "discover_and_register_components", lambda *_, **__: None)
        yield


@pytest.fixture(scope="package", autouse=True)
def _no_keras_to_clear() -> Iterator[None]:
    # After every run of a page Streamlit clears Keras where that is loaded. The server never loads it; this process
    # has, for the tests of the engine, and to clear what those left takes seconds.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


@pytest.fixture
def open_lab(jobs: Jobs) -> Iterator[Callable[..., LabPage]]:
    """Open a tab: `open_lab(query)`, of a browser of its own or of the named one. Its run ends with the test."""
    tabs = []

    def open_tab(query: str = "", browser: str | None = None) -> LabPage:
        tabs.append(LabPage(browser or secrets.token_urlsafe(24)))
        return tabs[-1].open(query)

    yield open_tab
    for tab in tabs:
        if job := tab.job:
            jobs.forget(job)


@pytest.fixture
def open_finished() -> Callable[[str, str], LabPage]:
    """Open a page for a run that has finished: `open_finished(page, query)`.

    All tests share the run, so that it is trained only once: they must not change it.
    """

    def open_page(page: str, query: str) -> LabPage:
        tab = LabPage(_SPECTATOR).open(query)
        if tab.job is None:
            tab.press("train").wait_for_status(FINISHED)
        return tab.turn_to(page)

    return open_page


@pytest.fixture
def writer(jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunWriter]:
    """The server keeps its runs in a fresh file."""
    monkeypatch.setenv(DATABASE_VARIABLE, f"sqlite:///{tmp_path / 'runs.db'}")
    writer = RunWriter()
    writer.start()
    for module in _WITH_WRITER:
        monkeypatch.setattr(f"ui.{module}.run_writer", lambda: writer)
    monkeypatch.setattr(jobs, "_keeping", Keeping(writer, jobs.cluster.ask_run))
    wait_until(lambda: writer._engine is not None, "the database")
    yield writer
    writer.close()


@pytest.fixture
def lab(open_lab: Callable[..., LabPage]) -> LabPage:
    """The lab at its plain address."""
    return open_lab()
