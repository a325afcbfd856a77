"""The runs that are open in this worker process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.messages.commands import Command

if TYPE_CHECKING:
    from core.messages.record import Record
    from core.training.trainer import Trainer


class Runs:
    """The open runs by name, and the commands that came before their run was open. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the three below; never held while a run trains or is built
        self._trainers: dict[str, Trainer] = {}
        self._early: dict[str, list[Command]] = {}
        self._discarded: set[str] = set()  # runs that were discarded before they were open
        self._building = threading.Lock()

    def build(self, run: str, build: Callable[[], Trainer]) -> Trainer | None:
        """Build a run's trainer, or return None where the run has been discarded.

        One is built at a time, because tracing is serial anyway; so a run discarded while it waits is never built.
        """
        with self._building:
            return None if self._forget_discarded(run) else build()

    def add(self, run: str, trainer: Trainer) -> bool:
        """Add a run that is open now, with its early commands; return False where it has been discarded."""
        with self._lock:
            if run in self._discarded:
                self._discarded.remove(run)
                return False
            self._trainers[run] = trainer
            for command in self._early.pop(run, []):
                trainer.send(command)
            return True

    def is_discarded(self, run: str) -> bool:
        """Return whether a run was discarded before it was open."""
        with self._lock:
            return run in self._discarded

    def send(self, run: str, command: Command) -> None:
        """Send a command to a run, or keep it until the run is open."""
        with self._lock:
            if run in self._trainers:
                self._trainers[run].send(command)
            else:
                self._early.setdefault(run, []).append(command)

    def records(self) -> dict[str, Record] | None:
        """Return how to train every run here again to where it is, or None where one still has something to do."""
        with self._lock:
            if any(trainer.has_to_do for trainer in self._trainers.values()):
                return None
            return {run: trainer.record() for run, trainer in self._trainers.items()}

    def get(self, run: str) -> Trainer | None:
        """Return a run's trainer, or None where the run is not open."""
        with self._lock:
            return self._trainers.get(run)

    def discard(self, run: str) -> None:
        """Stop a run and let go of it, whether it is open yet or not."""
        with self._lock:
            self._early.pop(run, None)
            trainer = self._trainers.pop(run, None)
            if trainer is None:
                self._discarded.add(run)
            else:
                trainer.abandon()

    def forget(self, run: str) -> None:
        """Let go of a run that has failed; no more commands come for it."""
        with self._lock:
            self._trainers.pop(run, None)
            self._early.pop(run, None)
            self._discarded.discard(run)

    def _forget_discarded(self, run: str) -> bool:
        """Return whether a run was discarded before it was open, and forget that."""
        with self._lock:
            was_discarded = run in self._discarded
            self._discarded.discard(run)
            return was_discarded
