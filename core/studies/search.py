"""A search as a plan: which settings may vary, how trials are proposed, and what they are judged by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from core.errors import ExperimentError
from core.experiment import Experiment, LayerSpec, format_layers
from core.experiment.keys import Choice, Real, Whole, format_number
from core.experiment.menus import SEED
from core.studies.setting_menu import ACTIVATION, DEPTH, WIDTH, VariableSetting, settings_of
from core.studies.study import Member
from core.studies.varied import with_settings

SEARCH = "search"
TRIALS_MOST = 500
TRIALS = Whole("trials", 2, TRIALS_MOST)
SECONDS = Real("seconds", 10.0, 24 * 3600.0)
GRID_VALUES = Whole("values", 2, 20)
DIMENSIONS_MOST = 8
CHOICES_MOST = 20
RANDOM, TPE, GRID = "random", "tpe", "grid"
SAMPLER = Choice("sampler", (TPE, RANDOM, GRID))
NO_PRUNER, MEDIAN, HALVING = "none", "median", "halving"
PRUNER = Choice("pruner", (NO_PRUNER, MEDIAN, HALVING))
AT_LAST, AT_BEST = "last", "best"  # the epoch whose held-out figure counts
OBJECTIVE = Choice("objective", (AT_LAST, AT_BEST))
LAYERS = "layers"  # listed networks
PRUNED = "Stopped early: at this epoch others were better."  # what is said of a trial that the pruner has ended

_FIRST_LAYER = LayerSpec(4, "tanh")
_PLAIN = ("trials", "seconds", "sampler", "grid_values", "pruner", "objective", "price", "seed")
_DIGITS = 4  # of a proposed number, so that settings can be read
_OF_LAYERS = (DEPTH, WIDTH, ACTIVATION)


@dataclass(frozen=True)
class Range:
    """A setting that may have any number from `low` to `high`; whole numbers where it only allows these.

    Attributes:
        name: of the setting, as `setting_menu.settings_of` names it.
        log: whether equal ratios are equally likely, not equal steps.
    """

    name: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ExperimentError(self.name, "a range from a lower to a higher number", f"{self.low} to {self.high}")
        if self.log and self.low <= 0:
            raise ExperimentError(self.name, "above 0 for equal ratios", self.low)


@dataclass(frozen=True)
class OneOf:
    """A setting that may have one of some values, as in the address; of LAYERS, listed networks."""

    name: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.values) <= CHOICES_MOST or len(set(self.values)) < len(self.values):
            raise ExperimentError(self.name, f"given 2 to {CHOICES_MOST} different values", ", ".join(self.values))


Dimension = Range | OneOf


@dataclass(frozen=True)
class Search:
    """A search for good settings. Every trial is one run with the seeds of the base experiment.

    Attributes:
        dimensions: what may vary, one to eight different settings.
        trials: at most so many, to 500.
        seconds: no trial begins after so many; None for no limit.
        sampler: who proposes: TPE, RANDOM or GRID, which goes through all combinations.
        grid_values: how many values a range has in a grid.
        pruner: which trials end early: none, those below the MEDIAN of earlier ones at the same epoch, or all but
            the best by successive HALVING.
        objective: AT_LAST or AT_BEST, the epoch whose held-out accuracy or R² is maximized.
        price: whether the number of parameters is minimized too: then there is no best trial but a Pareto front.
        seed: of the sampler.

    Raises:
        ExperimentError: if a value is not allowed, or two of them do not go together.
    """

    base: Experiment
    dimensions: tuple[Dimension, ...]
    trials: int = 50
    seconds: float | None = None
    sampler: str = TPE
    grid_values: int = 4
    pruner: str = NO_PRUNER
    objective: str = AT_LAST
    price: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        names = [dimension.name for dimension in self.dimensions]
        if not 1 <= len(names) <= DIMENSIONS_MOST or len(set(names)) < len(names):
            raise ExperimentError("search", f"over one to {DIMENSIONS_MOST} different settings", ", ".join(names))
        if LAYERS in names and set(names) & set(_OF_LAYERS):
            raise ExperimentError("search", "over listed networks, or over their depth and width", ", ".join(names))
        TRIALS.check(self.trials)
        if self.seconds is not None:
            SECONDS.check(self.seconds)
        for key, value in ((SAMPLER, self.sampler), (PRUNER, self.pruner), (OBJECTIVE, self.objective)):
            key.check(value)
        GRID_VALUES.check(self.grid_values)
        SEED.check(self.seed)
        if self.price and self.pruner != NO_PRUNER:
            raise ExperimentError("pruner", "none where parameters have a price", self.pruner)
        if self.sampler == GRID and self.grid_size > TRIALS_MOST:
            raise ExperimentError("grid", f"of at most {TRIALS_MOST} combinations", self.grid_size)
        for dimension in self.dimensions:
            self._check(dimension)

    @property
    def kind(self) -> str:
        """SEARCH."""
        return SEARCH

    @property
    def members(self) -> tuple[Member, ...]:
        """None: trials are proposed while it goes on."""
        return ()

    @property
    def total(self) -> int:
        """How many trials there are at most."""
        return min(self.trials, self.grid_size) if self.sampler == GRID else self.trials

    @cached_property
    def grid_size(self) -> int:
        """How many combinations a grid has."""
        return math.prod(len(self.grid_of(dimension)) for dimension in self.dimensions)

    def setting(self, name: str) -> VariableSetting | None:
        """Return the setting of a name; None for LAYERS and names that do not exist here."""
        return self._settings.get(name)

    def label(self, name: str) -> str:
        """Return what a dimension is called."""
        setting = self.setting(name)
        return setting.label if setting else "Network"

    def label_in_a_sentence(self, name: str) -> str:
        """Return the same within a sentence: "L2", but "learning rate"."""
        label = self.label(name)
        return label.lower() if label[1:].islower() else label

    def words(self, name: str, text: str) -> str:
        """Return what a value of a dimension is called."""
        setting = self.setting(name)
        return setting.titles.get(text, text) if setting else text

    def is_whole(self, dimension: Range) -> bool:
        """Return whether a range is of whole numbers."""
        setting = self.setting(dimension.name)
        return setting is not None and isinstance(setting.kind, Whole)

    def grid_of(self, dimension: Dimension) -> tuple[str, ...]:
        """Return the values of a dimension in a grid, as texts."""
        if isinstance(dimension, OneOf):
            return dimension.values
        last = self.grid_values - 1
        low, high = dimension.low, dimension.high
        if dimension.log:
            values = [low * (high / low) ** (place / last) for place in range(last + 1)]
        else:
            values = [low + (high - low) * place / last for place in range(last + 1)]
        return tuple(dict.fromkeys(self.text_of(dimension, value) for value in values))

    def text_of(self, dimension: Range, value: float) -> str:
        """Return a number of a range as in the address: to four digits, and within the range."""
        rounded = float(round(value)) if self.is_whole(dimension) else float(f"{value:.{_DIGITS}g}")
        return format_number(min(max(rounded, dimension.low), dimension.high))

    def member(self, values: Mapping[str, str]) -> Member:
        """Return the trial with some values, one for each dimension by its name.

        Raises:
            ExperimentError: if they do not go together.
        """
        own = tuple((dimension.name, values[dimension.name]) for dimension in self.dimensions)
        return Member(own, self.base.training.seed, self._experiment(dict(own)))

    def to_json(self) -> dict[str, Any]:
        """Return the plan as values of JSON."""
        rest = {name: getattr(self, name) for name in _PLAIN}
        dimensions = [asdict(dimension) for dimension in self.dimensions]
        return {"kind": self.kind, "experiment": asdict(self.base), "dimensions": dimensions, **rest}

    @cached_property
    def _settings(self) -> dict[str, VariableSetting]:
        return searchable_settings(self.base)

    def _check(self, dimension: Dimension) -> None:
        """Raise unless every value of a dimension is allowed, together with some of the others."""
        setting = self.setting(dimension.name)
        if setting is None and dimension.name != LAYERS:
            raise ExperimentError("search", "over settings that this experiment has", dimension.name)
        if isinstance(dimension, Range):
            if setting is None or not isinstance(setting.kind, Whole | Real):
                raise ExperimentError(dimension.name, "given values, not a range", f"{dimension.low}…{dimension.high}")
            values = [self.text_of(dimension, bound) for bound in (dimension.low, dimension.high)]
            if len(set(values)) == 1:
                raise ExperimentError(dimension.name, "a range with more than one number", values[0])
        else:
            values = list(dimension.values)
        others = {other.name: self.grid_of(other)[0] for other in self.dimensions if other != dimension}
        for value in values:
            self._experiment({**others, dimension.name: value})

    def _experiment(self, values: dict[str, str]) -> Experiment:
        parts = {name: values[name] for name in _OF_LAYERS if name in values}
        texts = {name: value for name, value in values.items() if name not in parts}
        for name, text in [*parts.items(), *texts.items()]:
            setting = self.setting(name)
            if setting is not None:
                setting.kind.parse(text)
        if parts:
            layers = self.base.network.layers or (_FIRST_LAYER,)
            if DEPTH in parts:
                layers = layers[:1] * int(parts[DEPTH])
            if WIDTH in parts:
                layers = tuple(replace(layer, units=int(parts[WIDTH])) for layer in layers)
            if ACTIVATION in parts:
                layers = tuple(replace(layer, activation=parts[ACTIVATION]) for layer in layers)
            texts[LAYERS] = format_layers(layers)
        return with_settings(self.base, texts)


def searchable_settings(base: Experiment) -> dict[str, VariableSetting]:
    """Return the settings that a search may vary, by name; a base without hidden layers may get some."""
    network = replace(base.network, layers=base.network.layers or (_FIRST_LAYER,))
    return settings_of(replace(base, network=network))


def search_from_json(value: Mapping[str, Any], base: Experiment) -> Search:
    """Return the search of a plan's JSON; TypeError or KeyError where it is none.

    Args:
        base: the experiment in it.
    """
    dimensions = tuple(map(_dimension, value["dimensions"]))
    return Search(base, dimensions, **{name: value[name] for name in _PLAIN})


def _dimension(value: Mapping[str, Any]) -> Dimension:
    if "values" in value:
        return OneOf(str(value["name"]), tuple(map(str, value["values"])))
    return Range(str(value["name"]), float(value["low"]), float(value["high"]), bool(value["log"]))
