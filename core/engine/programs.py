"""Compiled programs by structure: a second run of the same structure need not wait for the compiler."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from concurrent.futures import Future

from core.byte_cache import ByteCache
from core.engine.fitted_program import FittedProgram
from core.engine.program import Program
from core.engine.structure import RowTensors, Structure
from core.engine.turns import Turns

_ROWS_BYTES = 512 * 2**20  # the rows of MNIST take 220 MB


class Programs:
    """The `most` programs of this process that were used last. Safe to use from any thread.

    Attributes:
        turns: the runs of this process take turns.
        is_polite: whether runs that use them leave at least half of the time to the others; see `Turn`.
        rows: returns what `RowTensors.of` does; runs of the same rows share it, within a bound of bytes.
    """

    def __init__(self, most: int = 32) -> None:
        self.turns = Turns()
        self.is_polite = False
        self._rows = ByteCache(_ROWS_BYTES)
        self.rows = self._rows.cached(RowTensors.of)
        self._most = most
        self._programs: OrderedDict[Structure, Program] = OrderedDict()
        self._built: dict[Structure, Future[Program]] = {}  # those that are being built
        self._lock = threading.Lock()  # for both; nothing is built while it is held

    @property
    def rows_bytes(self) -> int:
        """How many bytes the rows take that are kept."""
        return self._rows.size

    def politely(self) -> Programs:
        """Return the same programs, for runs that nobody watches step by step."""
        polite = copy.copy(self)
        polite.is_polite = True
        return polite

    def get(self, structure: Structure) -> FittedProgram:
        """Return the program of a structure, which others of the same padded form share.

        Build it if there is none yet, or if its compilation has failed. Who asks for another one meanwhile does not
        wait for that.
        """
        return FittedProgram(structure, self._program(structure.padded))

    def _program(self, structure: Structure) -> Program:
        with self._lock:
            program = self._programs.get(structure)
            if program is not None and not program.failed:
                self._programs.move_to_end(structure)
                return program
            others = self._built.get(structure)
            if others is None:
                own = self._built[structure] = Future[Program]()
        return others.result() if others is not None else self._build(structure, own)

    def _build(self, structure: Structure, own: Future[Program]) -> Program:
        try:
            program = Program(structure)
        except BaseException as error:
            with self._lock:
                del self._built[structure]
            own.set_exception(error)
            raise
        with self._lock:
            del self._built[structure]
            self._programs[structure] = program
            self._programs.move_to_end(structure)
            while len(self._programs) > self._most:
                self._programs.popitem(last=False)
        own.set_result(program)
        return program

    def __len__(self) -> int:
        return len(self._programs)
