"""The lab as a person uses it, without a browser: one tab, driven through Streamlit's AppTest from the shell."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner

from core.experiment import Experiment, read_query
from core.jobs.job import Job
from core.jobs.stream import BROWSER_COOKIE
from core.messages.pace import speed_of
from core.messages.updates import ENDED, PAUSED, QUEUED, RUNNING
from tests.core.workers.worker_processes import settle
from tests.waiting import PATIENCE, wait_until
from ui import server
from ui.session import speed

FAST = {speed.COOKIE: "fast"}
SHELL = Path(__file__).parents[2] / "ui" / "shell.py"

# Small experiments without their epochs. Many tests train them: what is compiled for one test serves the others.
SMALL = "data=moons&points=60&layers=tanh-3&batch=16"
PARTS = "data=iris&validation=0.2"
NUMBERS = "data=diabetes&validation=0.2"
PICTURES = "data=digits&validation=0.2&layers=relu-30"
# Of some ten milliseconds an epoch: it does not end while a test looks at it.
LONG = "data=moons&points=5000&layers=tanh-3&batch=4&epochs=2000"

# The kinds of widgets that `control` looks among.
_KINDS = ("selectbox", "select_slider", "slider", "number_input", "multiselect", "toggle", "pills")


class LabPage:
    """One tab of one browser.

    Args:
        browser: what the browser's cookie says; tabs of one browser share it.
        cookies: what the browser keeps besides. As a rule somebody who trains fast: few tests are about the pace.
    """

    def __init__(self, browser: str, cookies: Mapping[str, str] = FAST) -> None:
        self.browser = browser
        self._cookies = {BROWSER_COOKIE: browser, **cookies}
        self.at = AppTest.from_file(str(SHELL), default_timeout=PATIENCE)
        self._parts: list[dict[str, Any]] | None = None  # of the last run, once somebody has asked

    def open(self, query: str = "") -> LabPage:
        """Open an address, as a link does."""
        params: dict[str, Any] = {}
        for key, text in parse_qsl(query, keep_blank_values=True):
            params.setdefault(key, []).append(text)
        self.at.query_params = params
        return self.run()

    def run_late(self, address: dict[str, str]) -> LabPage:
        """Run the page with an older address, as a browser asks for it before the newest address has arrived."""
        newest = self.at.query_params
        self.at.query_params = dict(address)
        self.run()
        if self.address == address:  # the page wrote no other
            self.at.query_params = newest
        return self

    def go_back(self, address: dict[str, str]) -> LabPage:
        """Run the page with an address that Back or Forward leads to."""
        self.at.query_params = dict(address)
        by_history = functools.partial(RerunData, is_history_navigation=True)
        with mock.patch.object(local_script_runner, "RerunData", by_history):
            return self.run()

    def run(self) -> LabPage:
        """Run the page; it must not end in an exception."""
        # AppTest stands in for the browser everywhere but in its cookies.
        with mock.patch.object(type(st.context), "cookies", self._cookies):
            self.at.run()
        self._parts = None
        errors = [error.value for error in self.at.exception]
        assert not errors, errors
        self._check_bar()
        return self

    def _check_bar(self) -> None:
        """The bar is that of the status which the strip was given: what comes later, the strip reports."""
        status = next((data["status"] for data in self._panels() if data["part"] == "strip"), None)
        labels = {button.label for button in self.at.main.button}
        if {"Pause", "Train", "Resume"} & labels:
            assert ("Pause" in labels) == (status in (QUEUED, RUNNING)), (status, labels)
            assert ("Resume" in labels) == (status == PAUSED), (status, labels)

    def run_disconnected(self) -> LabPage:
        """Run the page while the browser's connection is lost, so that nobody knows its cookies."""
        with mock.patch.object(self, "_cookies", {}):
            return self.run()

    def turn_to(self, page: str) -> LabPage:
        """Go to another page by the navigation, which leaves the address without parameters."""
        self.at.query_params = {}
        self.at.switch_page(f"../pages/{page}.py")
        return self.run()

    @property
    def address(self) -> dict[str, str]:
        """The parameters in the address bar."""
        return dict(self.at.query_params)

    @property
    def experiment(self) -> Experiment:
        """What the address bar says."""
        return read_query(urlencode(self.address))

    def experiment_beside(self, *keys: str) -> Experiment:
        """What the address bar says besides some keys that are no part of the experiment."""
        return read_query(urlencode({key: text for key, text in self.address.items() if key not in keys}))

    def control(self, label: str) -> Any:
        """Return the one control beside which these words stand, after opening what it may stand in."""
        if not self._controls(label):
            self.unfold()
        found = self._controls(label)
        assert len(found) == 1, f"{len(found)} controls are called {label!r}"
        return found[0]

    def has_control(self, label: str) -> bool:
        """Return whether there is such a control, in whatever opens too."""
        return bool(self._controls(label) or self.unfold()._controls(label))

    def _controls(self, label: str) -> list[Any]:
        return [widget for kind in _KINDS for widget in getattr(self.at, kind) if widget.label == label]

    def unfold(self) -> LabPage:
        """Open everything on the page that opens."""
        opening = [block.proto.id for block in self.at.get("expander") if not block.proto.expanded]
        opening += [block.proto.id for block in self.at.get("popover") if not block.proto.popover.open]
        for widget in filter(None, opening):
            self.at.session_state[widget.split("-", 2)[2]] = True  # its key stands behind "$$ID" and a hash
        return self.run() if any(opening) else self

    def choose(self, label: str, value: Any) -> LabPage:
        """Set the control beside which these words stand."""
        self.control(label).set_value(value)
        return self.run()

    def press(self, key: str) -> LabPage:
        """Press a button, which must be there and not be disabled."""
        button = self.at.button(key=key)
        assert not button.disabled, f"{key} is disabled"
        button.click()
        return self.run()

    @property
    def buttons(self) -> dict[str, bool]:
        """The labels of the buttons below the page's name, and whether each can be pressed."""
        shown = [button for button in self.at.main.button if not str(button.key).startswith(("learn-offer", "coach-"))]
        return {button.label: not button.disabled for button in shown}

    def panel(self, part: str) -> dict[str, Any]:
        """Return what the live panel's part ("strip" or "figures") was given."""
        return next(data for data in self._panels() if data["part"] == part)

    @property
    def cards(self) -> dict[str, Any]:
        """The figures of the live panel, by the names of their cards."""
        return {card["name"]: card["figure"] for card in self.panel("figures")["panel"]["cards"]}

    def _panels(self) -> list[dict[str, Any]]:
        if self._parts is None:
            self._parts = [json.loads(part.proto.json) for part in self.at.get("bidi_component")]
        return self._parts

    @property
    def job(self) -> Job | None:
        """The job that the strip shows, or that is watched without one, if that still exists."""
        parts = ("strip", "watch")
        stream = next((data["stream"] for data in self._panels() if data["part"] in parts), None)
        token = re.fullmatch(r"/live/(.+)/frames", stream) if stream else None
        return server.jobs().get(token[1], self.browser) if token else None

    @property
    def running(self) -> Job:
        """The job that the strip shows, which must be there."""
        assert self.job is not None
        return self.job

    def wait_for(self, what: Callable[[], object]) -> LabPage:
        """Wait until something holds for a run, then run the page, as the strip's trigger does."""
        wait_until(what)
        return self.run()

    def wait_for_page(self, what: Callable[[], object]) -> LabPage:
        """Run the page until it shows something."""
        wait_until(lambda: what() or (self.run() and what()))
        return self

    def wait_for_status(self, status: str) -> LabPage:
        """Wait until the shown run has a status, and fail if it ends with another."""
        job = self.running
        self.wait_for(lambda: job.status in {status, *ENDED})
        assignment = server.jobs().cluster._placement.get(job.run)
        if status not in (QUEUED, RUNNING) and assignment is not None and assignment.record is None:
            settle(server.jobs(), job)  # the compiled replay goes on behind the scenes
        shown = self.panel("strip")["status"]
        assert shown == status, f"{shown}: {job.message}"
        return self

    def choose_speed(self, name: str) -> LabPage:
        """Choose how fast runs go: what comes of a press in the panel."""
        pace = server.keep_speed(self.browser, name)
        if self.job is not None:
            server.jobs().set_pace(self.job, pace)
        return self.run()

    @property
    def speed(self) -> str:
        """The speed that the panel shows: that of the run, or of the next one where there is none."""
        return speed_of(self.job.pace) if self.job else str(self.panel("speed")["speed"])

    def train_slowly(self) -> Job:
        """Start a run that does not end while a test looks at it, and wait until it trains."""
        self.choose_speed("slow").press("train")
        return self.wait_until_training()

    def wait_until_training(self) -> Job:
        """Wait until the shown run is past its first epoch, and return it."""
        job = self.running
        self.wait_for(lambda: job.epoch > 0)
        assert job.status == RUNNING
        return job

    def popover(self, label: str) -> Any:
        """Return what opens under the button with these words, open."""
        self.unfold()
        return next(block for block in self.at.get("popover") if label in block.proto.popover.label)

    @property
    def texts(self) -> list[str]:
        """Everything the main area says in plain text."""
        return [element.value for element in (*self.at.main.markdown, *self.at.main.caption)]

    @property
    def notes(self) -> list[str]:
        return [toast.value for toast in self.at.toast]
