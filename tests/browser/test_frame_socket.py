"""How frames reach the page where WebSockets fail."""

from __future__ import annotations

import re

from playwright.sync_api import WebSocketRoute

from tests.browser.conftest import Person
from tests.browser.lab import LONG, Lab

SOCKET = re.compile("/live/[^/]+/socket$")

# As behind something that passes on the page's own WebSocket only.
ASTRAY = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(address, ...rest) {
    super(String(address).replace(/live.+socket$/, "nowhere"), ...rest);
  }
};
"""

# As behind something that neither passes a WebSocket on nor refuses it.
SILENT = """
const Real = WebSocket;
window.tried = 0;
class Silent extends EventTarget {
  readyState = Real.CONNECTING;
  constructor() {
    super();
    window.tried += 1;
  }
  close() {
    this.readyState = Real.CLOSED;
    this.dispatchEvent(new Event("close"));
  }
}
window.WebSocket = new Proxy(Real, {
  construct: (target, [address, ...rest]) =>
    /live.+socket$/.test(String(address)) ? new Silent() : new target(address, ...rest),
});
"""


def test_a_run_is_followed_by_requests_where_a_websocket_never_opens(lab: Lab, person: Person) -> None:
    person.is_marked = True
    lab.page.add_init_script(SILENT)
    lab.open(LONG).press("train").wait_for_epoch(5).wait_for_frames(10)
    lab.wait_for_curve(5)
    lab.press("stop").wait_for_status("stopped")
    assert lab.page.evaluate("() => window.tried") == 1


def test_a_run_is_followed_by_requests_where_no_websocket_gets_through(lab: Lab, person: Person) -> None:
    person.is_marked = True
    lab.page.add_init_script(ASTRAY)
    asked: list[str] = []
    lab.page.on("request", lambda request: asked.append(request.url) if "/frames?" in request.url else None)
    lab.open(LONG).press("train").wait_for_epoch(5).wait_for_frames(10)
    lab.wait_for_curve(5)
    lab.press("stop").wait_for_status("stopped")
    assert len(asked) > 10
    # It was tried once, and not again for every frame.
    assert len(person.watch.errors) == 1
    assert "nowhere" in person.watch.errors[0]
    person.watch.errors.clear()


def test_a_run_is_followed_over_another_websocket_where_one_breaks_off(lab: Lab, person: Person) -> None:
    person.is_marked = True
    opened: list[WebSocketRoute] = []

    def break_off_the_first(page_side: WebSocketRoute) -> None:
        opened.append(page_side)
        server_side, is_first, answers = page_side.connect_to_server(), len(opened) == 1, 0

        def pass_on(message: str | bytes) -> None:
            nonlocal answers
            answers += 1
            if is_first and answers == 3:
                page_side.close()
            elif not is_first or answers < 3:
                page_side.send(message)

        server_side.on_message(pass_on)

    lab.page.route_web_socket(SOCKET, break_off_the_first)
    lab.open(LONG).press("train").wait_for_epoch(5).wait_for_frames(10)
    lab.wait_for_curve(5)
    assert lab.curves[0]["x"][0] == 1
    lab.press("stop").wait_for_status("stopped")
    assert len(opened) == 2
