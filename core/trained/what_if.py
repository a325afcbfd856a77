"""The inputs of a network as a person sets them: a number in its own units, or a category of a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.trained.preparation import Preparation

Floats = NDArray[np.float32]

_OTHERS = "any other"
_NONE = "none of these"


@dataclass(frozen=True)
class NumberField:
    """A feature that is a number.

    Attributes:
        name: the feature's name.
        place: its index among the features.
        low: its smallest value in the training rows.
        high: its largest.
    """

    name: str
    place: int
    low: float
    high: float

    def read(self, raw: Floats) -> float:
        """Return the field's value in a row float32 (features,)."""
        return float(raw[self.place])

    def write(self, raw: Floats, value: float) -> None:
        """Write a value into a row."""
        raw[self.place] = value


@dataclass(frozen=True)
class CategoryField:
    """A column of categories, each a feature of 0 and 1.

    Attributes:
        name: the column's name.
        place: the index of its first feature.
        width: its number of features.
        options: the choices: one category a feature, and "none of these" where no feature stands for all others.
    """

    name: str
    place: int
    width: int
    options: tuple[str, ...]

    def read(self, raw: Floats) -> int:
        """Return the index of the option in a row float32 (features,)."""
        ones = np.flatnonzero(raw[self.place : self.place + self.width])
        return int(ones[0]) if len(ones) else len(self.options) - 1

    def write(self, raw: Floats, value: int) -> None:
        """Write the option with this index into a row."""
        raw[self.place : self.place + self.width] = np.arange(self.width) == value


Field = NumberField | CategoryField


@dataclass(frozen=True, eq=False)
class Trial:
    """The row that the controls of "What if" start from.

    Attributes:
        of: the name of the run or bundle.
        row: float32 (features,), in the data's own units.
        held_out: the index of the held-out row that it is; None if it is another row.
        revision: rises with every new row, so that the controls are drawn again.
        problem: the error of the last uploaded picture, or "".
    """

    of: str
    row: Floats
    held_out: int | None = None
    revision: int = 0
    problem: str = ""


def fields_of(preparation: Preparation) -> tuple[Field, ...]:
    """Return a field for every feature, or for every column of a table, in order."""
    encoding = preparation.encoding
    count = len(preparation.feature_names) if encoding is None else len(encoding.numbers)
    fields: list[Field] = [
        NumberField(name, place, float(preparation.low[place]), float(preparation.high[place]))
        for place, name in enumerate(preparation.feature_names[:count])
    ]
    place = count
    for column in () if encoding is None else encoding.categories:
        options = (*column.categories, _OTHERS if column.pools else _NONE)
        fields.append(CategoryField(column.name, place, column.width, options))
        place += column.width
    return tuple(fields)


def row_with(raw: Floats, fields: Sequence[Field], values: Mapping[int, float]) -> Floats:
    """Return a row float32 (features,) with new values in the fields whose indices are given."""
    changed = raw.copy()
    for number, value in values.items():
        field = fields[number]
        if isinstance(field, CategoryField):
            field.write(changed, int(value))
        else:
            field.write(changed, value)
    return changed
