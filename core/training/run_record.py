"""The record of a run, by which it can be trained again."""

from __future__ import annotations

from dataclasses import replace

from core.messages.pace import Pace
from core.messages.record import Record
from core.messages.updates import FINISHED, PAUSED
from core.training.progress import Progress
from core.training.update_publisher import UpdatePublisher


def record_of(progress: Progress, updates: UpdatePublisher, pace: Pace, status: str) -> Record:
    """Return what it takes to train a run again to where it is."""
    return Record(
        progress.plan.experiments,
        progress.epoch,
        status,
        pace,
        updates.axes,
        progress.plan.edits,
        updates.is_inside,
        updates.obeyed,
        progress.generation,
    )


def record_of_replay(progress: Progress, updates: UpdatePublisher, pace: Pace, status: str) -> Record:
    """Return the record of a run that rests while compiled programs are still to replay it; its history starts again.

    Where the plain graph has ended the run early, the compiled program may end it later, or not at all.
    """
    may_go_on = status == FINISHED and progress.ending is not None
    record = record_of(progress, updates, pace, PAUSED if may_go_on else status)
    return replace(record, generation=progress.generation + 1)
