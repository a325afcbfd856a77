"""Jobs on real worker processes."""

import asyncio
import logging
import os
import signal

import numpy as np
import pytest

from core.analysis.axes import Axes
from core.engine.keras_network import summary_text
from core.errors import ExperimentError, WorkersError
from core.experiment import LayerSpec, NetworkSpec, read_query, shape_of
from core.jobs import jobs as jobs_module
from core.jobs.job import Job
from core.jobs.jobs import Jobs
from core.messages.commands import Command
from core.messages.edits import Freeze, SetWeight, Silence, Undo
from core.messages.updates import ENDED, FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED
from core.training.trainer import Trainer
from core.workers import cluster as cluster_module
from core.workers import processes as processes_module
from core.workers import worker
from tests.core.training.record import Record
from tests.core.training.runs import QUICK
from tests.core.workers.worker_processes import AXES, all_replaced, history, processes, train_here, wait_for, warm
from tests.waiting import wait_until


@pytest.fixture
def logged():
    """The records that the cluster logs. Not `caplog`: Dask silences pytest's handlers with its own."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append
    logger = logging.getLogger(cluster_module.__name__)
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def open_runs(jobs: Jobs) -> list[str]:
    """The runs that the workers hold."""
    held = jobs.cluster._dask.run(lambda: list(worker._runs._trainers))
    return [run for runs in held.values() for run in runs]


def test_a_job_that_comes_before_its_worker_says_so_and_then_runs(jobs, begin, programs):
    # This is the first test here, so as a rule the worker is still loading.
    was_ready = jobs.cluster.ready
    job = begin(f"{QUICK}&epochs=40")
    assert (job.status, job.epoch) == (QUEUED, 0)
    if not was_ready:
        assert "still loading" in job.message
    wait_for(job, FINISHED)
    assert jobs.cluster.ready
    assert (job.message, job.epoch) == ("", 40)
    np.testing.assert_array_equal(history(job), train_here(f"{QUICK}&epochs=40", programs))
    assert job.array("boundary").shape[0] == 2
    assert job.array("confusion").sum() == 12
    assert job.ms_per_epoch > 0
    assert begin().message == ""


def test_a_job_can_be_paused_and_go_on(jobs, begin, programs):
    job = begin(f"{QUICK}&epochs=40", pace=40)
    wait_until(lambda: job.epoch >= 2)
    jobs.pause(job)
    wait_for(job, PAUSED)
    assert 2 <= job.epoch < 40
    jobs.step(job)
    epoch = job.epoch + 1
    wait_until(lambda: job.epoch == epoch and job.status == PAUSED)
    jobs.set_pace(job, 0)
    jobs.resume(job)
    wait_for(job, FINISHED)
    np.testing.assert_array_equal(history(job), train_here(f"{QUICK}&epochs=40", programs))


def test_a_job_can_begin_with_a_step_and_change_as_it_goes(jobs, begin):
    job = begin(f"{QUICK}&epochs=2000", first="step")
    wait_for(job, PAUSED)
    assert job.epoch == 1
    jobs.change(job, read_query(f"{QUICK}&epochs=2000&lr=0.25"))
    wait_until(lambda: job.frame(0, 0, 0).learning_rate == 0.25)
    jobs.change(job, read_query(f"{QUICK}&epochs=3&lr=0.25"))
    assert job.experiment == read_query(f"{QUICK}&epochs=3&lr=0.25")
    jobs.resume(job)
    wait_for(job, FINISHED)
    assert (job.epoch, job.message) == (3, "Learning rate set to 0.25 after epoch 1.")
    jobs.change(job, read_query(f"{QUICK}&epochs=5&lr=0.25"))
    assert job.status == PAUSED
    jobs.resume(job)
    wait_until(lambda: job.epoch == 5)
    wait_for(job, FINISHED)
    boundary = job.array("boundary")
    jobs.set_axes(job, Axes(1, 0))
    wait_until(lambda: not np.array_equal(job.array("boundary"), boundary))
    assert job.axes == Axes(1, 0)


def test_a_stopped_job_keeps_its_curves(jobs, begin):
    job = begin(f"{QUICK}&epochs=2000", pace=100)
    wait_until(lambda: job.epoch >= 3)
    jobs.stop(job)
    wait_for(job, STOPPED)
    assert 3 <= len(history(job)) == job.epoch < 2000


def test_jobs_train_side_by_side(jobs, begin):
    together = [begin(f"{QUICK}&epochs=2000&seed={seed}", pace=50) for seed in range(3)]
    wait_until(lambda: all(job.epoch >= 2 for job in together))
    assert {job.status for job in together} == {RUNNING}


def test_questions_are_answered_and_runs_begin_however_many_train(jobs, begin):
    wait_until(lambda: warm(jobs))
    jobs.cluster._local.scale(1)
    wait_until(lambda: len(processes(jobs)) == 1)
    together = [begin(f"{QUICK}&epochs=2000&seed={seed}", pace=1.0) for seed in range(cluster_module.THREADS)]
    wait_until(lambda: all(job.epoch >= 1 for job in together))
    assert all(jobs.trained(job, seconds=200.0).experiment == job.experiment for job in together)
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)
    assert {job.status for job in together} == {RUNNING}


def test_an_experiment_travels_to_a_worker_whole(begin, programs):
    query = (
        "data=blobs&points=80&classes=3&validation=0.25&layers=relu-4-batch-noise0.1,elu-3-drop0.2&dropout=0.1"
        "&l1=0.01&l2=0.01&l2_on=kernel,bias&max_norm=2&optimizer=nadam&beta_1=0.8&schedule=cosine&clip=norm"
        "&loss=focal&gamma=1&class_weight=balanced&patience=1&target=0.999&epochs=4"
    )
    job = begin(query)
    wait_for(job, FINISHED)
    assert job.experiment == read_query(query)
    assert job.array("confusion").shape == (3, 3)
    np.testing.assert_array_equal(history(job), train_here(query, programs))
    assert len(job.test_metrics) == 2


def test_numbers_travel_back(begin, programs):
    query = "data=curve&points=60&layers=tanh-4&batch=16&epochs=4&lr=0.02"
    job = begin(query)
    wait_for(job, FINISHED)
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
    assert job.message == "Batch size set to 8, L2 set to 0.1 after epoch 1."

    record = Record()
    trainer = Trainer(read_query(f"{QUICK}&epochs=6"), record, programs)
    for command in (Command("step"), Command("change", read_query(changed)), Command("train")):
        trainer.send(command)
        trainer.attend()
    np.testing.assert_array_equal(history(job), record.history)


def test_a_job_is_edited_by_hand_and_seen_as_it_was(jobs, begin, programs):
    """What its worker does is what the same edits do here."""
    query = f"{QUICK}&epochs=4"
    job = begin(query, first="step")
    wait_for(job, PAUSED)
    edits = [Silence(0, 1, True), SetWeight("output/kernel", (2, 0), 0.5), Freeze(0, 0, True)]
    for one in edits:
        jobs.edit(job, one)
    jobs.look_inside(job)
    jobs.resume(job)
    wait_for(job, FINISHED)
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
    wait_until(lambda: "separable" in job.frame(0, 0, 0, inside=True).arrays)

    network = jobs.trained(job)
    assert (network.weights["output/kernel"][1] == 0).all()
    jobs.edit(job, Undo())
    jobs.edit(job, Undo())
    jobs.edit(job, Undo())
    wait_until(lambda: (jobs.trained(job).weights["output/kernel"][1] != 0).all())
    assert job.edits == ()


def test_many_look_inside_runs_that_train_side_by_side(jobs, begin, programs):
    """Each sees every run's network as it goes on, and no bit of the history knows of it."""
    query = f"{QUICK}&epochs=60"
    together = [begin(f"{query}&seed={seed}", pace=100) for seed in range(2)]

    async def watch(job: Job) -> set[int]:
        looks, seq, rows = set(), 0, 0
        while job.status not in ENDED or seq == 0:
            jobs.look_inside(job)
            frame = await job.next_frame(seq, 0, rows, 0.2, inside=True)
            if frame is not None:
                seq, rows = frame.seq, frame.epoch
                if "weights" in frame.arrays:
                    looks.add(frame.epoch)
        return looks

    async def watch_all() -> list[set[int]]:
        return await asyncio.gather(*(watch(job) for job in together for _ in range(4)))

    looks = asyncio.run(watch_all())
    assert all(len(seen) > 3 for seen in looks)
    for seed, job in enumerate(together):
        wait_for(job, FINISHED)
        np.testing.assert_array_equal(history(job), train_here(f"{query}&seed={seed}", programs))


