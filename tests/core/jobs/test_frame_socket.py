"""The WebSocket that carries frames: every message asks as a request does, and is answered by one message."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from core.jobs import jobs as jobs_module
from core.jobs import stream
from core.jobs.job import Job
from core.jobs.stream import carries_frames
from core.messages.frames import Frame, decode
from tests.core.jobs.hand_fed import feed, make_app, make_client, waiting
from tests.waiting import PATIENCE, wait_until


@contextmanager
def connected(client: TestClient, job: Job, **headers: str) -> Iterator[WebSocketTestSession]:
    with client.websocket_connect(f"/live/{job.token}/socket", headers=headers) as socket:
        yield socket


def ask(socket: WebSocketTestSession, query: str = "") -> Frame | None:
    socket.send_text(query)
    data = socket.receive_bytes()
    return decode(data) if data else None


def is_cut_off(socket: WebSocketTestSession, ask: str = "") -> bool:
    socket.send_text(ask)
    with pytest.raises(WebSocketDisconnect) as end:
        socket.receive_bytes()
    return end.value.code == 1008


def test_each_ask_is_answered_by_what_the_browser_lacks(client, fed_job):
    feed(fed_job, 0, 3, boundary=np.full((2, 4, 4), 9, np.uint8))
    with connected(client, fed_job) as socket:
        first = ask(socket)
        assert (first.first_row, first.arrays["loss"].tolist()) == (0, [0, 1, 2])
        assert (first.arrays["boundary"] == 9).all()
        feed(fed_job, 3, 2)
        second = ask(socket, f"seq={first.seq}&generation={first.generation}&rows=3")
        assert (second.first_row, second.arrays["loss"].tolist()) == (3, [3, 4])
        assert "boundary" not in second.arrays


def test_an_ask_waits_for_news_and_an_empty_message_says_that_there_are_none(client, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    with connected(client, fed_job) as socket:
        seq = ask(socket).seq
        assert ask(socket, f"seq={seq}") is None
        monkeypatch.setattr(stream, "WAIT_SECONDS", PATIENCE)
        socket.send_text(f"seq={seq}")
        wait_until(lambda: waiting(fed_job))
        threading.Thread(target=feed, args=(fed_job, 0, 2)).start()
        assert decode(socket.receive_bytes()).epoch == 2
    wait_until(lambda: not waiting(fed_job))


def test_who_looks_inside_is_shown_it(client, fed_jobs, fed_job):
    with connected(client, fed_job) as socket:
        seq = ask(socket).seq
        assert not fed_job.is_inside
        fed_jobs.look_inside(fed_job)
        feed(fed_job, 0, 1, weights=np.zeros(3, np.uint16))
        assert "weights" not in ask(socket, f"seq={seq}").arrays
        assert "weights" in ask(socket, f"seq={seq}&inside=1").arrays


@pytest.mark.parametrize("browser", ["another browser", "", "my browse"])
def test_a_job_is_shown_to_its_own_browser_only(browser, fed_jobs, fed_job):
    with connected(make_client(make_app(fed_jobs), browser), fed_job) as socket:
        assert is_cut_off(socket)


def test_pages_of_other_sites_are_refused_and_those_of_this_one_are_not(client, fed_job):
    with pytest.raises(WebSocketDisconnect), connected(client, fed_job, origin="https://evil.example"):
        pass
    with connected(client, fed_job, origin="http://testserver") as socket:  # as the test client names it here
        assert ask(socket) is not None


def test_a_browser_whose_job_another_one_has_claimed_is_cut_off(client, fed_jobs, fed_job):
    with connected(client, fed_job) as socket:
        assert ask(socket) is not None
        fed_jobs.hand_over(fed_job.token, "another browser")
        assert is_cut_off(socket)


def test_a_page_that_still_asks_for_a_forgotten_run_is_told_nothing_for_a_while(client, fed_jobs, fed_job, monkeypatch):
    monkeypatch.setattr(stream, "WAIT_SECONDS", 0.05)
    with connected(client, fed_job) as socket:
        fed_jobs.forget(fed_job)
        assert ask(socket) is None
        monkeypatch.setattr(jobs_module, "TOMBSTONE_SECONDS", 0.0)
        assert is_cut_off(socket)


@pytest.mark.parametrize("asked", ["seq=-1", "rows=1.5", "generation=x", "inside=2", "x" * 301, "seq=" + "0" * 500])
def test_what_is_no_ask_is_cut_off(asked, client, fed_job):
    with connected(client, fed_job) as socket:
        assert is_cut_off(socket, asked)


def test_bytes_are_no_ask(client, fed_job):
    with connected(client, fed_job) as socket:
        socket.send_bytes(b"seq=0")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_bytes()


def test_only_these_sockets_carry_frames():
    def is_of_a_run(path: str, kind: str = "websocket") -> bool:
        return carries_frames({"type": kind, "path": path})

    assert is_of_a_run("/live/token/socket")
    assert is_of_a_run("/lab/live/token/socket")
    assert not is_of_a_run("/_stcore/stream")
    assert not is_of_a_run("/live/token/socket", "http")
