"""One training run, from its first weights to its last epoch; lives in a worker process or the command line's own."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable

import numpy as np

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.engine.memory_check import check_memory
from core.engine.program import evaluate, metric_scale
from core.engine.programs import Programs
from core.engine.turns import BackgroundWork
from core.experiment import Experiment, can_become
from core.experiment.schedule import step_rates
from core.messages.commands import Command
from core.messages.past import Past
from core.messages.record import Record
from core.messages.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update
from core.messages.weights import Weights
from core.training.course import Course
from core.training.drawing import Drawing

_FRAME_SECONDS = 0.045  # between two updates of a run alone: 22 a second, more than a browser paints here
_PREVIEW_FRAME_SECONDS = 0.1  # … while the plain graph trains, which needs the processor more
_SILENT_SECONDS = 1.0  # without an update while the compiled program goes the way of the plain graph again
_IDLE_SECONDS = 0.02  # between two looks at the compiler


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
        self._split = split = prepare(experiment.data)
        training = experiment.training
        check_memory(experiment.network, split.inputs, split.classes, max(training.batch_size, len(split.x_val)))
        self._turns = programs.turns
        self._course = Course(experiment, split, programs)
        self._units = metric_scale(split)
        self._axes = axes
        self._levels = len(experiment.network.layers) + 2
        self._drawing = Drawing(split, axes, self._course.rows.x_val, self._levels)

        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._inside = threading.Lock()

        self._status = PAUSED
        self._until = 0
        self._pace = 0.0  # epochs a second, 0 for as many as there can be
        self._abandoned = False
        self._test: tuple[float, ...] | None = None

        self._edited: list[int] = []  # the epochs of edits that no update has told yet
        self._published_rows = 0
        self._is_shown = False  # whether the last update shows everything of the run as it is now
        self._published_at = self._paced_at = -math.inf

    @classmethod
    def again(
        cls,
        record: Record,
        publish: Callable[[Update], None],
        programs: Programs,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Trainer:
        """Return the trainer of a run that was trained elsewhere, trained again to where it was.

        Args:
            is_wanted: whether it still is of use; else it stays behind.
        """
        trainer = cls(record.plan[0][1], publish, programs, record.axes)
        trainer._pace, trainer._drawing.is_inside = record.pace, record.inside
        try:
            trainer._course.train_again(record.plan, record.edits, record.epoch, is_wanted)
        finally:
            trainer._course.turn.give()
        trainer._status, trainer._until = record.status, record.epoch
        return trainer

    @property
    def split(self) -> Split:
        return self._split

    def aside(self) -> BackgroundWork:
        """Return what lets work about this run take turns with the runs of its process, until it is abandoned."""
        return BackgroundWork(self._turns, lambda: not self._abandoned)

    @property
    def parameters(self) -> int:
        """The network's parameter count, as Keras counts it."""
        return self._course.program.parameters

    @property
    def ms_per_epoch(self) -> float:
        """The mean time of the epochs in the history that is kept, in milliseconds."""
        return 1000 * sum(self._course.seconds) / max(1, len(self._course.seconds))

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept; 0 is before the first."""
        return self._course.snapshots.epochs

    def look_back(self, epoch: int, inside: bool) -> Past:
        """Return what is drawn of the network as it was behind the kept epoch nearest to one; from any thread.

        Args:
            inside: whether its `weights` and `spaces` are wanted too.
        """
        kept, weights = self._course.snapshots.nearest(epoch)
        then, present = self._course.plan.at(kept), self._course.present
        arrays = self._drawing.past(then.program, weights)
        if inside:
            latest = present.stretch.program.named_weights(present.weights), present.stretch.silenced
            past = then.program.named_weights(weights), then.silenced
            arrays |= self._drawing.inside_past(then.experiment, past, latest)
        return Past(kept, present.generation, arrays)

    def weights(self) -> Weights:
        """Return the network's weights as they are now: those of the best epoch where the run has gone back to it."""
        present = self._course.present
        named = present.stretch.program.named_weights(present.weights)
        return Weights(present.stretch.experiment, present.generation, present.epoch, named, present.edits)

    def weights_near(self, epoch: int) -> Weights:
        """Return the network's weights as they were behind the kept epoch nearest to one; from any thread."""
        kept, weights = self._course.snapshots.nearest(epoch)
        present, named = self._course.present, self._course.plan.at(kept).program.named_weights(weights)
        return Weights(present.stretch.experiment, present.generation, kept, named, present.edits)

    @property
    def is_attended(self) -> bool:
        """Whether a thread is inside `attend`, which obeys what is sent until then."""
        return self._inside.locked()

    @property
    def has_to_do(self) -> bool:
        """Whether it trains, or has not obeyed all that was sent to it."""
        return self._status == RUNNING or not self._commands.empty()

    def record(self) -> Record:
        """Return what it takes to train this run again to where it is."""
        plan = self._course.plan
        is_inside = self._drawing.is_inside
        return Record(plan.experiments, self._course.epoch, self._status, self._pace, self._axes, plan.edits, is_inside)

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
                self._course.preview.stop_waiting()
                self._course.turn.give()
                self._inside.release()

    def abandon(self) -> None:
        """Say that nobody wants this run any more: it stops, and what it waits for need not be compiled."""
        self._abandoned = True
        self.send(Command("stop"))

    def _work(self) -> None:
        self._course.await_program()
        self._obey_all()
        rested = 0.0
        while (self._going or self._course.preview) and not self._abandoned:
            if self._course.preview.can_be_replayed:
                self._replay()
            elif self._going and self._early > 0:
                self._keep_pace()
            elif self._going:
                rested = 0.0
                self._paced_at = time.perf_counter()
                self._course.train_epoch()
                self._note_failure()
                self._is_shown = False
                if self._going:  # at rest, everything is published below or by `_settle`
                    self._publish(final=False)
                self._have_compiled_in_time()
            else:
                if not self._is_shown:
                    self._publish(final=True)
                self._course.turn.give()
                time.sleep(_IDLE_SECONDS)
                rested += _IDLE_SECONDS
                if rested >= self._rest:
                    self._course.preview.have_compiled(self._course.state)
            self._obey_all()
        self._settle()

    def _have_compiled_in_time(self) -> None:
        """Have the compiler begin beside the plain graph, unless that is through before."""
        course = self._course
        if course.preview and (self._pace or not course.preview.is_soon_through(course.seconds, self._left)):
            course.preview.have_compiled(course.state)

    @property
    def _epochs(self) -> int:
        return self._course.now.experiment.training.epochs

    @property
    def _left(self) -> int:
        return self._until - self._course.epoch

    @property
    def _going(self) -> bool:
        return self._status == RUNNING and self._course.epoch < self._until and not self._course.over

    def _settle(self) -> None:
        """Publish how it stands now that there is nothing left to do."""
        self._course.turn.give()
        if self._status in (RUNNING, PAUSED):
            self._status = FINISHED if self._course.over or self._course.epoch >= self._epochs else PAUSED
        has_ended = self._status in (FINISHED, STOPPED) and self._course.epoch > 0
        self._test = self._test_figures() if self._split.three_parts and has_ended else None
        self._publish(final=True)

    def _test_figures(self) -> tuple[float, ...]:
        values = self._course.program.values(self._course.program.weights(self._course.outcome.state))
        figures = evaluate(self._course.now.experiment, self._split, values)
        return tuple(float(figure * unit) for figure, unit in zip(figures, self._units, strict=False))

    # Commands

    def _obey_all(self) -> None:
        while not self._commands.empty():
            self._course.turn.give()  # a change may mean another program, which takes long to trace
            self._obey(self._commands.get())

    def _obey(self, command: Command) -> None:
        self._is_shown = False
        if command.name == "train":
            self._run_until(self._epochs)
        elif command.name == "step":
            self._run_until(min(self._course.epoch + 1, self._epochs))
        elif command.name == "pause":
            self._halt(PAUSED)
        elif command.name == "stop":
            self._halt(STOPPED)
        elif command.name == "change":
            self._change(command.value)
        elif command.name == "edit":
            self._course.edit(command.value)
            self._edited.append(self._course.epoch)
            self._show_soon()
        elif command.name == "axes":
            self._axes = command.value
            is_inside = self._drawing.is_inside
            self._drawing = Drawing(self._split, command.value, self._course.rows.x_val, self._levels)
            self._drawing.is_inside = is_inside
        elif command.name == "pace":
            self._pace = float(command.value)
        elif command.name == "inside":
            self._drawing.is_inside = bool(command.value)
            self._show_soon()

    def _show_soon(self) -> None:
        """Publish what is drawn after the next epoch, however short ago the last update was."""
        self._published_at = -math.inf

    def _run_until(self, epoch: int) -> None:
        if self._status not in (FAILED, STOPPED) and not self._course.over:
            self._until = epoch
            if self._course.epoch < epoch and self._status != RUNNING:
                self._status = RUNNING
                self._test = None
                self._paced_at = -math.inf  # at once

    def _halt(self, status: str) -> None:
        if self._status in (RUNNING, PAUSED):
            self._status = status

    def _change(self, experiment: Experiment) -> None:
        """Go on with another experiment from here."""
        before = self._course.now.experiment
        if not can_become(before, experiment):
            raise ValueError(f"A run cannot change from {before} to {experiment} as it trains.")
        whole = self._until == self._epochs
        self._course.change(experiment)
        if whole or self._until > self._epochs:
            self._until = self._epochs
        if self._status in (PAUSED, FINISHED) and not self._course.over:
            self._status = FINISHED if self._course.epoch >= self._epochs else PAUSED
        self._show_soon()

    def _replay(self) -> None:
        """Have the compiled program take the run over, which may end otherwise than the plain graph's.

        It is done in a moment as a rule. Where it takes longer, people see the run go this way once more.
        """
        is_under_way = self._going
        self._published_rows = 0
        for _ in self._course.replay():
            self._note_failure()
            if self._abandoned:
                return
            if is_under_way and time.perf_counter() - self._published_at >= _SILENT_SECONDS:
                self._publish(final=False)
        self._note_failure()

    def _note_failure(self) -> None:
        if self._course.failed:
            self._status = FAILED
        elif self._status == FAILED:
            self._status = RUNNING

    # Training

    @property
    def _early(self) -> float:
        """The seconds until the pace lets the next epoch begin."""
        return self._paced_at + 1 / self._pace - time.perf_counter() if self._pace else 0.0

    def _keep_pace(self) -> None:
        """Wait a moment for the next epoch, and show what was changed meanwhile."""
        if self._published_at == -math.inf:
            self._publish(final=False)
        self._course.turn.give()
        time.sleep(min(max(0.0, self._early), _IDLE_SECONDS))

    # Reporting

    def _publish(self, final: bool) -> None:
        now = time.perf_counter()
        # Where many train, drawing for all of them as often would take the time of training.
        pause = (_PREVIEW_FRAME_SECONDS if self._course.preview else _FRAME_SECONDS) * (1 + self._course.turn.others)
        if not final and now - self._published_at < pause and self._course.epoch > 1:
            return
        self._course.turn.give()
        training = self._course.now.experiment.training
        update = Update(
            # That a run has failed is for the compiled program to say.
            status=RUNNING if self._course.preview and self._status == FAILED else self._status,
            generation=self._course.generation,
            epoch=self._course.epoch,
            epochs=self._epochs,
            first_row=self._published_rows,
            rows=np.array(self._course.history[self._published_rows :], np.float32).reshape(-1, len(self._units)),
            learning_rate=float(step_rates(training, max(self._course.epoch - 1, 0), 1)[0]),
            ms_per_epoch=self.ms_per_epoch if self._course.seconds else None,
            message=self._course.message,
            test=self._test,
            arrays=self._drawing.now(self._course.now, self._course.outcome.state, self._course.outcome_epoch, final),
            edited=tuple(self._edited),
        )
        self._edited.clear()
        self._published_rows = len(self._course.history)
        self._is_shown = final
        self._published_at = time.perf_counter()
        self._publish_update(update)
