"""A watcher of one run that puts its updates together."""

from collections.abc import Callable

import numpy as np

from core.messages.updates import Update


class Record:
    """Puts a run's updates together as the server does, and keeps them."""

    def __init__(self, then: Callable[[Update], None] = lambda update: None) -> None:
        self.updates: list[Update] = []
        self.history = np.empty((0, 0), np.float32)
        self._then = then

    def __call__(self, update: Update) -> None:
        if self.updates and update.generation != self.last.generation:
            assert update.generation > self.last.generation
            assert update.first_row == 0
        assert update.first_row <= len(self.history)  # no row was skipped
        kept = self.history[: update.first_row].reshape(-1, update.rows.shape[1])
        self.history = np.concatenate([kept, update.rows])
        assert len(self.history) == update.epoch
        self.updates.append(update)
        self._then(update)

    @property
    def last(self) -> Update:
        return self.updates[-1]

    @property
    def generations(self) -> set[int]:
        return {update.generation for update in self.updates}
