"""The page in a real browser: Chromium at 1440 x 900."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from benchmarks.server import ROOT, START_SECONDS

VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def browsing() -> Iterator[Page]:
    """Open the Chromium of the browser tests; gives a page with `bench` of live.js in it."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.browser.chromium"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.stdout.strip(), args=FLAGS)
        page = browser.new_page(viewport=VIEWPORT)
        page.set_default_timeout(1000 * START_SECONDS)
        page.add_init_script(path=Path(__file__).with_name("live.js"))
        yield page
        browser.close()


def show(page: Page, address: str) -> None:
    """Open an address and wait for its figures."""
    page.goto(address)
    page.wait_for_selector(".hl-large .main-svg")


def press(page: Page, label: str) -> None:
    """Press a button of the action bar, once it can be pressed."""
    page.get_by_role("button", name=label, exact=True).click()
