"""A setting with the values that a study gives it, and the text form of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import ExperimentError
from core.experiment import Experiment, read_address, to_params
from core.experiment.address import KEYS
from core.experiment.keys import format_number
from core.experiment.shape import SHAPE, with_layers

VALUES_MOST = 50  # of one setting
_NUMBER_MOST = 1e9  # in a range, so that nothing overflows
_FIXED = ("recipe", "file", "seed", "data_seed")  # the first two replace the base experiment
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER}):([0-9]{{1,4}})(:log)?")
_FORM = (
    "KEY=VALUE,VALUE,… with two values or more, separated by semicolons where a value contains commas, "
    "or KEY=LOW..HIGH:COUNT, with :log at the end for equal ratios"
)


@dataclass(frozen=True)
class Varied:
    """A setting and its values.

    Attributes:
        key: as in the address, or one of `core.experiment.shape`.
        values: as in the address, 2 to `VALUES_MOST`.
    """

    key: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.key not in (*KEYS, *SHAPE) or self.key in _FIXED:
            expected = (
                "the key of a setting, such as lr, layers, width, depth or batch; seeds are varied in every study"
            )
            raise ExperimentError("vary", expected, self.key)
        if not 2 <= len(self.values) <= VALUES_MOST:
            raise ExperimentError(self.key, f"given 2 to {VALUES_MOST} values", ", ".join(self.values))

    @classmethod
    def parse(cls, text: str) -> Varied:
        """Return the setting and values that a text describes.

        >>> Varied.parse("layers=tanh-4;tanh-4,tanh-2")
        Varied(key='layers', values=('tanh-4', 'tanh-4,tanh-2'))
        >>> Varied.parse("lr=0.001..0.1:3:log").values
        ('0.001', '0.01', '0.1')

        Raises:
            ExperimentError: if the text has another form, or the key cannot be varied.
        """
        key, equals, values = text.partition("=")
        if not equals or not values:
            raise ExperimentError("vary", _FORM, text)
        if ".." in values:
            return cls(key, _range(key, values))
        separator = ";" if ";" in values else ","
        return cls(key, tuple(values.split(separator)))


def _range(key: str, text: str) -> tuple[str, ...]:
    """Return the values of LOW..HIGH:COUNT, to six digits; whole numbers if LOW and HIGH are."""
    found = _RANGE.fullmatch(text)
    if not found:
        raise ExperimentError(key, _FORM, text)
    low, high, count = float(found[1]), float(found[2]), int(found[3])
    if not (-_NUMBER_MOST <= low < high <= _NUMBER_MOST and 2 <= count <= VALUES_MOST and (low > 0 or not found[4])):
        expected = f"a range from a lower to a higher number with 2 to {VALUES_MOST} values; above 0 with :log"
        raise ExperimentError(key, expected, text)
    import numpy as np  # the command line finds a mistake without it

    values = np.geomspace(low, high, count) if found[4] else np.linspace(low, high, count)
    is_whole = found[1].lstrip("-").isdigit() and found[2].lstrip("-").isdigit() and high - low >= count - 1
    rounded = np.round(values) if is_whole else [float(f"{value:.6g}") for value in values]
    return tuple(dict.fromkeys(format_number(float(value)) for value in rounded))


def with_settings(base: Experiment, settings: Mapping[str, str]) -> Experiment:
    """Return the experiment with other settings, given as in the address, or by width and depth.

    Settings of the base that do not apply any more, such as the momentum of another optimizer, have their defaults.

    Raises:
        ExperimentError: if a setting or value is not allowed.
    """
    settings = with_layers(base.network.layers, settings)
    params = to_params(base) | settings
    experiment, problems = read_address(params.items())
    for problem in problems:
        if problem.key in settings or problem.key not in params:
            raise problem
        del params[problem.key]
    if problems:
        experiment, problems = read_address(params.items())
        if problems:
            raise problems[0]
    return experiment
