"""Looking inside a network, and at an earlier epoch."""

import threading

import numpy as np
import pytest

from core.errors import WorkersError
from core.jobs import jobs as jobs_module
from core.messages.frames import decode
from core.messages.past import Past
from core.messages.updates import INTERRUPTED
from tests.core.jobs.hand_fed import ask, feed, make_app, make_client


def test_the_inside_is_sent_to_clients_that_ask_for_it_and_the_worker_is_told_once(fed_jobs, client, fed_job):
    assert "weights" not in ask(client, fed_job, inside=0).arrays
    for _ in range(2):
        ask(client, fed_job, inside=1)
    feed(fed_job, 0, 2, weights=np.ones(5, np.uint16))
    assert "weights" in ask(client, fed_job, inside=1).arrays
    assert "weights" not in ask(client, fed_job).arrays
    assert fed_jobs.cluster.sent == [("inside", True)]


def test_the_worker_is_told_when_nobody_looks_inside_any_more(fed_jobs, client, fed_job):
    ask(client, fed_job, inside=1)
    fed_jobs.tend()
    fed_job._looked_inside_at -= 11
    fed_jobs.tend()
    fed_jobs.tend()
    assert fed_jobs.cluster.sent == [("inside", True), ("inside", False)]


def test_all_who_look_inside_are_given_the_same_arrays_made_once(fed_jobs, client, fed_job):
    """Whatever each has seen before: a frame costs the worker one look, however many there are."""
    tabs = [make_client(make_app(fed_jobs)) for _ in range(3)]
    seen = [ask(tab, fed_job, inside=1) for tab in tabs]
    for rows in range(5):
        feed(fed_job, rows, 1, weights=np.full(5, rows, np.uint16))
        seen[0] = ask(tabs[0], fed_job, seq=seen[0].seq, rows=rows, inside=1)  # the others are slow
        assert seen[0].arrays["weights"].tolist() == [rows] * 5
    for tab, before in zip(tabs[1:], seen[1:], strict=True):
        latest = ask(tab, fed_job, seq=before.seq, rows=0, inside=1)
        assert (latest.seq, latest.arrays["weights"].tolist()) == (seen[0].seq, [4] * 5)
        assert latest.arrays["loss"].tolist() == list(range(5))
    frames = [fed_job.frame(before.seq - 1, 0, 0, inside=True) for before in seen]
    assert len({id(frame.arrays["weights"]) for frame in frames}) == 1
    assert fed_jobs.cluster.sent == [("inside", True)]


def test_looking_inside_just_as_the_last_look_expires_counts(fed_jobs, fed_job, monkeypatch):
    fed_jobs.look_inside(fed_job)
    fed_job._looked_inside_at -= 11
    comes = threading.Thread(target=fed_jobs.look_inside, args=(fed_job,))
    leave_inside = fed_job.leave_inside

    def leave_as_another_comes() -> bool:
        left = leave_inside()
        comes.start()
        comes.join(0.1)
        return left

    monkeypatch.setattr(fed_job, "leave_inside", leave_as_another_comes)
    fed_jobs.tend()
    comes.join()
    assert fed_job.is_inside
    assert fed_jobs.cluster.sent[-1] == ("inside", True)


def test_an_earlier_epoch_is_answered_with_one_frame(fed_jobs, client, fed_job):
    feed(fed_job, 0, 9)
    asked = []

    def answer(epoch: int, inside: bool):
        asked.append((epoch, inside))
        return Past(epoch - 1, 0, {"boundary": np.full((2, 4, 4), epoch, np.uint8)}), None

    fed_jobs.cluster.answer = answer
    response = client.get(f"/live/{fed_job.token}/replay", params={"epoch": 5, "inside": 1})
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    frame = decode(response.content)
    assert (frame.epoch, frame.epochs, list(frame.arrays)) == (4, 100, ["boundary"])
    assert client.get(f"/live/{fed_job.token}/replay", params={"epoch": 7}).status_code == 200
    assert asked == [(5, True), (7, False)]


def test_a_replay_waits_for_a_run_that_is_trained_again_elsewhere(fed_jobs, client, fed_job):
    answers = [(None, None), (Past(3, 0, {}), None)]
    fed_jobs.cluster.answer = lambda *_: answers.pop(0)
    assert decode(client.get(f"/live/{fed_job.token}/replay?epoch=3").content).epoch == 3


@pytest.mark.parametrize("error", [WorkersError("It went with its worker."), RuntimeError("x")])
def test_a_replay_of_a_lost_run_is_refused(error, fed_jobs, client, fed_job):
    fed_jobs.cluster.answer = lambda *_: (None, error)
    response = client.get(f"/live/{fed_job.token}/replay?epoch=3")
    assert response.status_code == 410
    assert "worker" in response.text


def test_an_interrupted_run_says_so(fed_jobs, client, fed_job):
    fed_jobs.cluster.answer = lambda *_: (None, None)
    fed_job.end(INTERRUPTED, "The worker has died.")
    response = client.get(f"/live/{fed_job.token}/replay?epoch=3")
    assert (response.status_code, response.text) == (410, "The worker has died.")


def test_a_worker_that_does_not_answer_is_busy(fed_jobs, client, fed_job, monkeypatch):
    monkeypatch.setattr(jobs_module, "REPLAY_SECONDS", 0.05)
    monkeypatch.setattr(fed_jobs.cluster, "ask_run", lambda *_: None)
    assert client.get(f"/live/{fed_job.token}/replay?epoch=3").status_code == 503


def test_a_replay_is_for_its_own_browser_and_site_alone(fed_jobs, client, fed_job):
    address = f"/live/{fed_job.token}/replay?epoch=3"
    stranger = make_client(make_app(fed_jobs), "another browser")
    assert stranger.get(address).status_code == 404
    assert client.get(address, headers={"origin": "http://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize("query", ["epoch=-1", "epoch=x", "epoch=1&inside=2", "epoch=1&inside=yes"])
def test_the_parameters_of_a_replay_are_checked(query, client, fed_job):
    response = client.get(f"/live/{fed_job.token}/replay?{query}")
    assert response.status_code == 400
    assert response.text.split("`")[1] in ("epoch", "inside")
