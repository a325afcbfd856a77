"""The traced functions of a program: made once, then read from disk.

Tracing a small network takes half a second, and what comes of it is the same in every process. So it is kept
(`core.engine.kept_programs`). A function that was traced here is exported and imported again as well: then it has the
same name wherever it comes from, and XLA finds by that name what it has compiled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TypeAlias

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.function_pb2 import FunctionDefLibrary

from core.engine.compiler import compile_function, kept_name
from core.engine.kept_programs import is_kept, keep, read_kept
from core.engine.keras_internals import call_concrete
from core.engine.portable_functions import PortableFunction, exported

ConcreteFunction: TypeAlias = tf.types.experimental.ConcreteFunction
Traceable: TypeAlias = Callable[..., Sequence[tf.Tensor]]


class Graphs:
    """The graphs of one program. Make them on one thread at a time (`program.BUILD_LOCK`).

    Args:
        key: what they depend on; its representation is the same in every process.
    """

    def __init__(self, key: object) -> None:
        self._file = f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.graphs"
        self._libraries = dict(read_kept(self._file) or {})
        self._is_kept = True
        self._traced: list[Graph] = []

    def add(self, name: str, function: Traceable, signature: Sequence[tf.TensorSpec]) -> Graph:
        """Return the graph of a function: from disk where it is there, else traced.

        Args:
            name: among those of the program.
            function: takes and returns tensors; it uses no others.
        """
        with suppress(KeyError, DecodeError):
            return Graph(function, FunctionDefLibrary.FromString(self._libraries[name]))
        traced = tf.function(function, autograph=False).get_concrete_function(*signature)
        library = exported(traced)
        self._libraries[name] = library.SerializeToString()
        self._is_kept = False
        self._traced.append(Graph(function, library, traced))
        return self._traced[-1]

    def end(self) -> None:
        """Let go of what was traced, since no other graph is to be made of these; it takes a few megabytes."""
        for graph in self._traced:
            graph.traced = None
        self._traced.clear()

    def keep(self) -> None:
        """Write the graphs to disk, unless they come from there."""
        if not self._is_kept:
            self._is_kept = True
            keep(self._file, self._libraries)


class Graph:
    """A function of tensors, as a plain graph and compiled by XLA. Several threads may call it at once.

    Attributes:
        traced: what becomes part of others that are traced; None where it is to be traced again for them.
    """

    def __init__(
        self, function: Traceable, library: FunctionDefLibrary, traced: ConcreteFunction | None = None
    ) -> None:
        self._function, self._library, self.traced = function, library, traced

    def __call__(self, compiled: bool, arguments: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
        """Call it; while another function is being traced, it becomes a part of that one."""
        if not tf.inside_function():
            return self._compiled(arguments) if compiled else self._plain(arguments)
        return self._function(*arguments) if self.traced is None else call_concrete(self.traced, arguments)

    @property
    def was_compiled(self) -> bool:
        """Whether its compiled code is on disk, so that `compile` takes a moment."""
        return is_kept(kept_name(self._compiled.name))

    def compile(self, arguments: Sequence[tf.Tensor]) -> None:
        """Have XLA compile it; only the threads of COMPILER and LOADER may call this."""
        compile_function(self._compiled, arguments)

    @cached_property
    def _plain(self) -> PortableFunction:
        return PortableFunction(self._library, compiled=False)

    @cached_property
    def _compiled(self) -> PortableFunction:
        return PortableFunction(self._library, compiled=True)
