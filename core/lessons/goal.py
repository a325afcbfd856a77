"""A goal: what a finished run must be or have reached, in a small vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment import Experiment
from core.lessons.quantities import QUANTITIES, Quantity

_ROUNDING = 1e-6  # histories are float32: 19 of 20 rows are 0.94999999


@dataclass(frozen=True)
class Bound:
    """A figure of the run that is at least or at most so much.

    Attributes:
        name: a key of `QUANTITIES`.
        is_least: whether `value` is the least that it may be, and not the most.
    """

    name: str
    is_least: bool
    value: float

    @property
    def quantity(self) -> Quantity:
        """What is bounded."""
        return QUANTITIES[self.name]

    @property
    def in_words(self) -> str:
        """What is asked, such as "held-out accuracy at least 0.95"."""
        side = "at least" if self.is_least else "at most"
        return f"{self.quantity.words} {side} {self.quantity.in_words(self.value)}"

    def holds_for(self, value: float | None) -> bool:
        """Return whether a figure is within the bound."""
        if value is None:
            return False
        slack = _ROUNDING * max(1.0, abs(self.value))
        return value >= self.value - slack if self.is_least else value <= self.value + slack


@dataclass(frozen=True)
class SettingValue:
    """A setting of the address that has this value, or is a number within a bound.

    Attributes:
        key: in the address.
        text: the value as in the address; "" where there is a bound.
        is_least: of the bound: whether `bound` is the least; None where there is none.
    """

    key: str
    text: str = ""
    is_least: bool | None = None
    bound: float = 0.0


@dataclass(frozen=True)
class Seeds:
    """How many runs of so many, which differ in their seed alone, have to reach the goal."""

    least: int
    of: int


@dataclass(frozen=True)
class Goal:
    """What is asked of a step; all of it has to hold.

    Attributes:
        bounds: on figures of the run.
        diverged: whether its loss has to become NaN or infinite.
        only_changed: the only settings that may differ from the step's set-up, by their keys; None for all that are
            not of the data. () asks for the set-up itself.
        settings: that the run has to have.
        seeds: over how many seeds it is judged; None for the run alone.
        opened: places of `core.lessons.places` that have to be opened while the step goes on.
        reached_by: an experiment that reaches the goal; None where nothing has to be trained.
        missed_by: one that does not; likewise.
    """

    bounds: tuple[Bound, ...] = ()
    diverged: bool = False
    only_changed: tuple[str, ...] | None = None
    settings: tuple[SettingValue, ...] = ()
    seeds: Seeds | None = None
    opened: tuple[str, ...] = ()
    reached_by: Experiment | None = None
    missed_by: Experiment | None = None

    @property
    def needs_run(self) -> bool:
        """Whether a run has to be trained for it."""
        return bool(self.bounds or self.diverged or self.settings or self.seeds) or self.only_changed is not None

    @property
    def needs_confusion(self) -> bool:
        """Whether it is about figures of the confusion matrix."""
        return any(bound.quantity.needs_confusion for bound in self.bounds)
