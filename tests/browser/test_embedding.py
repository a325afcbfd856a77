"""The lab in a page of another site, whose browser withholds every cookie there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab import PATIENCE
from tests.browser.server import Server

_PAGE = """<!doctype html><title>A school</title><h1>Today: moons</h1>
<iframe id="embedded" src="{embedded}" width="1100" height="800"></iframe>
<iframe id="plain" src="{plain}" width="400" height="100"></iframe>"""


@pytest.fixture
def other_site(server: Server) -> Iterator[str]:
    """The address of a page that embeds the lab; for a browser, 127.0.0.1 and localhost are two sites."""
    query = "epochs=20&hide=pages,share,recipe&lock=lr"
    page = _PAGE.format(embedded=f"{server.base}/?embed=true&{query}", plain=f"{server.base}/?{query}").encode()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        thread = threading.Thread(target=site.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()
        thread.join()


def test_the_lab_trains_in_a_page_of_another_site_without_a_cookie(browser: Browser, other_site: str) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        errors: list[str] = []
        page.on("response", lambda answer: errors.append(answer.url) if answer.status >= 400 else None)
        page.goto(other_site)
        frame = page.frame_locator("#embedded")
        strip = frame.locator(".hl-strip")
        expect(strip).to_have_attribute("data-status", "ready")
        frame.locator(".hl-speeds button").filter(has_text="Fast").click()
        frame.locator(".st-key-train button:visible").click()
        expect(strip).to_have_attribute("data-status", "finished")
        expect(frame.locator(".hl-metrics")).to_contain_text("After epoch 20:")
        assert context.cookies() == []
        assert errors == []
        # What the address hides and locks, and that it is embedded, holds after the page has completed it.
        expect(frame.get_by_test_id("stTopNavLink")).to_have_count(0)
        embedded = next(one for one in page.frames if "embed=true" in one.url)
        assert "hide=" in embedded.url
        # A page that does not ask for it is embedded nowhere.
        assert page.frame_locator("#plain").locator(".stApp").count() == 0
    finally:
        context.close()
