"""Predictions for the rows of a file: a table with the predicted value and the probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets.dataset import Raw
from core.datasets.derived_inputs import check_reach
from core.datasets.far_numbers import LARGEST
from core.datasets.feature_encoding import CategoryColumn, FeatureEncoding, NumberColumn, merged_name
from core.datasets.uploaded_data import days
from core.errors import DataError
from core.tables import CATEGORY, DATE, NUMBER, Column, Table, read_rows, read_table, retype
from core.tables.column_notes import counted
from core.tables.formulas import without_formulas
from core.trained.network import TrainedNetwork
from core.trained.preparation import Preparation

_VALUES_AT_ONCE = 4_000_000  # rows times features
_ANSWERS_MOST = 20_000_000  # rows times classes
_SHOWN_NAMES = 5  # in a message
_PROBABILITY = "probability of "
_WHOLE_MOST = 2**53  # float64 holds every whole number below it exactly


@dataclass(frozen=True, eq=False)
class Predictions:
    """The predictions for the rows of a file.

    Attributes:
        frame: one row for each row of the file, in its order: the file's columns (without the pixels of pictures), the
            prediction, then the probability of every class. The prediction is missing where a row lacks a value that
            cannot be filled in.
        predicted: the name of the column of predictions.
        probabilities: the names of the columns of probabilities, one a class; empty for regression.
        left_out: the number of rows without a prediction.
        outside: the number of rows with a number outside the range of the training rows.
        warnings: how the file was read, where a person should know, one sentence each.
    """

    frame: pd.DataFrame
    predicted: str
    probabilities: tuple[str, ...]
    left_out: int
    outside: int
    warnings: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, one sentence each."""
        notes = list(self.warnings)
        if self.left_out:
            notes.append(
                f"{_rows(self.left_out)} left without a prediction: a value is missing and cannot be filled in."
            )
        if self.outside:
            notes.append(f"{_rows(self.outside)} outside the range of the training rows.")
        if formulas := without_formulas(self.frame)[1]:
            notes.append(
                f"In the CSV file, an apostrophe is before {formulas:,} {'text' if formulas == 1 else 'texts'} that a "
                "spreadsheet program would run as a formula."
            )
        return tuple(notes)

    def to_csv(self) -> bytes:
        """Return the table as CSV in UTF-8, with a header; texts that a spreadsheet program would run are made safe."""
        return without_formulas(self.frame)[0].to_csv(index=False, lineterminator="\n").encode()


def predict_file(network: TrainedNetwork, preparation: Preparation, content: bytes, filename: str) -> Predictions:
    """Return the predictions for the rows of a CSV, Excel, Parquet or .npz file.

    The file is read as the one that was trained on. Columns are found by name; those of pictures by their order where
    no name matches. Missing values are filled in and unknown categories are treated as in training; a category that
    only differs in case or spaces is the one that was trained.

    Raises:
        DataError: where the file cannot be read, lacks a column, or a column has another type than in training.
    """
    trained = preparation.file_form
    table = read_table(content, filename) if trained is None else read_rows(content, filename, trained)
    if len(table.frame) * max(1, len(preparation.class_names)) > _ANSWERS_MOST:
        most = _ANSWERS_MOST // max(1, len(preparation.class_names))
        raise DataError(f"At most {most:,} rows are predicted at once. This file has {len(table.frame):,}.")
    names = _names(table, preparation)
    carried = _carried(table, () if preparation.image_shape is None else names)
    inputs, warnings = _inputs(table, preparation, names)
    answers, left_out, outside = _answer(network, preparation, inputs)
    predicted = _free_name(f"predicted {preparation.target_name}", carried)
    frame = carried.assign(**{predicted: _predicted(preparation, answers)})
    shown = {
        _free_name(f"{_PROBABILITY}{name}", frame): answers[:, place]
        for place, name in enumerate(preparation.class_names)
    }
    frame = pd.concat([frame, pd.DataFrame(shown, index=frame.index)], axis=1)
    return Predictions(frame, predicted, tuple(shown), left_out, outside, warnings)


def _names(table: Table, preparation: Preparation) -> tuple[str, ...]:
    """Return the names of the input columns in the table, in the order of the network's inputs."""
    wanted = preparation.columns
    missing = [name for name in wanted if table.column(name) is None]
    if not missing:
        return wanted
    if preparation.image_shape is not None and len(missing) == len(wanted) == len(table.columns):
        return tuple(column.name for column in table.columns)
    raise DataError(
        f"The file must have every column that the network was trained on. Missing: {_some(missing)}. Received: "
        f"{_some([column.name for column in table.columns])}."
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN_NAMES:,} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(map(repr, names[:_SHOWN_NAMES])) + more


def _carried(table: Table, without: tuple[str, ...]) -> pd.DataFrame:
    """Return the file's columns except some, as they are written; columns of only whole numbers become integers."""
    frame = table.frame[[column.name for column in table.columns if column.name not in without]]
    written = {name: text for name, text in table.originals.items() if name in frame}
    frame = frame.assign(**written)
    numbers = frame.select_dtypes("float")
    whole = [
        name for name in numbers if (values := numbers[name]).abs().lt(_WHOLE_MOST).all() and (values % 1 == 0).all()
    ]
    return frame.astype(dict.fromkeys(whole, np.int64))


