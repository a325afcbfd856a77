"""What a run does next."""

from __future__ import annotations

from enum import Enum, auto


class Next(Enum):
    """What the training thread does before it looks for commands again."""

    REPLAY = auto()  # have the compiled programs train what the plain graph has shown
    TRAIN = auto()  # train one epoch
    WAIT_FOR_PACE = auto()  # wait a moment, since the next epoch is not due yet
    REST = auto()  # wait a moment for the compiler: all epochs are done, but a preview is still to be replayed
    SETTLE = auto()  # publish how the run stands, and leave it


def next_step(*, is_wanted: bool, is_training: bool, is_preview: bool, can_be_replayed: bool, is_early: bool) -> Next:
    """Return what a run does next.

    Args:
        is_wanted: whether anybody still wants the run.
        is_training: whether there are epochs to train now.
        is_preview: whether the plain graph has trained epochs that are still to be replayed.
        can_be_replayed: whether the programs for that are compiled.
        is_early: whether the pace does not let the next epoch begin yet.
    """
    if not is_wanted or not (is_training or is_preview):
        return Next.SETTLE
    if can_be_replayed:
        return Next.REPLAY
    if not is_training:
        return Next.REST
    return Next.WAIT_FOR_PACE if is_early else Next.TRAIN
