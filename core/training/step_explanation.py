"""One step of a run in numbers: explained without making it, and checked beside."""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from core.analysis.one_step import ExplainedStep, GradientCheck, LossLine
from core.analysis.regression import shown_rows
from core.engine.explained_step import Moment, explained
from core.engine.one_step import StepRows
from core.engine.step_objective import StepObjective
from core.messages.edits import TakeStep, check_rows
from core.training.trainer import Trainer

_COUNTED_MOST = 1000  # rows over which the units' values are counted
_COUNTED_LEAST = 100
_PRODUCTS_MOST = 2e8  # multiplications for that


def explain_step(trainer: Trainer, asked: tuple[int, ...] | None) -> ExplainedStep:
    """Return what a step on some training rows would do to a run's network as people see it; the run stays as it is.

    From any thread, in turn with the runs of the process.

    Args:
        asked: numbers of training rows, or None for the next epoch's first batch.

    Raises:
        ExperimentError: where there are no such rows.
        WorkersError: where the run is abandoned meanwhile.
    """
    check_rows(asked, len(trainer.split.x_train))
    progress = trainer.progress  # read once: the run may go on meanwhile
    outcome, experiment = progress.outcome, progress.segment.experiment
    step = TakeStep(experiment, progress.epoch, asked)
    moment = Moment(progress.epoch, progress.outcome_epoch, progress.generation, len(progress.outcome_edits))
    train = trainer.split.x_train
    most = int(np.clip(_PRODUCTS_MOST / max(1, trainer.parameters), _COUNTED_LEAST, _COUNTED_MOST))
    many = tf.constant(train[shown_rows(len(train), most)])
    with trainer.aside() as work:
        made = work.do(functools.partial(progress.plan.step, outcome.state, step, outcome.applied.standing))
        return work.do(functools.partial(explained, made, experiment, moment, asked, many))


def loss_line(trainer: Trainer, step: ExplainedStep) -> LossLine:
    """Return the loss of a step's rows along its direction, from any thread.

    Raises:
        WorkersError: where the run is abandoned meanwhile.
    """
    return _objective(trainer, step).line()


def check_gradient(trainer: Trainer, step: ExplainedStep, name: str, index: tuple[int, ...]) -> GradientCheck:
    """Return the gradient of one weight beside a finite difference, from any thread.

    Args:
        name: of the weight's tensor, one of `step.tensors`.
        index: of the weight in it.

    Raises:
        WorkersError: where the run is abandoned meanwhile.
    """
    return _objective(trainer, step).check(name, index)


def _objective(trainer: Trainer, step: ExplainedStep) -> StepObjective:
    split = trainer.split
    rows = trainer.progress.plan.programs.rows(split, step.experiment.training.class_weight)
    return StepObjective(step, split, StepRows.of(rows, step.rows), trainer.aside())
