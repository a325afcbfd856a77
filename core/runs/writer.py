"""The one thread that writes to the run store on a server."""

from __future__ import annotations

import logging
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLateError
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import HiddenLayersError, RunsError
from core.runs.asking import Asking
from core.runs.database import database_url, open_engine, upgrade, writing
from core.runs.lesson_store import LessonStore
from core.runs.limits import (
    AGAIN_SECONDS,
    ASK_SECONDS,
    BEAT_SECONDS,
    EDIT_SECONDS,
    WAITING_MOST,
    WAITING_MOST_BYTES,
    WRITE_SECONDS,
)
from core.runs.recording import hand_over, interrupt_runs_of, make_room, write_change
from core.runs.servers import ThisServer
from core.runs.store import RunStore
from core.runs.study_recording import (
    interrupt_studies_of,
    make_room_for_studies,
    write_study,
)
from core.runs.study_store import StudyStore
from core.runs.study_values import StudyChange
from core.runs.values import RunChange

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Change = RunChange | StudyChange

# What a database raises that is away or full. Others are about what was to be written.
_AWAY_ERRORS = (OperationalError, InterfaceError, PoolTimeoutError)
_ROOM_SECONDS = 60.0  # between two times that the oldest runs make room
_STOP_SECONDS = 5.0  # to write what is left when the server stops
_LOOK_SECONDS = 0.01
_AWAY = "Runs can't be saved right now. {why} What is trained meanwhile is saved as soon as that works again."
_GIVEN_UP = "Some runs were not saved, because the database of the runs was away for too long."
_BUSY = "The database of the runs is busy. Try again in a moment."
_FAILED = "This change could not be made; the log has the details."
_OPENING = "The database of the runs is being opened. Try again in a moment."


