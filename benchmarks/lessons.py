"""Somebody who does every lesson, in a real browser, by mouse and keyboard: `python -m benchmarks lessons`.

In each step, the goal is missed once and reached once, by the addresses that its author has written beside it: the
controls are moved there, one after another, so that a lesson which withholds one that it needs is found.

`python -m benchmarks.lessons FOLDER [--size 390x844] [--dark] [LESSON …]` keeps a picture of every state in a folder.

    steps      steps done
    seconds    that it took
    broken     what did not hold, or "nothing"
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as BrowserError

from benchmarks.browser import VIEWPORT, opened_browser, train_fast
from benchmarks.report import text_table
from benchmarks.server import serving
from core.experiment import Experiment, menus, to_params
from core.lessons.lesson import Lesson, Step
from core.lessons.places import PLACES
from core.lessons.shelf import OWN_FOLDER, Shelf

_PATIENCE_MS = 120_000
_PRESSES_MOST = 120
_NOTHING = "nothing"
_NOT_HERE = ("mnist",)  # without a network there is nothing to train on
_SLIDERS = {
    "epochs": "Epochs",
    "lr": "Learning rate",
    "batch": "Batch size",
    "points": "Points",
    "l2": "L2 penalty",
    "random_labels": "Random training labels",
}
_FOLDS = {
    "l2": "weights",
    "init": "weights",
    "scaling": "split",
    "random_labels": "classes",
    "class_weight": "classes",
    "seed": "seed",
}
_SIDEBAR = "[data-testid=stSidebar]"
_Keep = Callable[[Page, str], None]


@dataclass(frozen=True)
class Walk:
    """One lesson, done."""

    lesson: str
    steps: int
    seconds: float
    broken: str


def measure() -> list[Walk]:
    """Do every lesson."""
    return list(_walks(lambda page, name: None))


def report(walks: list[Walk]) -> str:
    """Return the walks as a table, and below it what was broken."""
    headings = {"lesson": "lesson", "steps": "steps", "seconds": "seconds", "broken": "broken"}
    rows = [{**vars(walk), "broken": walk.broken.partition("\n")[0]} for walk in walks]
    broken = [f"{walk.lesson}, {walk.broken}" for walk in walks if walk.broken != _NOTHING]
    return "\n\n".join([text_table(rows, headings), *broken])


def _walks(keep: _Keep, names: Sequence[str] = (), size: str = "", dark: bool = False) -> Iterator[Walk]:
    """Do lessons one after another in one server; all where none is named."""
    width, height = map(int, size.split("x")) if size else (VIEWPORT["width"], VIEWPORT["height"])
    scheme: Literal["dark", "light"] = "dark" if dark else "light"
    lessons = [one for one in Shelf(OWN_FOLDER, OWN_FOLDER / "none").all() if isinstance(one, Lesson)]
    with serving() as (base, _), opened_browser() as browser:
        for lesson in lessons:
            if not names or lesson.id in names:
                yield _walk(browser, base, lesson, keep, width, height, scheme)


def _walk(
    browser: Browser, base: str, lesson: Lesson, keep: _Keep, width: int, height: int, scheme: Literal["dark", "light"]
) -> Walk:
    started = time.monotonic()
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    train_fast(context)
    context.set_default_timeout(_PATIENCE_MS)
    pupil = Pupil(context.new_page(), base, lesson, keep)
    broken = _NOTHING
    try:
        pupil.do_lesson()
    except (BrowserError, AssertionError) as error:
        keep(pupil.page, f"{lesson.file[:2]}-broken")
        broken = f"{pupil.at}: {str(error).strip()}"
    context.close()
    return Walk(lesson.id, pupil.done, time.monotonic() - started, broken)


class Pupil:
    """Somebody with a browser who does a lesson.

    Attributes:
        done: the steps done.
        at: what is being done, in words.
    """

    def __init__(self, page: Page, base: str, lesson: Lesson, keep: _Keep) -> None:
        self.page, self._base, self._lesson, self._keep = page, base, lesson, keep
        self.done, self.at = 0, "the gallery"
        self._body = page.locator(".st-key-lesson-body")

    def do_lesson(self) -> None:
        """Do all steps from the gallery to the end."""
        self.page.goto(f"{self._base}/learn")
        self.page.locator(f".st-key-lesson-{self._lesson.id} button").click()
        for number, step in enumerate(self._lesson.steps, start=1):
            self.at = f"step {number}"
            expect(self.page.locator(".st-key-lesson-head")).to_contain_text(
                f"Step {number} of {len(self._lesson.steps)}", timeout=_PATIENCE_MS
            )
            self._picture(number, "asked")
            self._predict(step)
            if step.setup.data.name in _NOT_HERE and step.goal is not None and step.goal.needs_run:
                self._press("lesson-skip")
                continue
            self._do_step(number, step)
            self._press("lesson-next")
            self.done += 1
        self.at = "the end"
        expect(self._body).to_contain_text(self._lesson.remember, timeout=_PATIENCE_MS)
        self._picture(len(self._lesson.steps) + 1, "end")

    def _do_step(self, number: int, step: Step) -> None:
        goal = step.goal
        assert goal is not None
        expect(self._body).to_contain_text("Goal", timeout=_PATIENCE_MS)
        for _ in step.hints:
            self._press("lesson-hint")
        self._picture(number, "hints")
        if goal.missed_by is not None and goal.reached_by is not None:
            self.at = f"step {number}, missing the goal"
            self._train(step, goal.missed_by)
            expect(self._body).to_contain_text("Not yet.", timeout=_PATIENCE_MS)
            self._picture(number, "missed")
            self.at = f"step {number}, reaching the goal"
            self._train(step, goal.reached_by)
        for place in goal.opened:
            expect(self._body).not_to_contain_text("Goal reached")
            self.at = f"step {number}, opening {PLACES[place]}"
            self._open(place)
        expect(self._body).to_contain_text("Goal reached", timeout=_PATIENCE_MS)
        self._picture(number, "reached")
        if goal.opened:
            self._press("lesson-lab")
            expect(self.page.locator(".hl-large .main-svg").first).to_be_visible(timeout=_PATIENCE_MS)
            expect(self._body).to_contain_text("Goal reached", timeout=_PATIENCE_MS)

    def _predict(self, step: Step) -> None:
        """Answer the question, by the keyboard, with the answer that is right."""
        if step.prediction is None:
            return
        right = next(place for place, choice in enumerate(step.prediction.choices) if choice.is_right)
        self._body.locator("input[type=radio]").nth(right).press("Space")
        expect(self._body).to_contain_text("You said:", timeout=_PATIENCE_MS)

    def _train(self, step: Step, experiment: Experiment) -> None:
        """Move the controls to an experiment and train it from its beginning."""
        reset = self.page.locator(".st-key-reset button:visible")
        if reset.is_enabled():
            reset.click()
            expect(reset).to_be_disabled(timeout=_PATIENCE_MS)
        wanted = to_params(experiment)
        for key in {**wanted, **to_params(step.setup)}:
            if _params(self.page.url).get(key) != wanted.get(key):
                self._set(key, experiment)
        self.page.locator(".st-key-train button:visible").press("Enter")

    def _set(self, key: str, experiment: Experiment) -> None:
        """Move the control of a key to what an experiment has, and wait for the address to say so."""
        self._show_controls()
        if key in _FOLDS:
            fold = self.page.locator(f"{_SIDEBAR} .st-key-fold-{_FOLDS[key]}")
            if not fold.locator("details[open]").count():
                fold.locator("summary").click()
        wanted = to_params(experiment)
        if key == "layers":
            self._set_layers(experiment)
        elif key in _SLIDERS:
            self._slide(_SLIDERS[key], float(wanted.get(key, 0)))  # the address leaves out what is 0 as a rule
        elif key == "scaling":
            self._choose("Scaling (fitted on training rows)", menus.SCALINGS[wanted[key]])
        elif key == "init":
            self._choose("Weight initializer", menus.INITIALIZERS[experiment.network.initializer])
        elif key == "class_weight":
            self._choose("Class balance in training", menus.CLASS_WEIGHTS[experiment.training.class_weight])
        elif key == "seed":
            field = self.page.get_by_label("Weight seed", exact=True)
            field.fill(wanted[key])
            field.press("Enter")
        else:
            raise AssertionError(f"nobody knows how to set {key}")
        self.page.wait_for_url(lambda url: _params(url).get(key) == wanted.get(key))
        self._hide_controls()

    def _set_layers(self, experiment: Experiment) -> None:
        layers = experiment.network.layers
        self._slide("Hidden layers", len(layers))
        for number, layer in enumerate(layers, start=1):
            self._slide(f"Layer {number}: units", layer.units)
            self._choose(f"Layer {number}: activation", menus.ACTIVATIONS[layer.activation])

    def _slide(self, label: str, wanted: float) -> None:
        handle = self.page.locator(_SIDEBAR).get_by_role("slider", name=label)
        handle.wait_for(state="attached")
        for _ in range(_PRESSES_MOST):
            now = _number(handle)
            if now == wanted:
                return
            handle.press("ArrowRight" if now < wanted else "ArrowLeft")
        raise AssertionError(f"{label} does not come to {wanted}")

    def _choose(self, label: str, title: str) -> None:
        field = self.page.locator(_SIDEBAR).get_by_role("combobox", name=label)
        if title in (field.get_attribute("value") or "", field.locator("xpath=../..").inner_text()):
            return
        field.fill(title)
        self.page.locator("[role=option]").get_by_text(title, exact=True).first.click()

    def _show_controls(self) -> None:
        button = self.page.get_by_test_id("stExpandSidebarButton")
        if button.is_visible():
            button.click()

    def _hide_controls(self) -> None:
        """Close the sidebar where it covers the page."""
        size = self.page.viewport_size
        if size is not None and size["width"] < 768:
            self.page.get_by_test_id("stSidebarCollapseButton").locator("button").click()

    def _open(self, place: str) -> None:
        if place == "studies/rate-finder":
            self.page.locator(".st-key-find-rate button:visible").click()
            return
        page, _, view = PLACES[place].partition(": ")
        self.page.get_by_test_id("stTopNavLink").filter(has_text=page).click()
        if view:
            self.page.locator(".stMain").get_by_text(view, exact=True).first.click()

    def _press(self, key: str) -> None:
        self.page.locator(f".st-key-{key} button:visible").click()

    def _picture(self, number: int, state: str) -> None:
        self.page.wait_for_timeout(600)  # until what moves has come to rest
        self._keep(self.page, f"{self._lesson.file[:2]}-{number}-{state}")


def _params(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def _number(handle: Locator) -> float:
    """Return what a slider shows as a number."""
    text = handle.get_attribute("aria-valuetext") or handle.get_attribute("value") or ""
    if text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text) if re.fullmatch(r"[-0-9.e]+", text) else 0.0


def main() -> None:
    """Do lessons, and keep pictures of them."""
    parser = argparse.ArgumentParser(description="Do lessons in a browser, and keep pictures.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("lesson", nargs="*")
    parser.add_argument("--size", default="")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=options.folder / f"{name}.png")

    for walk in _walks(keep, options.lesson, options.size, options.dark):
        print(f"{walk.lesson}: {walk.steps} steps in {walk.seconds:.0f} s, broken: {walk.broken}", flush=True)


if __name__ == "__main__":
    main()
