"""A run's way through its epochs: what a person changes, and once more where the compiler is late.

A run of a new structure starts on the plain graph while the compiler works: this is the preview. When the compiled
programs are ready, they replay the run from where the plain graph took over, so that the history that is kept always
comes from compiled programs, however long the compiler took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from core.datasets import Split
from core.engine.fitted_program import FittedProgram
from core.engine.program import State, evaluate, metric_scale
from core.engine.programs import Programs
from core.experiment import Experiment
from core.messages.edits import Edit, Timeline
from core.training.applied_edits import EditedNetwork
from core.training.epoch_trainer import EpochRecord, EpochTrainer
from core.training.notices import BestRestored, Ending, LossNotFinite, Notice, SettingsChanged
from core.training.plan import Plan
from core.training.preview import AwaitedPrograms, is_soon_over
from core.training.progress import Progress, TrainedEpoch
from core.training.snapshots import BUDGET, FULL_BUDGET, FULL_MOST, Snapshots
from core.training.stopping import BestEpoch, StoppingRule

_LOOK_SECONDS = 0.02  # between two looks at the compiler


class RunState:
    """A run that goes on from epoch to epoch.

    One thread at a time, the training thread, calls the methods and reads all of it. Other threads may read `progress`
    and nothing else: it is replaced as a whole, so they read it once and use the value they got.

    Args:
        programs: where compiled programs are kept.

    Attributes:
        progress: how far the run has come.
        history: one record for every epoch done.
        epochs: what trains them.
    """

    def __init__(self, experiment: Experiment, split: Split, programs: Programs) -> None:
        training = experiment.training
        self.epochs = EpochTrainer(split, training, programs)
        self.history: list[EpochRecord] = []
        self._split = split
        self._awaited = AwaitedPrograms(self.epochs.rows)
        plan = Plan.of(programs, split, experiment)
        program = plan.at(0).program
        network = EditedNetwork(program.first_state(experiment.network, training.seed))
        snapshots = Snapshots[State].within(BUDGET, program.weight_bytes)
        self.progress = Progress(
            plan,
            trained=TrainedEpoch(0, network, BestEpoch(), network),
            network=network,
            snapshots=snapshots.with_epoch(0, program.weights(network.state)),
            full_states=Snapshots[EditedNetwork]
            .within(FULL_BUDGET, program.state_bytes, FULL_MOST)
            .with_epoch(0, network),
        )

    @property
    def can_be_replayed(self) -> bool:
        """Whether there is a preview, and all programs that it took are compiled."""
        return self.progress.is_preview and all(program.ready for program in self.progress.preview_programs)

    @property
    def ms_per_epoch(self) -> float | None:
        """The mean time of the epochs in the history, in milliseconds; None before the first."""
        seconds = [record.seconds for record in self.history]
        return 1000 * sum(seconds) / len(seconds) if seconds else None

    def change(self, experiment: Experiment) -> None:
        """Go on with another experiment from here."""
        before = self.progress
        after = replace(before, plan=before.plan.with_experiment(before.epoch, experiment))
        notices: list[Notice] = []
        if before.epoch:
            changed = SettingsChanged.between(before.segment.experiment, experiment, before.epoch)
            notices += [changed] if changed else []
            notices += [BestRestored(after.trained.best.epoch)] if _ended_at_its_best(after) else []
        earlier = () if _ended_at_its_best(before) else before.notices
        self.progress = replace(after, notices=tuple(notices) or earlier)
        self.start_preview_if_needed()

    def edit(self, edit: Edit) -> None:
        """Make an edit here, which may replace or undo edits made since the last epoch."""
        before = self.progress
        plan, made = before.plan.with_edit(before.epoch, edit), before.plan.edits
        network = before.network if plan.edits[: len(made)] == made else before.trained.network
        self.progress = replace(before, plan=plan, network=network).with_edits_made()
        self.start_preview_if_needed()

    def train_again(
        self,
        experiments: tuple[tuple[int, Experiment], ...],
        edits: Timeline,
        epochs: int,
        generation: int,
        is_wanted: Callable[[], bool],
    ) -> None:
        """Take the plan of a run that was trained elsewhere, and train so many epochs as long as it is wanted.

        Compiled programs do that from the first epoch on, so that nobody is shown the plain graph's weights.
        """
        plan = self.progress.plan.with_all(experiments, edits)
        self.progress = replace(self.progress, plan=plan, generation=generation)
        if epochs and not self._wait_for_compiler(is_wanted):
            return
        while self.progress.epoch < epochs and not self.progress.ending and is_wanted():
            self.train_epoch()
        self._make_pending_edits()

    def _wait_for_compiler(self, is_wanted: Callable[[], bool]) -> bool:
        """Have all programs of the plan compiled; return False where the run is not wanted any more meanwhile."""
        programs = self.progress.plan.programs_since(0)
        self._awaited.add(programs, self.progress.network.state)
        try:
            while not all(program.ready for program in programs):
                if not is_wanted():
                    return False
                time.sleep(_LOOK_SECONDS)
            return True
        finally:
            self._awaited.clear()

    def train_epoch(self) -> None:
        """Train one epoch, or the next piece of one that is long."""
        self._make_pending_edits()
        before = self.progress
        trained = self.epochs.train(before.segment, before.network.state, before.epoch)
        if trained is None:
            return
        state, record = trained
        self.history.append(record)
        self.progress = self._after(before, state, record)

    def replay(self) -> Iterator[None]:
        """Train the epochs of the preview again, compiled: one, or a piece of one, each time it is advanced."""
        seen = self.progress
        start = seen.replay_from
        assert start is not None
        self.stop_waiting()
        del self.history[start.epoch :]
        self.progress = Progress(
            seen.plan,
            trained=start,
            network=start.network,
            snapshots=seen.snapshots.up_to(start.epoch),
            full_states=seen.full_states.up_to(start.epoch),
            generation=seen.generation + 1,
            notices=() if seen.ending or seen.is_best_restored else seen.notices,
        )
        while self.progress.epoch < seen.epoch and not self.progress.ending:
            self.train_epoch()
            yield
        self._make_pending_edits()

    # The preview

    def start_preview_if_needed(self) -> None:
        """Go on from here on the plain graph where the program in force is not compiled yet."""
        self._preview_unless_ready(self.progress.segment.program)

    def compile_preview(self) -> None:
        """Have the compiler work on what the preview took."""
        self._awaited.add(self.progress.preview_programs, self.progress.network.state)

    def stop_waiting(self) -> None:
        """Wait for the compiler no more."""
        self._awaited.clear()

    def is_preview_soon_over(self, left: int) -> bool:
        """Return whether the plain graph will have trained so many epochs more before a compiler would be ready.

        True where there is no preview.
        """
        start = self.progress.replay_from
        return start is None or is_soon_over([record.seconds for record in self.history[start.epoch :]], left)

    def _preview_unless_ready(self, program: FittedProgram) -> None:
        if not program.ready and not self.progress.is_preview:
            self.progress = replace(self.progress, replay_from=self.progress.trained)
            if program.was_compiled:
                self.compile_preview()  # it is read from disk before the plain graph has done a few epochs

    def test_figures(self) -> tuple[float, ...]:
        """Return the figures of the test rows, in the units of the target."""
        program = self.progress.segment.program
        values = program.values(program.weights(self.progress.outcome.state))
        figures = evaluate(self.progress.segment.experiment, self._split, values)
        return tuple(float(figure * unit) for figure, unit in zip(figures, metric_scale(self._split), strict=False))

    # One epoch on

    def _make_pending_edits(self) -> None:
        if self.progress.has_pending_edits:
            self.progress = self.progress.with_edits_made()

    def _after(self, before: Progress, state: State, record: EpochRecord) -> Progress:
        """Return the progress after one more epoch."""
        epoch, program, last = before.epoch + 1, before.segment.program, before.trained
        network = EditedNetwork(state, before.network.applied)
        best, ending = self._judge(before, epoch, record.figures)
        best_network = network if best.epoch == epoch else last.best_network
        after = Progress(
            before.plan,
            trained=TrainedEpoch(epoch, network, best, best_network),
            network=network,
            snapshots=before.snapshots.with_epoch(epoch, program.weights(state)),
            full_states=before.full_states.with_epoch(epoch, network),
            epoch_seconds=record.seconds,
            generation=before.generation,
            replay_from=before.replay_from,
            ending=ending,
            notices=before.notices,
        )
        notices: tuple[Notice, ...] = (ending,) if ending else ()
        if after.is_best_restored and not after.has_failed:
            notices += (BestRestored(best.epoch),)
        return replace(after, notices=notices) if notices else after

    def _judge(self, before: Progress, epoch: int, figures: np.ndarray) -> tuple[BestEpoch, Ending | None]:
        """Return the best epoch after one more, and why the run ends with it, if it does."""
        if not np.isfinite(figures[0]):
            rate = before.segment.experiment.training.learning_rate
            largest = float(np.abs(self._split.x_train).max())
            return before.trained.best, LossNotFinite(epoch, float(figures[0]), rate, largest)
        experiment = before.segment.experiment
        rule = StoppingRule(experiment.training, experiment.data.task)
        best = rule.best_after(before.trained.best, epoch, figures)
        return best, rule.reason_to_stop(best, epoch, figures)


def _ended_at_its_best(progress: Progress) -> bool:
    """Return whether a run has done its epochs and is back at its best one, so that more epochs would undo that."""
    return progress.is_best_restored and progress.ending is None
