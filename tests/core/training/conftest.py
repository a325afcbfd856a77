from pathlib import Path

import pytest

from core.engine import kept_programs


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was compiled by other tests: a structure is new unless its program is in this process."""
    monkeypatch.setattr(kept_programs, "_folder", lambda: tmp_path / "compiled" / "version")
