"""What the line below the figures says of a run."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, expect

from core.experiment import menus
from core.messages.frames import Frame, encode
from tests.browser.lab import LONG, Lab
from tests.browser.messages import sent_to_browser

_LINE = """
async ([frame, heldOut, isScaled]) => {
  const {ResultLine} = await import("/live/assets/now/result_line.js");
  const bytes = Uint8Array.from(atob(frame), (letter) => letter.charCodeAt(0));
  const answers = [new Response(bytes)];
  window.fetch = async () => answers.pop() ?? new Response(null, {status: 204});
  const root = document.createElement("div");
  const line = new ResultLine(root);
  const written = new Promise((resolve) => new MutationObserver(resolve).observe(root.firstChild, {childList: true}));
  line.update({data: {stream: `/live/${heldOut}/frames`, held_out: heldOut, is_scaled: isScaled}});
  await written;
  line.destroy();
  return root.textContent;
}
"""


@pytest.fixture
def page(lab: Lab) -> Page:
    """A page of the app's own address, from which its modules can be loaded."""
    lab.page.goto(f"{lab.base}/live/assets/now/result_line.js")
    return lab.page


def _line(
    page: Page, task: str, rows: list[list[float]], held_out: str | None, scaled: bool = False, **arrays: np.ndarray
) -> str:
    """Return the line of a run with these rows of its history."""
    columns = dict(zip(menus.HISTORY[task], np.array(rows, np.float32).T, strict=True))
    frame = Frame(1, 0, "running", len(rows), 10, 1.0, 0.01, "", "watch", 0, columns | arrays)
    text: str = page.evaluate(_LINE, [base64.b64encode(encode(frame)).decode(), held_out, scaled])
    return text


def test_the_gap_is_how_much_worse_held_out_rows_are(page: Page) -> None:
    rows = [[0.9, 0.5, 0.95, 0.45], [0.25, 0.9375, 0.5, 0.75]]
    assert _line(page, menus.CLASSES, rows, "held-out") == (
        "After epoch 2: training loss 0.2500, accuracy 0.938 · held-out loss 0.5000, accuracy 0.750"
        " · gap loss 0.2500, accuracy 0.188"
    )
    better = [[0.5, 0.75, 0.25, 0.875]]
    assert _line(page, menus.CLASSES, better, "validation").endswith(" · gap loss −0.2500, accuracy −0.125")


def test_rows_that_all_train_are_named_once(page: Page) -> None:
    line = _line(page, menus.CLASSES, [[0.25, 0.875, 0.2, 0.9]], None)
    assert line == "After epoch 1: training loss 0.2500, accuracy 0.875"


def test_numbers_have_their_own_metrics_and_the_test_rows_come_last(page: Page) -> None:
    test = np.array([[0.25, 0.5, -0.125]], np.float32)
    assert _line(page, menus.NUMBERS, [[0.5, 0.75, 0.5, 1.0, 1.25, 0.25]], "validation", test=test) == (
        "After epoch 1: training loss 0.5000, MAE 0.7500, R² 0.500 · validation loss 1.0000, MAE 1.2500, R² 0.250"
        " · gap loss 0.5000, MAE 0.5000, R² 0.250 · test loss 0.2500, MAE 0.5000, R² −0.125"
    )


def test_errors_that_are_not_in_the_targets_own_units_are_called_so(page: Page) -> None:
    line = _line(page, menus.NUMBERS, [[0.5, 0.75, 0.5, 1.0, 1.25, 0.25]], None, scaled=True)
    assert line == "After epoch 1: training loss 0.5000, MAE (scaled) 0.7500, R² 0.500"


def test_where_the_best_weights_are_restored_the_line_is_of_their_epoch(page: Page) -> None:
    rows = [[0.5, 0.5, 0.25, 0.75], [0.25, 0.75, 0.5, 0.5]]
    best = np.array([1], np.int32)
    assert _line(page, menus.CLASSES, rows, "held-out", weights_epoch=best).startswith(
        "After epoch 1: training loss 0.5"
    )
    none_yet = np.zeros((1, 0), np.float32)
    assert "test" not in _line(page, menus.CLASSES, rows, "held-out", test=none_yet)


def test_the_line_lives_while_a_run_goes_on_and_no_page_is_drawn_for_it(lab: Lab) -> None:
    runs: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: runs.append(sent_to_browser(frame)))

    lab.page.on("websocket", listen)
    # The coach looks at the run every two seconds, in a run of its own.
    lab.open(f"{LONG}&split=stratified&hide=coach").press("train").wait_for_status("running").wait_for_epoch(2)
    expect(lab.button("pause")).to_be_visible()
    drawn = _count_of_runs(runs)
    first = lab.final_figures
    lab.page.wait_for_function("first => document.querySelector('.hl-metrics').innerText !== first", arg=first)
    lab.wait_for_epoch(lab.epoch + 5)
    assert first.startswith("After epoch ")
    assert _count_of_runs(runs) == drawn
    lab.page.remove_listener("websocket", listen)
    lab.press("stop").wait_for_status("stopped").wait_for_line(lab.epoch).wait_for_curve(lab.epoch)
    loss, held_out_loss, accuracy, held_out_accuracy = (curve["y"][-1] for curve in lab.curves)
    gaps = f"gap loss {held_out_loss - loss:.4f}, accuracy {accuracy - held_out_accuracy:.3f}".replace("-", "−")
    assert lab.final_figures == (
        f"After epoch {lab.epoch}: training loss {loss:.4f}, accuracy {accuracy:.3f}"
        f" · held-out loss {held_out_loss:.4f}, accuracy {held_out_accuracy:.3f} · {gaps}"
    )


def _count_of_runs(messages: list[str]) -> int:
    return sum(message.startswith("← new_session") for message in messages)
