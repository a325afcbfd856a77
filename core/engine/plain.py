"""Training, written to be read: what `core.engine.program` computes, without anything that makes it fast.

Only a test and the documents use this. The test (`tests/core/engine/test_fused_epoch.py`) trains the same experiments
both ways and compares all metrics and weights.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from core.datasets import Split
from core.engine.epoch_inputs import row_orders
from core.engine.keras_network import build_network, encode_targets, make_loss, make_optimizer, row_weights
from core.experiment import Experiment
from core.experiment.schedule import step_rates


class PlainTraining:
    """The network of an experiment, trained epoch by epoch.

    >>> from core.datasets import prepare
    >>> experiment = Experiment()
    >>> run = PlainTraining(experiment, prepare(experiment.data))
    >>> loss, accuracy, val_loss, val_accuracy = run.epoch(0)
    """

    def __init__(self, experiment: Experiment, split: Split) -> None:
        training, self.classes = experiment.training, split.classes  # 0 classes: regression
        self.training = training
        self.network = build_network(experiment.network, split.inputs, split.classes, training.seed, str(training.loss))
        self.loss: keras.losses.Loss = make_loss(training, split.classes)
        self.optimizer = make_optimizer(training, training.learning_rate)
        self.x_train, self.y_train = split.x_train, encode_targets(split.y_train, split)  # (rows, features or outputs)
        self.x_val, self.y_val = split.x_val, encode_targets(split.y_val, split)
        self.row_weights = np.ones(len(self.x_train), np.float32)
        if training.class_weight == "balanced":
            self.row_weights = row_weights(split.y_train, split.classes)

    def epoch(self, number: int) -> list[float]:
        """Train on every row once, then validate; 0 is the first epoch.

        Returns:
            Loss and scores of the training rows, each as its step found it, then loss and scores of the held-out rows.
        """
        rows, size = len(self.x_train), self.training.batch_size
        (order,) = row_orders(self.training.seed, range(number, number + 1), rows)  # the row numbers, shuffled
        batches = np.split(order, range(size, rows, size))  # the last one may be smaller
        rates = step_rates(self.training, number, len(batches))  # the schedule

        losses, outputs = [], []
        for batch, rate in zip(batches, rates, strict=True):
            loss_of_batch, outputs_of_batch = self.step(batch, rate)
            losses.append(loss_of_batch)
            outputs.append(outputs_of_batch)
        loss = np.average(losses, weights=[len(batch) for batch in batches])
        return [float(loss), *self.scores(self.y_train[order], np.concatenate(outputs)), *self.validate()]

    def step(self, batch: np.ndarray, rate: float) -> tuple[float, np.ndarray]:
        """Move the weights against the gradient of a batch's loss; return that loss and the outputs (rows, outputs)."""
        weights = self.network.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.network(self.x_train[batch], training=True)  # forward pass, with dropout and noise
            error = self.loss(self.y_train[batch], outputs, sample_weight=self.row_weights[batch])  # mean over the rows
            loss = error + sum(self.network.losses)  # plus the penalties on large weights (L1, L2)
        gradients = tape.gradient(loss, weights)  # backward pass
        self.optimizer.learning_rate = rate
        self.optimizer.apply(gradients, weights)  # with plain SGD: weight -= rate * gradient
        return float(loss), outputs.numpy()

    def validate(self) -> list[float]:
        """Return loss and scores of the held-out rows; nothing is learned, and dropout and noise are off."""
        outputs = self.network(self.x_val, training=False)
        loss = self.loss(self.y_val, outputs) + sum(self.network.losses)
        return [float(loss), *self.scores(self.y_val, outputs.numpy())]

    def scores(self, targets: np.ndarray, outputs: np.ndarray) -> list[float]:
        """Return the accuracy; for regression the mean absolute error and R²."""
        if self.classes == 0:
            errors, deviations = targets - outputs, targets - targets.mean()
            return [float(np.abs(errors).mean()), float(1 - np.square(errors).sum() / np.square(deviations).sum())]
        if self.classes == 2:
            threshold = (
                0.0 if self.training.loss == "hinge" else 0.5
            )  # the hinge loss takes scores, others probabilities
            return [float(np.mean((outputs > threshold) == (targets > 0.5)))]
        return [float(np.mean(outputs.argmax(axis=1) == targets.argmax(axis=1)))]
