"""An experiment as text: a readable query string, and JSON.

`data=moons&noise=0.05&layers=tanh-4,tanh-2&optimizer=adam&lr=0.01&batch=32&epochs=100` is an
experiment. Missing keys have their defaults, and `recipe=ID` starts from the values of a recipe.
`read_query` is for the command line and raises the first mistake. `read_address` is for the address
bar: it replaces each mistake by the default and returns a message for it. Keys that most experiments
don't set are written only where they differ from the default.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, quote

from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.control_limits import HIDE, LOCK
from core.experiment.keys import Key
from core.experiment.menus import Setting
from core.experiment.recipes import RECIPE_KEY, RECIPES
from core.experiment.specs import DataSpec, Experiment, LayerSpec, NetworkSpec, TrainingSpec
from core.experiment.table_spec import TABLE_KEYS, TableSpec

_NO_LAYERS = "none"
_DATA_KEYS: dict[str, tuple[str, Key]] = {
    "data_seed": ("seed", menus.DATA_SEED),
    "split": ("split", menus.SPLIT),
    "test": ("test", menus.TEST),
    "train_rows": ("train_rows", menus.TRAIN_ROWS),
    "validation": ("validation", menus.VALIDATION),
    "train_share": ("train_share", menus.TRAIN_SHARE),
    "scaling": ("scaling", menus.SCALING),
}
_TABLE_KEYS: dict[str, tuple[str, Key]] = {name: (name, key) for name, key in TABLE_KEYS.items()}
_NETWORK_KEYS: dict[str, tuple[str, Key]] = {
    "init": ("initializer", menus.INITIALIZER),
    "l1": ("l1", menus.L1),
    "l1_on": ("l1_on", menus.L1_ON),
    "l2": ("l2", menus.L2),
    "l2_on": ("l2_on", menus.L2_ON),
    "max_norm": ("max_norm", menus.MAX_NORM),
    "dropout": ("dropout", menus.DROPOUT),
}
_TRAINING_KEYS: dict[str, tuple[str, Key]] = {
    "optimizer": ("optimizer", menus.OPTIMIZER),
    "lr": ("learning_rate", menus.LEARNING_RATE),
    "batch": ("batch_size", menus.BATCH),
    "epochs": ("epochs", menus.EPOCHS),
    "seed": ("seed", menus.SEED),
    "schedule": ("schedule", menus.SCHEDULE),
    "clip": ("clip", menus.CLIP),
    "loss": ("loss", menus.LOSS),
    "class_weight": ("class_weight", menus.CLASS_WEIGHT),
    "patience": ("patience", menus.PATIENCE),
    "restore_best": ("restore_best", menus.RESTORE_BEST),
    "target": ("target", menus.TARGET),
}
_METHOD_SETTINGS = tuple(name for methods in menus.METHODS.values() for name in menus.setting_names(methods))
# Written even at their defaults, because everybody looks for them in an address.
_ALWAYS = {
    *menus.MAKING,
    *("data_seed", "split", "test", "train_rows", "scaling", "l2", "dropout"),
    *("optimizer", "lr", "batch", "epochs", "seed"),
}
_USUAL = ("data", "layers", "optimizer", "lr", "epochs")
_SETTINGS = menus.setting_names(menus.DATA)
KEYS = (
    "recipe",
    "data",
    *_SETTINGS,
    *_TABLE_KEYS,
    *_DATA_KEYS,
    "layers",
    *_NETWORK_KEYS,
    *_TRAINING_KEYS,
    *_METHOD_SETTINGS,
)


def to_query(experiment: Experiment) -> str:
    """Return the experiment as a query string, with all keys that apply in a fixed order."""
    return "&".join(f"{key}={quote(text, safe=',')}" for key, text in to_params(experiment).items())


def to_params(experiment: Experiment) -> dict[str, str]:
    """Return the experiment as texts by key, in a fixed order."""
    data, network, training = experiment.data, experiment.network, experiment.training
    params = {"data": data.name}
    for name, setting in menus.DATA[data.name].settings.items():
        value = getattr(data, name)
        if name in _ALWAYS or value != setting.default:
            params[name] = setting.key.format(value)
    if data.table is not None:
        params |= _format(data.table, _TABLE_KEYS, TableSpec())
    skip = {"stratified": {"train_rows"}, "ordered": {"test"}, "all": {"train_rows", "test"}}[data.split]
    params |= _format(data, {key: value for key, value in _DATA_KEYS.items() if key not in skip}, DataSpec())
    params["layers"] = format_layers(network.layers)
    always = _ALWAYS | {key for key, strength in (("l1_on", network.l1), ("l2_on", network.l2)) if strength}
    params |= _format(network, _NETWORK_KEYS, NetworkSpec(), always)
    default = TrainingSpec(loss=next(iter(menus.LOSSES[data.task])))
    params |= _format(training, _TRAINING_KEYS, default)
    for choice, methods in menus.METHODS.items():
        for name, setting in methods[getattr(training, choice)].settings.items():
            value = getattr(training, name)
            if value != setting.default:
                params[name] = setting.key.format(value)
    return params


def read_query(query: str) -> Experiment:
    """Return the experiment that a query string describes.

    Raises:
        ExperimentError: for the first key that is unknown, repeated or has an invalid value.
    """
    experiment, problems = read_address(_pairs(query))
    if problems:
        raise problems[0]
    return experiment


def read_address(params: Iterable[tuple[str, str]]) -> tuple[Experiment, tuple[ExperimentError, ...]]:
    """Return the experiment that keys and texts describe, and an error for each mistake.

    A mistake is replaced by the recipe's value if a recipe is named, and by the default otherwise. The keys of
    `control_limits` say nothing about the experiment and are passed over.
    """
    problems: list[ExperimentError] = []
    texts: dict[str, str] = {}
    for key, text in params:
        if key in (HIDE, LOCK):
            continue
        if key not in KEYS:
            printable = repr(key[:40])[1:-1]
            problems.append(
                ExperimentError(printable, f"a known key, such as {', '.join(_keys_like(printable))}", text)
            )
        elif key in texts:
            problems.append(ExperimentError(key, "given once", text))
        else:
            texts[key] = text

    recipe: dict[str, str] = {}
    if "recipe" in texts:
        name = _read(RECIPE_KEY, texts["recipe"], problems)
        if name is not None:
            recipe = dict(_pairs(RECIPES[name].query))
    # If the address names another data set than the recipe, the recipe's data settings don't apply.
    data = _read(menus.DATA_KEY, texts["data"], problems) if "data" in texts else None
    name = data or recipe.get("data", DataSpec.name)
    if data is not None and data != recipe.get("data", data):
        recipe = {key: text for key, text in recipe.items() if key not in (*_SETTINGS, *_DATA_KEYS)}
    inherited, given = _Values(recipe, []), _Values(texts, problems)
    settings = menus.DATA[name].settings
    given.refuse_absent(_SETTINGS, settings, menus.DATA[name].title)

    def values(keys: Mapping[str, tuple[str, Key]]) -> dict[str, Any]:
        return inherited.read(keys) | given.read(keys)

    table = None
    if menus.DATA[name].uploaded:
        table = TableSpec(**values(_TABLE_KEYS))
    else:
        given.refuse_absent(_TABLE_KEYS, (), menus.DATA[name].title)
    layers = given.layers() if "layers" in texts else None
    if layers is None:
        layers = inherited.layers() if "layers" in recipe else NetworkSpec().layers
    experiment = Experiment(
        DataSpec(name, **values(_setting_keys(settings)), **values(_DATA_KEYS), table=table),
        NetworkSpec(layers or (), **values(_NETWORK_KEYS)),
        _read_training(inherited, given, menus.DATA[name].task),
    )
    return experiment, tuple(problems)


def _keys_like(unknown: str) -> Sequence[str]:
    """Return the keys most similar to an unknown one, or the most common keys."""
    return get_close_matches(unknown, KEYS) or _USUAL


def _read_training(inherited: _Values, given: _Values, task: str) -> TrainingSpec:
    """Return the training that the texts describe, with the settings of the chosen methods."""
    keys = _TRAINING_KEYS | {
        "loss": ("loss", menus.LOSS_OF[task]),
        "class_weight": ("class_weight", menus.CLASS_WEIGHT_OF[task]),
    }
    first = {choice: getattr(TrainingSpec, choice) for choice in menus.METHODS}
    before = first | {"loss": next(iter(menus.LOSSES[task]))} | inherited.read(keys)
    values = before | given.read(keys)
    for choice, methods in menus.METHODS.items():
        chosen = values[choice]
        settings = methods[chosen].settings
        given.refuse_absent(menus.setting_names(methods), settings, f"{choice} {chosen}")
        # A method other than the recipe's starts from its own defaults.
        if chosen == before[choice]:
            values |= inherited.read(_setting_keys(settings))
        values |= given.read(_setting_keys(settings))
    return TrainingSpec(**values)


def _setting_keys(settings: Mapping[str, Setting]) -> dict[str, tuple[str, Key]]:
    return {name: (name, setting.key) for name, setting in settings.items()}


def to_json(experiment: Experiment) -> str:
    """Return the experiment as a JSON object with the keys data, network and training."""
    return json.dumps(asdict(experiment))


def from_json(text: str) -> Experiment:
    """Return the experiment that `to_json` wrote.

    Raises:
        ExperimentError: if the text is not such an object or a value is not allowed.
    """
    # A thousand nested brackets are valid JSON, and raise RecursionError.
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExperimentError("experiment", "JSON", text) from error
    if not isinstance(parts, dict) or set(parts) != {"data", "network", "training"}:
        raise ExperimentError("experiment", "an object with data, network and training", text)
    try:
        network = dict(**parts["network"])
        if "layers" in network:
            if not isinstance(network["layers"], list):
                raise ExperimentError("layers", "a list of hidden layers", network["layers"])
            network["layers"] = tuple(LayerSpec(**layer) for layer in network["layers"])
        data = dict(**parts["data"])
        if data.get("table") is not None:
            data["table"] = TableSpec(**data["table"])
        return Experiment(DataSpec(**data), NetworkSpec(**network), TrainingSpec(**parts["training"]))
    except (TypeError, RecursionError) as error:
        raise ExperimentError("experiment", "an object with the fields of an experiment", text) from error


_LAYER_OPTIONS = "noise0.1, drop0.2, batch or layer (normalization)"


def format_layers(layers: Iterable[LayerSpec]) -> str:
    """Return hidden layers as text: "tanh-4,relu-32-batch-noise0.1-drop0.2", or "none"."""
    return ",".join(map(_format_layer, layers)) or _NO_LAYERS


def _format_layer(layer: LayerSpec) -> str:
    parts = [layer.activation, str(layer.units)]
    if layer.normalization != "none":
        parts.append(layer.normalization)
    if layer.noise:
        parts.append(f"noise{menus.LAYER_NOISE.format(layer.noise)}")
    if layer.dropout is not None:
        parts.append(f"drop{menus.LAYER_DROPOUT.format(layer.dropout)}")
    return "-".join(parts)


def parse_layers(text: str) -> tuple[LayerSpec, ...]:
    """Return the hidden layers described by "tanh-4,relu-32-batch-drop0.2" or "none".

    Raises:
        ExperimentError: if a part is not ACTIVATION-UNITS with options, or there are too many layers.
    """
    parts = [] if text in ("", _NO_LAYERS) else text.split(",")
    expected = (
        f"at most {menus.LAYERS_MOST} layers, each ACTIVATION-UNITS, separated by commas, or {_NO_LAYERS}: "
        f"units from {menus.UNITS.low} to {menus.UNITS.high}, activation {menus.ACTIVATION.allowed}; "
        f"options follow, each after a dash: {_LAYER_OPTIONS}"
    )
    if len(parts) > menus.LAYERS_MOST:
        raise ExperimentError("layers", expected, text)
    try:
        return tuple(map(_parse_layer, parts))
    except ExperimentError as error:
        raise ExperimentError("layers", expected, text) from error


def _parse_layer(text: str) -> LayerSpec:
    activation, *rest = re.split(r"(?<![0-9.][eE])-", text)  # not inside 1e-05
    found: dict[str, Any] = {
        "activation": menus.ACTIVATION.parse(activation),
        "units": menus.UNITS.parse(rest[0] if rest else ""),
    }
    for option in rest[1:]:
        name, value = _parse_option(option)
        if name in found:
            raise ExperimentError("layers", f"{name} given once", text)
        found[name] = value
    return LayerSpec(**found)


def _parse_option(text: str) -> tuple[str, str | float]:
    """Return the field of a LayerSpec that an option sets, and its value."""
    if text in ("batch", "layer"):
        return "normalization", text
    if text.startswith("noise"):
        return "noise", menus.LAYER_NOISE.parse(text.removeprefix("noise"))
    if text.startswith("drop"):
        return "dropout", menus.LAYER_DROPOUT.parse(text.removeprefix("drop"))
    raise ExperimentError("layers", _LAYER_OPTIONS, text)


class _Values:
    """Texts by key, to be read as values; mistakes are appended to `problems`."""

    def __init__(self, texts: Mapping[str, str], problems: list[ExperimentError]) -> None:
        self.texts = texts
        self.problems = problems

    def read(self, keys: Mapping[str, tuple[str, Key]]) -> dict[str, Any]:
        found = {}
        for key, (field, kind) in keys.items():
            if key in self.texts:
                value = _read(kind, self.texts[key], self.problems)
                if value is not None:
                    found[field] = value
        return found

    def refuse_absent(self, names: Iterable[str], settings: Collection[str], of: str) -> None:
        """Append an error for every name that is given but not among the settings."""
        for name in names:
            if name in self.texts and name not in settings:
                absent = f"left out: {of} has no such setting"
                self.problems.append(ExperimentError(name, absent, self.texts[name]))

    def layers(self) -> tuple[LayerSpec, ...] | None:
        try:
            return parse_layers(self.texts["layers"])
        except ExperimentError as error:
            self.problems.append(error)
            return None


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.removeprefix("?"), keep_blank_values=True)


def _read(kind: Key, text: str, problems: list[ExperimentError]) -> Any:
    try:
        return kind.parse(text)
    except ExperimentError as error:
        problems.append(error)
        return None


def _format(
    spec: object, keys: Mapping[str, tuple[str, Key]], default: object, always: Collection[str] = _ALWAYS
) -> dict[str, str]:
    """Return the texts of the keys that are always written or differ from the default."""
    return {
        key: kind.format(getattr(spec, field))
        for key, (field, kind) in keys.items()
        if key in always or getattr(spec, field) != getattr(default, field)
    }
