"""The lab as a person sees it: one tab of a Chromium."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, Request, Response, WebSocket, expect

from tests import waiting
from tests.browser.messages import sent_to_browser, sent_to_server

PATIENCE = int(1000 * waiting.PATIENCE)  # milliseconds
_POLL = 50
_MESSAGES_SHOWN = 200

# Runs that do not end while a test looks at them. The first does some 12 ms an epoch, as fast as the processor can. The
# second is for somebody whose speed is slow, two epochs a second: the processor is free, and nothing is to be compiled.
LONG = "recipe=sine&epochs=2000&batch=4"
SLOW = "epochs=2000"


def stream_of(address: str) -> str | None:
    """Return the host and path of a run's frames, by request or WebSocket; None for any other address."""
    url = urlsplit(address)
    path, _, end = url.path.rpartition("/")
    return f"{url.netloc}{path}" if end in ("frames", "socket") else None


class Watch:
    """What the tabs of one browser report, and which hosts and streams they ask for."""

    def __init__(self, context: BrowserContext) -> None:
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.streams: list[str] = []
        self._messages: deque[str] = deque(maxlen=_MESSAGES_SHOWN)  # the last of all tabs
        self._before_error: list[str] = []
        self._tabs = 0
        self._is_over = False
        context.on("page", self._on_page)
        context.on("console", lambda message: self._on_console(message.type, message.text))
        context.on("weberror", lambda error: self._on_error(str(error.error)))
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def end(self) -> None:
        """Note nothing more: a page that is left in the middle of loading reports that it could not."""
        self._is_over = True

    def forget(self) -> None:
        """Begin anew, with one tab."""
        self._is_over = False
        self.errors.clear()
        self.hosts.clear()
        self.streams.clear()
        self._messages.clear()
        self._before_error.clear()
        self._tabs = 1

    def check(self, base: str) -> None:
        """Fail if a tab has reported an error, with the messages that led to it, or asked another host for anything."""
        assert not self.errors, "\n".join(
            ["The browser reports:", *self.errors, "", "Messages before the first error:", *self._before_error]
        )
        assert self.hosts <= {base}

    def _on_page(self, page: Page) -> None:
        self._tabs += 1
        tab = f"tab {self._tabs}"
        page.on("websocket", lambda socket: self._on_socket(tab, socket))

    def _on_socket(self, tab: str, socket: WebSocket) -> None:
        if self._note_stream(socket.url):
            return
        socket.on("framesent", lambda frame: self._messages.append(f"{tab} {sent_to_server(frame)}"))
        socket.on("framereceived", lambda frame: self._messages.append(f"{tab} {sent_to_browser(frame)}"))

    def _on_console(self, kind: str, text: str) -> None:
        # A refused request is in `_on_response`, with its address.
        if kind == "error" and "Failed to load resource" not in text:
            self._on_error(text)
        else:
            self._messages.append(f"console {kind}: {text[:200]}")

    def _on_error(self, text: str) -> None:
        if self._is_over:
            return
        if not self.errors:
            self._before_error = list(self._messages)
        self.errors.append(text)

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob"):
            self.hosts.add(f"{url.scheme}://{url.netloc}")
        self._note_stream(request.url)

    def _note_stream(self, address: str) -> bool:
        stream = stream_of(address)
        if stream is not None and stream not in self.streams:
            self.streams.append(stream)
        return stream is not None

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._on_error(f"{response.status} for {response.url}")