class RunWriter:
    """Writes what it is told about runs, within WRITE_SECONDS, and nobody waits for that.

    Any thread may call the public methods. What is to be written waits in memory: at most one change a run, because
    newer ones are joined to it. Where the database is away or full, that stays so until it is back, within bounds.

    `_lock` guards what waits, and is never held while the database is asked. The thread owns all else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Change] = {}  # by its key, the one that has waited longest first
        self._hand_overs: deque[tuple[str, str]] = deque()
        self._is_writing = False
        self._has_given_up = False
        self._edits: queue.Queue[tuple[Callable[[Connection], Any], Future[Any]]] = queue.Queue(WAITING_MOST)
        self._news = threading.Event()  # something should be written at once
        self._is_stopping = False
        self._problem = ""
        self._engine: Engine | None = None  # of a database of the present version
        self._server = ThisServer()
        self._asking = Asking()
        self._is_open = threading.Event()
        self._beat_at = self._room_at = -math.inf
        self._thread = threading.Thread(target=self._work, name="run-writer", daemon=True)

    def start(self) -> None:
        """Open the database in the background, mark what dead servers were training, and write from then on."""
        self._thread.start()

    def note(self, change: Change) -> None:
        """Have a change of a run or a study written; returns at once."""
        with self._lock:
            self._waiting[change.key] = _joined(self._waiting.get(change.key), change)
            self._give_up_beyond_bounds()
        if change.is_urgent:
            self._news.set()

    def hand_over(self, before: str, owner: str) -> None:
        """Have a browser's runs given to the name that it has now; returns at once."""
        with self._lock:
            self._hand_overs.append((before, owner))
            while len(self._hand_overs) > WAITING_MOST:
                self._hand_overs.popleft()
        self._news.set()

    @property
    def problem(self) -> str:
        """What keeps runs from being saved, for a person; "" where nothing does."""
        return self._problem or (_GIVEN_UP if self._has_given_up else "")

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer when the thread last asked it."""
        return bool(self._problem)

    @property
    def store(self) -> RunStore:
        """The store, to read and to change what a person writes on a run; the thread makes these changes.

        Raises:
            RunsError: where the database is not open.
        """
        if self._engine is None:
            raise RunsError(self._problem or _OPENING)
        return RunStore(self._engine, self.write)

    @property
    def studies(self) -> StudyStore:
        """The studies that are kept; likewise.

        Raises:
            RunsError: where the database is not open.
        """
        if self._engine is None:
            raise RunsError(self._problem or _OPENING)
        return StudyStore(self._engine, self.write)

    @property
    def lessons(self) -> LessonStore:
        """People's progress in lessons; likewise.

        Raises:
            RunsError: where the database is not open.
        """
        if self._engine is None:
            raise RunsError(self._problem or _OPENING)
        return LessonStore(self._engine, self.write)

    def ask(self, question: Callable[[RunStore], Result]) -> Result:
        """Return what a function finds in the store, for a page that may not wait: ASK_SECONDS at most.

        A database that is just being opened is waited for as well, since a tab comes back as soon as its server.

        Raises:
            RunsError: where the database does not answer by then, or is known to be away.
        """
        if self._problem or not self._thread.is_alive():
            raise RunsError(self._problem or _OPENING)

        def find() -> Result:
            self._is_open.wait(ASK_SECONDS)
            return question(self.store)

        return self._asking.ask(find)

    def write(self, change: Callable[[Connection], Result]) -> Result:
        """Have the thread make a change and return what it returns; waits EDIT_SECONDS at most.

        Raises:
            RunsError: where the database is away or busy.
        """
        done: Future[Result] = Future()
        try:
            self._edits.put_nowait((change, done))
        except queue.Full as error:
            raise RunsError(_BUSY) from error
        self._news.set()
        try:
            return done.result(EDIT_SECONDS)
        except TooLateError as error:
            done.cancel()
            raise RunsError(_BUSY) from error

    def flush(self, seconds: float) -> bool:
        """Wait until all that waits now is written; return False where that takes longer than so many seconds."""
        end = time.monotonic() + seconds
        while self._has_to_write():
            if time.monotonic() > end:
                return False
            self._news.set()
            time.sleep(_LOOK_SECONDS)
        return True

    def close(self) -> None:
        """Write what waits, mark what this server was training as interrupted, and end; takes _STOP_SECONDS at most."""
        self._is_stopping = True
        self._news.set()
        self._thread.join(_STOP_SECONDS)

    def _has_to_write(self) -> bool:
        with self._lock:
            return bool(self._waiting or self._hand_overs or self._is_writing)

    def _give_up_beyond_bounds(self) -> None:
        """Give up what has waited longest where there is too much of it: weights first, then all of a run."""
        heavy = sum(change.heavy_bytes for change in self._waiting.values())
        for key, change in self._waiting.items():
            if heavy <= WAITING_MOST_BYTES:
                break
            if change.heavy_bytes:
                heavy -= change.heavy_bytes
                self._waiting[key] = change.lightened()
                self._has_given_up = True
        while len(self._waiting) > WAITING_MOST:
            del self._waiting[next(iter(self._waiting))]
            self._has_given_up = True

    # On the thread

    def _work(self) -> None:
        while True:
            is_last = self._is_stopping
            pause = WRITE_SECONDS if self._try_all() else AGAIN_SECONDS
            if is_last:
                break
            self._news.wait(pause)
            self._news.clear()
        self._end()

    def _try_all(self) -> bool:
        """Write all that waits; return False where the database is away."""
        try:
            engine = self._open()
            self._make_edits(engine)
            self._write_waiting(engine)
            self._tend(engine)
        except RunsError as error:
            if not self._problem:
                logger.error("Runs cannot be saved: %s", error, exc_info=error)
            self._problem = _AWAY.format(why=error)
            self._refuse_edits(error)
            return False
        except Exception:  # one that nobody expects: without this thread no run would be kept any more
            logger.exception("The run store could not be looked after")
        self._problem = ""
        return True

    def _open(self) -> Engine:
        if self._engine is None:
            engine = open_engine(database_url())
            upgrade(engine)
            self._tend(engine)  # before anybody sees what a dead server was training
            self._engine = engine
            self._is_open.set()
        return self._engine

    def _make_edits(self, engine: Engine) -> None:
        while not self._edits.empty():
            change, done = self._edits.get_nowait()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                with writing(engine) as connection:
                    result = change(connection)
            except HiddenLayersError as error:
                done.set_exception(error)
            except Exception:
                logger.exception("A change of a run could not be made")
                done.set_exception(RunsError(_FAILED))
            else:
                done.set_result(result)

    def _refuse_edits(self, error: RunsError) -> None:
        while not self._edits.empty():
            _, done = self._edits.get_nowait()
            if done.set_running_or_notify_cancel():
                done.set_exception(error)

    def _write_waiting(self, engine: Engine) -> None:
        with self._lock:
            changes, self._waiting = self._waiting, {}
            hand_overs, self._hand_overs = self._hand_overs, deque()
            self._is_writing = True
        try:
            while changes:
                key, change = next(iter(changes.items()))
                self._write_one(engine, change)
                del changes[key]
                self._make_edits(engine)
            while hand_overs:
                with writing(engine) as connection:
                    hand_over(connection, *hand_overs[0])
                hand_overs.popleft()
        finally:
            with self._lock:
                self._is_writing = False
                for key, newer in self._waiting.items():
                    changes[key] = _joined(changes.get(key), newer)
                self._waiting = changes
                hand_overs.extend(self._hand_overs)
                self._hand_overs = hand_overs
                self._give_up_beyond_bounds()

    def _write_one(self, engine: Engine, change: Change) -> None:
        """Write a change; one that the database cannot take ends there, and keeps no other one from being written."""
        try:
            with writing(engine) as connection:
                if isinstance(change, StudyChange):
                    write_study(connection, change, self._server.id)
                else:
                    write_change(connection, change, self._server.id)
        except RunsError as error:
            if isinstance(error.__cause__, _AWAY_ERRORS):
                raise
            logger.exception("%s could not be saved", change.key)
        except Exception:
            logger.exception("%s could not be saved", change.key)

    def _tend(self, engine: Engine) -> None:
        """Show that this server lives, look for dead ones, and make room, each now and then."""
        now = time.monotonic()
        if now - self._beat_at >= BEAT_SECONDS:
            with writing(engine) as connection:
                self._server.beat(connection)
                dead = self._server.dead(connection)
                interrupt_studies_of(connection, dead)
                interrupt_runs_of(connection, dead)
            self._beat_at = now
        if now - self._room_at >= _ROOM_SECONDS:
            with writing(engine) as connection:
                make_room(connection)
                make_room_for_studies(connection)
            self._room_at = now

    def _end(self) -> None:
        if self._engine is None:
            return
        try:
            with writing(self._engine) as connection:
                interrupt_studies_of(connection, [self._server.id])
                interrupt_runs_of(connection, [self._server.id])
        except RunsError as error:
            logger.error("What was training could not be marked as interrupted: %s", error)
        self._engine.dispose()


def _joined(before: Change | None, newer: Change) -> Change:
    """Return one change that says what two of the same key say."""
    match before, newer:
        case RunChange(), RunChange():
            return before.then(newer)
        case StudyChange(), StudyChange():
            return before.then(newer)
    return newer
