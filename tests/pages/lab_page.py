"""The lab as a person uses it, without a browser: one tab, driven through Streamlit's AppTest from the shell."""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Callable
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
from core.messages.updates import ENDED, PAUSED, QUEUED, RUNNING
from ui import server

SHELL = Path(__file__).parents[2] / "ui" / "shell.py"
PATIENCE = 90.0  # seconds; two workers load TensorFlow meanwhile

# How to find a control by the words beside it.
_KINDS = ("selectbox", "select_slider", "slider", "number_input", "multiselect", "toggle", "pills")


class LabPage:
    """One tab of one browser.

    Args:
        browser: what the browser's cookie says; tabs of one browser share it.
    """

    def __init__(self, browser: str) -> None:
        self.browser = browser
        self.at = AppTest.from_file(str(SHELL), default_timeout=PATIENCE)

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
        with mock.patch.object(type(st.context), "cookies", {BROWSER_COOKIE: self.browser}):
            self.at.run()
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
        """The labels of the bar's buttons, and whether each can be pressed."""
        return {button.label: not button.disabled for button in self.at.main.button}

    def panel(self, part: str) -> dict[str, Any]:
        """Return what the live panel's part ("strip" or "figures") was given."""
        return next(data for data in self._panels() if data["part"] == part)

    @property
    def cards(self) -> dict[str, Any]:
        """The figures of the live panel, by the names of their cards."""
        return {card["name"]: card["figure"] for card in self.panel("figures")["panel"]["cards"]}

    def _panels(self) -> list[dict[str, Any]]:
        return [json.loads(part.proto.json) for part in self.at.get("bidi_component")]

    @property
    def job(self) -> Job | None:
        """The job that the strip shows, if it shows one and that still exists."""
        stream = next((data["stream"] for data in self._panels() if data["part"] == "strip"), None)
        token = re.fullmatch(r"/live/(.+)/frames", stream) if stream else None
        return server.jobs().get(token[1], self.browser) if token else None

    @property
    def running(self) -> Job:
        """The job that the strip shows, which must be there."""
        assert self.job is not None
        return self.job

    def wait_for(self, what: Callable[[], bool]) -> LabPage:
        """Run the page until something is so, as the strip's trigger does whenever the status has changed."""
        deadline = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < deadline, f"still {self.panel('strip')['status']!r} after {PATIENCE:.0f} s"
            time.sleep(0.02)
            self.run()
        return self.run()  # the page was drawn before it was so

    def wait_for_status(self, status: str) -> LabPage:
        self.wait_for(lambda: self.panel("strip")["status"] in {status, *ENDED})
        shown = self.panel("strip")["status"]
        assert shown == status, f"{shown}: {self.running.message}"
        return self

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
