"""How fast a job goes, as tabs that watch it choose and see it."""

import pytest

from core.experiment import read_query
from core.messages.pace import FAST, SLOW, WATCH
from core.messages.updates import FINISHED
from tests.core.jobs.hand_fed import ask, feed, make_app, make_client


def test_a_tab_chooses_the_pace_and_all_tabs_see_it(fed_jobs, client, fed_job):
    feed(fed_job, 0, 3)
    other = make_client(make_app(fed_jobs))
    seen = ask(other, fed_job)
    assert seen.speed == "fast"
    assert client.post(f"/live/{fed_job.token}/pace", params={"speed": "slow"}).status_code == 204
    assert fed_job.pace == SLOW
    assert fed_jobs.cluster.sent == [("pace", SLOW)]
    frame = ask(other, fed_job, seq=seen.seq, rows=3)
    assert (frame.speed, frame.epoch, frame.first_row) == ("slow", 3, 3)


def test_a_tab_skips_to_the_end(fed_jobs, client, fed_job):
    feed(fed_job, 0, 3)
    assert client.post(f"/live/{fed_job.token}/skip").status_code == 204
    feed(fed_job, 3, 2, status=FINISHED)
    assert client.post(f"/live/{fed_job.token}/skip").status_code == 204
    assert fed_jobs.cluster.sent == [("skip", None)]


def test_a_job_that_has_ended_takes_its_pace_when_it_goes_on(fed_jobs, fed_job):
    feed(fed_job, 0, 3, status=FINISHED)
    fed_jobs.set_pace(fed_job, WATCH)
    assert (fed_job.pace, fed_jobs.cluster.sent) == (WATCH, [])
    fed_jobs.resume(fed_job)
    assert fed_jobs.cluster.sent == [("pace", WATCH), ("train", None)]


def test_a_job_that_gets_more_epochs_takes_its_pace_before_them(fed_jobs, fed_job):
    feed(fed_job, 0, 100, status=FINISHED)
    fed_jobs.set_pace(fed_job, WATCH)
    fed_job._watchers.seen_at -= 100
    longer, longest = (read_query(f"data=moons&epochs={epochs}") for epochs in (200, 300))
    fed_jobs.change(fed_job, longer)
    assert fed_job.unwatched_seconds() < 50  # whoever asks for more looks, so it is not paused
    fed_jobs.change(fed_job, longest)
    assert fed_jobs.cluster.sent == [("pace", WATCH), ("change", longer), ("change", longest)]


@pytest.mark.parametrize("path", ["pace?speed=slow", "skip"])
def test_others_choose_nothing(path, fed_jobs, client, fed_job):
    address = f"/live/{fed_job.token}/{path}"
    assert make_client(make_app(fed_jobs), "another browser").post(address).status_code == 404
    assert client.post(address, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get(address).status_code == 405
    assert (fed_job.pace, fed_jobs.cluster.sent) == (FAST, [])


def test_only_speeds_are_taken(fed_jobs, client, fed_job):
    for query in ("", "?speed=", "?speed=warp", "?speed=slow%00"):
        answer = client.post(f"/live/{fed_job.token}/pace{query}")
        assert answer.status_code == 400
        assert "`speed` must be one of step, slow, watch, fast" in answer.text
    assert (fed_job.pace, fed_jobs.cluster.sent) == (FAST, [])
