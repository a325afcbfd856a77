"""One server and one Chromium for all journeys; a browser's tabs, and what they may not do."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

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
        browser: in which it is opened.
        base: where the app is served.
        options: Playwright's, of a context.

    Attributes:
        is_marked: whether something of it cannot be taken back, so that nobody else may have it.
    """

    def __init__(self, browser: Browser, base: str, options: Mapping[str, Any]) -> None:
        self.base = base
        self.options = options
        self.is_marked = False
        self.context = browser.new_context(**options)
        self.watch = Watch(self.context)
        self._unused = [self.context.new_page()]

    def arrive(self, speed: str | None) -> Person:
        """Begin, with a speed that was chosen on an earlier visit, if any."""
        if speed:
            self.context.add_cookies([{"name": speed_cookie, "value": speed, "url": self.base}])
        self.watch.forget()
        return self

    def empty_tab(self) -> Page:
        return self._unused.pop() if self._unused else self.context.new_page()

    def tab(self, path: str = "") -> Lab:
        """Open an empty tab for the app, which is served under a path."""
        return Lab(self.empty_tab(), self.base + path)

    def leave(self) -> None:
        """Leave the browser as if nobody had been there, its first tab on an empty page of the app's address."""
        page, *others = self.context.pages
        page.evaluate("0")  # by then all that was reported is here
        self.watch.end()
        for other in others:
            other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.route("**/*", lambda route: route.fulfill(body=""))
        page.goto(f"{self.base}/nowhere")
        page.evaluate("sessionStorage.clear()")
        self.context.clear_cookies()  # before the tab may ask the server again, as it does for an icon
        page.unroute_all()
        page.set_viewport_size(self.options["viewport"])
        page.emulate_media(
            color_scheme=self.options.get("color_scheme", "light"),
            reduced_motion=self.options.get("reduced_motion", "no-preference"),
        )
        self._unused = [page]


NewPerson = Callable[..., Person]


@pytest.fixture(scope="package")
def left_behind() -> list[Person]:
    """Browsers that were left. The app's programs stay loaded in their tabs, which takes two seconds a tab."""
    return []


@pytest.fixture
def new_person(browser: Browser, left_behind: list[Person], request: pytest.FixtureRequest) -> Iterator[NewPerson]:
    """Open a browser of somebody new: `new_person(server)`, with a chosen speed and Playwright's options of a context.

    It is a new one, or one that a journey has left in which nothing went wrong: journeys are not about how fast a run
    goes, so a speed is chosen unless it is None. No page of it may report an error or ask another host for anything.
    """
    people: list[Person] = []

    def open_browser(server: Server, speed: str | None = "fast", **options: Any) -> Person:
        options = {"viewport": {"width": 1440, "height": 900}} | options
        same = [person for person in left_behind if (person.base, person.options) == (server.base, options)]
        if same:
            left_behind.remove(same[0])
        people.append((same or [Person(browser, server.base, options)])[0].arrive(speed))
        return people[-1]

    yield open_browser
    has_failed = request.node.stash.get(_failed, False)
    if has_failed:
        _take_screenshots(request.node.name, people)
    for person in people:
        if has_failed or person.is_marked:
            person.context.close()
        else:
            person.leave()
    for person in people:
        person.watch.check(person.base)
    left_behind += [person for person in people if not has_failed and not person.is_marked]


@pytest.fixture
def person(server: Server, new_person: NewPerson) -> Person:
    return new_person(server)


@pytest.fixture
def lab(person: Person) -> Lab:
    """One tab, still empty."""
    return person.tab()


@pytest.fixture
def slow_person(server: Server, new_person: NewPerson) -> Person:
    """Somebody whose runs do two epochs a second."""
    return new_person(server, speed="slow")


@pytest.fixture
def slow_lab(slow_person: Person) -> Lab:
    return slow_person.tab()


def _take_screenshots(test: str, people: list[Person]) -> None:
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"\W+", "-", test)
    pages = [page for person in people for page in person.context.pages]
    for number, page in enumerate(pages):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", timeout=20_000)
