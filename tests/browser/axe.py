"""axe-core, which finds faults of contrast and semantics on a page.

npm fetches its one file into the virtual environment, once. Nothing else of the project needs it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page

VERSION = "4.14.1"
SERIOUS = ("serious", "critical")
_FETCH_SECONDS = 60
_RUN = """async only => {
  const options = {resultTypes: ["violations"], ...(only ? {runOnly: only} : {})};
  return (await axe.run(document, options)).violations;
}"""


class NoAxeError(Exception):
    """axe-core is not here, and could not be fetched."""


def find_or_fetch() -> str:
    """Return axe-core's source.

    Raises:
        NoAxeError: without npm, or without a connection to its registry.
    """
    path = Path(sys.prefix, "node", f"axe-core-{VERSION}.js")
    if not path.exists():
        source = _fetch()
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(source)
        part.replace(path)
    return path.read_text()


def faults(page: Page, source: str, *, only: list[str] | None = None) -> list[str]:
    """Return what axe calls serious or critical on a page, one line for each element.

    Args:
        page: as it is shown.
        source: axe-core's.
        only: the rules or tags to check; all without it.
    """
    page.evaluate(source)
    violations: list[dict[str, Any]] = page.evaluate(_RUN, only)
    return [
        f"{violation['id']}: {node['html'][:200]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for violation in violations
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def _fetch() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise NoAxeError("npm is not installed")
    with TemporaryDirectory() as folder:
        command = [npm, "pack", f"axe-core@{VERSION}", "--silent", "--fetch-retries=1", "--fetch-timeout=30000"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_FETCH_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise NoAxeError("npm could not fetch it") from error
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as files:
            member = files.extractfile("package/axe.min.js")
            assert member is not None
            return member.read()
