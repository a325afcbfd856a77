"""The training loss as a function of a network's weights: for gradients and the loss landscape."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.keras_network import build_network, encode_targets, make_loss, row_weights
from core.engine.program import BUILD_LOCK
from core.engine.turns import SLICE_SECONDS, BackgroundWork, Turns
from core.experiment import Experiment


class Objective:
    """The loss of some training rows as `model.evaluate` computes it: with penalties, without dropout and noise.

    Rows are weighted as in training.

    Args:
        rows: int (m,), the numbers of the training rows.
        work: takes turns with the runs. A piece of it is one gradient, or the losses at some points.
    """

    def __init__(
        self, experiment: Experiment, split: Split, rows: np.ndarray, work: BackgroundWork | None = None
    ) -> None:
        self._work = work or BackgroundWork(Turns(), lambda: True)
        training = experiment.training
        with BUILD_LOCK:
            self._model = build_network(
                experiment.network, split.inputs, split.classes, training.seed, str(training.loss)
            )
        self._loss = make_loss(training, split.classes)
        self._inputs = tf.constant(split.x_train[rows])
        self._targets = tf.constant(encode_targets(split.y_train[rows], split))
        self._weights = None
        if training.class_weight == "balanced":
            self._weights = tf.constant(row_weights(split.y_train, split.classes)[rows])
        prefix = f"{self._model.name}/"
        self._trainable = [variable.path.removeprefix(prefix) for variable in self._model.trainable_variables]
        others = self._model.non_trainable_variables
        self._others = [variable.path.removeprefix(prefix) for variable in others]
        # The seeds of dropout and noise are variables too, but not among the weights that callers pass.
        self._seeds = {name: tf.identity(variable.value) for name, variable in zip(self._others, others, strict=True)}

    def gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the gradient with respect to every trainable weight, float32 of its shape, by its name.

        Args:
            weights: by name, as `TrainedNetwork` takes them.
        """
        return self._work.do(lambda: self._gradients(weights))

    def _gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors = {name: tf.constant(weight) for name, weight in weights.items()}
        trained = [tensors[name] for name in self._trainable]
        with tf.GradientTape() as tape:
            tape.watch(trained)
            loss = self._value(tensors)
        found = tape.gradient(loss, trained, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: gradient.numpy() for name, gradient in zip(self._trainable, found, strict=True)}

    def over_plane(
        self, origin: np.ndarray, directions: np.ndarray, points: np.ndarray, shapes: Mapping[str, tuple[int, ...]]
    ) -> np.ndarray:
        """Return the loss at points of a plane in the space of weights, float32 (points,).

        Args:
            origin: float32 (weights,), all tensors flattened and concatenated in the order of `shapes`.
            directions: float32 (2, weights), the vectors that span the plane.
            points: float (points, 2), coordinates along the directions.
            shapes: of the weight tensors, by name.
        """
        start, first, second = tf.constant(origin), tf.constant(directions[0]), tf.constant(directions[1])
        return self._losses(lambda point: start + point[0] * first + point[1] * second, points, shapes)

    def at(self, weights: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> np.ndarray:
        """Return the losses of `weights`, float32 (m, weights), each row flattened like `origin`: float32 (m,)."""
        return self._losses(lambda row: row, weights, shapes)

    def _losses(
        self,
        weights_at: Callable[[tf.Tensor], tf.Tensor],
        points: np.ndarray,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> np.ndarray:
        """Return the loss at every point, float32 (points,). One graph computes as many as a slice of time allows."""
        sizes = [int(np.prod(shape)) for shape in shapes.values()]

        def loss_at(point: tf.Tensor) -> tf.Tensor:
            parts = zip(shapes.items(), tf.split(weights_at(point), sizes), strict=True)
            return self._value({name: tf.reshape(part, shape) for (name, shape), part in parts})

        losses_at = tf.function(lambda some: tf.map_fn(loss_at, some, parallel_iterations=1), autograph=False)
        graph = losses_at.get_concrete_function(tf.TensorSpec((None, points.shape[1]), tf.float32))

        def timed(some: np.ndarray) -> tuple[np.ndarray, float]:
            started = time.perf_counter()
            return graph(tf.constant(some)).numpy(), time.perf_counter() - started

        losses: list[np.ndarray] = []
        done, count = 0, 1
        with self._work:
            while done < len(points):
                some = points[done : done + count].astype(np.float32)
                found, seconds = self._work.do(functools.partial(timed, some))
                losses.append(found)
                done += len(some)
                count = max(1, min(2 * count, int(count * SLICE_SECONDS / seconds)))  # what fits into a slice
        return np.concatenate(losses)

    def _value(self, weights: Mapping[str, tf.Tensor]) -> tf.Tensor:
        trainable = [weights[name] for name in self._trainable]
        others = [self._other(name, weights) for name in self._others]
        outputs, _, penalties = self._model.stateless_call(
            trainable, others, self._inputs, training=False, return_losses=True
        )
        return tf.add_n([self._loss(self._targets, outputs, self._weights), *penalties])

    def _other(self, name: str, weights: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Return a variable that is not trained. Away from the trained weights, a moving variance may be negative."""
        if name not in weights:
            return self._seeds[name]
        return keras.ops.maximum(weights[name], 0.0) if name.endswith("/moving_variance") else weights[name]
