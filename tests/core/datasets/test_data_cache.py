"""For how long a refusal is kept."""

from core.datasets.data_cache import refusal_seconds
from core.datasets.downloads import NotDownloadedError
from core.datasets.upload_store import NotUploadedError
from core.errors import DataError, ExperimentError, TookTooLongError


def test_a_file_that_is_refused_stays_refused_and_what_is_missing_may_come_at_any_time():
    damaged, slow = refusal_seconds(DataError("damaged")), refusal_seconds(TookTooLongError("60 s"))
    assert damaged > slow > 0
    for error in (NotUploadedError("0" * 32), NotDownloadedError("mnist"), ExperimentError("a", "b", "c"), OSError()):
        assert refusal_seconds(error) == 0
