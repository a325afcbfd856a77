"""A short walk of the random visitor, other moves every day; `make bench ARGS=visitor` takes long ones."""

from __future__ import annotations

from playwright.sync_api import Browser

from benchmarks.walking import Visitor
from tests.browser.server import Server
from tests.seed_of_the_day import seed_of_the_day

MOVES = 25


def test_whatever_a_visitor_does_the_page_agrees_with_itself(server: Server, browser: Browser) -> None:
    visitor = Visitor(browser, server.base, seed_of_the_day())
    try:
        for _ in range(MOVES):
            visitor.move()
    finally:
        visitor.close()
