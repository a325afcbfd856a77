"""What the tests of the pages' frame share."""

from collections.abc import Iterator

import pytest
from streamlit.runtime.scriptrunner import script_runner


@pytest.fixture(scope="package", autouse=True)
def _no_keras_to_clear() -> Iterator[None]:
    # After every run of a page Streamlit clears Keras where that is loaded, which takes seconds. The server never loads
    # it; a process that has tested the engine has.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield
