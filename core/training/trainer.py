"""One training run, from its first weights to its last epoch; lives in a worker process or the command line's own.

A run of a structure that is new here starts on the plain graph while the compiler works. When the compiled
program is ready it replays the run from where the plain graph began, so that the history that is kept is always
the compiled program's, whatever the compiler took.
"""

from __future__ import annotations

import functools
import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.experiment import Experiment, can_become
from core.experiment.schedule import step_rates
from core.training.by_hand import ByHand
from core.training.commands import Command
from core.training.drawing import Drawing
from core.training.edits import Edit
from core.training.memory import check_memory
from core.training.past import Past
from core.training.plan import Plan, Stretch
from core.training.preview import Checkpoint, Moment, Preview
from core.training.program import Program, Rows, State, evaluate, row_order, units_of
from core.training.programs import Programs
from core.training.record import Record
from core.training.snapshots import Snapshots
from core.training.stopping import StoppingRule
from core.training.turns import Turn
from core.training.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update
from core.training.views import Arrays
from core.training.weights import Weights
from core.training.words import changes, failure

_FRAME_SECONDS = 0.045  # between two updates of a run alone: 22 a second, more than a browser paints here
_PREVIEW_FRAME_SECONDS = 0.1  # … while the plain graph trains, which needs the processor more
_IDLE_SECONDS = 0.02  # between two looks at the compiler


@dataclass(frozen=True)
class Present:
    """The network as it is behind an epoch: a value that any thread may read while the training thread goes on."""

    epoch: int
    generation: int
    stretch: Stretch
    weights: State
    edits: int  # done by hand until then


# Runs of the same rows share their tensors: those of MNIST take 220 MB.
_rows_of = functools.lru_cache(maxsize=2)(Rows.of)


