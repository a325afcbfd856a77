"""The commands that a training run obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COMMANDS = ("train", "pause", "step", "stop", "change", "axes", "pace", "skip", "inside", "edit")


@dataclass(frozen=True)
class Command:
    """One of COMMANDS and its value, if it takes one.

    `change` takes an Experiment that the run can become, `axes` an Axes or None, `pace` a Pace, `inside`
    whether somebody looks inside the network, `edit` an Edit of `core.messages.edits` that the network can take. `skip`
    trains to the end without a limit, and leaves the pace as it is for later.

    Attributes:
        number: of the run's commands, from 1; 0 where nobody waits for it to be acknowledged.
    """

    name: str
    value: Any = None
    number: int = 0

    def __post_init__(self) -> None:
        if self.name not in COMMANDS:
            raise ValueError(f"`command` must be one of {', '.join(COMMANDS)}. Received: {self.name!r}.")
