import pytest

from core.training.programs import Programs


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The compiled programs that tests share; a structure is compiled by the first test that trains it."""
    return Programs()