def test_a_bad_edit_is_refused_before_it_reaches_the_worker(jobs, begin):
    job = begin(f"{QUICK}&epochs=2")
    wait_for(job, FINISHED)
    for edit in (Silence(0, 3, True), SetWeight("hidden_1/kernel", (0, 0), float("nan")), SetWeight("x", (), 1.0)):
        with pytest.raises(ExperimentError):
            jobs.edit(job, edit)
    assert job.edits == ()
    lost = begin(f"{QUICK}&epochs=2000", pace=1.0)
    lost.end(INTERRUPTED, "gone")
    with pytest.raises(WorkersError, match="gone"):
        jobs.edit(lost, Undo())


def test_what_a_job_cannot_become_ends_it_with_the_reason(jobs, begin, logged):
    job = begin(first="step")
    wait_for(job, PAUSED)
    jobs.change(job, read_query(f"{QUICK}&seed=1"))
    wait_for(job, FAILED)
    assert job.message.startswith("Training failed with ValueError: A run cannot change from Experiment(")
    assert len(logged) == 1
    assert job.run not in open_runs(jobs)  # its worker holds nothing of it any more


def test_data_that_cannot_be_used_end_the_job_with_the_reason(begin, logged):
    job = begin("data=iris&split=ordered&train_rows=100")
    wait_for(job, FAILED)
    assert job.message.startswith("`train_rows` must be a whole number from 101 to 149")
    assert not logged


