"""The page in a real browser: Chromium at 1440 x 900."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from benchmarks.server import ROOT, START_SECONDS
from ui.session.speed import COOKIE

VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
# A window of Chromium starts processes that draw the menus of its address bar, though nobody sees it: a second of
# processor time each. This flag takes the place of Playwright's own, so it names what that switches off too.
_FEATURES_OFF = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AimEnabled", "LensOverlay", "MediaRouter"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose"),
    *("HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)
FLAGS = (
    f"--disable-features={','.join(_FEATURES_OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open the Chromium of the browser tests."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.browser.chromium"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
        yield browser
        browser.close()


def train_fast(context: BrowserContext) -> None:
    """Have the tabs of a browser train as fast as the network can, as if somebody had chosen that before."""
    context.add_cookies([{"name": COOKIE, "value": "fast", "domain": "localhost", "path": "/"}])


@contextmanager
def browsing() -> Iterator[Page]:
    """Open a browser and yield a page with live.js's `bench` in it."""
    with opened_browser() as browser:
        page = browser.new_page(viewport=VIEWPORT)
        train_fast(page.context)
        page.set_default_timeout(1000 * START_SECONDS)
        page.add_init_script(path=Path(__file__).with_name("live.js"))
        yield page


def show(page: Page, address: str) -> None:
    """Open an address and wait until its figures are drawn."""
    page.goto(address)
    page.wait_for_selector(".hl-large .main-svg")


def press(page: Page, label: str) -> None:
    """Press a button of the action bar as soon as it is enabled."""
    page.get_by_role("button", name=label, exact=True).click()


def drag(page: Page, places: Sequence[tuple[float, float]]) -> None:
    """Press the mouse at the first point, move it over the others and release it at the last."""
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    page.mouse.up()


def time_press(page: Page, label: str, answer: str) -> float:
    """Press a button and return the milliseconds until the animation frame with the answer (see live.js)."""
    page.evaluate("answer => bench.time('pointerdown', answer)", answer)
    press(page, label)
    return page.evaluate("bench.timed")


def time_drag(page: Page, label: str, pixels: float, answer: str) -> float:
    """Drag a slider's handle and return the milliseconds from its release to the animation frame with the answer."""
    thumb = page.get_by_role("slider", name=label).locator("xpath=../..")  # the input itself is hidden in it
    thumb.scroll_into_view_if_needed()
    box = thumb.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate("answer => bench.time('pointerup', answer)", answer)
    drag(page, [(x, y), (x + pixels, y)])
    return page.evaluate("bench.timed")
