"""Many small tensors packed into a few vectors: every argument and result of a compiled function costs time."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

Packed = tuple[tf.Tensor, ...]

_LARGE = 2**14  # numbers; copying so many costs more than one argument


class Packing:
    """How the values of variables are packed: one vector for each dtype; a large value stays as it is.

    Args:
        variables: whose values are packed, in this order; only their shapes and dtypes matter.
        large: a value of more numbers than these is large.
    """

    def __init__(self, variables: Sequence[keras.Variable], large: int = _LARGE) -> None:
        self._large = large
        self._shapes = [tuple(variable.shape) for variable in variables]
        self._sizes = [tf.TensorShape(shape).num_elements() for shape in self._shapes]
        self._dtypes = [tf.as_dtype(variable.dtype) for variable in variables]
        groups: dict[object, list[int]] = {}
        for place, (size, dtype) in enumerate(zip(self._sizes, self._dtypes, strict=True)):
            groups.setdefault((dtype, place if size > large else None), []).append(place)
        self._groups = list(groups.values())

    def __len__(self) -> int:
        """Return the number of packed tensors."""
        return len(self._groups)

    @property
    def bytes(self) -> int:
        """The size of all values in bytes."""
        return sum(size * dtype.size for size, dtype in zip(self._sizes, self._dtypes, strict=True))

    @property
    def signature(self) -> list[tf.TensorSpec]:
        """Shape and dtype of the packed tensors: (numbers,), or the variable's own shape where it is large."""
        return [
            tf.TensorSpec(
                self._shapes[group[0]] if self._is_large(group) else (sum(self._sizes[place] for place in group),),
                self._dtypes[group[0]],
            )
            for group in self._groups
        ]

    def pack(self, values: Sequence[tf.Tensor]) -> Packed:
        """Return the values of all variables, packed."""
        return tuple(
            values[group[0]]
            if self._is_large(group)
            else tf.concat([tf.reshape(values[place], [-1]) for place in group], axis=0)
            for group in self._groups
        )

    def unpack(self, packed: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return the values of all variables, in their order and shapes."""
        values: dict[int, tf.Tensor] = {}
        for group, tensor in zip(self._groups, packed, strict=True):
            if self._is_large(group):
                values[group[0]] = tensor
                continue
            parts = tf.split(tensor, [self._sizes[place] for place in group])
            values |= {place: tf.reshape(part, self._shapes[place]) for place, part in zip(group, parts, strict=True)}
        return [values[place] for place in range(len(self._shapes))]

    def arrays(self, packed: Sequence[tf.Tensor]) -> list[np.ndarray]:
        """Return the same as `unpack`, as arrays: faster, since NumPy only makes views."""
        values: dict[int, np.ndarray] = {}
        for group, tensor in zip(self._groups, packed, strict=True):
            ends = np.cumsum([self._sizes[place] for place in group])
            parts = np.split(tensor.numpy().reshape(-1), ends[:-1])
            values |= {place: part.reshape(self._shapes[place]) for place, part in zip(group, parts, strict=True)}
        return [values[place] for place in range(len(self._shapes))]

    def _is_large(self, group: list[int]) -> bool:
        return self._sizes[group[0]] > self._large