class Trainer:
    """Trains one experiment and publishes updates.

    Commands may be sent and `weights` read from any thread; everything else belongs to the one thread that is inside
    `attend`.

    Args:
        publish: called with every update, on the thread inside `attend`.
        programs: where compiled programs are kept.
        axes: the plane that is drawn, or None for no plane.
        rest: seconds from the last epoch on the plain graph until the compiler begins; a run that is abandoned before
            is never compiled.

    Raises:
        DataError: where the data cannot be parted as asked.
        TooLargeError: where the network would not fit into memory.
    """

    def __init__(
        self,
        experiment: Experiment,
        publish: Callable[[Update], None],
        programs: Programs,
        axes: Axes | None = None,
        rest: float = 0.0,
    ) -> None:
        self._rest = rest
        self._publish_update = publish
        self._programs = programs
        self._split = split = prepare(experiment.data)
        training = experiment.training
        check_memory(experiment.network, split.inputs, split.classes, max(training.batch_size, len(split.x_val)))
        self._rows = _rows_of(split, training.class_weight)
        self._units = units_of(split)
        self._seed = training.seed
        self._axes = axes
        self._levels = len(experiment.network.layers) + 2
        self._drawing = Drawing(split, axes, self._rows.x_val, self._levels)

        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._inside = threading.Lock()
        self._turn = Turn(programs.turns)

        self._status = PAUSED
        self._until = 0
        self._pace = 0.0  # epochs a second, 0 for as many as there can be
        self._generation = 0
        self._message = ""
        self._over = False  # whether the run has ended itself: failed, stopped early, reached its target
        self._abandoned = False
        self._test: tuple[float, ...] | None = None

        self._epoch = 0
        self._plan = Plan(programs, split, experiment)
        self._state: State = self._program.first_state(experiment.network, self._seed)
        self._by_hand = ByHand()
        self._history: list[np.ndarray] = []
        self._seconds: list[float] = []  # of every epoch
        self._rule = StoppingRule(training, experiment.data.task)
        self._best = self._moment
        self._snapshots = Snapshots[State](self._program.weight_bytes)
        self._preview = Preview(self._plan, self._rows)
        self._keep()

        self._published_rows = 0
        self._published_status = PAUSED
        self._published_at = self._paced_at = -math.inf

    @classmethod
    def again(cls, record: Record, publish: Callable[[Update], None], programs: Programs) -> Trainer:
        """Return the trainer of a run that was trained elsewhere, trained again to where it was."""
        trainer = cls(record.plan[0][1], publish, programs, record.axes)
        trainer._plan.take(record.plan, record.edits)
        trainer._pace = record.pace
        trainer._await_all()
        while trainer._epoch < record.epoch and not trainer._over:
            if trainer._preview.can_be_replayed:
                trainer._replay()
            else:
                trainer._train_epoch()
        trainer._carry_out()
        trainer._turn.give()
        trainer._status, trainer._until = record.status, record.epoch
        return trainer

    @property
    def split(self) -> Split:
        return self._split

    @property
    def parameters(self) -> int:
        """The network's parameter count, as Keras counts it."""
        return self._program.parameters

    @property
    def ms_per_epoch(self) -> float:
        """The mean time of the epochs in the history that is kept, in milliseconds."""
        return 1000 * sum(self._seconds) / max(1, len(self._seconds))

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept; 0 is before the first."""
        return self._snapshots.epochs

    def arrays_at(self, epoch: int) -> Arrays:
        """Return everything that is drawn of the network as it was behind one of the kept epochs."""
        return self._drawing.past(self._program, self._snapshots.get(epoch))

    def look_back(self, epoch: int, inside: bool) -> Past:
        """Return what is drawn of the network as it was behind the kept epoch nearest to one; from any thread.

        Args:
            inside: whether its `weights` and `spaces` are wanted too.
        """
        kept, weights = self._snapshots.nearest(epoch)
        then, present = self._plan.at(kept), self._present
        arrays = self._drawing.past(then.program, weights)
        if inside:
            latest = present.stretch.program.named_weights(present.weights), present.stretch.silenced
            past = then.program.named_weights(weights), then.silenced
            arrays |= self._drawing.inside_past(then.experiment, past, latest)
        return Past(kept, present.generation, arrays)

    def weights(self) -> Weights:
        """Return the network's weights as they are now: those of the best epoch where the run has gone back to it."""
        present = self._present
        named = present.stretch.program.named_weights(present.weights)
        return Weights(present.stretch.experiment, present.generation, present.epoch, named, present.edits)

    def weights_near(self, epoch: int) -> Weights:
        """Return the network's weights as they were behind the kept epoch nearest to one; from any thread."""
        kept, weights = self._snapshots.nearest(epoch)
        present, named = self._present, self._plan.at(kept).program.named_weights(weights)
        return Weights(present.stretch.experiment, present.generation, kept, named, present.edits)

    def record(self) -> Record:
        """Return what it takes to train this run again to where it is."""
        plan = self._plan
        return Record(plan.experiments, self._epoch, self._status, self._pace, self._axes, plan.edits)

    def send(self, command: Command) -> None:
        """Leave a command; it is obeyed at the next epoch, or by the next `attend`."""
        self._commands.put(command)

    def attend(self) -> None:
        """Obey commands and train until there is nothing left to do; return at once if another thread is at it."""
        while not self._commands.empty():
            if not self._inside.acquire(blocking=False):
                return  # the thread inside looks again after it has let go
            try:
                self._work()
            finally:
                self._preview.stop_waiting()
                self._turn.give()
                self._inside.release()

    def abandon(self) -> None:
        """Say that nobody wants this run any more: it stops, and what it waits for need not be compiled."""
        self._abandoned = True
        self.send(Command("stop"))

    def _work(self) -> None:
        self._await(self._now.program)
        self._obey_all()
        rested = 0.0
        while (self._going or self._preview) and not self._abandoned:
            if self._preview.can_be_replayed:
                self._replay()
            elif self._going:
                rested = 0.0
                if self._train_epoch():
                    self._publish(final=False)
                    if self._preview and (self._pace or not self._preview.is_soon_through(self._seconds, self._left)):
                        self._preview.have_compiled(self._state)
                    self._keep_pace()
            else:
                # That a run has failed is for the replay to say.
                told = self._status == self._published_status and self._published_rows == len(self._history)
                if not told and self._status != FAILED:
                    self._publish(final=True)
                self._turn.give()
                time.sleep(_IDLE_SECONDS)
                rested += _IDLE_SECONDS
                if rested >= self._rest:
                    self._preview.have_compiled(self._state)
            self._obey_all()
        self._settle()

    @property
    def _now(self) -> Stretch:
        return self._plan.at(self._epoch)

    @property
    def _program(self) -> Program:
        return self._now.program

    @property
    def _epochs(self) -> int:
        return self._now.experiment.training.epochs

    @property
    def _left(self) -> int:
        return self._until - self._epoch

    @property
    def _moment(self) -> Moment:
        return Moment(self._state, self._by_hand)

    @property
    def _going(self) -> bool:
        return self._status == RUNNING and self._epoch < self._until and not self._over

    def _settle(self) -> None:
        """Publish how it stands now that there is nothing left to do."""
        if self._status in (RUNNING, PAUSED):
            self._status = FINISHED if self._over or self._epoch >= self._epochs else PAUSED
        if self._split.three_parts and self._status in (FINISHED, STOPPED) and self._epoch:
            values = self._program.values(self._program.weights(self._state))
            figures = evaluate(self._now.experiment, self._split, values)
            self._test = tuple(float(figure * unit) for figure, unit in zip(figures, self._units, strict=False))
        self._publish(final=True)

    # Commands

    def _obey_all(self) -> None:
        while not self._commands.empty():
            self._obey(self._commands.get())

    def _obey(self, command: Command) -> None:
        if command.name == "train":
            self._run_until(self._epochs)
        elif command.name == "step":
            self._run_until(min(self._epoch + 1, self._epochs))
        elif command.name == "pause":
            self._halt(PAUSED)
        elif command.name == "stop":
            self._halt(STOPPED)
        elif command.name == "change":
            self._change(command.value)
        elif command.name == "edit":
            self._edit(command.value)
        elif command.name == "axes":
            self._axes = command.value
            is_inside = self._drawing.is_inside
            self._drawing = Drawing(self._split, command.value, self._rows.x_val, self._levels)
            self._drawing.is_inside = is_inside
        elif command.name == "pace":
            self._pace = float(command.value)
        elif command.name == "inside":
            self._drawing.is_inside = bool(command.value)
            self._published_at = -math.inf  # the next epoch answers

    def _run_until(self, epoch: int) -> None:
        if self._status not in (FAILED, STOPPED) and not self._over:
            self._until = epoch
            if self._epoch < epoch and self._status != RUNNING:
                self._status = RUNNING
                self._test = None
                self._paced_at = time.perf_counter()

    def _halt(self, status: str) -> None:
        if self._status in (RUNNING, PAUSED):
            self._status = status

    def _change(self, experiment: Experiment) -> None:
        """Go on with another experiment from here."""
        before = self._now.experiment
        if not can_become(before, experiment):
            raise ValueError(f"A run cannot change from {before} to {experiment} as it trains.")
        whole = self._until == self._epochs
        self._plan.change(self._epoch, experiment)
        self._show_present()
        self._await(self._now.program)
        if self._epoch:
            self._message = changes(before, experiment, self._epoch) or self._message
        if whole or self._until > self._epochs:
            self._until = self._epochs
        if self._status in (PAUSED, FINISHED) and not self._over:
            self._status = FINISHED if self._epoch >= self._epochs else PAUSED
        self._published_at = -math.inf  # the next epoch answers

    def _edit(self, edit: Edit) -> None:
        """Have something done by hand here."""
        self._plan.edit(self._epoch, edit)
        self._carry_out()
        self._await(self._now.program)
        self._published_at = -math.inf  # the next epoch answers

    def _carry_out(self) -> None:
        """Do by hand what is due and not in the state yet: in a replay what was done at this epoch before."""
        due = [edit for edit in self._plan.edits[self._by_hand.done :] if edit[0] <= self._epoch]
        if not due:
            return
        program = self._program
        weights = {name: weight.copy() for name, weight in program.named_weights(self._state).items()}
        for edit in due:
            self._by_hand = self._by_hand.obey(*edit, weights)
        self._state = program.with_weights(self._state, weights)
        self._keep()

    # Programs

    def _await(self, program: Program) -> None:
        self._preview.await_program(program, Checkpoint(self._epoch, self._moment, self._best))

    def _await_all(self) -> None:
        """Have everything compiled that the plan takes."""
        for stretch in self._plan.since(0):
            self._await(stretch.program)
        self._preview.have_compiled(self._state)

    def _replay(self) -> None:
        """Run the epochs of the preview again, compiled; from here on the run is the compiled program's."""
        seen = self._epoch
        begun = self._preview.end()
        self._epoch, self._best = begun.epoch, begun.best
        self._state, self._by_hand = begun.moment.state, begun.moment.by_hand
        self._generation += 1
        self._published_rows = 0
        if self._over:
            self._over, self._message = False, ""
            if self._status == FAILED:
                self._status = RUNNING
        self._rewind()
        self._show_present()
        while self._epoch < seen and not self._over:
            self._train_epoch()
        self._carry_out()

    def _rewind(self) -> None:
        """Forget what came behind the present epoch."""
        del self._history[self._epoch :], self._seconds[self._epoch :]
        self._snapshots.forget_after(self._epoch)
        first = self._plan.at(0).experiment
        self._rule = StoppingRule(first.training, first.data.task)
        for epoch, figures in enumerate(self._history):
            self._rule.look(epoch + 1, figures)

    # Training

    def _train_epoch(self) -> bool:
        """Train one epoch; returns whether it counts."""
        self._carry_out()
        now, epoch = self._now, self._epoch
        self._turn.take()
        started = time.perf_counter()
        order = row_order(self._seed, epoch, len(self._split.x_train))
        rates = step_rates(now.experiment.training, epoch, now.program.structure.steps)
        plain = not now.program.ready
        run = now.program.plain_epoch if plain else now.program.epoch
        state, figures = run(self._state, self._rows, order, rates, now.live)
        if plain and now.program.ready:
            return False  # the compiler's trial run may have mixed with this epoch; the replay repeats it
        self._seconds.append(time.perf_counter() - started)
        self._turn.share()
        self._state = state
        self._history.append(figures * self._units)
        self._epoch += 1
        self._snapshots.add(self._epoch, now.program.weights(state))
        self._look_whether_over()
        self._show_present()
        return True

    def _keep(self) -> None:
        """Keep the present weights, and show them to other threads."""
        self._snapshots.add(self._epoch, self._program.weights(self._state))
        self._show_present()

    def _show_present(self) -> None:
        now = self._now
        weights = now.program.weights(self._state)
        self._present = Present(self._epoch, self._generation, now, weights, self._by_hand.done)

    def _look_whether_over(self) -> None:
        figures = self._history[-1]
        if not np.isfinite(figures[0]):
            stretch = self._plan.at(self._epoch - 1)
            rate, largest = stretch.experiment.training.learning_rate, float(np.abs(self._split.x_train).max())
            self._over, self._status = True, FAILED
            self._message = failure(float(figures[0]), self._epoch, rate, largest)
            return
        reason = self._rule.look(self._epoch, figures)
        if self._rule.best_epoch == self._epoch:
            self._best = self._moment
        if reason:
            self._over, self._message = True, reason
            if self._rule.restores and self._rule.best_epoch < self._epoch:
                self._state, self._by_hand = self._best.state, self._best.by_hand
                self._carry_out()

    def _keep_pace(self) -> None:
        if self._pace and self._epoch < self._until:
            self._turn.give()
            due = self._paced_at + 1 / self._pace
            while (left := due - time.perf_counter()) > 0 and self._commands.empty():
                time.sleep(min(left, _IDLE_SECONDS))
        self._paced_at = time.perf_counter()

    # Reporting

    def _publish(self, final: bool) -> None:
        now = time.perf_counter()
        # Where many train, drawing for all of them as often would take the time of training.
        pause = (_PREVIEW_FRAME_SECONDS if self._preview else _FRAME_SECONDS) * (1 + self._turn.others)
        if not final and now - self._published_at < pause and self._epoch > 1:
            return
        self._turn.give()
        training = self._now.experiment.training
        update = Update(
            # That a run has failed is for the compiled program to say.
            status=RUNNING if self._preview and self._status == FAILED else self._status,
            generation=self._generation,
            epoch=self._epoch,
            epochs=self._epochs,
            first_row=self._published_rows,
            rows=np.array(self._history[self._published_rows :], np.float32).reshape(-1, len(self._units)),
            learning_rate=float(step_rates(training, max(self._epoch - 1, 0), 1)[0]),
            ms_per_epoch=self.ms_per_epoch if self._seconds else None,
            message=self._message,
            test=self._test,
            arrays=self._drawing.now(self._now, self._state, final),
            edited=tuple(epoch for epoch, _ in self._plan.edits),
        )
        self._published_rows = len(self._history)
        self._published_status = self._status
        self._published_at = time.perf_counter()
        self._publish_update(update)
