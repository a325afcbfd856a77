"""The learning-rate finder: one short training whose learning rate rises from batch to batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import tensorflow as tf

from core.analysis.rate_sweep import is_over
from core.datasets import prepare
from core.engine.epoch_inputs import row_orders
from core.engine.fitted_program import FittedProgram
from core.engine.memory_check import check_memory
from core.engine.pieces import EpochNumbers
from core.engine.programs import Programs
from core.engine.runtime_settings import runtime_settings
from core.engine.structure import RowTensors, Structure
from core.engine.turns import Turn
from core.experiment import Experiment

_REPORT_BATCHES = 10


def sweep_rates(
    experiment: Experiment,
    rates: np.ndarray,
    programs: Programs,
    report: Callable[[np.ndarray], None] = lambda losses: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> np.ndarray:
    """Make one training step at each of some learning rates, and return the loss of every batch before its step.

    Weights, batches and their order are those of the experiment's own run; a small data set is gone through several
    times. The rates take the place of its learning rate and schedule. It ends early where `is_over` says so. The steps
    are those of the plain graph: it needs no compiler, and gives the same losses each time.

    Args:
        rates: float32 (batches,).
        report: called with the losses so far after every tenth batch.
        is_wanted: asked before every step; the sweep ends there once it returns False.

    Returns:
        float32 (batches,), or fewer where it ended early. The last one may not be finite.

    Raises:
        HiddenLayersError: if the data cannot be split as asked, or the network is too large.

    The range test of L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.
    """
    split, training = prepare(experiment.data), experiment.training
    check_memory(experiment.network, split.inputs, split.classes, max(training.batch_size, len(split.x_val)))
    program = programs.get(Structure.of(experiment, split))
    steps = _Steps(program, experiment, programs.rows(split, training.class_weight))
    losses: list[float] = []
    turn = Turn(programs.turns)
    try:
        for place, _ in enumerate(rates):
            if is_over(losses) or not is_wanted():
                break
            turn.take()
            losses.append(steps.loss_of_next(rates[place:]))
            turn.share()
            if len(losses) % _REPORT_BATCHES == 0:
                report(np.array(losses, np.float32))
    finally:
        turn.give()
    return np.array(losses, np.float32)


class _Steps:
    """Steps of a run, one batch at a time."""

    def __init__(self, program: FittedProgram, experiment: Experiment, rows: RowTensors) -> None:
        self._program = program
        self._seed = experiment.training.seed
        self._rows = rows.tensors
        self._settings = tf.constant(runtime_settings(experiment))
        self._state = program.first_state(experiment.network, self._seed)
        self._part = program.begin(self._state)
        self._zeros = self._part.trained
        self._epoch = -1
        self._left = 0  # batches of this epoch

    def loss_of_next(self, rates: np.ndarray) -> float:
        """Make a step and return the loss of its batch before it, penalties included.

        Args:
            rates: float32, of this step and all that follow.
        """
        if not self._left:
            self._begin_epoch(rates)
        # The metrics of this step alone: Keras's mean of the loss, as its sum over the rows and their number.
        part = self._program.go_on(replace(self._part, trained=self._zeros), self._numbers, 1, compiled=False)
        self._left -= 1
        if self._left:
            self._part = part
        else:
            self._state = self._program.state_after(part)
        return float(part.trained[0] / part.trained[1])

    def _begin_epoch(self, rates: np.ndarray) -> None:
        structure = self._program.structure
        self._epoch += 1
        self._left = structure.steps
        (order,) = row_orders(self._seed, range(self._epoch, self._epoch + 1), structure.train_rows)
        own = np.zeros(structure.steps, np.float32)
        own[: len(rates)] = rates[: structure.steps]
        self._numbers = EpochNumbers(self._rows, tf.constant(order), tf.constant(own), self._settings)
        self._part = self._program.begin(self._state)
