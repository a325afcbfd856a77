"""How soon the page answers, in a real browser: `python -m benchmarks.instant [--json]`.

Starts the app as people do and opens it in Chromium at 1440 x 900. Every time is from the press, or from releasing a
slider, to the animation frame that shows the answer; PRESSES times each.

    Train, new structure     to the first epoch painted, for a network that this server has never trained
    Train, known structure   … for the network trained just before, with another seed
    noise, seed, rate, epochs, width
                             with "Train on every change" on and the recipe `moons` (100 epochs): to the last epoch,
                             painted, of the run that the move starts. Every width is new, but most share a program
                             with the one before; where none is compiled yet, the plain graph shows the result, and the
                             compiled program replays it afterwards.

Reported are the median, the worst, and the target. elsewhere_cores: cores that other programs kept busy.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from playwright.sync_api import Page

from benchmarks.browser import browsing, show, time_drag, time_press
from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from benchmarks.server import serving

PRESSES = 7
EXPERIMENT = "recipe=moons"
NEW, KNOWN = "Train, new structure", "Train, known structure"
SEED = "seed"
# By what is moved: the slider's label, its key in the address, and the pixels of a move; to and fro, but on and on for
# the width.
SLIDERS = {
    "noise": ("Noise", "noise", 12),
    "rate": ("Learning rate", "lr", 8),
    "epochs": ("Epochs", "epochs", 8),
    "width": ("Layer 1: units", "layers", 4),
}
AT_MOST_S = {NEW: 0.8, KNOWN: 0.3, "noise": 0.5, SEED: 0.5, "rate": 0.5, "epochs": 0.5, "width": 0.4}
HEADINGS = {
    "name": "to the answer on the page",
    "median_s": "median s",
    "worst_s": "worst s",
    "at_most_s": "at most",
    "reached": "reached by the median",
    "worst_reached": "by the worst",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Row:
    """How soon the page answered one thing."""

    name: str
    median_s: float
    worst_s: float
    at_most_s: float
    reached: bool
    worst_reached: bool
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table or JSON."""
    parser = parser_of("benchmarks.instant", "How soon the page answers.")
    add_count(parser, "presses", PRESSES, "of each")
    options = parser.parse_args(arguments)
    print_measured(measure(options.presses), report, options.json)


def measure(presses: int = PRESSES) -> list[Row]:
    """Return the rows of one server."""
    rows = []
    with serving() as (url, _), browsing() as page:
        train_once(page, url)
        elsewhere = Elsewhere()
        new_s, known_s = [], []
        for number in range(presses):
            new_s.append(time_train(page, url, number, seed=0))
            known_s.append(time_train(page, url, number, seed=1))
        rows += [row_of(NEW, new_s, elsewhere), row_of(KNOWN, known_s, elsewhere)]
        if switch_retraining_on(page, url):
            rows += [time_moves(page, name, presses) for name in (SEED, *SLIDERS)]
        else:
            print("There is no switch to train on every change.", file=sys.stderr, flush=True)
    return rows


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


def row_of(name: str, seconds: Sequence[float], elsewhere: Elsewhere) -> Row:
    """Return median and worst of what was measured."""
    at_most = AT_MOST_S[name]
    return Row(
        name=name,
        median_s=median(seconds),
        worst_s=max(seconds),
        at_most_s=at_most,
        reached=median(seconds) <= at_most,
        worst_reached=max(seconds) <= at_most,
        elsewhere_cores=elsewhere.cores(),
    )


def train_once(page: Page, url: str) -> None:
    """Train something to its end, which waits for the workers."""
    show(page, f"{url}/?epochs=5")
    time_press(page, "Train", "finished")


def time_train(page: Page, url: str, number: int, seed: int) -> float:
    """Open a structure's page, press Train, and return the seconds to its first epoch."""
    print(f"instant: structure {number}, seed {seed}", file=sys.stderr, flush=True)
    show(page, f"{url}/?layers=tanh-{20 + number},relu-{40 + number}&seed={seed}")
    seconds = time_press(page, "Train", "begun") / 1000
    page.wait_for_function("() => bench.strip.dataset.status === 'finished'")
    return seconds


def switch_retraining_on(page: Page, url: str) -> bool:
    """Open the experiment and switch on "Train on every change"; return whether there is such a switch."""
    show(page, f"{url}/?{EXPERIMENT}")
    switch = page.get_by_test_id("stCheckbox").filter(has_text=re.compile(r"rain on (every )?change"))
    if not switch.count():
        return False
    page.evaluate("answer => bench.time('pointerdown', answer)", "finished")
    switch.locator("label").first.click()
    page.evaluate("bench.timed")
    return True


def time_moves(page: Page, name: str, presses: int) -> Row:
    """Move one control repeatedly, waiting for the result each time."""
    print(f"instant: {name}", file=sys.stderr, flush=True)
    elsewhere = Elsewhere()
    seconds = []
    for number in range(presses):
        if name == SEED:
            seconds.append(time_press(page, "New weights", "shown") / 1000)
        else:
            label, key, pixels = SLIDERS[name]
            before = in_address(page, key)
            distance = pixels if name == "width" or number % 2 == 0 else -pixels
            seconds.append(time_drag(page, label, distance, "shown") / 1000)
            if in_address(page, key) == before:
                raise RuntimeError(f"Dragging {label} did not change it.")
    return row_of(name, seconds, elsewhere)


def in_address(page: Page, key: str) -> str:
    """Return what the address says of a key."""
    return page.evaluate("key => new URLSearchParams(location.search).get(key)", key)


if __name__ == "__main__":
    main()
