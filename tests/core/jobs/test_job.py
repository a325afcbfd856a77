"""A job as the server knows it, fed by hand."""

import asyncio
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.errors import TooManyEditsError
from core.experiment import menus, read_query
from core.jobs.job import Job
from core.messages import edits
from core.messages.edits import Freeze, SetWeight, Silence, Undo
from core.messages.pace import FAST, STEP
from core.messages.past import Past
from core.messages.updates import ENDED, FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED, Update
from tests.core.jobs.hand_fed import waiting
from tests.waiting import PATIENCE, wait_until

METRICS = menus.HISTORY[menus.CLASSES]


def update(
    first_row: int,
    rows: int,
    generation: int = 0,
    status: str = RUNNING,
    message: str = "",
    test=None,
    arrays_epoch: int | None = None,
    **arrays,
) -> Update:
    """An update whose row r holds r, r + 0.25, r + 0.5 and r + 0.75, and 1000 more a generation."""
    values = np.arange(first_row, first_row + rows)[:, None] + np.arange(4) / 4 + 1000 * generation
    return Update(
        status=status,
        generation=generation,
        epoch=first_row + rows,
        epochs=100,
        first_row=first_row,
        rows=values.astype(np.float32),
        learning_rate=0.01,
        ms_per_epoch=1.5,
        message=message,
        test=test,
        arrays=arrays,
        arrays_epoch=first_row + rows if arrays_epoch is None else arrays_epoch,
    )


@pytest.fixture
def job() -> Job:
    return Job("me", read_query("data=moons&epochs=100"), Axes(0, 1), "wait")


def test_a_new_job_is_queued_and_has_something_to_show(job):
    assert (job.status, job.message, job.epoch, job.ms_per_epoch) == (QUEUED, "wait", 0, None)
    assert job.history() == {name: [] for name in METRICS}
    assert job.array("boundary") is None
    frame = job.frame(seq=0, generation=0, rows=0)
    assert (frame.status, frame.message, frame.epochs, frame.first_row) == (QUEUED, "wait", 100, 0)
    assert job.frame(frame.seq, 0, 0) is None


def test_tokens_cannot_be_guessed_and_runs_have_other_names():
    jobs = [Job("me", read_query("data=moons"), None, "") for _ in range(50)]
    assert len({job.token for job in jobs}) == len({job.run for job in jobs}) == 50
    assert all(len(job.token) >= 32 and job.token != job.run for job in jobs)


def test_updates_are_put_together(job):
    job.apply(update(0, 3, boundary=np.zeros((2, 2, 2), np.uint8)))
    job.apply(update(3, 2, message="hello"))
    assert (job.status, job.epoch, job.message, job.ms_per_epoch) == (RUNNING, 5, "hello", 1.5)
    assert job.history() == {
        "loss": [0, 1, 2, 3, 4],
        "accuracy": [0.25, 1.25, 2.25, 3.25, 4.25],
        "val_loss": [0.5, 1.5, 2.5, 3.5, 4.5],
        "val_accuracy": [0.75, 1.75, 2.75, 3.75, 4.75],
    }
    assert job.array("boundary").shape == (2, 2, 2)


def test_a_run_that_rests_keeps_its_time_of_an_epoch(job):
    """The plain graph's, also after compiled programs or another worker have trained the same epochs once more."""
    job.apply(replace(update(0, 99), ms_per_epoch=27.0))
    job.apply(replace(update(99, 1, status=FINISHED), ms_per_epoch=26.5))
    job.apply(replace(update(0, 100, generation=1, status=FINISHED), ms_per_epoch=1.6))
    job.apply(replace(update(0, 100, generation=2, status=FINISHED), ms_per_epoch=3.9))
    past = Past(40, 2, {})
    assert (job.ms_per_epoch, job.frame(0, 0, 0).ms_per_epoch, job.frame_of(past).ms_per_epoch) == (26.5, 26.5, 26.5)
    assert job.history()["loss"][0] == 2000  # the history is the last one
    job.apply(replace(update(100, 1, generation=2), ms_per_epoch=3.8))
    assert job.ms_per_epoch == 3.8


def test_test_metrics_come_with_the_end_and_go_when_training_continues(job):
    job.apply(update(0, 100))
    assert job.test_metrics is None
    job.apply(update(100, 0, status=FINISHED, test=(0.5, 0.75)))
    assert job.test_metrics == (0.5, 0.75)
    job.apply(update(100, 1))
    assert job.test_metrics is None


