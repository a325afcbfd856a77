"""An experiment described in words, for reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.experiment import DataSpec, Experiment, NetworkSpec, TrainingSpec, menus
from core.experiment.keys import Flag, format_number
from core.experiment.menus import Setting


def in_words(experiment: Experiment, file_name: str = "") -> dict[str, str]:
    """Return the description of an experiment by topic: data, rows, network, training.

    Args:
        file_name: the name of the person's file, if the data are one.
    """
    data = experiment.data
    return {
        "Data": ", ".join(_data_words(data, file_name)),
        "Rows": ", ".join(_row_words(data)),
        "Network": ", ".join(_network_words(experiment.network)),
        "Training": ", ".join(_training_words(experiment.training)),
    }


def _data_words(data: DataSpec, file_name: str) -> Iterator[str]:
    choice = menus.DATA[data.name]
    yield f"{choice.title} ({file_name})" if choice.uploaded and file_name else choice.title
    yield from _settings({name: choice.settings[name] for name in menus.MAKING if name in choice.settings}, data)
    if data.imbalance is not None and data.imbalance < 1:
        yield f"the last class keeps {data.imbalance:.0%} of its rows"
    if data.random_labels:
        yield f"{data.random_labels:.0%} of the training labels are random"
    if data.balance == "cut":
        yield "training rows sampled down to the smallest class"
    if data.inputs is not None and (choice.planar or data.derives_inputs):
        yield "inputs " + " and ".join(menus.INPUTS[name] for name in data.inputs)
    yield f"seed {data.seed}"


def _row_words(data: DataSpec) -> Iterator[str]:
    if data.split == "stratified":
        yield f"{data.test:.0%} held out at random" + (", stratified" if data.task == menus.CLASSES else "")
    elif data.split == "ordered":
        yield f"the first {data.train_rows:,} train"
    else:
        yield "all rows train"
    if data.validation:
        yield f"{data.validation:.0%} of the training rows for validation"
    if data.train_share < 1:
        yield f"{data.train_share:.0%} of the training rows used"
    yield f"inputs {menus.SCALINGS[str(data.scaling)]}"


def _network_words(network: NetworkSpec) -> Iterator[str]:
    for place, (layer, dropout) in enumerate(zip(network.layers, network.dropouts, strict=True), start=1):
        words = [f"{layer.units} {menus.ACTIVATIONS[layer.activation]}"]
        if layer.normalization != "none":
            words.append(menus.NORMALIZATIONS[layer.normalization])
        if layer.noise:
            words.append(f"noise {format_number(layer.noise)}")
        if dropout:
            words.append(f"dropout {format_number(dropout)}")
        yield f"hidden layer {place}: {' with '.join([words[0], *([' and '.join(words[1:])] if words[1:] else [])])}"
    if not network.layers:
        yield "no hidden layer"
    yield f"kernel initializer {menus.INITIALIZERS[network.initializer]}"
    for name, strength, places in (("L1", network.l1, network.l1_on), ("L2", network.l2, network.l2_on)):
        if strength:
            yield f"{name} {format_number(strength)} on {' and '.join(places)}"
    if network.max_norm:
        yield f"max-norm {format_number(network.max_norm)}"


def _training_words(training: TrainingSpec) -> Iterator[str]:
    optimizer = menus.OPTIMIZERS[training.optimizer]
    yield f"{optimizer.title} with learning rate {format_number(training.learning_rate)}"
    changed = {name: one for name, one in optimizer.settings.items() if getattr(training, name) != one.default}
    yield from _settings(changed, training)
    for choice, title in (("schedule", "schedule"), ("clip", "gradient clipping"), ("loss", "loss")):
        chosen = str(getattr(training, choice))
        if chosen not in ("constant", "none"):
            method = menus.METHODS[choice][chosen]
            yield " ".join(
                [f"{title} {method.title}", *(f"({words})" for words in _settings(method.settings, training))]
            )
    yield f"batch size {training.batch_size}"
    yield f"{training.epochs} epoch{'s' * (training.epochs > 1)}"
    if training.class_weight != "none":
        yield menus.CLASS_WEIGHTS[training.class_weight]
    if training.patience:
        yield f"early stopping after {training.patience} epochs without a better held-out loss"
    if training.target:
        yield f"stops at a held-out score of {format_number(training.target)}"
    yield f"seed {training.seed}"


def _settings(settings: Mapping[str, Setting], spec: DataSpec | TrainingSpec) -> Iterator[str]:
    """Yield the settings of a choice that are not zero or off, by their labels."""
    for name, setting in settings.items():
        value = getattr(spec, name)
        if isinstance(setting.key, Flag):
            if value:
                yield setting.label
        elif value:
            yield f"{setting.label.lower() if setting.label[1:].islower() else setting.label} {format_number(value)}"
