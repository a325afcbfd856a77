"""What varies in a study, as people say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.experiment import LayerSpec, menus, parse_layers
from core.runs.naming import label_of
from core.studies.varied import Varied

# What the values of a key are called, where they are words.
TITLES = {
    **{choice: {name: method.title for name, method in menus.METHODS[choice].items()} for choice in menus.METHODS},
    "data": {name: choice.title for name, choice in menus.DATA.items()},
    "init": menus.INITIALIZERS,
    "scaling": menus.SCALINGS,
    "split": menus.SPLITS,
    "class_weight": menus.CLASS_WEIGHTS,
    "balance": menus.BALANCES,
}


@dataclass(frozen=True)
class SettingWords:
    """A setting and its values in words.

    Attributes:
        label: what the setting is called in a sentence.
        values: as people read them, in the order of the study.
        numbers: the values as numbers; None for those that are none.
    """

    label: str
    values: tuple[str, ...]
    numbers: tuple[float | None, ...]

    @property
    def is_ordered(self) -> bool:
        """Whether all values are numbers."""
        return all(number is not None for number in self.numbers)

    def named(self, place: int) -> str:
        """Return the setting with the value at `place`, such as "learning rate 0.1"."""
        return f"{self.label} {self.values[place]}"


def words_of(varied: Varied) -> SettingWords:
    """Return a setting and its values in words.

    >>> words_of(Varied("lr", ("0.01", "0.1")))
    SettingWords(label='learning rate', values=('0.01', '0.1'), numbers=(0.01, 0.1))
    >>> words_of(Varied("layers", ("tanh-4,tanh-4", "tanh-8,tanh-8"))).label
    'units in each layer'
    """
    if varied.key == "layers":
        return _layers_words([parse_layers(text) for text in varied.values], varied.values)
    titles = TITLES.get(varied.key, {})
    values = tuple(titles.get(text, text) for text in varied.values)
    return SettingWords(label_of(varied.key), values, tuple(map(_number, varied.values)))


def _layers_words(values: Sequence[tuple[LayerSpec, ...]], texts: Sequence[str]) -> SettingWords:
    """Return hidden layers in words: by their units, activation or number, where nothing else differs."""
    units = [[layer.units for layer in layers] for layers in values]
    if len({tuple(map(_without_units, layers)) for layers in values}) == 1:
        if all(len(set(one)) == 1 for one in units):
            label = "units in each layer" if len(units[0]) > 1 else "units"
            return SettingWords(label, tuple(str(one[0]) for one in units), tuple(float(one[0]) for one in units))
        return SettingWords("units", tuple(", ".join(map(str, one)) for one in units), (None,) * len(values))
    activations = [{layer.activation for layer in layers} for layers in values]
    if all(one == units[0] for one in units) and all(len(one) == 1 for one in activations):
        names = tuple(menus.ACTIVATIONS[one.pop()] for one in activations)
        return SettingWords("activation", names, (None,) * len(values))
    if len({layer for layers in values for layer in layers}) == 1 and len({*map(len, values)}) == len(values):
        depths = [len(layers) for layers in values]
        return SettingWords("hidden layers", tuple(map(str, depths)), tuple(map(float, depths)))
    return SettingWords("layers", tuple(texts), (None,) * len(values))


def _without_units(layer: LayerSpec) -> tuple[object, ...]:
    return layer.activation, layer.normalization, layer.noise, layer.dropout


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def settings_in_words(settings: Sequence[tuple[str, str]], most: int = 3) -> str:
    """Return settings, (key, text) as in the address, in words; of many, the first ones.

    >>> settings_in_words([("lr", "0.1"), ("optimizer", "sgd")])
    'learning rate 0.1, optimizer SGD'
    """
    parts = [f"{label_of(key)} {TITLES.get(key, {}).get(text, text)}" for key, text in settings]
    if len(parts) > most:
        parts = [*parts[: most - 1], f"{len(parts) - most + 1} more settings"]
    return ", ".join(parts)