def test_an_exception_in_the_worker_ends_the_job_with_its_traceback_in_the_log(jobs, begin, logged):
    job = begin(QUICK, axes=Axes(0, 99))  # there are two features
    wait_for(job, FAILED)
    assert job.message.startswith("Training failed with IndexError")
    assert job.message.endswith("The log has the details.")
    assert "in plane_of" in logging.Formatter().format(logged[0])  # a line of the traceback
    jobs.resume(job)  # there is nothing to go on with, and nothing breaks
    assert job.status == FAILED


def test_a_job_is_its_browsers_own(jobs, begin, owner):
    job = begin()
    assert jobs.get(job.token, owner) is job
    for stranger in ("", "somebody else", "jemand anderes, mit Umläuten", owner[:-1], f"{owner} "):
        assert jobs.get(job.token, stranger) is None
    for token in ("", job.token[:-1], job.run):
        assert jobs.get(token, owner) is None


def test_the_newest_job_of_an_experiment_is_found_again(jobs, begin, owner):
    first, second, other = begin(), begin(), begin(f"{QUICK}&seed=1")
    experiment = read_query(QUICK)
    assert jobs.find(owner, experiment) is second
    assert jobs.find("somebody else", experiment) is None
    jobs.change(second, read_query(f"{QUICK}&lr=0.5"))
    assert jobs.find(owner, experiment) is first
    assert jobs.find(owner, read_query(f"{QUICK}&lr=0.5")) is second
    jobs.forget(other)
    assert jobs.find(owner, read_query(f"{QUICK}&seed=1")) is None


def test_a_person_has_so_many_jobs_and_the_oldest_go_first(jobs, begin, owner, monkeypatch):
    monkeypatch.setattr(jobs_module, "JOBS_A_PERSON", 2)
    strangers = jobs.start("somebody else", read_query(QUICK), AXES)
    first, second, third = begin(), begin(), begin()
    assert jobs.get(first.token, owner) is None
    assert (jobs.get(second.token, owner), jobs.get(third.token, owner)) == (second, third)
    assert jobs.get(strangers.token, "somebody else") is strangers
    jobs.forget(strangers)


