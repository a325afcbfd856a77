import pytest


@pytest.fixture(autouse=True)
def _everything_is_new(nothing_kept: None) -> None:
    """Tests of training say what is compiled already."""
