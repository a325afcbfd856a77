"""The epochs that the plain graph trains while the compiler works, until the compiled program replays them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.engine.program import Program, State
from core.engine.structure import RowTensors
from core.training.by_hand import ByHand
from core.training.plan import Plan

_COMPILER_SECONDS = 2.0  # that the compiler takes at most for a small network where others keep the machine busy


@dataclass(frozen=True, eq=False)
class Moment:
    """A network's state, the optimizer's with it, and what was done to it by hand."""

    state: State
    by_hand: ByHand


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where the plain graph took over, before anything was done by hand there, and the best moment until then."""

    epoch: int
    moment: Moment
    best: Moment


class Preview:
    """What of a run's history is the plain graph's, and the programs that are to replay it.

    Attributes:
        begun: where the plain graph took over, or None where all of the history is the compiled program's.
    """

    def __init__(self, plan: Plan, rows: RowTensors) -> None:
        self._plan = plan
        self._rows = rows
        self.begun: Checkpoint | None = None
        self._awaited: set[Program] = set()

    def __bool__(self) -> bool:
        return self.begun is not None

    @property
    def can_be_replayed(self) -> bool:
        """Whether there is a preview, and all that it took is compiled."""
        return bool(self) and all(program.ready for program in self._programs)

    def await_program(self, program: Program, here: Checkpoint) -> None:
        """Go on from here with the plain graph where a program is not compiled yet, until it is."""
        if not program.ready and self.begun is None:
            self.begun = here

    def have_compiled(self, state: State) -> None:
        """Have what the preview took compiled, behind the plain graph."""
        for program in self._programs:
            if not program.ready and program not in self._awaited:
                self._awaited.add(program)
                program.start_compiling(state, self._rows)

    def stop_waiting(self) -> None:
        """Wait for no program any more, whether all are compiled or nobody wants the run."""
        for program in self._awaited:
            program.stop_waiting()
        self._awaited.clear()

    def is_soon_through(self, seconds: Sequence[float], left: int) -> bool:
        """Return whether the plain graph is through before a compiler would be ready, which would be in its way.

        The first epochs say little of the others: they prepare the graph, and are what a person waits for.

        Args:
            seconds: of every epoch so far.
            left: epochs still to do.
        """
        assert self.begun is not None
        previewed = seconds[self.begun.epoch :]
        fastest = min(previewed[-3:])
        is_early = len(previewed) < 4 and fastest < _COMPILER_SECONDS / 4
        return is_early or fastest * left < _COMPILER_SECONDS

    def end(self) -> Checkpoint:
        """Return where the replay begins, for everything behind that is to be the compiled program's."""
        assert self.begun is not None
        begun, self.begun = self.begun, None
        self.stop_waiting()
        return begun

    @property
    def _programs(self) -> list[Program]:
        if self.begun is None:
            return []
        return [stretch.program for stretch in self._plan.since(self.begun.epoch)]
