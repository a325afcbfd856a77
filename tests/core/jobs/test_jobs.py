"""Jobs on real workers: trained, paused, changed, and forgotten."""

import numpy as np

from core.analysis.axes import Axes
from core.experiment import read_query
from core.messages.commands import Command
from core.messages.pace import FAST
from core.messages.updates import FINISHED, PAUSED, RUNNING, STOPPED
from core.training.trainer import Trainer
from core.workers import worker
from tests.core.training.record import Record
from tests.core.training.runs import QUICK
from tests.core.workers.worker_processes import flush, history, open_runs, settle, train_here, wait_for
from tests.waiting import PATIENCE, wait_until


def test_a_job_can_be_paused_and_go_on(jobs, begin, programs):
    job = begin(f"{QUICK}&epochs=40", pace=40)
    wait_until(lambda: job.epoch >= 2, "epoch 2")
    jobs.pause(job)
    wait_for(job, PAUSED)
    assert 2 <= job.epoch < 40
    jobs.step(job)
    epoch = job.epoch + 1
    wait_until(lambda: job.epoch == epoch and job.status == PAUSED, "one epoch more")
    jobs.set_pace(job, FAST)
    jobs.resume(job)
    wait_for(job, FINISHED)
    settle(jobs, job)
    np.testing.assert_array_equal(history(job), train_here(f"{QUICK}&epochs=40", programs))


def test_a_job_can_begin_with_a_step_and_change_as_it_goes(jobs, begin):
    job = begin(f"{QUICK}&epochs=2000", first="step")
    wait_for(job, PAUSED)
    assert job.epoch == 1
    jobs.change(job, read_query(f"{QUICK}&epochs=2000&lr=0.25"))
    wait_until(lambda: job.frame(0, 0, 0).learning_rate == 0.25, "the new learning rate")
    jobs.change(job, read_query(f"{QUICK}&epochs=3&lr=0.25"))
    assert job.experiment == read_query(f"{QUICK}&epochs=3&lr=0.25")
    jobs.resume(job)
    wait_for(job, FINISHED)
    assert (job.epoch, job.message) == (3, "Learning rate set to 0.25 after epoch 1.")
    jobs.change(job, read_query(f"{QUICK}&epochs=5&lr=0.25"))
    wait_until(lambda: job.epoch == 5, "epoch 5")
    wait_for(job, FINISHED)
    boundary = job.array("boundary")
    jobs.set_axes(job, Axes(1, 0))
    wait_until(lambda: not np.array_equal(job.array("boundary"), boundary), "another boundary")
    assert job.axes == Axes(1, 0)


def test_a_stopped_job_keeps_its_curves(jobs, begin):
    job = begin(f"{QUICK}&epochs=2000", pace=100)
    wait_until(lambda: job.epoch >= 3, "epoch 3")
    jobs.stop(job)
    wait_for(job, STOPPED)
    assert 3 <= len(history(job)) == job.epoch < 2000


def test_jobs_train_side_by_side(jobs, begin):
    together = [begin(f"{QUICK}&epochs=2000&seed={seed}", pace=50) for seed in range(3)]
    wait_until(lambda: all(job.epoch >= 2 for job in together), "epoch 2 of every run")
    assert {job.status for job in together} == {RUNNING}


def test_an_experiment_travels_to_a_worker_whole(jobs, begin):
    query = (
        "data=blobs&points=80&classes=3&validation=0.25&layers=relu-4-batch-noise0.1,elu-3-drop0.2&dropout=0.1"
        "&l1=0.01&l2=0.01&l2_on=kernel,bias&max_norm=2&optimizer=nadam&beta_1=0.8&schedule=cosine&clip=norm"
        "&loss=focal&gamma=1&class_weight=balanced&patience=1&target=0.999&epochs=4"
    )
    job = begin(query, first="step")
    wait_until(lambda: job.array("confusion") is not None, "a figure, for which nothing need be compiled")
    assert jobs.ask(job, worker.weights_of, seconds=PATIENCE).experiment == read_query(query)
    assert job.array("confusion").shape == (3, 3)


def test_test_metrics_travel_back(jobs, begin, programs):
    query = f"{QUICK}&validation=0.25&epochs=3"
    job = begin(query)
    wait_for(job, FINISHED)
    settle(jobs, job)
    wait_until(lambda: job.test_metrics is not None)
    record = Record()
    trainer = Trainer(read_query(query), record, programs)
    trainer.send(Command("train"))
    trainer.attend()
    assert job.test_metrics == record.last.test
    assert len(job.test_metrics) == 2


def test_numbers_travel_back(jobs, begin, programs):
    query = "data=curve&points=60&layers=tanh-4&batch=16&epochs=4&lr=0.02"
    job = begin(query)
    wait_for(job, FINISHED)
    settle(jobs, job)
    assert list(job.history()) == ["loss", "mae", "r2", "val_loss", "val_mae", "val_r2"]
    np.testing.assert_array_equal(history(job), train_here(query, programs))
    assert job.array("line").shape == (1, 200)
    assert job.array("predicted").shape == (1, 12)
    assert job.test_metrics is None


def test_a_job_changes_its_batches_as_it_trains(jobs, begin, programs):
    """Another program on the worker, and the curves that the same changes give here."""
    job = begin(f"{QUICK}&epochs=6", first="step")
    wait_for(job, PAUSED)
    changed = f"{QUICK.replace('batch=16', 'batch=8')}&epochs=6&l2=0.1"
    jobs.change(job, read_query(changed))
    jobs.resume(job)
    wait_for(job, FINISHED)
    settle(jobs, job)
    assert job.message == "Batch size set to 8, L2 set to 0.1 after epoch 1."

    record = Record()
    trainer = Trainer(read_query(f"{QUICK}&epochs=6"), record, programs)
    for command in (Command("step"), Command("change", read_query(changed)), Command("train")):
        trainer.send(command)
        trainer.attend()
    np.testing.assert_array_equal(history(job), record.history)


def test_a_forgotten_job_leaves_its_worker(jobs, begin):
    running = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: running.epoch >= 1, "an epoch")
    assert running.run in open_runs(jobs)
    queued = begin(f"{QUICK}&epochs=2000", pace=50)
    for job in (queued, running):
        jobs.forget(job)  # the first perhaps before the worker has opened it
    flush(jobs)
    epoch = running.epoch
    wait_for(begin(f"{QUICK}&epochs=50", pace=50), FINISHED)  # in which time the other would have trained 50 epochs
    wait_until(lambda: not {running.run, queued.run} & set(open_runs(jobs)), "the end of both runs")
    assert (running.epoch, running.status) == (epoch, RUNNING)  # of which nobody has heard since
