"""What a run's network was after earlier epochs: kept, or trained again from a kept state to exactly there."""

from __future__ import annotations

import time
from collections.abc import Callable

from core.engine.program import State
from core.messages.past import Past
from core.training.applied_edits import EditedNetwork
from core.training.epoch_trainer import EpochTrainer
from core.training.frame_contents import FrameContents
from core.training.progress import Progress

_SECONDS_MOST = 1.0  # for training again; a person who drags a slider waits for it


class PastEpochs:
    """Looks back at a run's earlier epochs. Safe to use from any thread.

    Args:
        new_trainer: returns a new trainer of the run's epochs.
    """

    def __init__(self, new_trainer: Callable[[], EpochTrainer]) -> None:
        self._new_trainer = new_trainer

    def look_back(self, progress: Progress, contents: FrameContents, epoch: int, inside: bool) -> Past:
        """Return what frames showed of the network after an epoch, the run's last one where it has done fewer.

        An epoch whose weights are not kept is trained again, which gives the same weights bit for bit. Where that takes
        too long, or while the plain graph's epochs are still to be replayed, the nearest kept epoch stands in for it.

        Args:
            inside: whether to include its `weights` and `spaces`.
        """
        wanted = min(epoch, progress.epoch)
        found, weights = progress.snapshots.nearest(wanted)
        if found != wanted:
            again = self._train_again(progress, wanted)
            if again is not None:
                found, weights = wanted, again
        then, now = progress.plan.at(found), progress.segment
        arrays = contents.past(then.program, weights)
        if inside:
            latest = now.program.named_weights(progress.outcome.state), now.silenced
            past = then.program.named_weights(weights), then.silenced
            arrays |= contents.inside_past(then.experiment, past, latest)
        return Past(found, progress.generation, arrays)

    def _train_again(self, progress: Progress, wanted: int) -> State | None:
        """Return the weights after an epoch, trained from the last full state kept before it; None where it is too far.

        In turn with the runs of the process.
        """
        start, network = progress.full_states.last_up_to(wanted)
        is_previewed = progress.replay_from is not None and wanted > progress.replay_from.epoch
        if is_previewed or (wanted - start) * progress.epoch_seconds > _SECONDS_MOST:
            return None
        trainer = self._new_trainer()
        latest = time.perf_counter() + _SECONDS_MOST
        plan = progress.plan
        try:
            for epoch in range(start, wanted):
                segment = plan.at(epoch)
                pending = plan.edits_between(network.applied.count, epoch)
                network = network.with_edits(pending, segment.program, plan.make_step)
                trained = None
                while trained is None:
                    if time.perf_counter() > latest:
                        return None
                    trained = trainer.train(segment, network.state, epoch)
                network = EditedNetwork(trained[0], network.applied)
        finally:
            trainer.turn.give()
        program = plan.at(wanted).program
        pending = plan.edits_between(network.applied.count, wanted)
        return program.weights(network.with_edits(pending, program, plan.make_step).state)
