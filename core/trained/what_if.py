"""The inputs of a network as a person sets them: a number in its own units, or one of a column's categories."""

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
        name: of the feature.
        place: its number among the features.
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
        """Put a value into a row."""
        raw[self.place] = value


@dataclass(frozen=True)
class CategoryField:
    """A column of categories, each a feature of 0 and 1.

    Attributes:
        name: of the column.
        place: the number of its first feature.
        width: how many features it has.
        options: what can be chosen: a category a feature, and what is none of them where no feature is for all others.
    """

    name: str
    place: int
    width: int
    options: tuple[str, ...]

    def read(self, raw: Floats) -> int:
        """Return the number of the option that a row float32 (features,) has."""
        ones = np.flatnonzero(raw[self.place : self.place + self.width])
        return int(ones[0]) if len(ones) else len(self.options) - 1

    def write(self, raw: Floats, value: int) -> None:
        """Put the option of this number into a row."""
        raw[self.place : self.place + self.width] = np.arange(self.width) == value


Field = NumberField | CategoryField


@dataclass(frozen=True, eq=False)
class Trial:
    """The row that the controls of "What if" start from.

    Attributes:
        of: the name of the run or bundle that is tried.
        row: float32 (features,), in the data's own units.
        held_out: the number of the held-out row that it is; None where it is none.
        revision: rises with every other row, so that the controls are drawn anew.
        problem: what is wrong with the picture that was brought last, or "".
    """

    of: str
    row: Floats
    held_out: int | None = None
    revision: int = 0
    problem: str = ""


def fields_of(preparation: Preparation) -> tuple[Field, ...]:
    """Return a field for every feature, or for every column of a table, in their order."""
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
    """Return a row float32 (features,) with other values in those fields whose numbers are given."""
    changed = raw.copy()
    for number, value in values.items():
        field = fields[number]
        if isinstance(field, CategoryField):
            field.write(changed, int(value))
        else:
            field.write(changed, value)
    return changed