def test_clients_hear_of_test_metrics_once_and_again_when_they_go(job):
    job.apply(update(0, 100))
    seen = job.frame(0, 0, 0)
    assert "test" not in seen.arrays
    job.apply(update(100, 0, status=FINISHED, test=(0.5, 0.75)))
    ended = job.frame(seen.seq, 0, 100)
    assert ended.arrays["test"].tolist() == [[0.5, 0.75]]
    job.apply(update(100, 0, status=FINISHED, test=(0.5, 0.75)))
    assert "test" not in job.frame(ended.seq, 0, 100).arrays
    job.apply(update(100, 1))
    assert job.frame(ended.seq, 0, 100).arrays["test"].shape == (1, 0)


def test_clients_hear_which_epochs_weights_are_restored():
    job = Job("me", read_query("data=moons&epochs=4&patience=9&restore_best=yes"), None, "")
    for epoch, loss in enumerate((3.0, 1.0, 2.0)):
        job.apply(replace(update(epoch, 1), rows=np.array([[0, 0, loss, 0]], np.float32)))
    running = job.frame(0, 0, 0)
    assert running.arrays["weights_epoch"].tolist() == [3]
    job.apply(replace(update(3, 1, status=FINISHED), rows=np.array([[0, 0, 2, 0]], np.float32)))
    ended = job.frame(running.seq, 0, 3)
    assert ended.arrays["weights_epoch"].tolist() == [2]
    job.change(read_query("data=moons&epochs=9&patience=9&restore_best=yes"))
    assert job.frame(ended.seq, 0, 4).arrays["weights_epoch"].tolist() == [4]


def test_a_job_with_a_numeric_target_has_the_columns_for_that():
    job = Job("me", read_query("data=curve&epochs=100"), None, "")
    assert list(job.history()) == ["loss", "mae", "r2", "val_loss", "val_mae", "val_r2"]
    rows = np.arange(12, dtype=np.float32).reshape(2, 6)
    line = np.zeros((1, 200), np.float32)
    job.apply(replace(update(0, 2, line=line), rows=rows))
    job.apply(replace(update(2, 1), rows=rows[:1]))
    assert job.history()["val_r2"] == [5, 11, 5]
    assert job.array("line").shape == (1, 200)
    frame = job.frame(0, 0, 0)
    assert set(frame.arrays) == {*job.history(), "line"}
    assert frame.arrays["mae"].tolist() == [1, 7, 1]


def test_a_client_gets_the_rows_and_arrays_it_lacks(job):
    job.apply(update(0, 3, boundary=np.zeros((2, 2, 2), np.uint8), confusion=np.eye(2, dtype=np.int32)))
    seen = job.frame(0, 0, 0)
    assert set(seen.arrays) == {*METRICS, "boundary", "confusion"}
    assert seen.epochs_of == {"boundary": 3, "confusion": 3}
    job.apply(update(3, 2, boundary=np.ones((2, 2, 2), np.uint8)))
    job.apply(update(5, 1))
    frame = job.frame(seen.seq, generation=0, rows=3)
    assert (frame.first_row, frame.epoch) == (3, 6)
    assert frame.arrays["loss"].tolist() == [3, 4, 5]
    assert set(frame.arrays) == {*METRICS, "boundary"}
    assert frame.arrays["boundary"].all()
    assert frame.epochs_of == {"boundary": 5}


def test_whoever_knows_nothing_is_told_the_epoch_of_everything(job):
    job.apply(update(0, 3, boundary=np.zeros((2, 2, 2), np.uint8), confusion=np.eye(2, dtype=np.int32)))
    job.apply(update(3, 2, arrays_epoch=4, boundary=np.ones((2, 2, 2), np.uint8)))
    frame = job.frame(0, 0, 0)
    assert (frame.epoch, frame.epochs_of) == (5, {"boundary": 4, "confusion": 3})


@pytest.mark.parametrize(
    ("seq", "generation", "rows", "first_row"),
    [
        (1, 0, 0, 0),
        (1, 0, 2, 2),
        (1, 0, 99, 4),  # more rows than there are
        (1, 1, 2, 0),  # rows of another generation
        (99, 0, 2, 0),  # a client that remembers another server
        (0, 0, 2, 0),  # a client that remembers nothing
    ],
)
def test_which_rows_a_client_gets(seq, generation, rows, first_row, job):
    job.apply(update(0, 4))
    frame = job.frame(seq, generation, rows)
    assert frame.first_row == first_row
    assert frame.arrays["loss"].tolist() == list(range(first_row, 4))


def test_a_new_generation_replaces_the_history(job):
    job.apply(update(0, 5))
    seen = job.frame(0, 0, 0)
    job.apply(update(0, 2, generation=1))
    frame = job.frame(seen.seq, generation=0, rows=5)
    assert (frame.generation, frame.first_row) == (1, 0)
    assert frame.arrays["loss"].tolist() == job.history()["loss"] == [1000, 1001]


