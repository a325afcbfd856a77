"""The updates of a run: what each of them carries, and when one is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.analysis.axes import Axes
from core.datasets import Split
from core.experiment.schedule import step_rates
from core.messages.updates import Update
from core.training.frame_contents import FrameContents
from core.training.notice_texts import message_of
from core.training.run_state import RunState

_FRAME_SECONDS = 1 / 30  # between two updates of a run alone, on the average; a browser paints hardly more here
_CROWD_SHARE = 0.6  # of it that is added for each run that waits beside it; to draw all as often would take their time
_PREVIEW_FRAME_SECONDS = 0.1  # … while the plain graph trains, which needs the processor more
_SILENT_SECONDS = 1.0  # without an update during a replay, after which it is shown


class UpdatePublisher:
    """Publishes how a run stands. Used by the training thread; any thread may read `axes`, `contents` and `is_inside`.

    Args:
        publish: called with every update.
        axes: the plane to draw, or None for no plane.

    Attributes:
        contents: computes the arrays of a frame.
        is_inside: whether somebody looks inside the network.
        obeyed: the number of the last command that was obeyed.
        shows_all: whether the last update shows everything of the run as it stands now.
    """

    def __init__(self, publish: Callable[[Update], None], run: RunState, split: Split, axes: Axes | None) -> None:
        self._publish = publish
        self._run = run
        self._split = split
        self.is_inside = False
        self.obeyed = 0
        self.shows_all = False
        self._last: Update | None = None
        self._is_requested = False
        self._edited: list[int] = []  # the epochs of edits that no update has told yet
        self._sent_rows = 0  # rows of the history
        self._sent_at: float | None = None  # when the last update was due, or where that is long ago, was published
        self.draw(axes)

    def draw(self, axes: Axes | None) -> None:
        """Draw another plane from now on, or none."""
        levels = len(self._run.progress.segment.experiment.network.layers) + 2
        self.axes = axes
        self.contents = FrameContents(self._split, axes, self._run.epochs.rows.x_val, levels)

    def request(self) -> None:
        """Have the next update published as soon as possible, however recent the last one is."""
        self._is_requested = True

    def note_edit(self, epoch: int) -> None:
        """Have the next update tell that an edit was made after an epoch."""
        self._edited.append(epoch)
        self.request()

    def start_again(self) -> None:
        """Publish the whole history with the next update, because it starts again."""
        self._sent_rows = 0

    @property
    def is_requested(self) -> bool:
        """Whether an update was requested and is not published yet."""
        return self._is_requested

    @property
    def is_up_to_date(self) -> bool:
        """Whether the last update shows the present epoch, and nothing was changed since."""
        return not self._is_requested and self._sent_rows == len(self._run.history)

    @property
    def is_overdue(self) -> bool:
        """Whether a person waits for an update, or has waited long."""
        return self._is_requested or self._seconds_since_last >= _SILENT_SECONDS

    def publish_if_due(self, status: str) -> None:
        """Publish an update of a run that trains, unless the last one is recent."""
        if self._is_requested or self.seconds_until_due <= 0 or self._run.progress.epoch <= 1:
            self.publish(status, test=None, everything=False)

    @property
    def seconds_until_due(self) -> float:
        """The seconds until the next update is due; 0 or less where it is due now."""
        return self._pause - self._seconds_since_last

    @property
    def _pause(self) -> float:
        """The seconds between two updates."""
        pause = _PREVIEW_FRAME_SECONDS if self._run.progress.is_preview else _FRAME_SECONDS
        return pause * (1 + _CROWD_SHARE * self._run.epochs.turn.others)

    def publish(self, status: str, test: tuple[float, ...] | None, everything: bool) -> None:
        """Publish an update.

        Args:
            test: the figures of the test rows, or None.
            everything: whether to include what is computed only from time to time.
        """
        run, progress = self._run, self._run.progress
        run.epochs.turn.give()
        segment = progress.segment
        training = segment.experiment.training
        rows = [record.figures for record in run.history[self._sent_rows :]]
        state, epoch = progress.outcome.state, progress.outcome_epoch
        update = Update(
            status=status,
            generation=progress.generation,
            epoch=progress.epoch,
            epochs=training.epochs,
            first_row=self._sent_rows,
            rows=np.array(rows, np.float32).reshape(-1, run.epochs.columns),
            learning_rate=float(step_rates(training, max(progress.epoch - 1, 0), 1)[0]),
            ms_per_epoch=run.ms_per_epoch,
            message=message_of(progress.notices),
            test=test,
            arrays=self.contents.now(segment, state, epoch, everything, self.is_inside),
            arrays_epoch=epoch,
            edited=tuple(self._edited),
            obeyed=self.obeyed,
        )
        self._edited.clear()
        self._sent_rows = len(run.history)
        self.shows_all = everything
        self._is_requested = False
        # An update comes late by a part of an epoch. The next one is due as if it had not.
        late = -self.seconds_until_due
        self._sent_at = time.perf_counter() - (late if 0 < late < self._pause else 0)
        self._last = update
        self._publish(update)

    def publish_status(self, status: str) -> None:
        """Publish another status, and nothing else: all that people see stays as it is."""
        if self._last is None:
            return
        rows = self._last.rows[:0]
        first_row = self._last.first_row + len(self._last.rows)
        self._last = replace(
            self._last, status=status, first_row=first_row, rows=rows, arrays={}, edited=(), obeyed=self.obeyed
        )
        self._publish(self._last)

    @property
    def _seconds_since_last(self) -> float:
        """The seconds since the last update was due, or published where that was much later; infinite before it."""
        return float("inf") if self._sent_at is None else time.perf_counter() - self._sent_at
