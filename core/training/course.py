"""The course of a run: epoch after epoch, with what a person changes, and once more where the compiler is late.

A run of a structure that is new here starts on the plain graph while the compiler works. When the compiled
program is ready it replays the run from where the plain graph began, so that the history that is kept is always
the compiled program's, whatever the compiler took.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.datasets import Split
from core.engine.epoch_inputs import EpochInputs
from core.engine.program import Program, State, metric_scale
from core.engine.programs import Programs
from core.engine.structure import RowTensors
from core.engine.turns import Turn
from core.experiment import Experiment
from core.messages.edits import Begin, Edit, Timeline, without_begin
from core.training.by_hand import ByHand
from core.training.plan import Plan, Stretch
from core.training.preview import Checkpoint, Moment, Preview
from core.training.run_texts import BEGUN, came_back, changes, failure
from core.training.snapshots import Snapshots
from core.training.stopping import StoppingRule


@dataclass(frozen=True)
class Present:
    """The network as it is behind an epoch: a value that any thread may read while the training thread goes on."""

    epoch: int
    generation: int
    stretch: Stretch
    weights: State
    edits: Timeline  # done by hand until then, without how it began


# Runs of the same rows share their tensors: those of MNIST take 220 MB.
_rows_of = functools.lru_cache(maxsize=2)(RowTensors.of)


class Course:
    """A network's way through its epochs; one thread at a time has it go on.

    Args:
        programs: where compiled programs are kept.

    Attributes:
        rows: the rows of the split, as programs take them.
        turn: held while an epoch is trained.
        plan: what is to be done.
        epoch: epochs done.
        generation: rises when the history starts anew.
        state: the network's, and the optimizer's, behind that epoch; what people see is the `outcome`.
        history: figures of every epoch, in the units of the target.
        seconds: that every epoch took.
        snapshots: weights behind some of the epochs.
        preview: what of all this is the plain graph's.
        best: behind the epoch with the smallest held-out loss until now, before anything was done by hand there.
        present: where it stands, for other threads.
        over: whether the run has ended itself: failed, stopped early, reached its target.
        failed: whether its loss has become no number.
        message: for the person.
    """

    def __init__(self, experiment: Experiment, split: Split, programs: Programs) -> None:
        training = experiment.training
        self._split = split
        self._seed = training.seed
        self._units = metric_scale(split)
        self.rows = _rows_of(split, training.class_weight)
        self._epoch_inputs = EpochInputs(self._seed, len(split.x_train))
        self.turn = Turn(programs.turns)
        self.plan = Plan(programs, split, experiment)
        self.epoch = self.generation = 0
        self.state: State = self.program.first_state(experiment.network, self._seed)
        self._by_hand = ByHand()
        self._untouched = self._moment  # behind the epoch, before anything was done by hand there
        self.history: list[np.ndarray] = []
        self.seconds: list[float] = []
        self._rule = StoppingRule(training, experiment.data.task)
        self.best = self._moment
        self.snapshots = Snapshots[State](self.program.weight_bytes)
        self.preview = Preview(self.plan, self.rows)
        self.over = self.failed = False
        self.message = ""
        self._keep()

    @property
    def now(self) -> Stretch:
        """What is in force."""
        return self.plan.at(self.epoch)

    @property
    def program(self) -> Program:
        """The program in force."""
        return self.now.program

    @property
    def _moment(self) -> Moment:
        return Moment(self.state, self._by_hand)

    @property
    def outcome(self) -> Moment:
        """The network as people see it: where the run is over and that was asked for, as it was behind its best epoch.

        As with Keras's EarlyStopping and `restore_best_weights`, which restores them at the end of `fit`, stopped
        early or not. A run that gets more epochs goes on from its last, as if it had had them from the beginning.
        """
        return self._done_to(self.best) if self._is_best_back else self._moment

    @property
    def outcome_epoch(self) -> int:
        """The epoch that the `outcome` is of."""
        return self._rule.best_epoch if self._is_best_back else self.epoch

    @property
    def _is_best_back(self) -> bool:
        is_over = (self.over and not self.failed) or self.epoch >= self.now.experiment.training.epochs
        return is_over and self._rule.restores and self._rule.best_epoch < self.epoch

    def train_again(
        self,
        experiments: tuple[tuple[int, Experiment], ...],
        edits: Timeline,
        epochs: int,
        is_wanted: Callable[[], bool],
    ) -> None:
        """Take in the plan of a run that was trained elsewhere, and train so many epochs while it is wanted."""
        self.plan.take(experiments, edits)
        for stretch in self.plan.since(0):
            self._await(stretch.program)
        self.preview.have_compiled(self.state)
        while self.epoch < epochs and not self.over and is_wanted():
            if self.preview.can_be_replayed:
                for _ in self.replay():
                    if not is_wanted():
                        return
            else:
                self.train_epoch()
        self._carry_out()

    def change(self, experiment: Experiment) -> None:
        """Go on with another experiment from here."""
        before = self.now.experiment
        if self._is_best_back and not self.over:
            self.message = ""
        self.plan.change(self.epoch, experiment)
        self._show_present()
        self.await_program()
        if self.epoch:
            words = changes(before, experiment, self.epoch)
            back = came_back(self._rule.best_epoch) if self._is_best_back and not self.over else ""
            self.message = f"{words} {back}".strip() or self.message

    def edit(self, edit: Edit) -> None:
        """Have something done by hand here, which may replace or take back what was done behind this epoch before."""
        self.plan.edit(self.epoch, edit)
        self.state, self._by_hand = self._untouched.state, self._untouched.by_hand
        self._carry_out()
        self._keep()
        self.await_program()

    def await_program(self) -> None:
        """Go on from here with the plain graph where the program in force is not compiled yet, until it is."""
        self._await(self.program)

    def train_epoch(self) -> None:
        """Train one epoch."""
        self._carry_out()
        now, epoch = self.now, self.epoch
        self.turn.take()
        started = time.perf_counter()
        order = self._epoch_inputs.order(epoch)
        rates = self._epoch_inputs.rates(now.experiment.training, now.program.structure.steps, epoch)
        run = now.program.epoch if now.program.ready else now.program.uncompiled_epoch
        state, figures = run(self.state, self.rows, order, rates, now.live)
        self.seconds.append(time.perf_counter() - started)
        self.turn.share()
        self.state = state
        self.history.append(figures * self._units)
        self.epoch += 1
        self.snapshots.add(self.epoch, now.program.weights(state))
        self._look_whether_over()
        self._untouched = self._moment
        self._show_present()

    def _keep(self) -> None:
        """Keep the present weights, and show them to other threads."""
        self.snapshots.add(self.epoch, self.program.weights(self.state))
        self._show_present()

    def _show_present(self) -> None:
        now, outcome = self.now, self.outcome
        weights = now.program.weights(outcome.state)
        done = self.plan.edits[: outcome.by_hand.done]
        self.present = Present(self.epoch, self.generation, now, weights, without_begin(done))

    def _look_whether_over(self) -> None:
        figures = self.history[-1]
        if not np.isfinite(figures[0]):
            stretch = self.plan.at(self.epoch - 1)
            rate, largest = stretch.experiment.training.learning_rate, float(np.abs(self._split.x_train).max())
            self.over = self.failed = True
            self.message = failure(float(figures[0]), self.epoch, rate, largest)
            return
        reason = self._rule.look(self.epoch, figures)
        if self._rule.best_epoch == self.epoch:
            self.best = self._moment
        if reason:
            self.over, self.message = True, reason
        if self._is_best_back:
            self.message = f"{reason} {came_back(self._rule.best_epoch)}".lstrip()

    def replay(self) -> Iterator[None]:
        """Run the epochs of the preview again, compiled, one a step; from here on the run is the compiled program's."""
        seen = self.epoch
        if self.over or self._is_best_back:
            self.over, self.failed, self.message = False, False, ""
        begun = self.preview.end()
        self.epoch, self.best = begun.epoch, begun.best
        self._untouched = begun.moment
        self.state, self._by_hand = begun.moment.state, begun.moment.by_hand
        self.generation += 1
        self._rewind()
        self._show_present()
        while self.epoch < seen and not self.over:
            self.train_epoch()
            yield
        self._carry_out()

    def _carry_out(self) -> None:
        """Do by hand what is due and not in the state yet: in a replay what was done at this epoch before."""
        due = self._due(self._by_hand)
        if not due:
            return
        after = self._done_to(self._moment)
        self.state, self._by_hand = after.state, after.by_hand
        if any(isinstance(edit, Begin) for _, edit in due):
            self.message = BEGUN
        self._keep()

    def _due(self, by_hand: ByHand) -> Timeline:
        return tuple(edit for edit in self.plan.edits[by_hand.done :] if edit[0] <= self.epoch)

    def _done_to(self, moment: Moment) -> Moment:
        """Return a moment with all done to it by hand that is due."""
        due = self._due(moment.by_hand)
        if not due:
            return moment
        program, by_hand = self.program, moment.by_hand
        weights = {name: weight.copy() for name, weight in program.named_weights(moment.state).items()}
        for epoch, edit in due:
            by_hand = by_hand.obey(epoch, edit, weights)
        return Moment(program.with_weights(moment.state, weights), by_hand)

    def _await(self, program: Program) -> None:
        self.preview.await_program(program, Checkpoint(self.epoch, self._untouched, self.best))

    def _rewind(self) -> None:
        """Forget what came behind the present epoch."""
        del self.history[self.epoch :], self.seconds[self.epoch :]
        self.snapshots.forget_after(self.epoch)
        first = self.plan.at(0).experiment
        self._rule = StoppingRule(first.training, first.data.task)
        for epoch, figures in enumerate(self.history):
            self._rule.look(epoch + 1, figures)
