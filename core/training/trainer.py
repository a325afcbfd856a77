"""One training run, from its first weights to its last epoch; lives in a worker process or the command line's own.

A run of a structure that is new here starts on the plain graph while the compiler works. When the compiled
program is ready it replays the run from the first epoch, so that the history that is kept is always the
compiled program's, whatever the compiler took.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from core.analysis.decision import grid_inputs, paint, plane_of
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.datasets import Split, prepare
from core.experiment import Experiment
from core.training.commands import Command
from core.training.memory import check_memory
from core.training.program import Program, Rows, State, Structure
from core.training.programs import Programs
from core.training.updates import FAILED, FINISHED, PAUSED, RUNNING, STOPPED, Update

STRIP_IMAGES = 20
_FRAME_SECONDS = 0.045  # between two updates: 22 a second, more than a browser paints here
_MATRIX_SECONDS = 0.4  # between two confusion matrices
_IDLE_SECONDS = 0.02  # between two looks at the compiler


class Trainer:
    """Trains one experiment and publishes updates.

    Commands may be sent from any thread; everything else belongs to the one thread that is inside `attend`.

    Args:
        publish: called with every update, on the thread inside `attend`.
        programs: where compiled programs are kept.
        axes: the two features the decision boundary is drawn over, or None for no boundary.

    Raises:
        DataError: where the data cannot be parted as asked.
        TooLargeError: where the network would not fit into memory.
    """

    def __init__(
        self,
        experiment: Experiment,
        publish: Callable[[Update], None],
        programs: Programs,
        axes: tuple[int, int] | None = (0, 1),
    ) -> None:
        self._publish_update = publish
        self._training = experiment.training
        self._split = prepare(experiment.data)
        network, split = experiment.network, self._split
        check_memory(network, split.features, split.classes, max(experiment.training.batch_size, len(split.x_test)))
        self._program: Program = programs.get(Structure.of(experiment, split))
        self._rows = Rows.of(split)
        self._grid = self._grid_over(axes)

        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._turn = threading.Lock()

        self._status = PAUSED
        self._until = 0
        self._epochs = experiment.training.epochs
        self._rates = {0: experiment.training.learning_rate}  # epoch -> rate from then on
        self._pace = 0.0  # epochs a second, 0 for as many as there can be
        self._generation = 0
        self._message = ""
        self._epoch: int
        self._state: State
        self._restart()

        self._published_rows = 0
        self._published_status = PAUSED
        self._published_at = self._matrix_at = self._paced_at = -math.inf

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

    def send(self, command: Command) -> None:
        """Leave a command; it is obeyed at the next epoch, or by the next `attend`."""
        self._commands.put(command)

    def attend(self) -> None:
        """Obey commands and train until there is nothing left to do; return at once if another thread is at it."""
        while not self._commands.empty():
            if not self._turn.acquire(blocking=False):
                return  # the thread inside looks again after it has let go
            try:
                self._work()
            finally:
                self._turn.release()

    def _work(self) -> None:
        if not self._program.ready:
            self._program.start_compiling(self._state, self._rows)
        self._obey_all()
        while self._going or self._previewing:
            if self._previewing and self._program.ready:
                self._replay()
            elif self._going:
                if self._train_epoch():
                    self._publish(final=False)
                    self._keep_pace()
            else:
                # That a run has failed is for the replay to say.
                if self._status not in (self._published_status, FAILED):
                    self._publish(final=True)
                time.sleep(_IDLE_SECONDS)
            self._obey_all()
        self._settle()

    @property
    def _going(self) -> bool:
        return self._status == RUNNING and self._epoch < self._until

    def _settle(self) -> None:
        """Publish how it stands now that there is nothing left to do."""
        if self._status == RUNNING:
            self._status = FINISHED if self._epoch >= self._epochs else PAUSED
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
        elif command.name == "learning_rate":
            self._change_rate(float(command.value))
        elif command.name == "epochs":
            self._change_epochs(int(command.value))
        elif command.name == "axes":
            self._grid = self._grid_over(command.value)
        elif command.name == "pace":
            self._pace = float(command.value)

    def _run_until(self, epoch: int) -> None:
        if self._status not in (FAILED, STOPPED):
            self._until = epoch
            if self._epoch < epoch and self._status != RUNNING:
                self._status = RUNNING
                self._paced_at = time.perf_counter()

    def _halt(self, status: str) -> None:
        if self._status in (RUNNING, PAUSED):
            self._status = status

    def _change_rate(self, rate: float) -> None:
        self._rates[self._epoch] = rate
        self._state = self._program.with_learning_rate(self._state, rate)
        if self._epoch:
            self._message = f"Learning rate set to {rate:g} after epoch {self._epoch}."

    def _change_epochs(self, epochs: int) -> None:
        if self._until == self._epochs or self._until > epochs:
            self._until = epochs
        self._epochs = epochs
        if self._status in (PAUSED, FINISHED):
            self._status = FINISHED if self._epoch >= epochs else PAUSED

    # Training

    def _restart(self) -> None:
        self._previewing = not self._program.ready
        self._state = self._program.first_state(self._training.seed, self._rates[0])
        self._epoch = 0
        self._history: list[np.ndarray] = []
        self._seconds: list[float] = []  # of every epoch

    def _replay(self) -> None:
        """Run the epochs of the preview again, compiled; from here on the run is the compiled program's."""
        seen = self._epoch
        self._generation += 1
        self._published_rows = 0
        if self._status == FAILED:
            self._status, self._message = RUNNING, ""
        self._restart()
        while self._epoch < seen and self._status != FAILED:
            if self._epoch in self._rates:
                self._state = self._program.with_learning_rate(self._state, self._rates[self._epoch])
            self._train_epoch()
        if seen in self._rates:
            self._state = self._program.with_learning_rate(self._state, self._rates[seen])

    def _train_epoch(self) -> bool:
        """Train one epoch; returns whether it counts."""
        started = time.perf_counter()
        order = np.random.default_rng([self._training.seed, self._epoch]).permutation(len(self._split.x_train))
        run = self._program.plain_epoch if self._previewing else self._program.epoch
        state, metrics = run(self._state, self._rows, order.astype(np.int32))
        if self._previewing and self._program.ready:
            return False  # the compiler's trial run may have mixed with this epoch; the replay repeats it
        self._seconds.append(time.perf_counter() - started)
        self._state = state
        self._history.append(metrics)
        self._epoch += 1
        if not np.isfinite(metrics[0]):
            self._fail(float(metrics[0]))
        return True

    def _fail(self, loss: float) -> None:
        self._status = FAILED
        largest = float(np.abs(self._split.x_train).max())
        rate = self._rates[max(epoch for epoch in self._rates if epoch < self._epoch)]
        advice = (
            f"Inputs go up to {largest:,.0f}: standardize the data, or try a learning rate below {rate:g}."
            if largest > 20
            else f"Try a learning rate below {rate:g}, for example {rate / 10:g}."
        )
        what = "not a number" if math.isnan(loss) else "infinite"
        self._message = f"The loss became {what} in epoch {self._epoch}, so training stopped. {advice}"

    def _keep_pace(self) -> None:
        if self._pace and self._epoch < self._until:
            due = self._paced_at + 1 / self._pace
            while (left := due - time.perf_counter()) > 0 and self._commands.empty():
                time.sleep(min(left, _IDLE_SECONDS))
        self._paced_at = time.perf_counter()

    # Reporting

    def _publish(self, final: bool) -> None:
        now = time.perf_counter()
        if not final and now - self._published_at < _FRAME_SECONDS and self._epoch > 1:
            return
        rows = np.array(self._history[self._published_rows :], np.float32).reshape(-1, 4)
        update = Update(
            status=self._status,
            generation=self._generation,
            epoch=self._epoch,
            epochs=self._epochs,
            first_row=self._published_rows,
            rows=rows,
            learning_rate=self._rates[max(self._rates)],
            ms_per_epoch=self.ms_per_epoch if self._seconds else None,
            message=self._message,
            arrays=self._arrays(with_matrix=final or now - self._matrix_at >= _MATRIX_SECONDS),
        )
        self._published_rows = len(self._history)
        self._published_status = self._status
        self._published_at = time.perf_counter()
        self._publish_update(update)

    def _arrays(self, with_matrix: bool) -> dict[str, np.ndarray]:
        arrays = {}
        if self._grid is not None:
            arrays["boundary"] = paint(self._program.predict(self._state, self._grid))
        if with_matrix:
            self._matrix_at = time.perf_counter()
            predicted = predicted_classes(self._program.predict(self._state, self._rows.x_test))
            arrays["confusion"] = confusion_matrix(self._split.y_test, predicted, self._split.classes)
            if self._split.image_shape is not None:
                arrays["strip"] = predicted[:STRIP_IMAGES]
        return arrays

    def _grid_over(self, axes: tuple[int, int] | None) -> tf.Tensor | None:
        if axes is None:
            return None
        first, second = axes
        return tf.constant(grid_inputs(self._split, plane_of(self._split, (first, second))))
