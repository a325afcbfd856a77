"""The experiment that a study starts from, in one sentence."""

from __future__ import annotations

from core.experiment import Experiment, format_layers, menus
from core.experiment.keys import format_number


def base_in_words(experiment: Experiment) -> str:
    """Return what matters most of an experiment.

    >>> base_in_words(Experiment())
    'Moons; hidden layers tanh-4, tanh-2; Adam with learning rate 0.01; batch size 32; 100 epochs'
    """
    training, layers = experiment.training, experiment.network.layers
    network = f"hidden layer{'s' * (len(layers) > 1)} {format_layers(layers).replace(',', ', ')}"
    optimizer = menus.OPTIMIZERS[training.optimizer].title
    parts = [
        menus.DATA[experiment.data.name].title,
        network if layers else "no hidden layer",
        f"{optimizer} with learning rate {format_number(training.learning_rate)}",
        f"batch size {training.batch_size}",
        f"{training.epochs} epoch{'s' * (training.epochs > 1)}",
    ]
    return "; ".join(parts)
