"""The plane through feature space that is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Axes:
    """Two features with all others held fixed, or the first two principal components.

    Attributes:
        across, up: the columns of the two features, from 0; ignored with `components`.
        row: the training row at whose values the other features are held; None for their medians.
        components: draw the first two principal components of the network's inputs instead.
    """

    across: int = 0
    up: int = 1
    row: int | None = None
    components: bool = False
