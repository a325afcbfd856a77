"""Which worker takes a run, and which worker may be replaced. Plain values: no Dask, no threads, no locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.experiment import Experiment
from core.messages.commands import Command
from core.messages.record import Record

# A worker leaks some 7 MB with every structure that it compiles, so workers are replaced. A worker above MEMORY_BOUND
# takes no new runs and is replaced as soon as nothing trains there. A worker that has grown by GROWTH_BOUND is replaced
# when it is idle and its runs took at most REPEATED_SECONDS to train, because they may have to be trained again.
# Neither counts the data that it holds: they are bounded, and the next worker would have to hold them again.
MEMORY_BOUND = 1100 * 2**20  # bytes
GROWTH_BOUND = 200 * 2**20  # bytes
REPEATED_SECONDS = 10.0

_KNOWN_SHAPE = 1.5  # a worker that has compiled a run's structure may be busy with one run more than another worker


@dataclass(frozen=True)
class Assignment:
    """The worker that a run is on.

    Attributes:
        address: of the worker; "" where the run has not been on one yet.
        is_busy: whether the run trains or is about to.
        seconds: that its epochs have taken.
        record: how to train it again, while no worker holds it; else None.
        opening: what its worker was told to open, until it has reported that it has.
        sent: how many commands it was sent in all.
        pending: those of them that it has not obeyed yet, as far as is known.
    """

    address: str
    is_busy: bool = True
    seconds: float = 0.0
    record: Record | None = None
    opening: Record | None = None
    sent: int = 0
    pending: tuple[Command, ...] = ()


@dataclass(frozen=True)
class WorkerMemory:
    """The bytes that a worker process uses, and by how many it has grown since it was warm.

    Attributes:
        used, grown: without the rows that its caches hold, in which every run of the same data shares.
    """

    used: float
    grown: float


class Placement:
    """Keeps track of workers, runs and questions, and chooses workers. A worker is named by its address.

    It has no lock: whoever owns it must call it from one thread at a time.
    """

    def __init__(self) -> None:
        self._warm: set[str] = set()
        self._asked: set[str] = set()  # workers that were asked whether they are warm and have not answered yet
        self._shapes: dict[str, set[Experiment]] = {}  # the structures that each worker has compiled
        self._assignments: dict[str, Assignment] = {}  # by run
        self._questions: Counter[str] = Counter()  # unanswered, by worker
        self._studying: set[str] = set()  # workers that train a portion of a study
        self._quiet: frozenset[str] = frozenset()
        self._retiring = ""  # the worker that takes no new runs because it will be replaced
        self._is_restarting = False  # whether that worker is being replaced right now
        self._going: set[str] = set()  # workers that are being replaced or were killed, for as long as they are alive

    # Workers

    @property
    def warm(self) -> frozenset[str]:
        """The workers that have Keras loaded."""
        return frozenset(self._warm)

    def add_warm(self, address: str) -> None:
        """Note that a worker has Keras loaded."""
        self._warm.add(address)
        self._going.discard(address)  # it could not be replaced

    def workers_to_ask(self, alive: Collection[str]) -> set[str]:
        """Return the workers to ask whether they are warm; each is returned again only after it has answered."""
        cold = set(alive) - self._warm - self._asked - {self._retiring}
        self._asked |= cold
        return cold

    def note_answer(self, address: str, is_warm: bool) -> None:
        """Note what a worker of `workers_to_ask` has answered, or that it could not."""
        self._asked.discard(address)
        if is_warm:
            self.add_warm(address)

    def remove_dead(self, alive: Collection[str], warm_before: Collection[str]) -> list[str]:
        """Forget the workers that are not alive, and return the runs that were lost with them.

        Args:
            alive: the workers, counted after `warm_before` was read.
            warm_before: `warm` before counting, so that a worker that became warm meanwhile stays.
        """
        self._warm -= set(warm_before) - set(alive)
        self._going &= set(alive)
        self._shapes = {address: shapes for address, shapes in self._shapes.items() if address in alive}
        if self._retiring not in alive and not self._is_restarting:
            self._retiring = ""
        lost = [
            run
            for run, assignment in self._assignments.items()
            if assignment.record is None and assignment.address not in alive
        ]
        for run in lost:
            del self._assignments[run]
        return lost

    # Runs

    def get(self, run: str) -> Assignment | None:
        """Return where a run is, or None where it is not known."""
        return self._assignments.get(run)

    def assign(self, run: str, shape: Experiment, alive: Collection[str]) -> str:
        """Choose a worker for a run that begins, or is to be trained again, and return it.

        Args:
            shape: the run's structure, as `core.engine.padding.program_shape` returns it.
            alive: the workers to choose from; at least one.
        """
        address = self.choose(shape, alive)
        before = self._assignments.get(run, Assignment(""))
        self._assignments[run] = replace(before, address=address, is_busy=True, record=None, opening=before.record)
        self._shapes.setdefault(address, set()).add(shape)
        return address

    def staying(self, alive: Collection[str]) -> set[str]:
        """Return those of the workers that are not being replaced right now."""
        return set(alive) - self._going

    def add_record(self, run: str, record: Record) -> None:
        """Add a run that no worker holds."""
        self._assignments[run] = Assignment("", record=record)

    def set_record(self, run: str, record: Record) -> None:
        """Change how a run is trained again."""
        self._change(run, record=record)

    def add_command(self, run: str, name: str, value: Any) -> None:
        """Note a command to a run, which is busy until its worker says that it has obeyed and rests."""
        assignment = self._assignments.get(run)
        if assignment is not None:
            command = Command(name, value, assignment.sent + 1)
            self._change(run, is_busy=True, sent=command.number, pending=(*assignment.pending, command))

    def report(self, run: str, is_busy: bool, seconds: float, obeyed: int) -> None:
        """Note what a worker says of a run: whether it trains, for how long in all, and what it has obeyed."""
        assignment = self._assignments.get(run)
        if assignment is None or assignment.record is not None:  # it may have been removed or replaced meanwhile
            return
        pending = tuple(command for command in assignment.pending if command.number > obeyed)
        self._change(run, is_busy=is_busy or bool(pending), seconds=seconds, pending=pending, opening=None)

    def _change(self, run: str, **changes: Any) -> None:
        assignment = self._assignments.get(run)
        if assignment is not None:  # it may have been removed meanwhile
            self._assignments[run] = replace(assignment, **changes)

    def has_left(self, run: str, address: str) -> bool:
        """Return whether a run goes on elsewhere, or from its record, since its worker was replaced."""
        assignment = self._assignments.get(run)
        return assignment is not None and (assignment.record is not None or assignment.address != address)

    def remove(self, run: str) -> Assignment | None:
        """Forget a run, and return where it was."""
        return self._assignments.pop(run, None)

    def choose(self, shape: Experiment | None, alive: Collection[str]) -> str:
        """Return the worker with the fewest busy runs; one that has compiled the shape may have one run more.

        Among equals it is the worker that has compiled the fewest structures, since it has grown least. One that will
        be replaced is chosen only where there is no other.
        """
        staying = set(alive) - {self._retiring} or set(alive)
        heard = staying - self._quiet or staying
        able = self._warm & heard or heard
        loads = dict.fromkeys(able, 0)
        for assignment in self._assignments.values():
            if assignment.address in loads and assignment.record is None:
                loads[assignment.address] += assignment.is_busy
        for address in self._studying & loads.keys():
            loads[address] += 1

        def rank(address: str) -> tuple[float, int]:
            shapes = self._shapes.get(address, set())
            return loads[address] - _KNOWN_SHAPE * (shape in shapes), len(shapes)

        return min(loads, key=rank)

    # Portions of studies

    @property
    def takers(self) -> set[str]:
        """The warm workers that can take a portion: they have none, answer, and will not be replaced soon."""
        staying = self._warm - {self._retiring} or self._warm
        return staying - self._going - self._quiet - self._studying

    def add_portion(self, address: str) -> None:
        """Note that a worker trains a portion; it is not replaced until that has ended."""
        self._studying.add(address)
        self.add_question(address)

    def remove_portion(self, address: str) -> None:
        """Note that a worker trains its portion no more."""
        self._studying.discard(address)
        self.remove_question(address)

    # Questions

    def add_question(self, address: str) -> None:
        """Note that a worker was asked something: until it has answered, it is not replaced."""
        self._questions[address] += 1

    def remove_question(self, address: str) -> None:
        """Note that a worker has answered, or never will."""
        self._questions[address] -= 1
        if self._questions[address] <= 0:  # below 0 where the worker was forgotten meanwhile
            del self._questions[address]

    # Replacing

    def next_to_replace(self, memory: Mapping[str, WorkerMemory], may_restart_idle: bool) -> str:
        """Return the worker to replace now, or "".

        Workers are replaced one at a time, and only while another one is warm. A worker above MEMORY_BOUND is waited
        for: it takes no new runs until nothing trains there and no question is open.

        Args:
            memory: of the workers.
            may_restart_idle: whether idle workers that have grown are replaced too; not where others may use them.
        """
        if not self._retiring and len(self._warm) > 1:
            warm = {address: used for address, used in memory.items() if address in self._warm}
            self._retiring = self._largest(warm) or (self._most_grown(warm) if may_restart_idle else "")
        if not self._retiring or self._is_restarting or self._is_in_use(self._retiring):
            return ""
        return self._retiring

    def is_exact(self, address: str, records: Mapping[str, Record]) -> bool:
        """Return whether records describe all runs on a worker with all commands that they were sent."""
        runs = self._runs_on(address)
        return all(run in records and records[run].obeyed == assignment.sent for run, assignment in runs.items())

    def begin_restart(self, address: str, records: Mapping[str, Record]) -> list[str]:
        """Note that a worker is being replaced, and how its runs can be trained again; return those that are lost."""
        self._is_restarting, self._retiring = True, address
        self._leave(address)
        lost = []
        for run, assignment in self._runs_on(address).items():
            if run in records:
                pending = tuple(command for command in assignment.pending if command.number > records[run].obeyed)
                self._assignments[run] = replace(assignment, record=records[run], is_busy=False, pending=pending)
            else:
                del self._assignments[run]
                lost.append(run)
        return lost

    def remove_worker(self, address: str) -> tuple[list[str], list[str]]:
        """Forget a worker that was frozen and is killed.

        Returns:
            The runs that are lost with it, and those that it had not opened yet, for another worker to open.
        """
        self._leave(address)
        lost, unplaced = [], []
        for run, assignment in self._runs_on(address).items():
            if assignment.opening is None:
                del self._assignments[run]
                lost.append(run)
            else:
                self._assignments[run] = replace(assignment, record=assignment.opening, opening=None)
                unplaced.append(run)
        return lost, unplaced

    def set_quiet(self, addresses: Collection[str]) -> None:
        """Note which workers have not been heard for a moment: they take no new runs and questions while others can."""
        self._quiet = frozenset(addresses)

    def remove_all(self) -> dict[str, str]:
        """Forget all workers, as where the connection is lost; return the runs that were on them, and their workers.

        Runs that no worker holds wait for new ones.
        """
        lost = {run: assignment.address for run, assignment in self._assignments.items() if assignment.record is None}
        waiting = {run: assignment for run, assignment in self._assignments.items() if assignment.record is not None}
        for known in (self._warm, self._asked, self._shapes, self._questions, self._studying, self._going):
            known.clear()
        self._retiring, self._is_restarting = "", False
        self._assignments = waiting
        return lost

    def end_restart(self) -> None:
        """Note that the worker was replaced."""
        self._retiring, self._is_restarting = "", False

    def _leave(self, address: str) -> None:
        """Note that a worker is about to go."""
        self._warm.discard(address)
        self._going.add(address)

    def _largest(self, memory: Mapping[str, WorkerMemory]) -> str:
        """Return the worker that uses most, if that is above MEMORY_BOUND, or ""."""
        largest = max(memory, key=lambda address: memory[address].used, default="")
        return largest if largest and memory[largest].used > MEMORY_BOUND else ""

    def _most_grown(self, memory: Mapping[str, WorkerMemory]) -> str:
        """Return the worker that has grown most of those that can go now, if that is above GROWTH_BOUND, or ""."""
        idle = [address for address in memory if not self._is_in_use(address) and self._can_repeat(address)]
        most = max(idle, key=lambda address: memory[address].grown, default="")
        return most if most and memory[most].grown > GROWTH_BOUND else ""

    def _can_repeat(self, address: str) -> bool:
        """Return whether the runs on a worker would soon be trained again."""
        return sum(assignment.seconds for assignment in self._runs_on(address).values()) <= REPEATED_SECONDS

    def _is_in_use(self, address: str) -> bool:
        """Return whether a run trains on a worker, or a question to it is open."""
        return self._questions[address] > 0 or any(run.is_busy for run in self._runs_on(address).values())

    def _runs_on(self, address: str) -> dict[str, Assignment]:
        return {
            run: assignment
            for run, assignment in self._assignments.items()
            if assignment.address == address and assignment.record is None
        }
