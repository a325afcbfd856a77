"""A server under a path of its own, as behind a proxy, that is slow to send; and one whose workers are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.lab import SLOW, Lab
from tests.browser.server import Server

# Messages leave every 0.3 s. Those of a run of the page "Inside" leave in two parts: the strip, then what follows it.
# When a file asks for it, the server knows of no run any more, as after a restart. It has one worker.
_SLOW = """
import os
import threading
import time
from pathlib import Path
from streamlit.runtime import runtime
from ui import server
from ui.inside import page
os.cpu_count = lambda: 1
def forget():
    while not Path.home().joinpath("forget").exists():
        time.sleep(0.1)
    server.jobs()._jobs.clear()
threading.Thread(target=forget, daemon=True).start()
runtime.MESSAGE_FLUSH_INTERVAL_SECS = 0.3
network_json = page.network_json
page.network_json = lambda *network: (time.sleep(1), network_json(*network))[1]
"""


@pytest.fixture(scope="module")
def other_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("other-home"), "--server.baseUrlPath=lab", first=_SLOW)
    try:
        server.wait("/lab/")
        yield server
    finally:
        server.stop()


@pytest.fixture
def other_lab(other_server: Server, new_person: NewPerson) -> Lab:
    return new_person(other_server).tab("/lab")


@pytest.fixture
def other_person(other_server: Server, new_person: NewPerson) -> Person:
    """Somebody whose runs do two epochs a second."""
    return new_person(other_server, speed="slow")


def test_the_app_works_under_a_path(other_lab: Lab, other_server: Server) -> None:
    other_lab.open("epochs=20").press("train").wait_for_status("finished")
    assert "After epoch 20:" in other_lab.final_figures
    other_lab.page.get_by_role("button", name="Link").click()
    link = other_lab.page.get_by_test_id("stPopoverBody").locator("code").inner_text()
    assert link.startswith(f"{other_server.base}/lab")
    other_lab.page.goto(link)
    # The browser is the same, so the run is found again.
    other_lab.wait_until_drawn().wait_for_status("finished")
    assert other_lab.address["epochs"] == "20"
    other_lab.turn_to("Learn").page.locator(".st-key-open-circles button").click()
    other_lab.wait_until_drawn().wait_for_address("data", "circles")


def test_a_page_is_whole_when_a_status_changes_before_it_was_sent(other_lab: Lab) -> None:
    # The strip reports the end of training while the rest of the page waits to be sent.
    other_lab.open("epochs=20").turn_to("Inside")
    expect(other_lab.page.get_by_text("There is no run to inspect yet")).to_be_visible()
    other_lab.press("train").wait_for_status("finished")
    expect(other_lab.page.locator(".hl-inside")).to_be_visible()
    expect(other_lab.page.get_by_text("Choose a view for a closer look at this run.")).to_be_visible()
    expect(other_lab.button("train")).to_be_enabled()


def test_a_run_that_the_server_has_lost_stays_said_until_it_is_trained_again(
    other_server: Server, other_person: Person
) -> None:
    lab = other_person.tab("/lab").open(SLOW).press("train").wait_for_epoch(2)
    (other_server.home / "forget").touch()
    expect(lab.message).to_contain_text("This run is no longer on the server")
    lab.wait_for_status("ready")  # the page has been drawn without the run
    expect(lab.message).to_contain_text("Press Train to start it again")
    lab.press("train").wait_for_status("running").wait_for_epoch(3)
    expect(lab.message).not_to_contain_text("no longer on the server")
    lab.press("stop").wait_for_status("stopped")
    assert {error.partition(" ")[0] for error in other_person.watch.errors} == {"404"}
    other_person.watch.errors.clear()


def test_a_killed_worker_is_said_and_the_next_run_trains(other_person: Person, other_server: Server) -> None:
    other_lab = other_person.tab("/lab").open(SLOW).press("train").wait_for_epoch(4).wait_for_curve(4)
    for worker in other_server.workers():
        worker.kill()
    other_lab.wait_for_status("interrupted")
    expect(other_lab.message).to_contain_text("The worker that trained this run has died")
    assert 4 <= other_lab.epoch < 2000
    curve = other_lab.curves[0]
    assert (curve["x"][0], curve["x"][-1] >= 4) == (1, True)
    other_lab.press("train").wait_for_status("running").wait_for_epoch(3)
    other_lab.press("stop").wait_for_status("stopped")
