"""How far a run has come, as a value that any thread may read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from core.engine.fitted_program import FittedProgram
from core.engine.program import State
from core.messages.edits import Begin, Timeline, without_begin
from core.messages.weights import Weights
from core.training.applied_edits import EditedNetwork
from core.training.notices import Ending, LossNotFinite, Notice, StartedFromWeights
from core.training.plan import Plan, PlanSegment
from core.training.snapshots import Snapshots
from core.training.stopping import BestEpoch, restores_best


@dataclass(frozen=True, eq=False)
class TrainedEpoch:
    """What training has led to after an epoch, before any edit that is made there.

    Attributes:
        epoch: epochs done.
        best: the best epoch so far.
        best_network: the network after it.
    """

    epoch: int
    network: EditedNetwork
    best: BestEpoch
    best_network: EditedNetwork


@dataclass(frozen=True, eq=False)
class Progress:
    """A run between two epochs: an immutable value.

    Attributes:
        plan: what the run is to do.
        trained: what training has led to.
        network: the same with the edits made after that epoch. What people see is the `outcome`.
        snapshots: weights after some of the epochs.
        full_states: what training has led to after fewer of them, with the optimizer's variables, before any edit that
            is made there.
        epoch_seconds: that the last epoch took; 0 before the first.
        generation: rises when the history starts again.
        replay_from: where the plain graph took over, to be replayed by compiled programs from there; None where all of
            the history is compiled.
        ending: why the run has ended before its epochs were done, or None.
        notices: what a person is told.
    """

    plan: Plan
    trained: TrainedEpoch
    network: EditedNetwork
    snapshots: Snapshots[State]
    full_states: Snapshots[EditedNetwork]
    epoch_seconds: float = 0.0
    generation: int = 0
    replay_from: TrainedEpoch | None = None
    ending: Ending | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return self.trained.epoch

    @cached_property  # asked for a dozen times an epoch
    def segment(self) -> PlanSegment:
        """What is in force."""
        return self.plan.at(self.epoch)

    @property
    def is_preview(self) -> bool:
        """Whether the end of the history comes from the plain graph, and is still to be replayed."""
        return self.replay_from is not None

    @property
    def preview_programs(self) -> list[FittedProgram]:
        """The programs that a replay needs; none where there is no preview."""
        return [] if self.replay_from is None else self.plan.programs_since(self.replay_from.epoch)

    @property
    def has_failed(self) -> bool:
        """Whether the loss became NaN or infinite."""
        return isinstance(self.ending, LossNotFinite)

    @cached_property
    def is_best_restored(self) -> bool:
        """Whether the run is over and people see it as it was after its best epoch.

        Like Keras's EarlyStopping with `restore_best_weights`, which restores them at the end of `fit`, stopped early
        or not. A run that gets more epochs goes on from its last one, as if it had had them from the beginning.
        """
        training = self.segment.experiment.training
        is_over = (self.ending is not None and not self.has_failed) or self.epoch >= training.epochs
        return is_over and restores_best(training) and self.trained.best.epoch < self.epoch

    @cached_property  # steps of training among the edits take long
    def outcome(self) -> EditedNetwork:
        """The network as people see it."""
        if not self.is_best_restored:
            return self.network
        best = self.trained.best_network
        return best.with_edits(self._pending(best), self.segment.program, self.plan.make_step)

    @property
    def outcome_epoch(self) -> int:
        """The epoch that the `outcome` comes from."""
        return self.trained.best.epoch if self.is_best_restored else self.epoch

    @property
    def outcome_edits(self) -> Timeline:
        """The edits that a person has made to the `outcome`."""
        return without_begin(self.plan.edits[: self.outcome.applied.count])

    def weights(self) -> Weights:
        """Return the weights of the `outcome`."""
        named = self.segment.program.named_weights(self.outcome.state)
        return Weights(self.segment.experiment, self.generation, self.epoch, named, self.outcome_edits)

    def weights_near(self, epoch: int) -> Weights:
        """Return the weights after the kept epoch nearest to the given one."""
        kept, weights = self.snapshots.nearest(epoch)
        named = self.plan.at(kept).program.named_weights(weights)
        return Weights(self.segment.experiment, self.generation, kept, named, self.outcome_edits)

    @property
    def has_pending_edits(self) -> bool:
        """Whether the plan has edits up to here that are not made yet, as in a replay those of the preview."""
        return bool(self._pending(self.network))

    def with_edits_made(self) -> Progress:
        """Return the run with all edits made that the plan has up to this epoch."""
        pending, program = self._pending(self.network), self.segment.program
        network = self.network.with_edits(pending, program, self.plan.make_step)
        has_begun = any(isinstance(edit, Begin) for _, edit in pending)
        return replace(
            self,
            network=network,
            snapshots=self.snapshots.with_epoch(self.epoch, program.weights(network.state)),
            notices=(StartedFromWeights(),) if has_begun else self.notices,
        )

    def _pending(self, network: EditedNetwork) -> Timeline:
        return self.plan.edits_between(network.applied.count, self.epoch)