def test_a_forgotten_job_leaves_its_worker(jobs, begin):
    running = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: running.epoch >= 1)
    assert running.run in open_runs(jobs)
    queued = begin(f"{QUICK}&epochs=2000", pace=50)
    jobs.forget(queued)  # perhaps before the worker has opened it
    jobs.forget(running)
    last = begin(f"{QUICK}&epochs=3")
    wait_for(last, FINISHED)
    wait_until(lambda: not {running.run, queued.run} & set(open_runs(jobs)))
    epoch = running.epoch
    assert running.epoch == epoch
    assert running.status != FINISHED


def test_a_run_discarded_before_it_is_open_is_not_opened():
    runs = worker.Runs()
    runs.send("early", Command("pause"))
    runs.discard("early")
    assert not runs.add("early", None)
    assert runs.get("early") is None


def test_a_worker_whose_run_has_something_to_do_has_no_records(programs):
    runs, trainer = worker.Runs(), Trainer(read_query(f"{QUICK}&epochs=3"), Record(), programs)
    runs.add("run", trainer)
    assert set(runs.records()) == {"run"}
    trainer.send(Command("step"))
    assert runs.records() is None
    trainer.attend()
    assert runs.records()["run"].epoch == 1


def test_nobody_watching_pauses_a_job_until_somebody_looks(jobs, begin, monkeypatch):
    job = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: job.epoch >= 1)
    jobs.tend()
    assert not job.paused_unwatched
    monkeypatch.setattr(jobs_module, "UNWATCHED_PAUSE", -1.0)
    jobs.tend()
    wait_for(job, PAUSED)
    assert job.message == "Paused while nobody was watching."
    monkeypatch.undo()
    job.watch()
    jobs.tend()
    wait_for(job, RUNNING)
    assert job.message == ""


def test_what_a_person_asks_of_a_job_paused_for_want_of_watchers_counts(jobs, begin, monkeypatch):
    job = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: job.epoch >= 1)
    monkeypatch.setattr(jobs_module, "UNWATCHED_PAUSE", -1.0)
    jobs.tend()
    wait_for(job, PAUSED)
    monkeypatch.undo()
    epoch = job.epoch
    jobs.step(job)
    jobs.tend()
    jobs.set_pace(job, 50)  # obeyed after whatever tending has sent
    wait_until(lambda: job.epoch > epoch and job.status == PAUSED)
    assert job.epoch == epoch + 1
    assert job.message == ""


def test_a_job_nobody_has_watched_for_long_is_forgotten(jobs, begin, owner, monkeypatch):
    job = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: job.epoch >= 1)
    monkeypatch.setattr(jobs_module, "UNWATCHED_FORGET", -1.0)
    jobs.tend()
    assert jobs.get(job.token, owner) is None
    wait_until(lambda: job.run not in open_runs(jobs))


def test_keras_own_summary_arrives(jobs):
    network = NetworkSpec((LayerSpec(7, "tanh"),))
    assert jobs.cluster.summary(network, 3, 4, "crossentropy") is None
    wait_until(lambda: jobs.cluster.summary(network, 3, 4, "crossentropy"))
    text = jobs.cluster.summary(network, 3, 4, "crossentropy")
    assert text == summary_text(network, 3, 4, "crossentropy")
    assert "Total params: 60" in text


def test_a_second_server_can_use_the_same_scheduler(jobs, begin, monkeypatch):
    monkeypatch.setenv(processes_module.SCHEDULER_VARIABLE, jobs.cluster._dask.scheduler.address)
    second = Jobs()
    job = second.start("me", read_query(f"{QUICK}&epochs=3"), AXES)
    wait_for(job, FINISHED)
    second.close()
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)  # the first one's workers are still there


def test_a_killed_worker_interrupts_its_jobs_and_a_fresh_one_trains_the_next(jobs, begin):
    paused, untouched = begin(first="step"), begin(first="step")
    wait_for(paused, PAUSED)
    wait_for(untouched, PAUSED)
    running = begin(f"{QUICK}&epochs=2000", pace=50)
    wait_until(lambda: running.epoch >= 5)
    old = processes(jobs)
    for process in old:
        os.kill(process, signal.SIGKILL)
    wait_for(running, INTERRUPTED)
    assert len(history(running)) == running.epoch >= 5
    assert "has died" in running.message

    jobs.resume(paused)
    wait_for(paused, INTERRUPTED)
    assert untouched.status == PAUSED
    jobs.tend()
    wait_for(untouched, INTERRUPTED)
    assert len(history(untouched)) == 1

    wait_for(begin(f"{QUICK}&epochs=5"), FINISHED)
    assert not processes(jobs) & old


