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
from core.training.commands import Command
from core.training.drawing import Drawing
from core.training.live import live_numbers
from core.training.memory import check_memory
from core.training.program import Program, Rows, State, Structure, evaluate, row_order, units_of
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
_COMPILER_SECONDS = 2.0  # that the compiler takes at most for a small network where others keep the machine busy
_IDLE_SECONDS = 0.02  # between two looks at the compiler


@dataclass(frozen=True)
class Stretch:
    """The experiment that is in force from an epoch on, its program, and the numbers it is given."""

    experiment: Experiment
    program: Program
    live: np.ndarray


@dataclass(frozen=True)
class Present:
    """The network as it is behind an epoch: a value that any thread may read while the training thread goes on."""

    epoch: int
    generation: int
    stretch: Stretch
    weights: State


@dataclass(frozen=True)
class Checkpoint:
    """Where the plain graph took over, and the best state until then."""

    epoch: int
    state: State
    best: State


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
        self._plan = {0: self._stretch(experiment)}
        self._state: State = self._plan[0].program.first_state(experiment.network, self._seed)
        self._history: list[np.ndarray] = []
        self._seconds: list[float] = []  # of every epoch
        self._rule = StoppingRule(training, experiment.data.task)
        self._best_state = self._state
        self._show_present()
        self._snapshots = Snapshots[State](self._program.weight_bytes)
        self._snapshots.add(0, self._program.weights(self._state))
        # From where on the history is the plain graph's, or None where all of it is the compiled program's.
        self._preview: Checkpoint | None = None
        self._awaited: set[Program] = set()

        self._published_rows = 0
        self._published_status = PAUSED
        self._published_at = self._paced_at = -math.inf

    @classmethod
    def again(cls, record: Record, publish: Callable[[Update], None], programs: Programs) -> Trainer:
        """Return the trainer of a run that was trained elsewhere, trained again to where it was."""
        (_, experiment), *changes = record.plan
        trainer = cls(experiment, publish, programs, record.axes)
        trainer._plan |= {epoch: trainer._stretch(changed) for epoch, changed in changes}
        trainer._pace = record.pace
        for stretch in trainer._plan.values():
            trainer._await(stretch.program)
        trainer._have_compiled()
        while trainer._epoch < record.epoch and not trainer._over:
            if trainer._preview and all(program.ready for program in trainer._previewed):
                trainer._replay()
            else:
                trainer._train_epoch()
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

    def weights(self) -> Weights:
        """Return the network's weights as they are now: those of the best epoch where the run has gone back to it."""
        present = self._present
        named = present.stretch.program.named_weights(present.weights)
        return Weights(present.stretch.experiment, present.generation, present.epoch, named)

    def record(self) -> Record:
        """Return what it takes to train this run again to where it is."""
        plan = tuple((first, stretch.experiment) for first, stretch in self._plan.items())
        return Record(plan, self._epoch, self._status, self._pace, self._axes)

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
                self._stop_waiting()
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
            if self._preview and all(program.ready for program in self._previewed):
                self._replay()
            elif self._going:
                rested = 0.0
                if self._train_epoch():
                    self._publish(final=False)
                    if self._preview and not self._plain_is_soon_through:
                        self._have_compiled()
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
                    self._have_compiled()
            self._obey_all()
        self._settle()

    @property
    def _now(self) -> Stretch:
        return self._plan[max(first for first in self._plan if first <= self._epoch)]

    @property
    def _program(self) -> Program:
        return self._now.program

    @property
    def _epochs(self) -> int:
        return self._now.experiment.training.epochs

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
        self._plan[self._epoch] = self._stretch(experiment)
        self._show_present()
        self._await(self._now.program)
        if self._epoch:
            self._message = changes(before, experiment, self._epoch) or self._message
        if whole or self._until > self._epochs:
            self._until = self._epochs
        if self._status in (PAUSED, FINISHED) and not self._over:
            self._status = FINISHED if self._epoch >= self._epochs else PAUSED
        self._published_at = -math.inf  # the next epoch answers

    # Programs

    def _stretch(self, experiment: Experiment) -> Stretch:
        program = self._programs.get(Structure.of(experiment, self._split))
        return Stretch(experiment, program, live_numbers(experiment))

    def _await(self, program: Program) -> None:
        """Go on from here with the plain graph where a program is not compiled yet, until it is."""
        if not program.ready and self._preview is None:
            self._preview = Checkpoint(self._epoch, self._state, self._best_state)

    def _have_compiled(self) -> None:
        """Have what the preview took compiled, behind the plain graph."""
        for program in self._previewed if self._preview else []:
            if not program.ready and program not in self._awaited:
                self._awaited.add(program)
                program.start_compiling(self._state, self._rows)

    def _stop_waiting(self) -> None:
        """Wait for no program any more, whether all are compiled or nobody wants the run."""
        for program in self._awaited:
            program.stop_waiting()
        self._awaited.clear()

    @property
    def _plain_is_soon_through(self) -> bool:
        """Whether the plain graph has done all epochs before a compiler would be ready, which would be in its way.

        The first epochs say little of the others: they prepare the graph, and are what a person waits for.
        """
        assert self._preview is not None
        if self._pace:
            return False
        seconds = self._seconds[self._preview.epoch :]
        fastest = min(seconds[-3:])
        is_early = len(seconds) < 4 and fastest < _COMPILER_SECONDS / 4
        return is_early or fastest * (self._until - self._epoch) < _COMPILER_SECONDS

    @property
    def _previewed(self) -> list[Program]:
        """The programs that the preview took."""
        assert self._preview is not None
        begun = max(first for first in self._plan if first <= self._preview.epoch)
        return [stretch.program for first, stretch in self._plan.items() if first >= begun]

    def _replay(self) -> None:
        """Run the epochs of the preview again, compiled; from here on the run is the compiled program's."""
        assert self._preview is not None
        seen = self._epoch
        begun, self._preview = self._preview, None
        self._epoch, self._state, self._best_state = begun.epoch, begun.state, begun.best
        self._stop_waiting()
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

    def _rewind(self) -> None:
        """Forget what came behind the present epoch."""
        del self._history[self._epoch :], self._seconds[self._epoch :]
        self._snapshots.forget_after(self._epoch)
        first = self._plan[0].experiment
        self._rule = StoppingRule(first.training, first.data.task)
        for epoch, figures in enumerate(self._history):
            self._rule.look(epoch + 1, figures)

    # Training

    def _train_epoch(self) -> bool:
        """Train one epoch; returns whether it counts."""
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

    def _show_present(self) -> None:
        now = self._now
        self._present = Present(self._epoch, self._generation, now, now.program.weights(self._state))

    def _look_whether_over(self) -> None:
        figures = self._history[-1]
        if not np.isfinite(figures[0]):
            stretch = self._plan[max(first for first in self._plan if first < self._epoch)]
            rate, largest = stretch.experiment.training.learning_rate, float(np.abs(self._split.x_train).max())
            self._over, self._status = True, FAILED
            self._message = failure(float(figures[0]), self._epoch, rate, largest)
            return
        reason = self._rule.look(self._epoch, figures)
        if self._rule.best_epoch == self._epoch:
            self._best_state = self._state
        if reason:
            self._over, self._message = True, reason
            if self._rule.restores and self._rule.best_epoch < self._epoch:
                self._state = self._best_state

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
            arrays=self._drawing.now(self._now.experiment, self._program, self._state, (), final),
        )
        self._published_rows = len(self._history)
        self._published_status = self._status
        self._published_at = time.perf_counter()
        self._publish_update(update)