class Lab:
    """One tab. Waits look at what the live panel's parts say of themselves.

    Args:
        page: an empty tab.
        base: where the app is served.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.strip = page.locator(".hl-strip")
        self.figures = page.locator(".hl-figures")
        self.result = page.locator(".hl-metrics")
        page.set_default_timeout(PATIENCE)

    def open(self, query: str = "") -> Lab:
        """Open an address and wait until the figures are drawn."""
        self.page.goto(f"{self.base}/?{query}" if query else f"{self.base}/")
        return self.wait_until_drawn()

    def reload(self) -> Lab:
        self.page.reload()
        return self.wait_until_drawn()

    def turn_to(self, page: str) -> Lab:
        """Go to another page by the navigation, and wait until the one before is away."""
        link = self.page.get_by_test_id("stTopNavLink").filter(has_text=page)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        return self

    def wait_until_drawn(self) -> Lab:
        self._wait("() => document.querySelectorAll('.hl-figures .js-plotly-plot .main-svg').length >= 3")
        expect(self.strip).to_have_attribute("data-status", re.compile(r"\w"))
        return self

    def press(self, key: str) -> Lab:
        """Press a button of the bar: train, pause, step, stop, reset or new-weights."""
        self.button(key).click()
        return self

    def button(self, key: str) -> Locator:
        """Find a button by its key. Streamlit draws one with a help twice, and shows one of the two."""
        return self.page.locator(f".st-key-{key} button:visible")

    def wait_for_status(self, status: str) -> Lab:
        expect(self.strip).to_have_attribute("data-status", status, timeout=PATIENCE)
        return self

    def wait_for_epoch(self, least: int) -> Lab:
        self._wait("least => Number(document.querySelector('.hl-strip')?.dataset.epoch) >= least", least)
        return self

    def wait_for_frames(self, more: int) -> Lab:
        """Wait until the figures have painted so many frames more."""
        seen = int(self.figures.get_attribute("data-frames") or 0)
        self._wait("least => Number(document.querySelector('.hl-figures')?.dataset.frames) >= least", seen + more)
        return self

    def wait_for_curve(self, least: int) -> Lab:
        """Wait until the training curves are drawn up to an epoch."""
        found = "[...document.querySelectorAll('.hl-card .js-plotly-plot')].find(plot => plot.data.length === 4 &&"
        found += " plot.data.every(trace => trace.mode === 'lines'))"
        self._wait(f"least => ({found})?.data[0].x?.at(-1) >= least", least)
        return self

    def wait_for_line(self, epoch: int) -> Lab:
        """Wait until the line under the figures says what the network does after an epoch."""
        expect(self.result).to_contain_text(f"After epoch {epoch}:")
        return self

    @property
    def epoch(self) -> int:
        return int(self.strip.get_attribute("data-epoch") or 0)

    @property
    def mounts(self) -> int:
        return int(self.figures.get_attribute("data-mounts") or 0)

    def chart(self, title: str) -> Locator:
        """Return the chart of the card with this title."""
        return self.page.locator(".hl-card").filter(has_text=title).locator(".js-plotly-plot")

    @property
    def curves(self) -> list[dict[str, Any]]:
        """The drawn training curves: x and y of loss, accuracy, held-out loss, held-out accuracy."""
        traces: list[dict[str, Any]] = self.chart("Training curves").evaluate(
            "plot => plot.data.map(({x, y}) => ({x: [...x], y: [...y]}))"
        )
        return traces

    @property
    def address(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def until_another_stream(self, known: Collection[str]) -> AbstractContextManager[Any]:
        """Return a context that ends when the tab asks for the frames of a run other than these."""
        return self.page.expect_websocket(lambda socket: (stream_of(socket.url) or "") not in {"", *known})

    def wait_for_address(self, key: str, text: str) -> Lab:
        self._wait("([key, text]) => new URLSearchParams(location.search).get(key) === text", [key, text])
        return self

    def wait_for_change(self, key: str, text: str) -> Lab:
        """Wait until the address says something else for a key."""
        self._wait("([key, text]) => new URLSearchParams(location.search).get(key) !== text", [key, text])
        return self

    @property
    def entries(self) -> int:
        """How many entries the tab's history has."""
        count: int = self.page.evaluate("history.length")
        return count

    @property
    def final_figures(self) -> str:
        """The line under the figures."""
        return self.result.inner_text()

    def slider(self, label: str) -> Locator:
        """Return the handle of the slider with these words; while a page is drawn, one that goes does not count."""
        drawn = self.page.locator("[data-testid=stElementContainer][data-stale=false]")
        return drawn.filter(has_text=label).get_by_role("slider")

    def menu(self, label: str) -> Locator:
        """Return the field of the menu with these words."""
        drawn = self.page.locator("[data-testid=stElementContainer][data-stale=false]")
        return drawn.filter(has_text=label).get_by_role("combobox")

    @property
    def message(self) -> Locator:
        return self.strip.locator(".hl-message")

    def _wait(self, condition: str, argument: Any = None) -> None:
        self.page.wait_for_function(condition, arg=argument, polling=_POLL, timeout=PATIENCE)
