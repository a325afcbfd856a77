"""What the coach says: one sentence, and one thing to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.experiment import Experiment, menus


@dataclass(frozen=True)
class Change:
    """Go on with another experiment: a run that can become it does, any other starts from its first epoch."""

    experiment: Experiment


@dataclass(frozen=True)
class FindRate:
    """Have the learning-rate finder suggest a rate, and train from the start with it.

    Attributes:
        before: the rate that was used.
        higher: whether it was too low; otherwise it was too high.
    """

    before: float
    higher: bool

    def rate(self, suggestion: float | None) -> float:
        """Return the rate to train with: the suggestion, or ten times more or less where it leads the wrong way.

        >>> FindRate(1.0, higher=False).rate(0.02), FindRate(1.0, higher=False).rate(3.0)
        (0.02, 0.1)
        """
        if suggestion is not None and suggestion != self.before and (suggestion > self.before) == self.higher:
            return suggestion
        rate = self.before * 10 if self.higher else self.before / 10
        return float(f"{min(max(rate, menus.LEARNING_RATE.low), menus.LEARNING_RATE.high):.2g}")


Action: TypeAlias = Change | FindRate


@dataclass(frozen=True)
class Advice:
    """One piece of advice.

    Attributes:
        rule: the name of the rule that gives it, one of `core.coach.rules.RULES`.
        sentence: what was seen and what it means, plain text.
        button: what the button says.
        action: what the button does.
        term: the entry of the glossary that explains it.
    """

    rule: str
    sentence: str
    button: str
    action: Action
    term: str
