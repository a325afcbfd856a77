"""A network trained in plain NumPy, float32: the yardstick for what is possible without a compiler.

It is written for speed: every array is allocated once and written in place, all weights are one vector so that the
optimizer needs few calls, shuffled rows are gathered some megabytes at a time, training metrics are computed once
an epoch from the outputs of its batches, and the held-out rows go through in one piece. Given the same first
weights and row order, its history equals Keras's up to rounding.

Dense layers (tanh, sigmoid, ReLU), one sigmoid unit or softmax, cross-entropy, L2 on kernels, biases and activities,
SGD with momentum, and Adam.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.datasets import Split
from core.experiment import Experiment, TrainingSpec

Floats = NDArray[np.float32]

_BLOCK_BYTES = 2 * 2**20  # of rows that are gathered at once: they stay in the cache until they are used
_BLOCK_WEIGHTS = 32 * 1024  # that the optimizer takes at once, for the same reason


class Loop:
    """A network and the rows it trains on.

    Args:
        weights: kernel (inputs, units) and bias (units,) of every layer, the output layer last; they are copied.
    """

    def __init__(self, experiment: Experiment, split: Split, weights: Sequence[Floats]) -> None:
        network, training = experiment.network, experiment.training
        self._x, self._x_val = split.x_train, split.x_val
        self._y, self._y_val = (_encode(labels, split.classes) for labels in (split.y_train, split.y_val))
        self._batch = training.batch_size
        self._weights = np.concatenate([part.ravel() for part in weights])
        self._gradient = np.empty_like(self._weights)
        self._kernels, self._biases = _views(self._weights, weights)
        self._kernel_gradients, self._bias_gradients = _views(self._gradient, weights)
        self._activations = [_ACTIVATIONS[layer.activation] for layer in network.layers]
        self._activations.append(_sigmoid if split.classes == 2 else _softmax)
        self._slopes = [_SLOPES[layer.activation] for layer in network.layers]
        self._slopes.append(_multiply_sigmoid_slope if split.classes == 2 else _multiply_softmax_slope)
        self._optimizer = _OPTIMIZERS[training.optimizer](training, self._weights, self._gradient)

        self._decay = self._scratch = None
        if network.l2 and {"kernel", "bias"} & set(network.l2_on):
            strength = 2 * network.l2
            on = [strength * (place in network.l2_on) for place in ("kernel", "bias")] * len(self._kernels)
            self._decay = np.concatenate([np.full(part.size, on[i], np.float32) for i, part in enumerate(weights)])
            self._scratch = np.empty_like(self._weights)
        self._activity = network.l2 if "activity" in network.l2_on else 0.0

        rows, widths = len(self._x), [bias.size for bias in self._biases]
        self._whole = _Buffers(self._batch, widths)
        self._rest = _Buffers(rows % self._batch, widths)
        self._held_out = _Buffers(len(self._x_val), widths)
        self._logits = np.empty((rows, widths[-1]), np.float32)
        block = self._batch * max(1, _BLOCK_BYTES // (self._x[0].nbytes * self._batch))
        self._x_block = np.empty((min(block, rows), self._x.shape[1]), np.float32)

    @property
    def rows(self) -> int:
        """How many rows train."""
        return len(self._x)

    def epoch(self, order: NDArray[np.int32]) -> Floats:
        """Train on all rows in this order, then validate.

        Returns:
            loss, accuracy, val_loss and val_accuracy, those of training as the means over the batches.
        """
        with np.errstate(over="ignore"):  # of an exponential whose reciprocal is then 0, as it should be
            penalties = self._train(order)
            loss, accuracy = _score(self._logits, self._y[order])
            logits = self._forward(self._x_val, self._held_out)
            val_loss, val_accuracy = _score(logits, self._y_val)
            val_loss += self._penalty(self._held_out)
        return np.array([loss + penalties / len(order), accuracy, val_loss, val_accuracy], np.float32)

    def _train(self, order: NDArray[np.int32]) -> float:
        """Take every step of an epoch; returns the sum of the penalties over the rows."""
        y = self._y[order]
        penalties = 0.0
        rows, block = len(order), len(self._x_block)
        for first in range(0, rows, block):
            last = min(first + block, rows)
            x_block = np.take(self._x, order[first:last], axis=0, out=self._x_block[: last - first], mode="clip")
            for start in range(first, last, self._batch):
                stop = min(start + self._batch, last)
                buffers = self._whole if stop - start == self._batch else self._rest
                x = x_block[start - first : stop - first]
                self._logits[start:stop] = self._forward(x, buffers)
                penalties += (stop - start) * self._penalty(buffers)
                self._backward(x, y[start:stop], buffers)
                self._optimizer.step()
        return penalties

    def _forward(self, x: Floats, buffers: _Buffers) -> Floats:
        """Fill the buffers' outputs; returns what goes into the activation of the output layer."""
        inputs = x
        for kernel, bias, activate, logits, outputs in zip(
            self._kernels, self._biases, self._activations, buffers.logits, buffers.outputs, strict=True
        ):
            np.dot(inputs, kernel, out=logits)
            np.add(logits, bias, out=logits)
            activate(logits, outputs)
            inputs = outputs
        return logits

    def _backward(self, x: Floats, y: Floats, buffers: _Buffers) -> None:
        """Fill the gradient from what `_forward` left in the buffers."""
        rows = len(x)
        outputs, deltas = buffers.outputs, buffers.deltas
        delta = np.subtract(outputs[-1], y, out=deltas[-1])
        delta *= 1 / rows
        if self._activity:
            pull = np.multiply(outputs[-1], 2 * self._activity / rows, out=buffers.pulls[-1])
            self._slopes[-1](outputs[-1], pull, buffers.scratch[-1])
            delta += pull
        for place in reversed(range(len(self._kernels))):
            inputs = outputs[place - 1] if place else x
            np.dot(inputs.T, delta, out=self._kernel_gradients[place])
            np.dot(buffers.ones, delta, out=self._bias_gradients[place])
            if place:
                delta = np.dot(delta, self._kernels[place].T, out=deltas[place - 1])
                if self._activity:
                    delta += np.multiply(inputs, 2 * self._activity / rows, out=buffers.scratch[place - 1])
                self._slopes[place - 1](inputs, delta, buffers.scratch[place - 1])
        if self._decay is not None:
            self._gradient += np.multiply(self._decay, self._weights, out=self._scratch)

    def _penalty(self, buffers: _Buffers) -> float:
        """Return what the penalties add to the loss of the rows that have just gone forward."""
        penalty = 0.0
        if self._decay is not None:
            penalty += 0.5 * float(np.dot(np.multiply(self._decay, self._weights, out=self._scratch), self._weights))
        if self._activity:
            squares = sum(float(np.vdot(outputs, outputs)) for outputs in buffers.outputs)
            penalty += self._activity * squares / len(buffers.ones)
        return penalty


