"""Which cookies name the same browser.

Two first tabs of a fresh browser ask at the same time, and each gets a cookie. The browser keeps the one that came
last; the tab that got the other one has started runs under a name that is never sent again. Such a tab claims the new
name with a ticket that only the tab which shows a run has been given.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from cachetools import LRUCache

from core.datasets.upload_store import hand_over_uploads
from core.jobs.jobs import Jobs

_NAMES_MOST = 10_000


class BrowserNames:
    """The names that browsers had before their present ones. Safe to use from any thread."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._present: LRUCache[str, str] = LRUCache(_NAMES_MOST)

    def present(self, name: str) -> str:
        """Return the present name of a browser that once had this one."""
        with self._lock:
            return self._present.get(name, name)

    def ticket(self, token: str) -> str:
        """Return what a tab that shows a job must send to claim the job for the cookie it sends."""
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    def is_ticket(self, token: str, ticket: str) -> bool:
        """Return whether a ticket is that of a job's token."""
        return hmac.compare_digest(self.ticket(token).encode(), ticket.encode())

    def claim(self, jobs: Jobs, token: str, ticket: str, name: str) -> bool:
        """Give a browser's jobs and uploads to the name that it sends now.

        Returns:
            Whether there is such a job and the ticket is that of its token.
        """
        if not name or not self.is_ticket(token, ticket):
            return False
        before = jobs.hand_over(token, name)
        if before is None:
            return False
        with self._lock:
            for older, present in list(self._present.items()):
                if present == before:
                    self._present[older] = name
            self._present.pop(name, None)
            if before != name:
                self._present[before] = name
        if before != name:
            hand_over_uploads(before, name)
        return True
