"""What a trained network needs to predict new rows: names, scaling, encoding and ranges, but no rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.datasets import Split
from core.datasets.dataset import Raw, scale
from core.datasets.derived_inputs import INPUTS, derive_inputs
from core.datasets.far_numbers import FAR
from core.datasets.feature_encoding import CategoryColumn, FeatureEncoding, NumberColumn
from core.errors import DataError
from core.trained.network import TrainedNetwork

if TYPE_CHECKING:
    from core.tables.column_form import ColumnForm, FileForm

Floats = NDArray[np.float32]
_Read = TypeVar("_Read")

_LARGEST = float(np.finfo(np.float32).max)
_TYPICAL_VALUES = 4_000_000  # values that medians are computed from, at most


@dataclass(frozen=True, eq=False)
class Preparation:
    """How raw rows become a network's inputs, and its outputs predictions in the data's own words and units.

    Attributes:
        feature_names: one name a feature.
        input_names: one name an input: the features', or those of `menus.INPUTS` for derived inputs.
        class_names: one name a class; empty where the target is a number.
        target_name: the name of the target.
        image_shape: (height, width) where every row is a picture, (height, width, 3) where it is in colour; else None.
        photographs: whether a high pixel value means light, not ink.
        encoding: how a table's columns become features; None if every feature is a number.
        file_form: how the file that was trained on and its columns were read; None if there was none.
        derived: whether the inputs are derived from two features; they are scaled after that.
        offset: (inputs,), float32, or float64 where a column is too far from 0; scaled = (unscaled - offset) * factor.
        factor: (inputs,), above 0, like offset.
        target_offset: for regression; scaled = (y - target_offset) * target_factor.
        target_factor: above 0.
        low: (features,), the smallest value of every feature in the training rows; like offset.
        high: (features,), the largest.
        typical: (features,), the median of every number and the most frequent category of every column.
        target_low: the smallest target of the training rows for regression, else 0.
        target_high: the largest.

    Raises:
        DataError: where these are inconsistent.
    """

    feature_names: tuple[str, ...]
    input_names: tuple[str, ...]
    class_names: tuple[str, ...]
    target_name: str
    image_shape: tuple[int, ...] | None
    photographs: bool
    encoding: FeatureEncoding | None
    offset: Raw
    factor: Raw
    target_offset: float
    target_factor: float
    low: Raw
    high: Raw
    typical: Raw
    target_low: float
    target_high: float
    file_form: FileForm | None = None
    derived: bool = False

    def __post_init__(self) -> None:
        features, inputs = len(self.feature_names), len(self.input_names)
        widths = {"offset": inputs, "factor": inputs, "low": features, "high": features, "typical": features}
        fitting = all(getattr(self, name).shape == (width,) for name, width in widths.items())
        if not features or not inputs or not fitting or len(self.class_names) == 1:
            raise DataError("Names, scaling and ranges must be given for every feature, input and class.")
        if not (self._are_derived() if self.derived else self.input_names == self.feature_names):
            raise DataError(f"Inputs must be the features, or derived from two numbers: {', '.join(INPUTS)}.")
        if self.encoding is not None and self.encoding.width != features:
            raise DataError(f"The columns must give {features} features. They give {self.encoding.width}.")
        if self.encoding is not None and len(set(self.columns)) < len(self.columns):
            raise DataError("No column may come twice.")
        if self.image_shape is not None and math.prod(self.image_shape) != features:
            raise DataError(f"Pictures must have {features} pixels. Received: {self.image_shape}.")
        if not (self.factor > 0).all() or not self.target_factor > 0 or not (self.low <= self.high).all():
            raise DataError("Factors must be above 0, and no range may end below where it begins.")

    def _are_derived(self) -> bool:
        is_plane = len(self.feature_names) == 2 and (self.encoding is None or not self.encoding.categories)
        return is_plane and set(self.input_names) <= set(INPUTS)

    @classmethod
    def of(cls, split: Split) -> Preparation:
        """Return the preparation of a split, with the ranges of its training rows."""
        raw = split.raw_train
        numbers = not split.classes
        return cls(
            feature_names=split.feature_names,
            input_names=split.input_names,
            class_names=split.class_names,
            target_name=split.target_name,
            image_shape=split.image_shape,
            photographs=split.photographs,
            encoding=split.encoding,
            offset=split.offset,
            factor=split.factor,
            target_offset=split.target_offset,
            target_factor=split.target_factor,
            low=raw.min(axis=0),
            high=raw.max(axis=0),
            typical=_typical(raw, split.encoding),
            target_low=float(split.y_train.min()) if numbers else 0.0,
            target_high=float(split.y_train.max()) if numbers else 0.0,
            file_form=split.file_form,
            derived=split.derived,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file of rows to predict must have."""
        return self.feature_names if self.encoding is None else self.encoding.columns

    @property
    def target_dtype(self) -> type[np.float32] | type[np.float64]:
        """The dtype of predicted numbers: float64 where they are far from 0, else float32."""
        return np.float64 if abs(self.target_offset) * self.target_factor > FAR else np.float32

    def to_inputs(self, raw: Raw) -> Floats:
        """Return the network's inputs for raw values (rows, features): float32 (rows, inputs)."""
        unscaled = derive_inputs(raw, self.input_names) if self.derived else raw
        return scale(unscaled, self.offset, self.factor)

    def answer(self, network: TrainedNetwork, raw: Raw) -> Raw:
        """Return a network's predictions for raw values (rows, features).

        Returns:
            Probabilities float32 (rows, classes), or the target in its own units (rows, 1), as `target_dtype`.
        """
        outputs = network.predict(self.to_inputs(raw))
        if self.class_names:
            return outputs
        values: Raw = outputs.astype(self.target_dtype, copy=False)
        return values / self.target_factor + self.target_offset

    def to_json(self) -> dict[str, Any]:
        """Return plain values, which `from_json` reads back bit for bit."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()}
        nested = {name: values[name] and asdict(values[name]) for name in ("encoding", "file_form")}
        return plain | nested

    @classmethod
    def from_json(cls, plain: object) -> Preparation:
        """Return the preparation that `to_json` wrote; everything is checked.

        Raises:
            DataError: where it is anything else.
        """
        parts = _object(plain, {field.name for field in fields(cls)}, {"file_form", "derived"})
        encoding = _optional(_encoding, parts["encoding"])
        dtype = np.float32 if encoding is None else encoding.dtype
        feature_names, input_names = _texts(parts["feature_names"]), _texts(parts["input_names"])
        return cls(
            feature_names=feature_names,
            input_names=input_names,
            class_names=_texts(parts["class_names"]),
            target_name=_text(parts["target_name"]),
            image_shape=_optional(_shape, parts["image_shape"]),
            photographs=_flag(parts["photographs"]),
            encoding=encoding,
            offset=_floats(parts["offset"], dtype),
            factor=_floats(parts["factor"], dtype),
            target_offset=_number(parts["target_offset"]),
            target_factor=_number(parts["target_factor"]),
            low=_floats(parts["low"], dtype),
            high=_floats(parts["high"], dtype),
            typical=_floats(parts["typical"], dtype),
            target_low=_number(parts["target_low"]),
            target_high=_number(parts["target_high"]),
            file_form=_optional(_file_form, parts.get("file_form")),
            derived=_flag(parts.get("derived", input_names != feature_names)),  # older bundles lack it
        )


def _typical(raw: Raw, encoding: FeatureEncoding | None) -> Raw:
    step = -(-raw.size // _TYPICAL_VALUES)
    typical: Raw = np.median(raw[::step], axis=0).astype(raw.dtype)
    place = 0 if encoding is None else len(encoding.numbers)
    for column in () if encoding is None else encoding.categories:
        shares = raw[:, place : place + column.width].mean(axis=0)
        typical[place : place + column.width] = np.arange(column.width) == shares.argmax() if column.width else 0
        place += column.width
    return typical


def _encoding(plain: object) -> FeatureEncoding:
    parts = _object(plain, {"numbers", "categories"})
    return FeatureEncoding(
        tuple(map(_number_column, _list(parts["numbers"]))), tuple(map(_category_column, _list(parts["categories"])))
    )


def _number_column(plain: object) -> NumberColumn:
    parts = _object(plain, {"name", "fill", "is_date", "too_far"}, {"too_far"})
    fill, too_far = _optional(_number, parts["fill"]), _flag(parts.get("too_far", False))
    return NumberColumn(_text(parts["name"]), fill, _flag(parts["is_date"]), too_far)


def _category_column(plain: object) -> CategoryColumn:
    parts = _object(plain, {"name", "categories", "pools", "fill"})
    name, categories = _text(parts["name"]), _texts(parts["categories"])
    return CategoryColumn(name, categories, _flag(parts["pools"]), _optional(_text, parts["fill"]))


def _file_form(plain: object) -> FileForm:
    from core.tables.column_form import FileForm, Reading

    parts = _object(plain, {"reading", "columns"})
    reading = _object(parts["reading"], {field.name for field in fields(Reading)})
    return FileForm(
        Reading(
            encoding=_optional(_text, reading["encoding"]),
            delimiter=_optional(_text, reading["delimiter"]),
            decimal=_optional(_decimal, reading["decimal"]),
            header=_optional(_flag, reading["header"]),
            sheet=_optional(_text, reading["sheet"]),
            day_first=_optional(_flag, reading["day_first"]),
        ),
        tuple(map(_column_form, _list(parts["columns"]))),
    )


def _column_form(plain: object) -> ColumnForm:
    from core.tables import TYPES
    from core.tables.column_form import ColumnForm
    from core.tables.date_forms import date_formats

    parts = _object(plain, {field.name for field in fields(ColumnForm)})
    form = ColumnForm(
        name=_text(parts["name"]),
        type=_text(parts["type"]),
        missing=_texts(parts["missing"]),
        decimal=_decimal(parts["decimal"]),
        marks=_texts(parts["marks"]),
        odd=_flag(parts["odd"]),
        scaled=_flag(parts["scaled"]),
        formats=_texts(parts["formats"]),
    )
    if form.type not in TYPES:
        raise _wrong(f"a type of columns: {', '.join(TYPES)}", form.type)
    if unknown := set(form.formats) - date_formats():
        raise _wrong("known formats of dates", min(unknown))
    return form


def _decimal(value: object) -> str:
    if value not in (".", ","):
        raise _wrong("a point or a comma as the decimal separator", value)
    return str(value)


def _optional(read: Callable[[object], _Read], value: object) -> _Read | None:
    return None if value is None else read(value)


def _wrong(expected: str, received: object) -> DataError:
    return DataError(f"The bundle's data.json must hold {expected}. Received: {repr(received)[:60]}.")


def _object(value: object, keys: set[str], optional: Set[str] = frozenset()) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not keys - optional <= set(value) <= keys:
        raise _wrong(f"an object with {', '.join(sorted(keys))}", value)
    return value


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong("lists where there are several of something", value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise _wrong("text", value)  # JSON can spell a lone surrogate, which is no text
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(part) for part in _list(value))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong("true or false", value)
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise _wrong("numbers that float32 can hold", value)
    return float(value)


def _floats(value: object, dtype: type[np.float32] | type[np.float64]) -> Raw:
    values: Raw = np.array([_number(part) for part in _list(value)], dtype)
    return values


def _shape(value: object) -> tuple[int, ...]:
    match value:
        case [int(height), int(width)] if height > 0 and width > 0:
            return height, width
        case [int(height), int(width), 3] if height > 0 and width > 0:
            return height, width, 3
    raise _wrong("a height and a width in pixels", value)
