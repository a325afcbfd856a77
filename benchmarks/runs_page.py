"""The page "Runs" of somebody with 10,000 runs, in a real browser: `python -m benchmarks.runs_page [--json]`.

A table is drawn when its texts and small pictures are, and nothing more is drawn on it. Each is the median of TURNS:

    open_ms        from the press on "Runs" in the lab to the drawn table; the target is at most OPEN_MS
    load_ms        the same from the start of loading the address in a new tab
    empty_ms       from that press to the page of somebody without runs, for comparison
    filter_ms      from Enter after a condition to the drawn table; the target is at most FILTER_MS
    sort_ms        from a press on the header of a column to the drawn table
    page_ms        from a press on the next page to the drawn table
    scroll_ms      the longest time between two animation frames while the table is scrolled to its end and back
    elsewhere_cores   cores that other programs kept busy
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page
from sqlalchemy import make_url

from benchmarks.browser import VIEWPORT, opened_browser, show
from benchmarks.command_line import parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.many_kept_runs import keep_many
from benchmarks.report import text_table
from benchmarks.server import START_SECONDS, serving
from core.jobs.stream import BROWSER_COOKIE
from core.runs.database import open_engine, upgrade
from core.runs.limits import RUNS_MOST

TURNS = 5
OPEN_MS = 1000
FILTER_MS = 300
FILTERS = ("learning rate > 0.01", "spiral", "tag:homework", "data = moons best > 0.6", "batch = 8 lr = 0.1")
HEADINGS = {
    "runs": "runs",
    "open_ms": "open, ms",
    "load_ms": "load, ms",
    "empty_ms": "empty, ms",
    "filter_ms": "filter, ms",
    "sort_ms": "sort, ms",
    "page_ms": "next page, ms",
    "scroll_ms": "longest frame, ms",
    "reached": "as asked",
    "elsewhere_cores": "cores busy elsewhere",
}
_OWNER = "somebody-with-very-many-runs"
_TABLE = ".st-key-runs-table canvas"
_BEST = (585, 18)  # pixels from the table's corner to the header of that column
_WHEEL_TURNS, _WHEEL = 20, 120
_SCRIPT = Path(__file__).with_name("runs_page.js")


@dataclass(frozen=True)
class Row:
    """The medians; see the module for what each figure is.

    Attributes:
        reached: whether it opens within OPEN_MS and filters within FILTER_MS.
    """

    runs: int
    open_ms: float
    load_ms: float
    empty_ms: float
    filter_ms: float
    sort_ms: float
    page_ms: float
    scroll_ms: float
    reached: bool
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the page and print the figures as a table or as JSON."""
    options = parser_of("benchmarks.runs_page", "The page of 10,000 runs.").parse_args(arguments)
    print_measured(measure(), report, options.json)


def measure(runs: int = RUNS_MOST) -> list[Row]:
    """Return the figures for so many runs."""
    with tempfile.TemporaryDirectory(prefix="hidden-layers-many-") as folder:
        database = f"sqlite:///{folder}/runs.db"
        engine = open_engine(make_url(database))
        upgrade(engine)
        keep_many(engine, _OWNER, runs)
        engine.dispose()
        with serving(database=database) as (base, _), opened_browser() as browser:
            return [_measured(browser, base, runs)]


def report(rows: Sequence[Row]) -> str:
    """Return the figures as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


def _measured(browser: Browser, base: str, runs: int) -> Row:
    nobody, elsewhere = _tab(browser, base, "somebody-without-runs"), Elsewhere()
    _open_empty(nobody, base)  # the server's first time
    empty_ms = median(_open_empty(nobody, base) for _ in range(TURNS))
    nobody.context.close()  # only the tab in front is drawn
    owner = _tab(browser, base, _OWNER)
    _open(owner, base)
    open_ms = median(_open(owner, base) for _ in range(TURNS))
    load_ms = median(_load(owner, base) for _ in range(TURNS))
    filter_ms = median(_timed(owner, partial(_filter, owner, words)) for words in FILTERS)
    _timed(owner, lambda: _filter(owner, ""))
    sort_ms = median(_timed(owner, lambda: _press_header(owner)) for _ in range(TURNS))
    page_ms = median(_timed(owner, lambda: owner.get_by_test_id("stNumberInputStepUp").click()) for _ in range(TURNS))
    scroll_ms = median(_scroll(owner) for _ in range(TURNS))
    return Row(
        runs=runs,
        open_ms=open_ms,
        load_ms=load_ms,
        empty_ms=empty_ms,
        filter_ms=filter_ms,
        sort_ms=sort_ms,
        page_ms=page_ms,
        scroll_ms=scroll_ms,
        reached=open_ms <= OPEN_MS and filter_ms <= FILTER_MS,
        elsewhere_cores=elsewhere.cores(),
    )


def _tab(browser: Browser, base: str, owner: str) -> Page:
    context = browser.new_context(viewport=VIEWPORT)
    context.add_cookies([{"name": BROWSER_COOKIE, "value": owner, "url": base}])
    page = context.new_page()
    page.set_default_timeout(1000 * START_SECONDS)
    page.add_init_script(path=_SCRIPT)
    return page


def _open(page: Page, base: str) -> float:
    show(page, base)
    return _timed(page, lambda: _turn_to_runs(page))


def _open_empty(page: Page, base: str) -> float:
    show(page, base)
    page.evaluate("table.begin()")
    _turn_to_runs(page)
    page.wait_for_selector(".st-key-runs-to-lab")
    return float(page.evaluate("performance.now() - table.begunAt"))


def _turn_to_runs(page: Page) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()


def _load(page: Page, base: str) -> float:
    page.goto("about:blank")
    page.goto(f"{base}/runs", wait_until="commit")
    page.wait_for_function("() => table.isDrawn()")
    return float(page.evaluate("table.took()"))


def _timed(page: Page, act: Callable[[], None]) -> float:
    """Do something and return the milliseconds until other lines are drawn."""
    page.evaluate("table.begin()")
    act()
    page.wait_for_function("() => table.isDrawn()")
    return float(page.evaluate("table.took()"))


def _filter(page: Page, words: str) -> None:
    field = page.locator(".st-key-runs-search input")
    field.fill(words)
    page.evaluate("table.begin()")
    field.press("Enter")


def _press_header(page: Page) -> None:
    """Press the header of the column "Best"."""
    box = page.locator(_TABLE).first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + _BEST[0], box["y"] + _BEST[1])


def _scroll(page: Page) -> float:
    box = page.locator(_TABLE).first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate("table.begin()")
    for direction in (1, -1):
        for _ in range(_WHEEL_TURNS):
            page.mouse.wheel(0, direction * _WHEEL)
            page.wait_for_timeout(16)
    return float(page.evaluate("table.longestFrame"))


if __name__ == "__main__":
    main()
