"""Jobs on real workers whose networks are looked into, and changed by hand."""

import asyncio

import numpy as np

from core.experiment import read_query
from core.jobs import jobs as jobs_module
from core.jobs.job import Job
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, Silence, Undo
from core.messages.updates import FINISHED, PAUSED, QUEUED, RUNNING, STOPPED
from core.training.trainer import Trainer
from tests.core.training.record import Record
from tests.core.training.runs import QUICK
from tests.core.workers.worker_processes import AXES, history, seen_inside, settle, train_here, wait_for
from tests.waiting import PATIENCE, wait_until


def test_a_job_is_edited_by_hand_and_seen_as_it_was(jobs, begin, programs, monkeypatch):
    """What its worker does is what the same edits do here."""
    monkeypatch.setattr(jobs_module, "REPLAY_SECONDS", PATIENCE)
    query = f"{QUICK}&epochs=4"
    job = begin(query, first="step")
    wait_for(job, PAUSED)
    edits = [Silence(0, 1, True), SetWeight("output/kernel", (2, 0), 0.5), Freeze(0, 0, True)]
    for one in edits:
        jobs.edit(job, one)
    jobs.look_inside(job)
    jobs.resume(job)
    wait_for(job, FINISHED)
    settle(jobs, job)
    assert job.edits == tuple((1, one) for one in edits)

    record = Record()
    trainer = Trainer(read_query(query), record, programs, AXES)
    trainer.send(Command("step"))
    trainer.attend()
    for one in edits:
        trainer.send(Command("edit", one))
    trainer.send(Command("train"))
    trainer.attend()
    np.testing.assert_array_equal(history(job), record.history)

    frame = asyncio.run(jobs.replay(job, epoch=2, inside=True))
    past = trainer.look_back(2, inside=True)
    assert frame.epoch == past.epoch == 2
    assert set(frame.arrays) == set(past.arrays) == {"boundary", "confusion", "weights", "spaces"}
    np.testing.assert_array_equal(frame.arrays["weights"], past.arrays["weights"])
    np.testing.assert_array_equal(frame.arrays["boundary"], past.arrays["boundary"])
    wait_until(lambda: "separable" in seen_inside(job), "the score of a linear model")

    network = jobs.trained(job, seconds=PATIENCE)
    assert (network.weights["output/kernel"][1] == 0).all()
    jobs.edit(job, Undo())
    jobs.edit(job, Undo())
    jobs.edit(job, Undo())
    wait_until(lambda: (jobs.trained(job, seconds=PATIENCE).weights["output/kernel"][1] != 0).all(), "the old weights")
    assert job.edits == ()


def test_many_look_inside_runs_that_train_side_by_side(jobs, begin, programs):
    """Each sees every run's network as it goes on, and no bit of the history depends on it."""
    query = f"{QUICK}&epochs=2000"
    together = [begin(f"{query}&seed={seed}", pace=50) for seed in range(2)]

    async def watch(job: Job) -> None:
        looks, seq, rows = set(), 0, 0
        while len(looks) < 4:
            jobs.look_inside(job)
            frame = await job.next_frame(seq, 0, rows, PATIENCE, inside=True)
            assert frame.status in (QUEUED, RUNNING), frame.message
            seq, rows = frame.seq, frame.epoch
            if "weights" in frame.arrays:
                looks.add(frame.epoch)

    async def watch_all() -> None:
        await asyncio.gather(*(watch(job) for job in together for _ in range(4)))

    asyncio.run(watch_all())
    for seed, job in enumerate(together):
        jobs.stop(job)
        wait_for(job, STOPPED)
        settle(jobs, job)
        assert job.epoch >= 4
        np.testing.assert_array_equal(history(job), train_here(f"{query}&seed={seed}", programs)[: job.epoch])
