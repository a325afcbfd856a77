"""A server that is killed while a run goes on, and starts again: its tabs come back, and the run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import URL

from core.messages.updates import FINISHED
from core.runs.database import open_engine
from core.runs.store import RunStore
from tests.browser.conftest import NewPerson
from tests.browser.server import Server
from tests.waiting import wait_until

RUN = "data=moons&points=200&layers=tanh-3&epochs=14"  # at two epochs a second


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[Server]]:
    """The server that is killed; one that takes its place is added."""
    found = [Server(tmp_path)]
    try:
        found[0].wait()
        yield found
    finally:
        found[-1].stop()


def test_a_tab_comes_back_after_a_kill_and_its_run_goes_on_to_the_same_end(
    servers: list[Server], new_person: NewPerson
) -> None:
    (killed,) = servers
    person = new_person(killed, speed="slow")
    person.is_marked = True
    lab = person.tab().open(RUN).press("train").wait_for_epoch(5)
    store = store_in(killed.home)
    wait_until(lambda: store.runs(None)[0].epoch, "an epoch in the store")
    killed.kill()
    before, (kept,) = lab.epoch, store.runs(None)
    servers.append(Server(killed.home, port=killed.port))
    lab.wait_for_status("paused")
    expect(lab.page.get_by_text("This run was interrupted after epoch")).to_be_visible()
    assert before - 4 <= kept.epoch <= before  # at most two seconds are lost
    lab.wait_for_epoch(kept.epoch).wait_until_drawn()
    assert lab.epoch == kept.epoch
    lab.turn_to("Runs")
    lab.page.get_by_text("Tick a run").wait_for()
    lab.turn_to("Lab").wait_until_drawn()
    lab.press("train").wait_for_status("finished")
    # The same experiment by somebody else, without a break.
    new_person(servers[-1]).tab().open(RUN).press("train").wait_for_status("finished")
    resumed, whole = histories(killed.home)
    assert resumed == whole
    person.watch.errors.clear()  # connections to the server that was killed


def histories(home: Path) -> list[Mapping[str, list[float]]]:
    """Return the histories of the two runs that a server in this home has kept, once both have finished."""
    store = store_in(home)
    wait_until(lambda: [run.status for run in store.runs(None)] == [FINISHED] * 2, "both runs in the store")
    return [store.run(None, run.key).history for run in store.runs(None)]


def store_in(home: Path) -> RunStore:
    """Return the run store of the servers in a home."""
    return RunStore(open_engine(URL.create("sqlite", database=str(home / ".cache" / "hidden_layers" / "runs.db"))))
