"""The real app, started as `make run` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import psutil

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 30.0
_OTHERS = ("STREAMLIT_", "HIDDEN_LAYERS_", "SCIKIT_LEARN_DATA", "KERAS_HOME")  # what may lead out of the server's home


# Where nobody listens: what a server fetches, it fetches from nowhere.
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9") | {"no_proxy": "localhost,127.0.0.1"}


class Server:
    """A server of the app on a free port, with a home of its own and no network.

    Args:
        home: an empty directory, or that of a server that was killed; the log goes there too.
        options: more of Streamlit's command line.
        first: Python that the server runs before it starts.
        port: where it listens; on a free one where none is given.
    """

    def __init__(self, home: Path, *options: str, first: str = "", port: int = 0) -> None:
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))
            self.port = free.getsockname()[1]
        self.base = f"http://localhost:{self.port}"
        self.home = home
        self._log = home / "server.log"
        kept = {name: text for name, text in os.environ.items() if not name.startswith(_OTHERS)}
        command = ["-c", f"{first}\nfrom streamlit.web.cli import main\nmain()"] if first else ["-m", "streamlit"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command, "run", "app.py", f"--server.port={self.port}", *options],
                cwd=ROOT,
                env=kept | NO_NETWORK | {"HOME": str(home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait(self, page: str = "/") -> None:
        """Wait until the page is served."""
        wait_until(lambda: self._answers(page), "the server's first page")

    def _answers(self, page: str) -> bool:
        assert self._process.poll() is None, f"The server ended:\n{self.log}"
        try:
            return httpx.get(self.base + page, timeout=5).is_success
        except httpx.TransportError:
            return False

    def workers(self) -> list[psutil.Process]:
        """Return the processes that train."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        return [child for child in children if any("spawn_main" in word for word in child.cmdline())]

    def kill(self) -> None:
        """End the web process at once, as `kill -9` does, and wait until its workers have noticed."""
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        left = psutil.wait_procs(family, timeout=STOP_SECONDS)[1]
        for process in left:
            process.kill()
        assert not left, f"The killed server left processes behind: {left}"

    def stop(self) -> None:
        """Stop the server as Ctrl+C does; whatever it leaves behind is a mistake, and ended."""
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        finally:
            self._process.kill()
            left = psutil.wait_procs(family, timeout=5)[1]
            for process in left:
                process.kill()
        assert not left, f"The server left processes behind: {left}"
