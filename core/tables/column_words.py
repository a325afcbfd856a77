"""A column of text, stored by its different values: they are few even where there are many rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_COUNTED_MOST = 1_000
PROBE = 100  # values that are looked at before all are


@dataclass(frozen=True, eq=False)
class Words:
    """A column of text.

    Attributes:
        different: text (k,), trimmed; null for what counts as missing. Some may be equal after trimming.
        counts: int64 (k,), the number of rows with each.
        places: int32 (rows,), indices into `different`; null where the file has no value.
    """

    different: pa.Array
    counts: NDArray[np.int64]
    places: pa.Array

    @classmethod
    def of(cls, values: pa.ChunkedArray) -> Words:
        """Return the words of a column; only empty values count as missing so far."""
        encoded = values.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.unify_dictionaries().combine_chunks()
        trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
        different = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
        counts = np.bincount(encoded.indices.drop_null().to_numpy(), minlength=len(different))
        return cls(different, counts, encoded.indices)

    @classmethod
    def of_series(cls, values: pd.Series) -> Words:
        """Return the words of a column of a frame."""
        return cls.of(pa.chunked_array([pa.array(values, pa.large_string(), from_pandas=True)]))

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Which different values are not missing, bool (k,)."""
        valid: NDArray[np.bool_] = self.different.is_valid().to_numpy(zero_copy_only=False)
        return valid

    @cached_property
    def lower(self) -> pa.Array:
        """The different values in lower case."""
        return pc.utf8_lower(self.different)

    @property
    def present(self) -> int:
        """The number of rows whose value is not missing."""
        return self.rows_with(self.valid)

    @property
    def unique(self) -> int:
        """The number of different values that are not missing."""
        return int(pc.count_distinct(self.different).as_py())

    def rows_with(self, chosen: NDArray[np.bool_]) -> int:
        """Return the number of rows that have one of the chosen different values, bool (k,)."""
        return int(self.counts[chosen].sum())

    def without(self, chosen: NDArray[np.bool_]) -> Words:
        """Return the column where the chosen different values count as missing."""
        if not chosen.any():
            return self
        kept = pc.if_else(pa.array(chosen), pa.scalar(None, self.different.type), self.different)
        return replace(self, different=kept)

    def counted(self, chosen: NDArray[np.bool_]) -> dict[str, int]:
        """Return how many rows have each of the chosen different values, the most frequent first; at most 1,000."""
        found: dict[str, int] = {}
        places = np.flatnonzero(chosen & self.valid)
        for place in places[np.argsort(-self.counts[places], kind="stable")[:_COUNTED_MOST]]:
            word = str(self.different[int(place)].as_py())
            found[word] = found.get(word, 0) + int(self.counts[place])
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def probe(self, most: int = PROBE) -> list[str]:
        """Return the first different values that are not missing."""
        found: list[str] = self.different[: 2 * most].drop_null()[:most].to_pylist()
        return found

    def spread(self, values: pa.Array) -> pa.Array:
        """Return one value per row, given one per different value."""
        return values.take(self.places)

    def series(self) -> pd.Series:
        """Return the text of every row."""
        return as_series(self.spread(self.different))


def as_series(values: pa.Array) -> pd.Series:
    """Return text as a pandas series, without a copy."""
    return pd.Series(pd.array(values, dtype="str"), copy=False)
