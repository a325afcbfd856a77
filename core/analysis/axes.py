"""Which plane through the features of the data is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axes:
    """Two features, the others held still, or the plane in which the rows lie flattest.

    Attributes:
        across, up: the columns of the features, from 0; of no account with `components`.
        row: the training row whose values the other features have; None for their medians over the training rows.
        components: draw the first two principal components of the network's inputs instead.
    """

    across: int = 0
    up: int = 1
    row: int | None = None
    components: bool = False
