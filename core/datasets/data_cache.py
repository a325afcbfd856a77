"""The cache for data that this process has read and prepared, and for what it has refused."""

from __future__ import annotations

from core.bounded_process import is_bounded
from core.byte_cache import ByteCache
from core.datasets.downloads import NotDownloadedError
from core.datasets.upload_store import NotUploadedError
from core.errors import DataError, TookTooLongError

_BYTES = 1_000_000_000
_BOUNDED_BYTES = 600_000_000
_REFUSED_SECONDS = 600.0
_BUSY_SECONDS = 300.0


def refusal_seconds(error: BaseException) -> float:
    """Return for how long an error is kept: a file stays as it is, but what is missing may come at any time."""
    if isinstance(error, NotUploadedError | NotDownloadedError) or not isinstance(error, DataError):
        return 0.0
    return _BUSY_SECONDS if isinstance(error, TookTooLongError) else _REFUSED_SECONDS


# One for the whole process, because equal specs mean equal data for everybody. The largest table that can be read and
# the split that is prepared from it each take half of it; four versions of MNIST fit. A bounded process keeps a table
# only until it has been split.
DATA_CACHE = ByteCache(_BOUNDED_BYTES if is_bounded() else _BYTES, refusal_seconds)
