"""Somebody who does whatever there is to do, in a real browser, with what must hold after each move."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page
from playwright.sync_api import TimeoutError as BrowserTimeoutError

from benchmarks.browser import VIEWPORT, train_fast
from benchmarks.seen_page import ACTIVE, Seen, look, what_is_wrong

_PATIENCE_SECONDS = 90.0  # until a page is at rest; a new structure compiles meanwhile
_TRAIN_SECONDS = 8.0  # that a run is waited for
_LOOK_SECONDS = 0.1  # between two looks that must be the same
_ACTION_MS = 280_000
_PRESS_MS = 30_000  # until a button can be pressed
_KEYS = ("ArrowLeft", "ArrowRight", "ArrowRight", "Home", "End")
_PAGES = ("Inside", "Results", "Try it", "Take home", "Data", "Runs", "Studies", "Draw", "Camera", "Learn")
# Without a network, or without a file, there is nothing to train on.
_NOT_HERE = ("MNIST", "Fashion", "Faces", "Olivetti", "file")
_OPTIONS = "[data-testid=stSelectboxVirtualDropdown] [role=option]"
_AFTER_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# By its words: the links may be drawn anew.
_IS_AT = "name => document.querySelector('[data-testid=stTopNavLink][aria-current=page]')?.innerText.includes(name)"
_SIDEBAR = "[data-testid=stSidebar]"


class BrokenError(Exception):
    """Something did not hold after a move."""


@dataclass
class Visitor:
    """Somebody with a browser, who begins with an empty tab.

    Args:
        browser: a Chromium.
        base: where the app is served.
        seed: decides all moves.

    Attributes:
        did: the moves so far, in words.
    """

    browser: Browser
    base: str
    seed: int
    did: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._errors: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._page = self._open(f"{self.base}/?data=moons&points=100&epochs=30")
        self._settle("opens the lab")

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def move(self) -> None:
        """Do one thing, and wait until the page is at rest.

        Raises:
            BrokenError: where something does not hold, with all moves so far.
        """
        moves = self._draw.choices(list(_MOVES), list(_MOVES.values()))[0]
        try:
            said, holds = moves(self)
        except BrowserTimeoutError as error:
            raise self._broken(f"a move was not possible: {error}\n\nThe page: {look(self._page)}") from error
        self._settle(said, holds)

    # Controls

    def slide(self) -> Done:
        """Move a slider by keys."""
        slider = self._one_of(self._page.locator(f"{_SIDEBAR} [data-testid=stSlider]"))
        label, handle = _label(slider), slider.locator("input")
        low, high, before = (float(handle.get_attribute(name) or 0) for name in ("min", "max", "value"))
        text = _shown(handle)
        key = self._draw.choice(_KEYS)
        goal = {"Home": low, "End": high, "ArrowLeft": before - 1, "ArrowRight": before + 1}[key]
        presses = self._draw.randint(1, 3) if key.startswith("Arrow") else 1
        for _ in range(presses):
            handle.press(key)
        shown = _shown(handle)
        can_move = low <= goal <= high and goal != before
        problem = f"{label} does not move from {text!r}" if can_move and shown == text else None
        return f"{label}: {key} x {presses}, so {shown}", lambda seen: problem or _still(seen, label, shown)

    def drag(self) -> Done:
        """Drag a slider."""
        slider = self._one_of(self._page.locator(f"{_SIDEBAR} [data-testid=stSlider]"))
        label, handle = _label(slider), slider.locator("input")
        handle.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        x, y = handle.evaluate(_MIDDLE_OF_THUMB)
        mouse = self._page.mouse
        mouse.move(x, y)
        mouse.down()
        for _ in range(self._draw.randint(1, 3)):
            mouse.move(box["x"] + self._draw.random() * box["width"], y, steps=3)
            self._page.wait_for_timeout(self._draw.choice((0, 250)))
        mouse.up()
        shown = _shown(handle)
        return f"{label}: dragged to {shown}", lambda seen: _still(seen, label, shown)

    def choose(self) -> Done:
        """Choose in a menu."""
        menu = self._one_of(self._page.locator(f"{_SIDEBAR} [data-testid=stSelectbox]"))
        label = _label(menu) or str(menu.locator("input").get_attribute("aria-label"))
        chosen = self._choose_in(menu)
        if label == "Recipe":
            return f"opens the recipe {chosen}", _nothing
        return f"{label}: {chosen}", lambda seen: _still(seen, label, chosen)

    def unfold(self) -> Done:
        """Open or close a section of controls."""
        fold = self._one_of(self._page.locator(f"{_SIDEBAR} [data-testid=stExpander] summary"))
        said = fold.inner_text().split("\n")[-1]
        fold.click()
        return f"opens or closes {said}", _nothing

    def retrain(self) -> Done:
        """Switch training on every change on or off."""
        switch = self._page.locator(".st-key-retrain-control input")
        is_on = switch.is_checked()
        self._page.locator(".st-key-retrain-control label").click()
        return (
            f"turns Train on every change {'off' if is_on else 'on'}",
            lambda _: None if switch.is_checked() != is_on else "the switch has not moved",
        )

    # The bar and the figures

    def press(self) -> Done:
        """Press a button of the bar; one of a run that has ended meanwhile cannot be pressed any more."""
        before = look(self._page)
        buttons = [key for key, button in before["buttons"].items() if button["enabled"] and key != "new-weights"]
        key = self._draw.choice(buttons or ["new-weights"])
        try:
            self._page.locator(f".st-key-{key} button:visible").click(timeout=_PRESS_MS)
        except BrowserTimeoutError as error:
            now = look(self._page)
            if key in ("pause", "step", "stop") and not what_is_wrong(now):
                return f"is too late to press {key}", _nothing
            raise self._broken(f"{key} could be pressed, and now it cannot. Before: {before}. Now: {now}") from error
        return f"presses {key}", lambda seen: None if _has_acted(key, before, seen) else f"{key} has done nothing"

    def renew(self) -> Done:
        """Press New weights."""
        before = self._params
        self._page.locator(".st-key-new-weights button:visible").click()
        return (
            "presses new-weights",
            lambda seen: None if _params(seen) != before else "the address has the seed that it had before",
        )

    def train(self) -> Done:
        """Train, and wait until the run is over or takes long."""
        if self._page.locator(".st-key-train button:visible").is_visible():
            self._page.locator(".st-key-train button:visible").click()
            strip = self._page.locator(".hl-strip")
            latest = time.monotonic() + _TRAIN_SECONDS
            while strip.get_attribute("data-status") not in ("finished", "failed") and time.monotonic() < latest:
                self._page.wait_for_timeout(50)
        return f"trains, and it is {self._page.locator('.hl-strip').get_attribute('data-status')}", _nothing

    def look_otherwise(self) -> Done:
        """Choose another view of a figure."""
        switch = self._one_of(self._page.locator(".hl-card .hl-switch .hl-option"))
        said = switch.inner_text()
        switch.click()
        return (
            f"looks at {said}",
            lambda _: None if switch.get_attribute("aria-pressed") == "true" else f"the view {said} is not chosen",
        )

    # Where the browser is

    def visit(self) -> Done:
        """Go to another page and come back by the navigation."""
        name = self._draw.choice(_PAGES)
        before = self._params
        self._turn(name)
        self._wait_until_idle()
        self._turn("Lab")
        return (
            f"visits {name}",
            lambda seen: None if _params(seen) == before else f"the address was {before}, and is {_params(seen)}",
        )

    def go_back(self) -> Done:
        """Press Back."""
        return self._travel("Back", -1)

    def go_forward(self) -> Done:
        """Press Forward."""
        return self._travel("Forward", 1)

    def reload(self) -> Done:
        """Load the page again."""
        before = self._params
        self._page.reload()
        return "reloads", lambda seen: None if _params(seen) == before else f"the address was {before}"

    def open_tab(self) -> Done:
        """Open the address in a second tab of the same browser, and go on there."""
        return self._go_on_in("a second tab", self._page.context)

    def open_browser(self) -> Done:
        """Open the link in a fresh browser, and go on there."""
        return self._go_on_in("a fresh browser", None)

    # How it is done

    def _travel(self, word: str, by: int) -> Done:
        at, addresses = self._page.evaluate(
            "() => [navigation.currentEntry.index, navigation.entries().map((entry) => entry.url)]"
        )
        if not 0 <= at + by < len(addresses):
            return f"cannot go {word}", _nothing
        expected = urlsplit(addresses[at + by])
        if by < 0:
            self._page.go_back()
        else:
            self._page.go_forward()
        if expected.path.strip("/") not in ("", "lab"):
            self._wait_until_idle()
            self._turn("Lab")
            return f"goes {word} to {expected.path} and from there to the lab", _nothing
        wanted = dict(parse_qsl(expected.query))
        return (
            f"goes {word}",
            lambda seen: None if _params(seen) == wanted else f"{word} led to {_params(seen)}, not to {wanted}",
        )

    def _go_on_in(self, where: str, context: BrowserContext | None) -> Done:
        before, old = self._params, self._page
        self._page = self._open(old.url, context)
        if context is None:
            self._contexts.remove(old.context)
            old.context.close()
        else:
            old.close()
        return (
            f"goes on in {where}",
            lambda seen: None if _params(seen) == before else f"the address was {before}, and is {_params(seen)}",
        )

    def _open(self, address: str, context: BrowserContext | None = None) -> Page:
        if context is None:
            context = self.browser.new_context(viewport=VIEWPORT)
            train_fast(context)
            context.set_default_timeout(_ACTION_MS)
            self._contexts.append(context)
            context.on("console", lambda message: self._hear(message.type, message.text))
            context.on("weberror", lambda error: self._errors.append(str(error.error)))
            context.on("response", lambda answer: self._errors.append(f"{answer.status} for {answer.url}")
                       if answer.status >= 400 else None)  # fmt: skip
        page = context.new_page()
        page.goto(address)
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:  # that one is in the responses
            self._errors.append(text)

    def _turn(self, page: str) -> None:
        self._page.get_by_test_id("stTopNavLink").filter(has_text=page).click()
        self._page.wait_for_function(_IS_AT, arg=page, timeout=1000 * _PATIENCE_SECONDS)

    def _choose_in(self, menu: Locator) -> str:
        options = self._open_menu(menu)
        titles = [title for title in options.all_inner_texts() if not any(word in title for word in _NOT_HERE)]
        chosen = self._draw.choice(titles)
        menu.locator("input").fill(chosen)
        options.get_by_text(chosen, exact=True).first.click()
        return chosen

    def _open_menu(self, menu: Locator) -> Locator:
        """Open a menu and return its options. It would close again if the sidebar still scrolled."""
        field, options = menu.locator("input"), self._page.locator(_OPTIONS)
        field.scroll_into_view_if_needed()
        self._page.evaluate(_AFTER_TWO_FRAMES)
        field.click()
        options.first.wait_for()
        return options

    def _one_of(self, found: Locator) -> Locator:
        found.first.wait_for()
        return found.nth(self._draw.randrange(found.count()))

    @property
    def _params(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self._page.url).query))

    def _wait_until_idle(self) -> None:
        latest = time.monotonic() + _PATIENCE_SECONDS
        while self._page.evaluate(_IS_BUSY):
            if time.monotonic() > latest:
                raise self._broken("the page does not come to rest")
            self._page.wait_for_timeout(1000 * _LOOK_SECONDS)

    def _settle(self, said: str, holds: Callable[[Seen], str | None] = lambda _: None) -> None:
        """Wait until the page is at rest and everything holds in two looks, one after the other."""
        self.did.append(said)
        latest = time.monotonic() + _PATIENCE_SECONDS
        good, wrong = 0, ["the page does not come to rest"]
        while good < 2:
            seen = look(self._page)
            if not seen["isBusy"]:
                wrong = what_is_wrong(seen) + [problem for problem in [holds(seen)] if problem]
                good = 0 if wrong else good + 1
            if self._errors:
                raise self._broken("\n".join(self._errors))
            if time.monotonic() > latest:
                raise self._broken("\n".join(wrong))
            self._page.wait_for_timeout(1000 * _LOOK_SECONDS)

    def _broken(self, what: str) -> BrokenError:
        moves = "\n".join(f"{number:4} {said}" for number, said in enumerate(self.did))
        return BrokenError(f"{what}\n\nSeed {self.seed}; the last move is the one that broke it:\n{moves}")


Done = tuple[str, Callable[[Seen], str | None]]  # what was done in words, and what must hold once the page is at rest

# How often each is done, against the others.
_MOVES: dict[Callable[[Visitor], Done], int] = {
    Visitor.slide: 8,
    Visitor.drag: 4,
    Visitor.choose: 6,
    Visitor.unfold: 2,
    Visitor.retrain: 1,
    Visitor.press: 8,
    Visitor.renew: 2,
    Visitor.train: 5,
    Visitor.look_otherwise: 2,
    Visitor.visit: 3,
    Visitor.go_back: 5,
    Visitor.go_forward: 3,
    Visitor.reload: 2,
    Visitor.open_tab: 2,
    Visitor.open_browser: 1,
}

_MIDDLE_OF_THUMB = """node => {
  const {x, y, width, height} = node.closest("div").getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""
_IS_BUSY = """() => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning" ||
  document.querySelector("[data-stale=true]") !== null"""


def _still(seen: Seen, label: str, shown: str) -> str | None:
    """Return what is wrong with a control that was set to what it shows."""
    now = seen["controls"].get(label)
    return None if now == shown else f"{label} was set to {shown!r} and shows {now!r}"


def _has_acted(key: str, before: Seen, seen: Seen) -> bool:
    """Return whether a button of the bar has done what it is for, which may take a while on a busy server."""
    then, now = before["strip"], seen["strip"]
    is_another = seen["figures"].get("stream") != before["figures"].get("stream")
    acted = {
        "train": now["status"] != "paused" if then["status"] == "paused" else is_another,
        "pause": now["status"] not in ACTIVE,
        "step": now["epoch"] != then["epoch"],
        "stop": now["status"] not in (*ACTIVE, "paused"),
        "reset": now["status"] == "ready",
    }
    return bool(acted.get(key, True))


def _nothing(_seen: Seen) -> None:
    """Nothing more must hold than always."""


def _label(widget: Locator) -> str:
    label = widget.locator("[data-testid=stWidgetLabel]")
    return label.inner_text().strip() if label.count() else ""


def _shown(handle: Locator) -> str:
    text: Any = handle.evaluate("node => node.getAttribute('aria-valuetext') ?? node.value")
    return str(text)


def _params(seen: Seen) -> dict[str, str]:
    return dict(parse_qsl(seen["address"]))