def test_a_frame_does_not_change_afterwards(job):
    job.apply(update(0, 2))
    frame = job.frame(0, 0, 0)
    job.apply(update(0, 2, generation=1))
    assert frame.arrays["loss"].tolist() == [0, 1]


@pytest.mark.parametrize("end", [FAILED, INTERRUPTED])
def test_a_job_whose_worker_is_gone_keeps_its_curves_and_takes_no_updates(end, job):
    job.apply(update(0, 3))
    job.end(end, "gone")
    job.apply(update(3, 1))
    assert (job.status, job.message, job.epoch) == (end, "gone", 3)
    assert job.frame(2, 0, 3).status == end


@pytest.mark.parametrize("status", sorted(ENDED))
def test_a_job_that_has_ended_keeps_its_status(status, job):
    job.apply(update(0, 3, status=status, message="done"))
    job.end(INTERRUPTED, "gone")
    assert (job.status, job.message) == (status, "done")


@pytest.mark.parametrize(("pace", "status"), [(FAST, QUEUED), (STEP, PAUSED)])
def test_more_epochs_let_a_finished_job_go_on(pace, status, job):
    job.apply(update(0, 100, status=FINISHED))
    job.set_pace(pace)
    seen, longer = job.frame(0, 0, 0), read_query("data=moons&epochs=200")
    assert job.change(longer)
    assert (job.status, job.experiment) == (status, longer)
    frame = job.frame(seen.seq, 0, 100)
    assert (frame.status, frame.epochs) == (status, 200)
    assert not job.change(read_query("data=moons&epochs=300"))  # it goes on already


def test_more_epochs_do_not_bring_back_a_job_whose_worker_is_gone(job):
    job.apply(update(0, 100, status=FINISHED))
    job.end(INTERRUPTED, "gone")
    assert not job.change(read_query("data=moons&epochs=200"))
    assert job.status == FINISHED


def test_an_end_that_comes_after_more_epochs_were_asked_for_is_not_the_end(job):
    job.apply(update(0, 99))
    job.change(read_query("data=moons&epochs=150"))
    job.apply(update(99, 1, status=FINISHED))
    assert (job.status, job.epoch, len(job.history()["loss"])) == (RUNNING, 100, 100)
    job.change(read_query("data=moons&epochs=200"))
    job.apply(update(0, 100, generation=1, status=FINISHED))  # the same once more, from compiled programs
    assert (job.status, job.generation) == (RUNNING, 1)
    job.apply(replace(update(100, 50, generation=1, status=FINISHED), epochs=150))
    assert (job.status, job.epoch) == (RUNNING, 150)
    job.apply(replace(update(150, 50, generation=1, status=FINISHED), epochs=200))
    assert (job.status, job.epoch) == (FINISHED, 200)


def test_an_end_before_all_epochs_were_done_is_the_end_however_many_are_asked_for(job):
    job.apply(update(0, 50))
    job.change(read_query("data=moons&epochs=200"))
    job.apply(update(50, 1, status=FINISHED))
    assert (job.status, job.epoch) == (FINISHED, 51)


def test_a_job_that_goes_on_is_interrupted_if_its_worker_is_gone_before_it_has_heard(job):
    job.apply(update(0, 100, status=FINISHED))
    job.change(read_query("data=moons&epochs=200"))
    job.end(INTERRUPTED, "gone")
    assert (job.status, job.epoch, job.message) == (INTERRUPTED, 100, "gone")


def test_watchers_are_woken_by_whatever_is_new(job):
    async def watch() -> None:
        frame = await job.next_frame(0, 0, 0, seconds=PATIENCE)
        changes = [
            lambda: job.apply(update(0, 2)),
            lambda: job.change(read_query("data=moons&epochs=50")),
            lambda: job.end(STOPPED, "enough"),
        ]
        for change in changes:
            tasks = [asyncio.create_task(job.next_frame(frame.seq, 0, 0, seconds=PATIENCE)) for _ in range(3)]
            await asyncio.to_thread(wait_until, lambda: waiting(job) == 3)
            assert not any(task.done() for task in tasks)
            threading.Thread(target=change).start()
            frames = await asyncio.gather(*tasks)
            assert {new.seq for new in frames} == {frame.seq + 1}
            frame = frames[0]
        assert frame.status == STOPPED
        assert await job.next_frame(frame.seq, 0, 2, seconds=0.02) is None

    asyncio.run(watch())


