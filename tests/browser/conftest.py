"""One server and one Chromium for all journeys; a browser's tabs, and what they may not do."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from benchmarks.browser import FLAGS
from tests.browser import chromium
from tests.browser.lab import PATIENCE, Lab, Watch
from tests.browser.server import ROOT, Server
from ui.session.speed import COOKIE as speed_cookie

RESULTS = ROOT / "test-results"

_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


# Of the package, not the session: while Playwright is there, no other test of the process could use asyncio.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.find_or_install()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("home"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()
    assert "Traceback" not in server.log, server.log


class Person:
    """Somebody's browser: its own cookies, any number of tabs.

    Args:
        speed: that the person has chosen on an earlier visit: journeys are not about how fast a run goes. None for
            somebody who has never chosen.
    """

    def __init__(self, context: BrowserContext, server: Server, speed: str | None = "fast") -> None:
        self.context = context
        if speed:
            context.add_cookies([{"name": speed_cookie, "value": speed, "url": server.base}])
        self.base = server.base
        self.watch = Watch(context)

    def tab(self, path: str = "") -> Lab:
        """Open an empty tab for the app, which is served under a path."""
        return Lab(self.context.new_page(), self.base + path)


NewPerson = Callable[..., Person]


@pytest.fixture
def new_person(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewPerson]:
    """Open a browser of somebody new: `new_person(server)`, with a chosen speed and Playwright's options of a context.

    No page of it may report an error or ask another host for anything.
    """
    people: list[Person] = []

    def open_browser(server: Server, speed: str | None = "fast", **options: Any) -> Person:
        options = {"viewport": {"width": 1440, "height": 900}} | options
        people.append(Person(browser.new_context(**options), server, speed))
        return people[-1]

    yield open_browser
    if request.node.stash.get(_failed, False):
        _take_screenshots(request.node.name, people)
    for person in people:
        person.context.close()
    for person in people:
        person.watch.check(person.base)


@pytest.fixture
def person(server: Server, new_person: NewPerson) -> Person:
    return new_person(server)


@pytest.fixture
def lab(person: Person) -> Lab:
    """One tab, still empty."""
    return person.tab()


def _take_screenshots(test: str, people: list[Person]) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test)
    pages = [page for person in people for page in person.context.pages]
    for number, page in enumerate(pages):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", timeout=20_000)
