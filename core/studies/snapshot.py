"""A study as it stands now, and as a line of a person's list."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages.updates import INTERRUPTED, QUEUED, RUNNING, STOPPED
from core.studies.plans import Plan
from core.studies.results import MemberResult

ASKING = "asking"  # it would take longer than ASK_SECONDS, and a person must say yes
LIVE = (QUEUED, RUNNING, ASKING)
CAN_RESUME = (STOPPED, INTERRUPTED)
ASK_SECONDS = 300.0


@dataclass(frozen=True, eq=False)
class StudySnapshot:
    """A study as it stands.

    Attributes:
        key: names the study; 32 hexadecimal digits.
        name: what its person called it, or what it varies.
        status: QUEUED, RUNNING, ASKING, STOPPED, FINISHED, FAILED or INTERRUPTED.
        message: for the person; may be empty.
        created_at: in seconds since 1970.
        seconds: for which it has trained, without the time in which it rested.
        seconds_left: how long the rest will take; None where that is not known, or there is none.
        total: how many runs it has.
        results: of its runs, in the order of the plan's members. Runs that have not begun are QUEUED, without epochs.
        version: rises with every change.
    """

    key: str
    name: str
    plan: Plan
    status: str
    message: str
    created_at: float
    seconds: float
    seconds_left: float | None
    total: int
    results: tuple[MemberResult, ...]
    version: int

    @property
    def ended(self) -> int:
        """How many runs have ended by themselves, well or not."""
        return sum(result.has_ended for result in self.results)

    @property
    def is_live(self) -> bool:
        """Whether it goes on, or waits to."""
        return self.status in LIVE

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to train that nobody trains."""
        return self.status in CAN_RESUME


@dataclass(frozen=True)
class StudySummary:
    """A study as a line of the list.

    Attributes:
        kind: of its plan.
        ended: how many of its `total` runs have ended by themselves.
        best: the highest last figure of them; None where there is none.
    """

    key: str
    name: str
    kind: str
    status: str
    created_at: float
    seconds: float
    total: int
    ended: int
    best: float | None
