"""One training run, from its first weights to its last epoch, in a worker process or in the command line's own."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from core.analysis.axes import Axes
from core.datasets import Split, prepare
from core.engine.memory_check import check_memory
from core.engine.programs import Programs
from core.engine.turns import BackgroundWork
from core.experiment import Experiment, can_become
from core.messages.commands import Command
from core.messages.past import Past
from core.messages.record import Record
from core.messages.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update
from core.messages.weights import Weights
from core.training.epoch_clock import EpochClock
from core.training.epoch_trainer import EpochTrainer
from core.training.next_step import Next, next_step
from core.training.past_epochs import PastEpochs
from core.training.progress import Progress
from core.training.run_record import record_of, record_of_replay
from core.training.run_state import RunState
from core.training.update_publisher import UpdatePublisher

# A replay does not wait for these: they take effect where the run seems to be. What changes the network waits until the
# replay has come there.
_OBEYED_IN_A_REPLAY = ("pause", "stop", "pace", "axes", "inside")
_IDLE_SECONDS = 0.02  # between two looks at the commands and the compiler while there is nothing to train


class Trainer:
    """Trains one experiment and publishes updates.

    Any thread may call the public methods and read the public properties. The one thread that is inside `attend` is
    the training thread, to which everything else belongs; others read `RunState.progress`, an immutable value.

    Args:
        publish: called with every update, on the training thread.
        programs: where compiled programs are kept.
        axes: the plane to draw, or None for no plane.
        rest: seconds from the last epoch on the plain graph until the compiler begins; a run that is abandoned before
            is never compiled.

    Attributes:
        record_at_rest: how to train it again, while it rests and only its replay is to come; else None.

    Raises:
        DataError: where the data cannot be split as asked.
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
        self._split = split = prepare(experiment.data)
        training = experiment.training
        check_memory(experiment.network, split.inputs, split.classes, max(training.batch_size, len(split.x_val)))
        self._turns = programs.turns
        self._run = RunState(experiment, split, programs)
        self._updates = UpdatePublisher(publish, self._run, split, axes)
        self._past = PastEpochs(lambda: EpochTrainer(split, training, programs))
        self._clock = EpochClock()
        self._rest = rest
        self._resting_since: float | None = None
        self.record_at_rest: Record | None = None

        self._commands: deque[Command] = deque()  # only the training thread takes them out
        self._news = threading.Event()  # set when there may be a command
        self._inside = threading.Lock()  # held by the training thread
        self._abandoned = False

        self._status = PAUSED
        self._until = 0  # the epoch to train to
        self._test: tuple[float, ...] | None = None

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
            is_wanted: whether anybody still wants the run; if not, it is trained no further.
        """
        trainer = cls(record.plan[0][1], publish, programs, record.axes)
        trainer.catch_up(record, is_wanted)
        return trainer

    def catch_up(self, record: Record, is_wanted: Callable[[], bool]) -> None:
        """Train a new run to where one was that was trained elsewhere.

        Args:
            is_wanted: whether anybody still wants the run; if not, it is trained no further.
        """
        self._clock.pace, self._updates.is_inside = record.pace, record.inside
        self._updates.obeyed = record.obeyed
        try:
            self._run.train_again(record.plan, record.edits, record.epoch, record.generation, is_wanted)
        finally:
            self._run.epochs.turn.give()
        self._status, self._until = record.status, record.epoch

    @property
    def split(self) -> Split:
        """The data that the run trains on."""
        return self._split

    def aside(self) -> BackgroundWork:
        """Return what lets work about this run take turns with the runs of its process, until it is abandoned."""
        return BackgroundWork(self._turns, lambda: not self._abandoned)

    @property
    def progress(self) -> Progress:
        """How far the run has come: an immutable value."""
        return self._run.progress

    @property
    def parameters(self) -> int:
        """The network's parameter count, as Keras counts it."""
        return self.progress.segment.program.parameters

    @property
    def ms_per_epoch(self) -> float:
        """The mean time of the epochs in the history that is kept, in milliseconds; 0 before the first."""
        return self._run.ms_per_epoch or 0.0

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """The epochs whose weights are kept; 0 is before the first."""
        return self._run.progress.snapshots.epochs

    def look_back(self, epoch: int, inside: bool) -> Past:
        """Return what frames showed of the network after an epoch; see `PastEpochs.look_back`."""
        return self._past.look_back(self._run.progress, self._updates.contents, epoch, inside)

    def weights(self) -> Weights:
        """Return the network's weights as they are now: those of the best epoch where they have been restored."""
        return self._run.progress.weights()

    def weights_near(self, epoch: int) -> Weights:
        """Return the network's weights after the kept epoch nearest to the given one."""
        return self._run.progress.weights_near(epoch)

    @property
    def is_attended(self) -> bool:
        """Whether a thread is inside `attend`, which obeys what is sent until then."""
        return self._inside.locked()

    @property
    def has_to_do(self) -> bool:
        """Whether a thread trains it or waits for the compiler, or it has not obeyed all that was sent to it."""
        return self.is_attended or bool(self._commands)

    def record(self) -> Record:
        """Return what it takes to train this run again to where it is; call it while nothing is to do."""
        return record_of(self._run.progress, self._updates, self._clock.pace, self._status)

    def send(self, command: Command) -> None:
        """Leave a command; it is obeyed at the next epoch or piece of one, or by the next `attend`."""
        self._commands.append(command)
        self._news.set()

    def attend(self) -> None:
        """Obey commands and train until there is nothing left to do; return at once if another thread is at it."""
        while self._commands:
            if not self._inside.acquire(blocking=False):
                return  # the thread inside looks again after it has let go
            try:
                self._work()
            finally:
                self._run.stop_waiting()
                self._run.epochs.turn.give()
                self._inside.release()

    def abandon(self) -> None:
        """Say that nobody wants this run any more: it stops, and what it waits for need not be compiled."""
        self._abandoned = True
        self.send(Command("stop"))

    # What the training thread does

    def _work(self) -> None:
        """Obey commands and train until there is nothing left to do."""
        actions = {
            Next.REPLAY: self._replay,
            Next.TRAIN: self._train_epoch,
            Next.WAIT_FOR_PACE: self._wait_for_pace,
            Next.REST: self._rest_a_moment,
        }
        self._resting_since = None
        self.record_at_rest = None
        self._run.start_preview_if_needed()
        self._obey_all()
        while (step := self._next_step()) is not Next.SETTLE:
            actions[step]()
            self._obey_all()
        self._settle()

    def _next_step(self) -> Next:
        return next_step(
            is_wanted=not self._abandoned,
            is_training=self._is_training,
            is_preview=self._run.progress.is_preview,
            can_be_replayed=self._run.can_be_replayed,
            is_early=self._clock.seconds_to_wait(self._epochs) > 0 and not self._run.epochs.is_inside_an_epoch,
        )

    def _train_epoch(self) -> None:
        """Train an epoch, or a piece of a long one."""
        self._resting_since = None
        self.record_at_rest = None
        if not self._run.epochs.is_inside_an_epoch:
            self._clock.start_epoch(self._epochs)
        self._run.train_epoch()
        if self._run.epochs.is_inside_an_epoch:
            self._run.compile_preview()  # so long an epoch on the plain graph outlasts the compiler
            if self._updates.is_requested:
                self._updates.publish_if_due(self._status)
            return
        if self._run.progress.has_failed:
            self._status = FAILED
        self._updates.shows_all = False
        if self._is_training:  # a run that comes to rest is shown there, with everything
            self._updates.publish_if_due(self._status)
        left = self._until - self._run.progress.epoch
        if self._clock.is_limited(self._epochs) or not self._run.is_preview_soon_over(left):
            self._run.compile_preview()

    def _wait_for_pace(self) -> None:
        """Wait for the next epoch or a command, and show meanwhile what is not shown yet."""
        seconds = self._clock.seconds_to_wait(self._epochs)
        if not self._updates.is_up_to_date:
            self._updates.publish_if_due(self._status)
            seconds = min(seconds, self._updates.seconds_until_due)
        self._run.epochs.turn.give()
        self._news.wait(min(seconds, _IDLE_SECONDS) if self._run.progress.is_preview else seconds)

    def _rest_a_moment(self) -> None:
        """Show where the run has come to rest, and wait a moment for the compiler, which begins after a rest."""
        if self._resting_since is None:
            self._resting_since = time.perf_counter()
        self._status = self._status_at_rest
        if not self._updates.shows_all:
            self._show_all()
        if self.record_at_rest is None:
            self.record_at_rest = record_of_replay(self._run.progress, self._updates, self._clock.pace, self._status)
        self._run.epochs.turn.give()
        self._news.wait(_IDLE_SECONDS)
        if time.perf_counter() - self._resting_since >= self._rest:
            self._run.compile_preview()

    def _replay(self) -> None:
        """Have the compiled programs take the run over, which may end otherwise than on the plain graph.

        As a rule that takes a moment. Where it takes longer, people see a run that still trains go this way once more.
        One that seems to rest is replayed behind the scenes.
        """
        was_training, had_ended = self._is_training, self._run.progress.ending is not None
        self._updates.start_again()
        for _ in self._run.replay():
            self._obey_in_a_replay()
            if self._abandoned:
                return
            if was_training and self._status == RUNNING and self._updates.is_overdue:
                self._updates.publish_if_due(self._status)
        progress = self._run.progress
        if progress.has_failed:
            self._status = FAILED
        elif had_ended and not progress.ending and self._status in (FINISHED, FAILED):
            self._status = RUNNING  # it goes on after all

    def _settle(self) -> None:
        """Publish how the run stands now that there is nothing left to do."""
        self._status = self._status_at_rest
        self._clock.is_skipping = False
        self._show_all()

    def _show_all(self) -> None:
        """Publish everything of a run that rests, with the figures of the test rows if it has ended."""
        self._run.epochs.turn.give()
        has_ended = self._status in (FINISHED, STOPPED) and self._run.progress.epoch > 0
        self._test = self._run.test_figures() if self._split.three_parts and has_ended else None
        self._updates.publish(self._status, self._test, everything=True)

    @property
    def _status_at_rest(self) -> str:
        """The status of a run that trains no further for now."""
        progress = self._run.progress
        if self._status not in (RUNNING, PAUSED):
            return self._status
        return FINISHED if progress.ending or progress.epoch >= self._epochs else PAUSED

    @property
    def _epochs(self) -> int:
        """The epochs that were asked for."""
        return self._run.progress.segment.experiment.training.epochs

    @property
    def _is_training(self) -> bool:
        """Whether there are epochs to train now."""
        progress = self._run.progress
        return self._status == RUNNING and progress.epoch < self._until and progress.ending is None

    # Commands

    def _obey_all(self) -> None:
        self._news.clear()  # before the commands are looked at, so that none goes unnoticed
        while self._commands:
            self._run.epochs.turn.give()  # a change may need another program, which takes long to trace
            self._obey_next()

    def _obey_in_a_replay(self) -> None:
        """Obey what need not wait for the end of a replay, and show the status that comes of it."""
        before = self._status
        while self._commands and self._commands[0].name in _OBEYED_IN_A_REPLAY:
            self._obey_next()
        if self._status != before:
            self._updates.publish_status(self._status)

    def _obey_next(self) -> None:
        command = self._commands[0]
        self.record_at_rest = None
        try:
            self._obey(command)
            self._updates.obeyed = max(self._updates.obeyed, command.number)
        finally:
            self._commands.popleft()  # only now, so that until then the run has something to do

    def _obey(self, command: Command) -> None:
        self._updates.shows_all = False
        epoch = self._run.progress.epoch
        match command.name:
            case "train":
                self._train_until(epoch + 1 if self._clock.rests else self._epochs)
            case "step":
                self._train_until(epoch + 1)
            case "skip":
                self._clock.is_skipping = True
                self._train_until(self._epochs)
            case "pause":
                self._halt(PAUSED)
            case "stop":
                self._halt(STOPPED)
            case "change":
                self._change(command.value)
            case "edit":
                self._run.edit(command.value)
                self._updates.note_edit(epoch)
            case "axes":
                self._updates.draw(command.value)
            case "pace":
                self._clock.pace, self._clock.is_skipping = command.value, False
                if self._clock.pace.rests:
                    self._halt(PAUSED)
            case "inside":
                self._updates.is_inside = bool(command.value)
                self._updates.request()

    def _train_until(self, epoch: int) -> None:
        progress = self._run.progress
        if self._status in (FAILED, STOPPED) or progress.ending:
            return
        self._until = min(epoch, self._epochs)
        if progress.epoch < self._until and self._status != RUNNING:
            self._status = RUNNING
            self._test = None
            self._clock.let_next_start()

    def _halt(self, status: str) -> None:
        self._clock.is_skipping = False
        if self._status in (RUNNING, PAUSED):
            self._status = status

    def _change(self, experiment: Experiment) -> None:
        """Go on with another experiment from here; a finished run trains the epochs that it gets, unless it rests."""
        before = self._run.progress.segment.experiment
        if not can_become(before, experiment):
            raise ValueError(f"A run cannot change from {before} to {experiment} while it trains.")
        is_finished, goes_to_the_end = self._status == FINISHED, self._until >= self._epochs and not self._clock.rests
        self._run.change(experiment)
        self._until = self._epochs if goes_to_the_end else min(self._until, self._epochs)
        if self._status in (PAUSED, FINISHED) and not self._run.progress.ending:
            self._status = FINISHED if self._run.progress.epoch >= self._epochs else PAUSED
            if is_finished and goes_to_the_end:
                self._train_until(self._epochs)
        self._updates.request()
