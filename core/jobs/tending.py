"""Looking after what the server holds, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


async def keep_tending(tend: Callable[[], Awaitable[None] | None], seconds: float) -> None:
    """Call `tend` now and every so many seconds until this is cancelled; an exception is logged and ends nothing."""
    while True:
        try:
            tended = tend()
            if tended is not None:
                await tended
        except Exception:  # one that nobody expects: without tending, dead workers would never be noticed
            logger.exception("Could not look after what the server holds")
        await asyncio.sleep(seconds)
