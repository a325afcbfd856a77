"""Which job the session shows, and what a changed experiment does to it."""

from __future__ import annotations

from dataclasses import replace

from core.analysis.axes import Axes
from core.analysis.decision import has_plane
from core.datasets import Split, prepare
from core.errors import DataError, RunsError
from core.experiment import Experiment, can_become
from core.jobs.job import Job
from core.messages.updates import FINISHED, PAUSED, QUEUED, RUNNING
from core.runs.values import KeptRun
from core.trained.epoch import longest_wait
from core.trained.network import TrainedNetwork
from ui.server import jobs, run_writer
from ui.session import current, run, speed, view

ACTIVE = (QUEUED, RUNNING)


def find_job() -> None:
    """Show this browser's run of the experiment in a new session, as after a reload or in a second tab.

    A session is new until it has drawn its controls. On the pages without controls it stays new, and its first visit
    to the lab takes over how other tabs look at the run.
    """
    if current.has_drawn_controls():
        return
    job = jobs().find(run.owner(), current.experiment())
    if job is not None:
        run.show(job)
        view.adopt(job)
    else:
        _reopen_interrupted()


def follow_experiment(experiment: Experiment, split: Split) -> Job | None:
    """Return the job that shows an experiment, after passing on to it what the controls changed."""
    job = _train_every_change(experiment) if run.retrains() else _adjust_or_restart(experiment)
    run.show(job)
    if job is not None:
        _follow_view(job, split)
    return job


def job_of(experiment: Experiment) -> Job | None:
    """Return the job that the lab would show for an experiment, without changing anything."""
    job = run.job()
    return job if job is not None and job.experiment == experiment else jobs().find(run.owner(), experiment)


def start(experiment: Experiment, first: str = "train") -> Job:
    """Start a job; `first` is "train", or "step" for one epoch."""
    return jobs().start(run.owner(), experiment, _axes(experiment), first, speed.pace())


def start_aside(experiment: Experiment) -> Job:
    """Start a job as fast as it can, whatever the session shows.

    Raises:
        DataError: where its rows cannot be prepared.
    """
    return jobs().start(run.owner(), experiment, _axes(experiment))


def train_anew() -> None:
    """Train the session's experiment from the start, as another page asks for, and show that run.

    A run that goes on gives way. Where the rows cannot be prepared nothing trains, and the lab says why.
    """
    before = run.job()
    if before is not None and before.status in ACTIVE:
        jobs().forget(before)
    run.has_new_experiment()  # so that training on every change does not restart it
    try:
        run.show(start(current.experiment()))
    except DataError:
        run.show(None)


def can_go_on(job: Job, experiment: Experiment) -> bool:
    """Return whether a job takes on an experiment that becomes the session's, instead of a new one that starts."""
    return _takes_on(job, job.status, experiment)


def continue_from(network: TrainedNetwork) -> None:
    """Train a network's experiment from its weights, and show that run; its rows must be on this server."""
    current.set_experiment(network.experiment)
    run.has_new_experiment()  # so that training on every change does not restart it
    run.show(jobs().start_from(run.owner(), network, _axes(network.experiment), speed.pace()))


def _reopen_interrupted() -> None:
    """Show the experiment's run if the server was stopped while it trained, as in a tab that outlived that."""
    try:
        owner, experiment = run.owner(), current.experiment()
        kept = run_writer().ask(lambda store: store.interrupted(owner, experiment))
        if kept is None:
            return
        open_kept(kept)
    except (RunsError, DataError):  # the lab is then as if there had been no run
        return
    run.leave_note(f"This run was interrupted after epoch {kept.summary.epoch}, and is back. Press Resume to go on.")


