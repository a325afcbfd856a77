"""The loss of a step's rows beside its weights: the loss line, and the check of a gradient by a finite difference."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from core.analysis.one_step import ExplainedStep, GradientCheck, LossLine
from core.datasets import Split
from core.engine.keras_network import build_network, make_loss
from core.engine.one_step import StepRows, drawn_numbers, pass_forward
from core.engine.program import BUILD_LOCK
from core.engine.turns import BackgroundWork

_LINE_END = 4.0  # steps
_POINTS, _POINTS_LEAST = 33, 9
_PRODUCTS_MOST = 2e9  # multiplications of a whole line, where that leaves enough points
_WIDTH = 1e-5  # of a finite difference, relative to weights above 1


class StepObjective:
    """The loss of a step's rows as a function of the weights, in float64, with the step's own dropout and noise.

    Args:
        step: as it was explained.
        rows: the step's.
        work: takes turns with the runs. A piece of it is one loss.
    """

    def __init__(self, step: ExplainedStep, split: Split, rows: StepRows, work: BackgroundWork) -> None:
        experiment, training = step.experiment, step.experiment.training
        self._step, self._work = step, work
        with BUILD_LOCK:
            before = keras.config.dtype_policy()
            keras.config.set_dtype_policy("float64")  # of this thread alone
            try:
                self._model = build_network(
                    experiment.network, split.inputs, split.classes, training.seed, str(training.loss)
                )
            finally:
                keras.config.set_dtype_policy(before)
        self._loss = make_loss(training, split.classes)
        self._inputs, self._targets = tf.cast(rows.inputs, tf.float64), tf.cast(rows.targets, tf.float64)
        self._weights = None if rows.weights is None else tf.cast(rows.weights, tf.float64)
        variables = self._model.non_trainable_variables
        self._others = [tf.cast(value, one.dtype) for value, one in zip(step.others, variables, strict=True)]
        mapping = list(zip(variables, self._others, strict=True))
        drawn = drawn_numbers(self._model, mapping, len(rows.numbers))
        self._drawn = {name: tf.cast(numbers, tf.float64) for name, numbers in drawn.items()}

    def line(self) -> LossLine:
        """Return the loss along the step's direction, from no step to four steps."""
        tensors = self._step.tensors
        parameters = sum(tensor.before.size for tensor in tensors.values())
        points = int(np.clip(_PRODUCTS_MOST / (parameters * len(self._inputs)), _POINTS_LEAST, _POINTS))
        times = np.linspace(0.0, _LINE_END, points - (points - 1) % 4)  # a whole step is one of them
        with self._work:
            losses = [
                self._at({name: tensor.before + time * tensor.change for name, tensor in tensors.items()})
                for time in times
            ]
        return LossLine(times, np.array(losses))

    def check(self, name: str, index: tuple[int, ...]) -> GradientCheck:
        """Return the gradient of one weight beside a finite difference."""
        tensors = self._step.tensors
        weights = {other: tensor.before.astype(np.float64) for other, tensor in tensors.items()}
        weight = weights[name][index]
        width = _WIDTH * max(1.0, abs(float(weight)))
        losses = []
        with self._work:
            for beside in (weight + width, weight - width):
                weights[name][index] = beside
                losses.append(self._at(weights))
        difference = (losses[0] - losses[1]) / (2 * width)
        return GradientCheck(name, index, float(tensors[name].gradient[index]), difference, width)

    def _at(self, weights: Mapping[str, np.ndarray]) -> float:
        return self._work.do(lambda: self._loss_at([tf.constant(weights[name], tf.float64) for name in weights]))

    def _loss_at(self, trainable: list[tf.Tensor]) -> float:
        forward = pass_forward(self._model, trainable, self._others, self._inputs, training=True, drawn=self._drawn)
        penalties = [penalty for found in forward.penalties.values() for penalty in found]
        errors = self._loss.call(self._targets, forward.outputs)  # calling the loss itself would round to float32
        weighted = errors if self._weights is None else errors * self._weights
        return float(tf.add_n([tf.reduce_mean(weighted), *penalties]))