def _inputs(table: Table, preparation: Preparation, names: tuple[str, ...]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the input columns under their training names, each with its type in training, and notes on the table."""
    encoding = _encoding(preparation)
    numbers = {column.name: column for column in encoding.numbers}
    categories = {column.name: column for column in encoding.categories}
    columns, notes = {}, []
    for name, trained in zip(names, preparation.columns, strict=True):
        number = numbers.get(trained)
        if number is None:
            table, words = _category(table, name)
            columns[trained], said = _as_trained(words, categories[trained])
            notes += said
        else:
            table, columns[trained] = _number(table, name, number.is_date)
    if preparation.derived:
        check_reach(preparation.input_names, *(_reach(columns[column.name], column) for column in encoding.numbers))
    return pd.DataFrame(columns, copy=False), (*table.warnings, *notes)


def _as_trained(words: pd.Series, column: CategoryColumn) -> tuple[pd.Series, list[str]]:
    """Return words in the spelling of the trained categories, and notes on those that differ or did not train."""
    counts = words.value_counts()
    known = set(column.categories)
    spellings: dict[str, list[str]] = {}
    for category in column.categories:
        spellings.setdefault(_plain(category), []).append(category)
    others = [str(word) for word in counts.index if word not in known]
    alike = {word: found[0] for word in others if len(found := spellings.get(_plain(word), [])) == 1}
    unknown = {word: int(counts[word]) for word in others if word not in alike}
    notes = []
    if alike:
        said = ", ".join(f"{word!r} counts as {alike[word]!r}" for word in list(alike)[:_SHOWN_NAMES])
        notes.append(f"{column.name!r}: {said}{' and others' * (len(alike) > _SHOWN_NAMES)}.")
    if unknown:
        instead = repr(merged_name(column.categories)) if column.pools else "none of the trained categories"
        notes.append(
            f"{column.name!r}: {_rows(sum(unknown.values()))} of a category that was not trained and counts as "
            f"{instead}: {counted(unknown)}."
        )
    return (words.replace(alike) if alike else words), notes


def _plain(word: str) -> str:
    """Return what a category has in common with its other spellings: without case and spaces, and 1 for 1.0."""
    joined = "".join(word.split()).casefold()
    try:
        return f"{float(joined):.12g}"
    except ValueError:
        return joined


def _encoding(preparation: Preparation) -> FeatureEncoding:
    """Return how columns become features; without an encoding, missing numbers are not filled in."""
    return preparation.encoding or FeatureEncoding(
        tuple(NumberColumn(name, None) for name in preparation.feature_names), ()
    )


def _number(table: Table, name: str, is_date: bool) -> tuple[Table, pd.Series]:
    column = _column(table, name)
    if column.missing == len(table.frame):
        return table, pd.Series(np.full(len(table.frame), np.nan), index=table.frame.index)
    table = retype(table, name, DATE if is_date else NUMBER)
    values = table.frame[name]
    if is_date:
        return table, days(values)
    if values.abs().max() > LARGEST:
        raise DataError(f"{name!r} must hold numbers from -1e30 to 1e30. Received: {values.abs().max():.4g}.")
    return table, values


def _reach(values: pd.Series, column: NumberColumn) -> float:
    """Return how far numbers are from 0, also where they are filled in."""
    return float(np.fmax(values.abs().max(), abs(column.fill or 0.0)))


def _category(table: Table, name: str) -> tuple[Table, pd.Series]:
    if _column(table, name).type in (NUMBER, DATE):
        table = retype(table, name, CATEGORY)
    return table, table.frame[name]


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    assert column is not None
    return column


def _answer(network: TrainedNetwork, preparation: Preparation, inputs: pd.DataFrame) -> tuple[Raw, int, int]:
    """Return the outputs (NaN for rows left out), and the numbers of rows left out and of rows out of range."""
    width = max(1, len(preparation.class_names))
    answers = np.full((len(inputs), width), np.nan, np.float32 if preparation.class_names else preparation.target_dtype)
    left_out = outside = 0
    encoding = _encoding(preparation)
    numbers = slice(len(encoding.numbers))
    for rows, raw in _batches(encoding, inputs):
        whole = ~np.isnan(raw).any(axis=1)
        if whole.any():
            answers[rows][whole] = preparation.answer(network, raw[whole])
        left_out += int((~whole).sum())
        below, above = raw < preparation.low, raw > preparation.high
        outside += int((below | above)[:, numbers].any(axis=1).sum())
    return answers, left_out, outside


def _batches(encoding: FeatureEncoding, inputs: pd.DataFrame) -> Iterator[tuple[slice, Raw]]:
    count = max(1, _VALUES_AT_ONCE // encoding.width)
    for first in range(0, len(inputs), count):
        rows = slice(first, first + count)
        yield rows, encoding.encode(inputs.iloc[rows])


def _predicted(preparation: Preparation, answers: Raw) -> NDArray[np.generic] | pd.Series:
    """Return the most probable class or the number of every row; None or NaN without a prediction."""
    if not preparation.class_names:
        return answers[:, 0]
    names = np.array([*preparation.class_names, None], object)
    unknown = np.isnan(answers).any(axis=1)
    predicted: NDArray[np.generic] = names[np.where(unknown, -1, answers.argmax(axis=1))]
    return predicted


def _rows(count: int) -> str:
    return f"{count:,} {'row is' if count == 1 else 'rows are'}"


def _free_name(wanted: str, frame: pd.DataFrame) -> str:
    name, times = wanted, 1
    while name in frame.columns:
        times += 1
        name = f"{wanted} ({times})"
    return name