def open_kept(kept: KeptRun) -> None:
    """Show a run that was kept as it was; a worker trains it again to there.

    Raises:
        DataError: where its rows are not on this server.
        RunsError: where another server is training it.
    """
    experiment = kept.plan[-1][1]
    job = jobs().reopen(run.owner(), kept, _axes(experiment), speed.pace())
    current.set_experiment(job.experiment)
    run.has_new_experiment()  # so that training on every change does not restart it
    run.show(job)


def _train_every_change(experiment: Experiment) -> Job | None:
    """Train every new experiment from the start; its job replaces the one before."""
    job = run.job()
    if not run.has_new_experiment():
        return job
    if job is not None:
        # The switch may be turned on while the experiment is training already.
        if job.experiment == experiment and job.status in ACTIVE:
            return job
        jobs().forget(job)
    return start(experiment)


def _adjust_or_restart(experiment: Experiment) -> Job | None:
    """Pass on to the job what it can change as it trains.

    Any other change restarts a running job. A job that does not run stays as it is, and is found again when the
    controls return to its experiment.
    """
    job = run.job()
    if job is None or job.experiment == experiment:
        return job or jobs().find(run.owner(), experiment)
    status = job.status  # read once: it changes while the job trains
    if _takes_on(job, status, experiment):
        jobs().change(job, experiment)
        return job
    if status in ACTIVE:
        run.leave_note(f"{_what_changed(job.experiment, experiment)}: training restarted.")
        jobs().forget(job)
        return start(experiment)
    return jobs().find(run.owner(), experiment)


def _takes_on(job: Job, status: str, experiment: Experiment) -> bool:
    """Return whether a job with this status takes on an experiment."""
    if status in (*ACTIVE, PAUSED):
        return experiment.training.epochs >= job.epoch and can_become(job.experiment, experiment)
    return status == FINISHED and (_has_more_epochs(job, experiment) or _only_restores(job, experiment))


def _has_more_epochs(job: Job, experiment: Experiment) -> bool:
    """Return whether a job did all its epochs, and the experiment differs only in asking for more.

    It may have done more than it was asked for, where their number fell below its epoch as it trained.
    """
    done, asked = job.experiment.training, experiment.training
    longer = replace(job.experiment, training=replace(done, epochs=asked.epochs))
    return job.epoch >= done.epochs < asked.epochs and longer == experiment


def _only_restores(job: Job, experiment: Experiment) -> bool:
    """Return whether a job did all its epochs, and early stopping would only have chosen other weights at the end."""
    done, asked = job.experiment.training, experiment.training
    stopping = replace(done, patience=asked.patience, restore_best=asked.restore_best)
    if job.epoch != done.epochs or replace(job.experiment, training=stopping) != experiment:
        return False
    return not asked.patience or asked.patience > longest_wait(job.history()["val_loss"])


def _what_changed(before: Experiment, after: Experiment) -> str:
    """Return what changed, in words.

    >>> from core.experiment import DataSpec
    >>> _what_changed(Experiment(), Experiment(DataSpec("xor")))
    'Data changed'
    """
    if before == replace(after, training=replace(after.training, seed=before.training.seed)):
        return "New weights"
    *others, last = [part for part in ("data", "network", "training") if getattr(before, part) != getattr(after, part)]
    return f"{', '.join(others)} and {last} changed".capitalize() if others else f"{last.capitalize()} changed"


def _follow_view(job: Job, split: Split) -> None:
    """Pass on to a job the plane that its boundary is drawn over, and the chosen pace.

    The pace of a run that goes on belongs to that run; only training on every change is always fast.
    """
    is_free = run.retrains() or job.status not in (*ACTIVE, PAUSED)
    if is_free and job.pace != speed.pace():
        jobs().set_pace(job, speed.pace())
    if job.axes is not None and job.axes != view.axes(split):
        jobs().set_axes(job, view.axes(split))


def _axes(experiment: Experiment) -> Axes | None:
    """Return the plane that the boundary is drawn over, or None where there is no boundary."""
    split = prepare(experiment.data)
    return view.axes(split) if split.image_shape is None and has_plane(split) else None