class _Buffers:
    """Where so many rows go through the network; of every layer one array (rows, units)."""

    def __init__(self, rows: int, widths: Sequence[int]) -> None:
        # Only the output layer's sums are kept; a hidden layer's turn into its outputs in place.
        self.outputs, self.deltas, self.scratch, self.pulls = (
            [np.empty((rows, width), np.float32) for width in widths] for _ in range(4)
        )
        self.logits = [*self.outputs[:-1], np.empty((rows, widths[-1]), np.float32)]
        self.ones = np.ones(rows, np.float32)


# Activations (sums, outputs), and what multiplies a gradient by their slope (outputs, gradient, scratch), in place.


def _tanh(sums: Floats, outputs: Floats) -> None:
    np.tanh(sums, out=outputs)


def _multiply_tanh_slope(outputs: Floats, gradient: Floats, scratch: Floats) -> None:
    np.multiply(outputs, outputs, out=scratch)
    np.subtract(1, scratch, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _relu(sums: Floats, outputs: Floats) -> None:
    np.maximum(sums, 0, out=outputs)


def _multiply_relu_slope(outputs: Floats, gradient: Floats, scratch: Floats) -> None:
    np.sign(outputs, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _sigmoid(sums: Floats, outputs: Floats) -> None:
    np.negative(sums, out=outputs)
    np.exp(outputs, out=outputs)
    np.add(outputs, 1, out=outputs)
    np.reciprocal(outputs, out=outputs)


def _multiply_sigmoid_slope(outputs: Floats, gradient: Floats, scratch: Floats) -> None:
    np.subtract(1, outputs, out=scratch)
    np.multiply(scratch, outputs, out=scratch)
    np.multiply(gradient, scratch, out=gradient)


def _softmax(sums: Floats, outputs: Floats) -> None:
    np.subtract(sums, np.maximum.reduce(sums, axis=1, keepdims=True), out=outputs)
    np.exp(outputs, out=outputs)
    np.divide(outputs, np.add.reduce(outputs, axis=1, keepdims=True), out=outputs)


def _multiply_softmax_slope(outputs: Floats, gradient: Floats, scratch: Floats) -> None:
    np.multiply(gradient, outputs, out=scratch)
    np.subtract(gradient, np.add.reduce(scratch, axis=1, keepdims=True), out=gradient)
    np.multiply(gradient, outputs, out=gradient)


_ACTIVATIONS: dict[str, Callable[[Floats, Floats], None]] = {"tanh": _tanh, "relu": _relu, "sigmoid": _sigmoid}
_SLOPES: dict[str, Callable[[Floats, Floats, Floats], None]] = {
    "tanh": _multiply_tanh_slope,
    "relu": _multiply_relu_slope,
    "sigmoid": _multiply_sigmoid_slope,
}


class _Optimizer(Protocol):
    def __init__(self, training: TrainingSpec, weights: Floats, gradient: Floats) -> None: ...

    def step(self) -> None:
        """Move the weights, in place."""


class _Sgd:
    def __init__(self, training: TrainingSpec, weights: Floats, gradient: Floats) -> None:
        self._rate, self._momentum = training.learning_rate, training.momentum
        self._blocks = _blocks(weights, gradient, np.zeros_like(weights))

    def step(self) -> None:
        for weights, gradient, velocity in self._blocks:
            gradient *= self._rate
            if self._momentum:
                velocity *= self._momentum
                velocity -= gradient
                weights += velocity
            else:
                weights -= gradient


class _Adam:
    def __init__(self, training: TrainingSpec, weights: Floats, gradient: Floats) -> None:
        self._rate = training.learning_rate
        self._beta_1, self._beta_2, self._epsilon = (
            float(setting or 0.0) for setting in (training.beta_1, training.beta_2, training.epsilon)
        )
        self._steps = 0
        self._blocks = _blocks(weights, gradient, *(np.zeros_like(weights) for _ in range(3)))

    def step(self) -> None:
        self._steps += 1
        rate = self._rate * math.sqrt(1 - self._beta_2**self._steps) / (1 - self._beta_1**self._steps)
        first, second = 1 - self._beta_1, 1 - self._beta_2
        for weights, gradient, mean, square, scratch in self._blocks:
            np.subtract(gradient, mean, out=scratch)
            np.multiply(scratch, first, out=scratch)
            np.add(mean, scratch, out=mean)
            np.multiply(gradient, gradient, out=scratch)
            np.subtract(scratch, square, out=scratch)
            np.multiply(scratch, second, out=scratch)
            np.add(square, scratch, out=square)
            np.sqrt(square, out=scratch)
            np.add(scratch, self._epsilon, out=scratch)
            np.divide(mean, scratch, out=scratch)
            np.multiply(scratch, rate, out=scratch)
            np.subtract(weights, scratch, out=weights)


_OPTIMIZERS: dict[str, type[_Optimizer]] = {"sgd": _Sgd, "adam": _Adam}


def _blocks(*vectors: Floats) -> list[tuple[Floats, ...]]:
    """Return views of equally long vectors, block by block."""
    firsts = range(0, len(vectors[0]), _BLOCK_WEIGHTS)
    return [tuple(vector[first : first + _BLOCK_WEIGHTS] for vector in vectors) for first in firsts]


def _views(vector: Floats, like: Sequence[Floats]) -> tuple[list[Floats], list[Floats]]:
    """Return kernels and biases, shaped `like` the given ones, as views of one vector."""
    ends = np.cumsum([part.size for part in like])
    views = [vector[end - part.size : end].reshape(part.shape) for part, end in zip(like, ends, strict=True)]
    return views[::2], views[1::2]


def _encode(labels: NDArray[np.generic], classes: int) -> Floats:
    """Return two classes as one number (rows, 1), more as one-hot (rows, classes)."""
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    return one_hot[:, 1:] if classes == 2 else one_hot


def _score(logits: Floats, y: Floats) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy."""
    if y.shape[1] == 1:
        losses = np.maximum(logits, 0) - logits * y + np.log1p(np.exp(-np.abs(logits)))
        return float(losses.mean()), float(np.mean((logits > 0) == (y > 0.5)))
    shifted = logits - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - np.einsum("rc,rc->r", shifted, y)
    return float(losses.mean()), float(np.mean(shifted.argmax(axis=1) == y.argmax(axis=1)))


def make_loop(experiment: Experiment, split: Split) -> Loop:
    """Return the NumPy loop with the first weights of the engine."""
    from core.engine.keras_network import build_network

    model = build_network(experiment.network, split.inputs, split.classes, experiment.training.seed)
    return Loop(experiment, split, model.get_weights())


def compare_loss(loop: Loop, experiment: Experiment, engine_loss: float) -> float:
    """Train the loop's first epoch; returns by what share of it the engine's loss differs."""
    return abs(float(loop.epoch(_orders(loop, experiment, 1)[0])[0]) - engine_loss) / engine_loss


def time_loop(loop: Loop, experiment: Experiment) -> float:
    """Train on for as many epochs as the experiment has, and return the milliseconds an epoch."""
    epochs = experiment.training.epochs
    started = time.perf_counter()
    for order in _orders(loop, experiment, epochs):
        loop.epoch(order)
    return 1000 * (time.perf_counter() - started) / epochs


def _orders(loop: Loop, experiment: Experiment, epochs: int) -> np.ndarray:
    """Return the engine's orders of rows."""
    from core.engine.epoch_inputs import row_orders

    return row_orders(experiment.training.seed, range(epochs), loop.rows)
