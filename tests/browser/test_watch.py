"""What an error in a page does to a journey."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Person
from tests.browser.server import Server


def test_an_error_fails_a_journey_with_the_messages_that_led_to_it(browser: Browser, server: Server) -> None:
    person = Person(browser, server.base, {}).arrive(speed=None)
    lab = person.tab().open()
    with lab.page.expect_event("pageerror"):
        lab.page.evaluate("() => void setTimeout(() => { throw new Error('the page broke') })")
    with pytest.raises(AssertionError) as failed:
        person.watch.check(person.base)
    person.context.close()
    report = str(failed.value)
    assert "the page broke" in report
    for message in (
        "tab 1 → rerun_script",
        "tab 1 ← new_session page ",
        "tab 1 ← delta [0, ",
        "tab 1 ← script_finished FINISHED_SUCCESSFULLY",
    ):
        assert message in report


def test_a_journey_that_does_what_cannot_be_taken_back_says_so() -> None:
    """The next journey would begin in its browser."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for journey in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(journey, ast.FunctionDef) and journey.name.startswith("test_"):
                called = {node.attr for node in ast.walk(journey) if isinstance(node, ast.Attribute)}
                if called & {"add_init_script", "route_web_socket", "expose_function", "grant_permissions"}:
                    assert "is_marked" in called, f"{path.name}, {journey.name}"