def test_updates_after_a_watcher_has_left_do_no_harm(job):
    async def leave() -> None:
        seen = await job.next_frame(0, 0, 0, seconds=PATIENCE)
        task = asyncio.create_task(job.next_frame(seen.seq, 0, 0, seconds=PATIENCE))
        await asyncio.to_thread(wait_until, lambda: waiting(job))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert not waiting(job)

    asyncio.run(leave())
    job.apply(update(0, 1))
    assert job.epoch == 1


def test_asking_for_frames_counts_as_watching(job):
    job._watchers.seen_at -= 100
    assert job.unwatched_seconds() >= 100
    asyncio.run(job.next_frame(0, 0, 0, seconds=1))
    assert job.unwatched_seconds() < 50


# Inside, and by hand


def test_only_those_who_look_inside_get_its_arrays(job):
    assert job.look_inside()
    assert not job.look_inside()
    job.apply(update(0, 3, boundary=np.zeros((2, 2, 2), np.uint8), weights=np.ones(5, np.uint16)))
    assert set(job.frame(0, 0, 0).arrays) == {*METRICS, "boundary"}
    assert set(job.frame(0, 0, 0, inside=True).arrays) == {*METRICS, "boundary", "weights"}


def test_the_inside_is_dropped_when_nobody_has_looked_there_for_a_while(job):
    assert not job.leave_inside()
    job.look_inside()
    job.apply(update(0, 3, weights=np.ones(5, np.uint16)))
    assert not job.leave_inside()
    job._looked_inside_at -= 11
    assert job.leave_inside()
    assert not job.leave_inside()
    job.apply(update(3, 1, weights=np.ones(5, np.uint16)))  # was on its way
    assert "weights" not in job.frame(0, 0, 0, inside=True).arrays
    assert job.look_inside()


def test_edits_have_the_epochs_that_the_worker_confirms(job):
    freeze, silence = Freeze(0, 1, True), Silence(0, 2, True)
    job.apply(update(0, 3))
    job.edit(freeze)
    job.edit(silence)
    assert job.edits == ((3, freeze), (3, silence))
    job.apply(replace(update(3, 4), edited=(5,)))
    assert job.edits == ((5, freeze), (7, silence))  # which takes effect after epoch 7 at the earliest
    job.apply(replace(update(7, 1), edited=(8,)))
    assert job.edits == ((5, freeze), (8, silence))
    job.edit(Undo())
    assert job.edits == ((5, freeze),)


def test_dragging_a_slider_is_one_edit_with_the_last_value(job):
    for value in (1.0, 2.0, 3.0):
        job.edit(SetWeight("output/bias", (0,), value))
    assert job.edits == ((0, SetWeight("output/bias", (0,), 3.0)),)
    job.apply(replace(update(0, 1), edited=(0, 1, 1)))  # an epoch came between
    assert job.edits == tuple((epoch, SetWeight("output/bias", (0,), value)) for epoch, value in ((0, 1.0), (1, 3.0)))
    job.edit(Undo())
    job.apply(replace(update(1, 0), edited=(1,)))
    assert job.edits == ((0, SetWeight("output/bias", (0,), 1.0)),)


def test_edits_that_never_reached_the_worker_are_dropped_when_it_dies(job):
    job.apply(replace(update(0, 3, status=FINISHED)))
    job.edit(Freeze(0, 1, True))
    job.end(INTERRUPTED, "gone")
    assert job.edits == ()


def test_a_job_has_a_limit_of_edits_and_says_what_to_do_then(job, monkeypatch):
    monkeypatch.setattr(edits, "MAX_EDITS", 3)
    for unit in range(3):
        job.edit(Freeze(0, unit, True))
    with pytest.raises(TooManyEditsError, match="Undo changes made since its last epoch, press Reset"):
        job.edit(Silence(0, 1, True))
    job.edit(Freeze(0, 2, False))  # which takes a line away
    job.edit(SetWeight("output/bias", (0,), 1.0))
    job.edit(SetWeight("output/bias", (0,), 2.0))  # the same line
    job.apply(replace(update(0, 4), edited=(0,) * 6))
    job.edit(Undo())
    with pytest.raises(TooManyEditsError):
        job.edit(Silence(0, 1, True))
    assert [edit for _, edit in job.edits] == [Freeze(0, 0, True), Freeze(0, 1, True)]


def test_an_earlier_epoch_is_a_frame_without_history(job):
    job.apply(update(0, 5, message="hello"))
    boundary = np.ones((2, 2, 2), np.uint8)
    frame = job.frame_of(Past(2, 0, {"boundary": boundary}))
    assert (frame.epoch, frame.epochs, frame.status, frame.message) == (2, 100, RUNNING, "hello")
    assert (list(frame.arrays), frame.epochs_of) == (["boundary"], {"boundary": 2})