def test_a_worker_that_has_grown_is_replaced_when_nothing_trains_there(jobs, begin, monkeypatch, programs):
    def address_of(job: Job) -> str:
        return jobs.cluster._places[job.run].address

    wait_until(lambda: warm(jobs) == 1)
    only = processes(jobs)
    monkeypatch.setattr(cluster_module, "MEMORY_BOUND", 0)
    jobs.tend()
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)
    assert processes(jobs) == only  # the only one there is stays

    # Two of them, and on each a run that rests and one that trains.
    jobs.cluster._local.scale(2)
    wait_until(lambda: warm(jobs) == 2)
    resting = [begin(f"{QUICK}&epochs=3"), begin(f"{QUICK}&epochs=4&layers=relu-3".replace("layers=tanh-3&", ""))]
    for job in resting:
        wait_for(job, FINISHED)
    training = []
    while {address_of(job) for job in training} != set(jobs.cluster._warm):
        training.append(begin(f"{QUICK}&epochs=2000&seed={len(training)}", pace=20))
        wait_until(lambda: training[-1].epoch >= 1)
    before = processes(jobs)
    for _ in range(3):
        jobs.tend()
    wait_for(begin(f"{QUICK}&epochs=3"), FINISHED)
    assert processes(jobs) == before
    assert {job.status for job in training} == {RUNNING}

    # When nothing trains they go one after another; what rests there stays as it is.
    for job in training:
        jobs.forget(job)

    wait_until(lambda: all_replaced(jobs, before))
    monkeypatch.undo()
    assert [(job.status, job.epoch) for job in resting] == [(FINISHED, 3), (FINISHED, 4)]
    jobs.change(resting[0], read_query(f"{QUICK}&epochs=6"))
    jobs.resume(resting[0])  # trained again, on a fresh worker, to where it was, and on from there
    wait_until(lambda: resting[0].epoch == 6)
    wait_for(resting[0], FINISHED)
    np.testing.assert_array_equal(history(resting[0]), train_here(f"{QUICK}&epochs=6", programs))


def test_a_worker_that_becomes_warm_while_the_others_are_counted_stays_known(jobs, monkeypatch):
    cluster = jobs.cluster
    cluster._dispatcher.submit(lambda: None).result()  # what a test before has left to be tended is done
    monkeypatch.setattr(cluster, "_warm", set(cluster._warm))
    count = cluster._addresses

    def count_before_it_is_there() -> set[str]:
        addresses = count()
        cluster._warm.add("tcp://new")
        return addresses

    monkeypatch.setattr(cluster, "_addresses", count_before_it_is_there)
    jobs.tend()
    cluster._dispatcher.submit(lambda: None).result()
    assert "tcp://new" in cluster._warm


def test_a_worker_that_was_not_heard_is_asked_whether_it_is_warm(jobs, monkeypatch):
    cluster = jobs.cluster
    wait_until(lambda: cluster._warm)
    monkeypatch.setattr(cluster, "_warm", set())
    jobs.tend()
    wait_until(lambda: cluster._warm == set(cluster._dask.nthreads()))
    wait_until(lambda: not cluster._asked)


def test_new_shapes_go_to_the_worker_that_knows_fewest(jobs, monkeypatch):
    cluster, known, new = jobs.cluster, shape_of(read_query(QUICK)), shape_of(read_query(f"{QUICK}&l2=0.1"))
    monkeypatch.setattr(cluster, "_warm", {"one", "other"})
    monkeypatch.setattr(cluster, "_places", {})
    for knowing, fresh in (("one", "other"), ("other", "one")):
        monkeypatch.setattr(cluster, "_known", {knowing: {known}})
        assert cluster._choose(new, {"one", "other"}) == fresh
        assert cluster._choose(known, {"one", "other"}) == knowing
