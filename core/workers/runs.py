"""The runs that are open in this worker process."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.messages.commands import Command

if TYPE_CHECKING:
    from core.messages.record import Record
    from core.training.trainer import Trainer


class Runs:
    """The open runs by name, and the commands that came before their run was open. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards what follows; never held while a run trains or is built
        self._trainers: dict[str, Trainer] = {}
        self._early: dict[str, list[Command]] = {}
        self._received: dict[str, int] = {}  # the number of the last command of each run
        self._discarded: set[str] = set()  # runs that were discarded before they were open
        self._held: Counter[str] = Counter()  # threads that open or train a run
        self._left_at: dict[str, float] = {}  # when those of them that nobody wants were discarded
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

    def send(self, run: str, commands: Sequence[Command]) -> None:
        """Send commands to a run, or keep them until it is open.

        Args:
            commands: in rising order of their numbers; those that have come before are left out.
        """
        with self._lock:
            if run in self._discarded:
                return
            received = self._received.get(run, 0)
            new = [command for command in commands if command.number > received]
            if new:
                self._received[run] = new[-1].number
            if run in self._trainers:
                for command in new:
                    self._trainers[run].send(command)
            else:
                self._early.setdefault(run, []).extend(new)

    def records(self, even_waiting: bool = False) -> dict[str, Record]:
        """Return how to train the runs here again to where they are; without those that have something to do.

        Args:
            even_waiting: whether to include runs at rest that only wait for the compiler or are being replayed.
        """
        records = {}
        with self._lock:
            for run, trainer in self._trainers.items():
                at_rest = trainer.record_at_rest if even_waiting else None  # looked at first: it may settle now
                record = at_rest if trainer.has_to_do else trainer.record()
                if record is not None:
                    records[run] = record
        return records

    @contextmanager
    def holding(self, run: str) -> Iterator[None]:
        """Note that a run keeps a thread meanwhile, and forget the run if it fails."""
        with self._lock:
            self._held[run] += 1
        try:
            yield
        except BaseException:
            self.forget(run)
            raise
        finally:
            with self._lock:
                self._held[run] -= 1
                if not self._held[run]:
                    del self._held[run]
                    self._left_at.pop(run, None)

    @property
    def stuck_seconds(self) -> float:
        """For how long a run that nobody wants has kept its thread; 0 where there is none."""
        with self._lock:
            return max((time.monotonic() - at for at in self._left_at.values()), default=0.0)

    def get(self, run: str) -> Trainer | None:
        """Return a run's trainer, or None where the run is not open."""
        with self._lock:
            return self._trainers.get(run)

    def discard(self, run: str) -> None:
        """Stop a run and let go of it, whether it is open yet or not."""
        with self._lock:
            self._early.pop(run, None)
            self._received.pop(run, None)
            if run in self._held:
                self._left_at[run] = time.monotonic()
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
            self._received.pop(run, None)
            self._discarded.discard(run)

    def _forget_discarded(self, run: str) -> bool:
        """Return whether a run was discarded before it was open, and forget that."""
        with self._lock:
            was_discarded = run in self._discarded
            self._discarded.discard(run)
            return was_discarded
