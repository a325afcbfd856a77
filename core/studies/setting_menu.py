"""The settings of an experiment that a study can vary: their names, what they allow, and values to begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import ExperimentError
from core.experiment import Experiment, LayerSpec, format_layers, menus, shape
from core.experiment.keys import Choice, Flag, Key, Real, Whole, format_number
from core.runs.naming import label_of
from core.studies.setting_words import TITLES
from core.studies.varied import Varied, with_settings

WIDTH, DEPTH = shape.SHAPE
ACTIVATION = "activation"  # of all hidden layers together
_FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
_DEPTHS = ("1", "2", "3", "4")
# Values to begin with, where they do not follow from the present one.
_USUAL = {
    "noise": ("0", "0.1", "0.2", "0.3"),
    "l1": ("0", "0.0001", "0.001", "0.01"),
    "l2": ("0", "0.0001", "0.001", "0.01"),
    "weight_decay": ("0", "0.001", "0.01", "0.1"),
    "dropout": ("0", "0.1", "0.2", "0.4"),
    "max_norm": ("0", "1", "3"),
    "test": ("0.2", "0.4", "0.6", "0.8"),
    "train_share": ("0.05", "0.1", "0.2", "0.5", "1"),
    "imbalance": ("0.1", "0.3", "1"),
    "random_labels": ("0", "0.1", "0.2", "0.4"),
    "optimizer": ("sgd", "rmsprop", "adam"),
    "init": ("glorot_uniform", "he_normal", "zeros", "too_large"),
    "schedule": ("constant", "cosine", "one_cycle"),
    "patience": ("0", "5", "10", "20"),
}


@dataclass(frozen=True)
class VariableSetting:
    """A setting of an experiment that can be varied.

    Attributes:
        name: of the setting in the menu.
        key: in the address, or one of `core.experiment.shape`.
        label: what it is called.
        kind: what it allows.
        first: values to begin with, as in the address.
        titles: what the values are called, where they are words.
        to_text: turns a checked value into the text of the address.
    """

    name: str
    key: str
    label: str
    kind: Key
    first: tuple[str, ...]
    titles: Mapping[str, str] = field(default_factory=dict)
    to_text: Callable[[str], str] = str

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return isinstance(self.kind, Whole | Real)

    def varied(self, values: Sequence[str]) -> Varied:
        """Return the setting with these values.

        Raises:
            ExperimentError: if a value is not allowed, or there are too few or too many.
        """
        return Varied(self.key, tuple(dict.fromkeys(map(self._text, values))))

    def applied(self, base: Experiment, value: str) -> Experiment:
        """Return the experiment with another value of the setting.

        Raises:
            ExperimentError: if the value is not allowed.
        """
        return with_settings(base, {self.key: self._text(value)})

    def _text(self, value: str) -> str:
        """Return a value in the form of the address, so that 0.10 and 0.1 are the same."""
        try:
            checked = self.kind.parse(value)
            return self.to_text(self.kind.format(checked))  # type: ignore[arg-type]
        except ExperimentError as error:
            raise ExperimentError(self.label, self.kind.allowed, value) from error


def settings_of(base: Experiment) -> dict[str, VariableSetting]:
    """Return the settings of an experiment that can be varied, by their names, those that matter most first."""
    return {setting.name: setting for setting in _settings(base)}


def _settings(base: Experiment) -> Iterator[VariableSetting]:
    training, network, data = base.training, base.network, base.data

    def one(key: str, kind: Key, now: object) -> VariableSetting:
        values = _USUAL.get(key) or _first_values(kind, now)
        label = label_of(key)
        titles = TITLES.get(key, {})
        if isinstance(kind, Choice):
            titles = {option: titles.get(option, option) for option in kind.options}
        return VariableSetting(key, key, f"{label[0].upper()}{label[1:]}", kind, values, titles)

    yield one("lr", menus.LEARNING_RATE, training.learning_rate)
    yield from _layer_settings(network.layers)
    yield one("batch", menus.BATCH, training.batch_size)
    yield one("optimizer", menus.OPTIMIZER, None)
    yield one("epochs", menus.EPOCHS, training.epochs)
    yield one("l2", menus.L2, None)
    yield one("dropout", menus.DROPOUT, None)
    making = menus.DATA[data.name].settings
    for name in ("points", "noise"):
        if name in making:
            yield one(name, making[name].key, getattr(data, name))
    if data.split == "stratified":
        yield one("test", menus.TEST, None)
    elif data.split == "ordered":
        yield one("train_rows", menus.TRAIN_ROWS, data.train_rows)
    if data.split != "all":
        yield one("train_share", menus.TRAIN_SHARE, None)
    yield one("scaling", menus.SCALING, None)
    yield one("init", menus.INITIALIZER, None)
    for name, setting in making.items():
        if name not in ("points", "noise", "inputs") and isinstance(setting.key, Whole | Real | Choice):
            yield one(name, setting.key, getattr(data, name))
    yield one("schedule", menus.SCHEDULE, None)
    for choice, methods in menus.METHODS.items():
        for name, setting in methods[getattr(training, choice)].settings.items():
            yield one(name, setting.key, getattr(training, name))
    yield one("l1", menus.L1, None)
    yield one("max_norm", menus.MAX_NORM, None)
    yield one("loss", menus.LOSS_OF[data.task], None)
    if data.task == menus.CLASSES:
        yield one("class_weight", menus.CLASS_WEIGHT, None)
    yield one("patience", menus.PATIENCE, None)


def _layer_settings(layers: tuple[LayerSpec, ...]) -> Iterator[VariableSetting]:
    """Yield what can be varied of all hidden layers together; their width and activation only if there are any."""

    def with_activation(text: str) -> str:
        return format_layers(replace(layer, activation=text) for layer in layers)

    if layers:
        label = "Units in each hidden layer" if len(layers) > 1 else "Units"
        yield VariableSetting(WIDTH, WIDTH, label, shape.WIDTH, ("1", "2", "4", "8", "16"))
    yield VariableSetting(DEPTH, DEPTH, "Hidden layers", shape.DEPTH, _DEPTHS)
    if layers:
        choice = Choice(ACTIVATION, tuple(menus.ACTIVATIONS))
        some = ("relu", "tanh", "sigmoid")
        yield VariableSetting(ACTIVATION, "layers", "Activation", choice, some, menus.ACTIVATIONS, with_activation)


def _first_values(kind: Key, now: object) -> tuple[str, ...]:
    """Return a few values around the present one, as in the address."""
    if isinstance(kind, Flag):
        return ("no", "yes")
    if isinstance(kind, Choice):
        return tuple(kind.options)[:4]
    assert isinstance(kind, Whole | Real)
    assert isinstance(now, int | float)
    if isinstance(kind, Whole):
        around = [round(now * factor) for factor in (0.25, 0.5, 1, 2, 4)]
        values: list[float] = [float(min(max(value, kind.low), kind.high)) for value in around]
    elif kind.high <= 1 and now <= 0:
        values = [kind.low, 0.1 * kind.high, 0.2 * kind.high, 0.4 * kind.high]
    elif kind.high <= 1 and now >= 0.5:
        values = [0.5, 0.8, 0.9, min(0.99, kind.high)]
    else:
        scale = now or min(kind.high, 1.0) / 10
        values = [min(max(float(f"{scale * factor:.3g}"), kind.low), kind.high) for factor in _FACTORS]
    return tuple(dict.fromkeys(format_number(float(f"{value:.6g}")) for value in values))


def spread_values(low: float, high: float, count: int, *, equal_ratios: bool, whole: bool) -> tuple[str, ...]:
    """Return `count` numbers from `low` to `high` in equal steps or ratios, to three digits that count, as texts.

    >>> spread_values(0.001, 0.1, 5, equal_ratios=True, whole=False)
    ('0.001', '0.00316', '0.01', '0.0316', '0.1')
    >>> spread_values(1, 16, 5, equal_ratios=True, whole=True)
    ('1', '2', '4', '8', '16')

    Raises:
        ExperimentError: if `low` is not below `high`, or with equal ratios not above 0.
    """
    if not low < high:
        raise ExperimentError(
            "range", "from a lower to a higher number", f"{format_number(low)} to {format_number(high)}"
        )
    if equal_ratios and low <= 0:
        raise ExperimentError("range", "above 0 for equal ratios", format_number(low))
    shares = [place / (count - 1) for place in range(count)]
    if equal_ratios:
        values = [low * (high / low) ** share for share in shares]
    else:
        values = [low + (high - low) * share for share in shares]
    rounded = [float(round(value)) if whole else float(f"{value:.3g}") for value in values]
    rounded[0], rounded[-1] = low, high
    return tuple(dict.fromkeys(map(format_number, rounded)))
