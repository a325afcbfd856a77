"""What training lowers, as a function of a network's weights: for looks at it from outside a run."""

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
    """The loss of some training rows, as `model.evaluate` reckons it: penalties are in it, dropout and noise are off.

    Where classes are balanced, rows weigh as they do in training.

    Args:
        rows: int (m,), which training rows.
        aside: takes turns with runs, a gradient or some places at a time.
    """

    def __init__(
        self, experiment: Experiment, split: Split, rows: np.ndarray, aside: BackgroundWork | None = None
    ) -> None:
        self._aside = aside or BackgroundWork(Turns(), lambda: True)
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
        # The seeds of dropout and noise belong to no layer's path, and to no weights.
        self._seeds = {name: tf.identity(variable.value) for name, variable in zip(self._others, others, strict=True)}

    def gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the gradient by every trainable weight, float32 of its shape, by its name.

        Args:
            weights: as `TrainedNetwork` takes them.
        """
        return self._aside.do(lambda: self._gradients(weights))

    def _gradients(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors = {name: tf.constant(weight) for name, weight in weights.items()}
        trained = [tensors[name] for name in self._trainable]
        with tf.GradientTape() as tape:
            tape.watch(trained)
            loss = self._value(tensors)
        found = tape.gradient(loss, trained, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: gradient.numpy() for name, gradient in zip(self._trainable, found, strict=True)}

    def over_plane(
        self, origin: np.ndarray, directions: np.ndarray, places: np.ndarray, shapes: Mapping[str, tuple[int, ...]]
    ) -> np.ndarray:
        """Return the loss at places of a plane of weights, float32 (places,).

        Args:
            origin: float32 (weights,), all tensors flattened back to back in the order of `shapes`.
            directions: float32 (2, weights).
            places: float (places, 2).
            shapes: of every weight by its name.
        """
        start, first, second = tf.constant(origin), tf.constant(directions[0]), tf.constant(directions[1])
        return self._walk(lambda place: start + place[0] * first + place[1] * second, places, shapes)

    def at(self, weights: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> np.ndarray:
        """Return the loss of every row of weights, float32 (m,); they are (m, weights), flattened as `origin` is."""
        return self._walk(lambda row: row, weights, shapes)

    def _walk(
        self,
        weights_at: Callable[[tf.Tensor], tf.Tensor],
        places: np.ndarray,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> np.ndarray:
        """Return the loss at every place, float32 (places,): one graph goes from one to the next, some at a time.

        A moving variance of a normalization that lies below zero at a place counts as zero.
        """
        sizes = [int(np.prod(shape)) for shape in shapes.values()]

        def value(place: tf.Tensor) -> tf.Tensor:
            parts = zip(shapes.items(), tf.split(weights_at(place), sizes), strict=True)
            return self._value({name: tf.reshape(part, shape) for (name, shape), part in parts})

        some_places = tf.TensorSpec((None, places.shape[1]), tf.float32)
        walk = tf.function(lambda some: tf.map_fn(value, some, parallel_iterations=1), autograph=False)
        graph = walk.get_concrete_function(some_places)

        def walked(some: np.ndarray) -> tuple[np.ndarray, float]:
            started = time.perf_counter()
            return graph(tf.constant(some)).numpy(), time.perf_counter() - started

        losses: list[np.ndarray] = []
        done, count = 0, 1
        with self._aside:
            while done < len(places):
                some = places[done : done + count].astype(np.float32)
                found, seconds = self._aside.do(functools.partial(walked, some))
                losses.append(found)
                done += len(some)
                count = max(1, min(2 * count, int(count * SLICE_SECONDS / seconds)))  # as many as a slice has room for
        return np.concatenate(losses)

    def _value(self, weights: Mapping[str, tf.Tensor]) -> tf.Tensor:
        trainable = [weights[name] for name in self._trainable]
        others = [self._other(name, weights) for name in self._others]
        outputs, _, penalties = self._model.stateless_call(
            trainable, others, self._inputs, training=False, return_losses=True
        )
        return tf.add_n([self._loss(self._targets, outputs, self._weights), *penalties])

    def _other(self, name: str, weights: Mapping[str, tf.Tensor]) -> tf.Tensor:
        if name not in weights:
            return self._seeds[name]
        return keras.ops.maximum(weights[name], 0.0) if name.endswith("/moving_variance") else weights[name]
