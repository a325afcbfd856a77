"""A server that is killed at any moment loses no run that had finished, and what it was training is interrupted."""

from benchmarks.crash import crashes
from core.runs.limits import WRITE_SECONDS
from tests.core.runs.changes import ME, finished, key
from tests.seed_of_the_day import seed_of_the_day
from tests.waiting import PATIENCE, wait_until

KILLS = 2  # in the suite; `make bench ARGS=crash` has twenty


def test_a_history_is_written_often_enough_to_lose_two_seconds_at_most():
    assert WRITE_SECONDS <= 1.0  # what a write itself takes comes on top


def test_killed_at_random_moments_no_finished_run_is_lost(url):
    found = list(crashes(url, KILLS, seed_of_the_day()))
    assert [crash.lost for crash in found] == [0] * KILLS
    assert found[-1].finished >= KILLS  # each process is killed after its first finished run
    assert found[-1].interrupted > 0


def test_two_servers_on_one_database_see_the_same_runs(url, start_writer):
    first, second = start_writer(), start_writer()
    for writer in (first, second):
        wait_until(lambda writer=writer: writer._engine is not None, "the database")
    for place in range(20):
        first.note(finished(f"first {place}"))
        second.note(finished(f"second {place}"))
    assert first.flush(PATIENCE)
    assert second.flush(PATIENCE)
    first.store.rename(ME, key("second 0"), "renamed by the other")
    assert len(first.store.runs(ME)) == len(second.store.runs(ME)) == 40
    assert second.store.run(ME, key("second 0")).summary.name == "renamed by the other"
