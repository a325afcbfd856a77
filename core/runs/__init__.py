"""The run store: every training run of every person, in a database.

`RunStore` is what pages and commands ask, `RunWriter` the one thread that writes on a server. All values that they take
and return are frozen dataclasses of `core.runs.values`; nothing outside this package sees SQLAlchemy.
"""

from core.runs.search import Search, parse_search
from core.runs.store import RunStore
from core.runs.values import (
    BEST,
    DIVERGED,
    LAST,
    LIVE,
    OUTCOMES,
    KeptRun,
    RunChange,
    RunSummary,
    RunWeights,
    Trained,
    Usage,
)
from core.runs.writer import RunWriter

__all__ = [
    "BEST",
    "DIVERGED",
    "LAST",
    "LIVE",
    "OUTCOMES",
    "KeptRun",
    "RunChange",
    "RunStore",
    "RunSummary",
    "RunWeights",
    "RunWriter",
    "Search",
    "Trained",
    "Usage",
    "parse_search",
]
