"""Traced functions as values: exported under names that every process gives them, and imported without tracing again.

This relies on undocumented parts of TensorFlow, as `core.engine.keras_internals` does;
`tests/core/engine/test_portable_functions.py` tests them against TensorFlow itself.
"""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.function_pb2 import FunctionDef, FunctionDefLibrary
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.python.eager import context

_DIGITS = 24  # of a name
_COMPILED = "_compiled"


def exported(function: tf.types.experimental.ConcreteFunction) -> FunctionDefLibrary:
    """Return a traced function and all that it calls; itself last, and each after those that it calls.

    Each is named after its content. TensorFlow's own names contain a counter of the process, and XLA's cache on disk
    would find nothing again in another one.

    Raises:
        ValueError: where the function uses tensors that are not among its arguments.
    """
    if function.captured_inputs:
        raise ValueError(
            f"`function` must use no tensors but its arguments. Received: {function.name}, which uses "
            f"{len(function.captured_inputs)} others."
        )
    own = function.function_def
    definitions = {one.signature.name: one for one in function.graph.as_graph_def().library.function}
    definitions[own.signature.name] = own
    library, names = FunctionDefLibrary(), dict[str, str]()
    _add_named(library, own.signature.name, definitions, names)
    return library


def _add_named(
    library: FunctionDefLibrary, name: str, definitions: Mapping[str, FunctionDef], names: dict[str, str]
) -> None:
    """Add a function to a library after those that it calls, all under their new names, which are noted in `names`."""
    if name in names:
        return
    definition = FunctionDef()
    definition.CopyFrom(definitions[name])
    definition.signature.name = ""
    _number_arguments(definition)
    for node in definition.node_def:
        node.ClearField("experimental_debug_info")
        node.attr.pop("_gradient_op_type", None)  # it contains the counter too
        for called in _called(node):
            _add_named(library, called.name, definitions, names)
            called.name = names[called.name]
    content = definition.SerializeToString(deterministic=True)
    definition.signature.name = names[name] = f"__inference_{hashlib.sha256(content).hexdigest()[:_DIGITS]}"
    if all(one.signature.name != definition.signature.name for one in library.function):
        library.function.append(definition)


def _number_arguments(definition: FunctionDef) -> None:
    """Rename the arguments of a function, since the names of some contain the counter."""
    names = {argument.name: f"argument_{place}" for place, argument in enumerate(definition.signature.input_arg)}
    for argument in definition.signature.input_arg:
        argument.name = names[argument.name]
    for node in definition.node_def:
        node.input[:] = [names.get(name, name) for name in node.input]
    for result, value in list(definition.ret.items()):
        definition.ret[result] = names.get(value, value)


def _called(node: NodeDef) -> Iterator[Any]:
    """Yield what names the functions that a node calls."""
    for _, value in sorted(node.attr.items()):
        if value.HasField("func"):
            yield value.func
        yield from value.list.func


class PortableFunction:
    """A function made of what `exported` returns. Functions of equal content are one in TensorFlow.

    Args:
        compiled: whether XLA compiles it, at its first call.

    Attributes:
        name: made of its content.
    """

    def __init__(self, library: FunctionDefLibrary, compiled: bool) -> None:
        *called, own = library.function
        if compiled:
            own = FunctionDef.FromString(own.SerializeToString())
            own.signature.name += _COMPILED
            own.attr["_XlaMustCompile"].b = True
        self.name: str = own.signature.name
        self._bytes_name = self.name.encode()
        self._results = len(own.signature.output_arg)
        self._context = context.context()
        weakref.finalize(self, _LEFT.append, _hold(self._context, [*called, own])).atexit = False

    def __call__(self, arguments: Sequence[tf.Tensor]) -> Sequence[tf.Tensor]:
        results: Sequence[tf.Tensor] = self._context.call_function(self._bytes_name, list(arguments), self._results)
        return results


# How many objects hold each of TensorFlow's functions, by name, and the names that objects held which are gone.
# Nothing but `append` happens when an object goes, since that may be at any moment, and on any thread.
_HELD = Counter[str]()
_HELD_LOCK = threading.Lock()
_LEFT: deque[list[str]] = deque()


def _hold(holder: context.Context, definitions: Sequence[FunctionDef]) -> list[str]:
    """Add functions to TensorFlow unless it has them, remove those that nobody holds, and return the names."""
    names = [definition.signature.name for definition in definitions]
    with _HELD_LOCK:
        for name, definition in zip(names, definitions, strict=True):
            if not _HELD[name]:
                holder.add_function_def(definition)
            _HELD[name] += 1
        while _LEFT:
            for name in _LEFT.popleft():
                _HELD[name] -= 1
                if not _HELD[name]:
                    del _HELD[name]
                    holder.remove_function(name)
    return names
