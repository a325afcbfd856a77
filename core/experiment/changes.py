"""Which settings can change while a network trains, and which ones a compiled program depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.experiment import menus
from core.experiment.specs import Experiment, NetworkSpec, TrainingSpec

# Placeholders for any value above 0.
_SOME_DROPOUT, _SOME_NOISE, _SOME_PENALTY, _SOME_MOMENTUM = 0.5, 1.0, 1.0, 0.5


def shape_of(experiment: Experiment) -> Experiment:
    """Return the experiment with every setting that needs no other program at a fixed value.

    Experiments of the same shape share a compiled program if they have the same numbers of rows and features.
    """
    data = replace(experiment.data, seed=None, noise=None, random_labels=None, scaling=None)
    return Experiment(data, _network_shape(experiment.network), _training_shape(experiment.training))


def can_become(before: Experiment, after: Experiment) -> bool:
    """Return whether a run can make this change while it trains, keeping its weights and the optimizer's state.

    Learning rate, epochs, batch size, early stopping, L1 and L2 (strengths and places), dropout, noise and momentum can
    change. Dropout, noise and momentum cannot change from or to 0, which would add or remove layers or optimizer state.
    """
    return _fixed(before) == _fixed(after)


def _fixed(experiment: Experiment) -> Experiment:
    """Return the experiment with every setting that can change during training at a fixed value."""
    network = replace(_network_shape(experiment.network), initializer=experiment.network.initializer, l1=0.0, l2=0.0)
    training = replace(
        experiment.training,
        batch_size=TrainingSpec.batch_size,
        learning_rate=TrainingSpec.learning_rate,
        epochs=TrainingSpec.epochs,
        patience=TrainingSpec.patience,
        restore_best=TrainingSpec.restore_best,
        momentum=_momentum_shape(experiment.training),
    )
    return Experiment(experiment.data, network, training)


def _network_shape(network: NetworkSpec) -> NetworkSpec:
    layers = tuple(
        replace(layer, dropout=_SOME_DROPOUT if rate else 0.0, noise=_SOME_NOISE if layer.noise else 0.0)
        for layer, rate in zip(network.layers, network.dropouts, strict=True)
    )
    return replace(
        network,
        layers=layers,
        initializer=NetworkSpec.initializer,
        l1=_SOME_PENALTY if network.l1 else 0.0,
        l2=_SOME_PENALTY if network.l2 else 0.0,
        dropout=0.0,
    )


def _training_shape(training: TrainingSpec) -> TrainingSpec:
    no_schedule: dict[str, Any] = dict.fromkeys(menus.setting_names(menus.SCHEDULES))
    return replace(
        training,
        learning_rate=TrainingSpec.learning_rate,
        epochs=TrainingSpec.epochs,
        seed=TrainingSpec.seed,
        momentum=_momentum_shape(training),
        schedule=TrainingSpec.schedule,
        patience=TrainingSpec.patience,
        restore_best=TrainingSpec.restore_best,
        target=TrainingSpec.target,
        **no_schedule,
    )


def _momentum_shape(training: TrainingSpec) -> float | None:
    return _SOME_MOMENTUM if training.momentum else training.momentum
