"""What comes of checking a lesson, as values that a process without Keras can read."""

from __future__ import annotations

from dataclasses import dataclass

from core.lessons.judge import Verdict


@dataclass(frozen=True)
class Checked:
    """What came of one address of a goal.

    Attributes:
        step: the title of its step.
        expected: REACHED or MISSED.
        verdict: None where it could not be trained.
        problem: why it could not; "" where it could.
        is_unknown: whether it could not because its pictures have not been downloaded, which says nothing of the goal.
    """

    step: str
    expected: str
    verdict: Verdict | None
    problem: str = ""
    is_unknown: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is as the author says."""
        return self.is_unknown or (self.verdict is not None and self.verdict.state == self.expected)
