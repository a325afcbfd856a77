"""The programs that a preview waits for: the epochs that the plain graph trains while the compiler works."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.fitted_program import FittedProgram
from core.engine.program import State
from core.engine.structure import RowTensors

_COMPILER_SECONDS = 2.0  # that a small network takes at most to compile while others keep the machine busy


def is_soon_over(previewed: Sequence[float], left: int) -> bool:
    """Return whether the plain graph will be done before a compiler would, which would only slow it down.

    The first epochs say little about the others: they prepare the graph, and they are what a person waits for.

    Args:
        previewed: the seconds of every epoch on the plain graph so far, at least one.
        left: epochs still to do.
    """
    fastest = min(previewed[-3:])
    is_early = len(previewed) < 4 and fastest < _COMPILER_SECONDS / 4
    return is_early or fastest * left < _COMPILER_SECONDS


class AwaitedPrograms:
    """The programs that one run has asked the compiler for and still waits for. Used by the training thread alone."""

    def __init__(self, rows: RowTensors) -> None:
        self._rows = rows
        self._awaited: set[FittedProgram] = set()

    def add(self, programs: Sequence[FittedProgram], state: State) -> None:
        """Have programs compiled that are not compiled yet, each once."""
        for program in programs:
            if not program.ready and program not in self._awaited:
                self._awaited.add(program)
                program.start_compiling(state, self._rows)

    def clear(self) -> None:
        """Wait for no program any more; what nobody else waits for either is not compiled."""
        for program in self._awaited:
            program.stop_waiting()
        self._awaited.clear()
