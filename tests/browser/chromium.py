"""The Chromium that the browser tests drive.

`python -m tests.browser.chromium` prints its path. It is, in this order: what the variable
HIDDEN_LAYERS_CHROMIUM names, a Chromium or Chrome of this machine, Playwright's own download,
and where that cannot be had and we are root on Debian or Ubuntu, the system's packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

VARIABLE = "HIDDEN_LAYERS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium draws no text where no font is installed, and Playwright's driver, which is Node.js, needs libatomic.
PACKAGES = ("chromium", "fonts-liberation", "libatomic1")
# Playwright waits 30 s for a connection, five times, before it gives up a network that swallows packets.
CONNECTION_TIMEOUT_MS = 5000


class NoBrowserError(Exception):
    """No Chromium is here and none could be installed."""


def find() -> str | None:
    """Return the path of a Chromium of this machine that starts, or None where it or Playwright's driver does not.

    Raises:
        NoBrowserError: where HIDDEN_LAYERS_CHROMIUM names something else.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = _started(named)
        if path is None:
            raise NoBrowserError(f"{VARIABLE} must name a Chromium that starts. Received: {named!r}.")
        return path
    if not _runs(sys.executable, "-m", "playwright"):
        return None
    return next(filter(None, map(_started, NAMES)), None) or _playwrights()


def find_or_install() -> str:
    """Return the path of a Chromium that starts, after installing one where there is none.

    Raises:
        NoBrowserError: where that cannot be done, naming what a person can do.
    """
    path = find()
    for install in (_install_playwrights, _install_packages):
        if path is None:
            install()
            path = find()
    if path is None:
        raise NoBrowserError(
            "The browser tests need Chromium and what Playwright's driver needs, and they could not be installed. "
            f"On Debian, as root: apt-get install {' '.join(PACKAGES)}. Or name a Chromium in {VARIABLE}."
        )
    return path


def _playwrights() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return _started(path)


def _install_playwrights() -> None:
    timeout = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(CONNECTION_TIMEOUT_MS)}
    _run([sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"], timeout)


def _install_packages() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], quiet)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], quiet)


def _started(name: str) -> str | None:
    """Return the full path of a program that starts: one may lack its libraries, or only advertise a snap."""
    path = shutil.which(name)
    return path if path and _runs(path) else None


def _runs(*command: str) -> bool:
    return subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0


def _run(command: list[str], environment: dict[str, str]) -> None:
    # What an installer says belongs with the messages: only the path goes to standard output.
    print("$", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    try:
        print(find_or_install())
    except NoBrowserError as error:
        sys.exit(str(error))
