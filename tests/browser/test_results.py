"""The results page as a person sees it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, WebSocketRoute, expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.lab import Lab
from tests.browser.server import Server

# Where on the screen the middle of a cell is: its true and its predicted class.
_CELL = """
(plot, [true_class, predicted]) => {
  const {left, top} = plot.getBoundingClientRect();
  const {xaxis, yaxis} = plot._fullLayout;
  return [left + xaxis._offset + xaxis.d2p(predicted), top + yaxis._offset + yaxis.d2p(true_class)];
}
"""
_FRAMED = """
([true_class, predicted]) => {
  const frame = document.querySelector(".st-key-confusion-matrix .js-plotly-plot")?.layout?.shapes?.[0];
  return frame?.x0 === predicted - 0.5 && frame?.y0 === true_class - 0.5;
}
"""
_LIT = """rows => document.querySelector(".st-key-highlighted .js-plotly-plot")?.calcdata?.at(-1).length === rows"""
_OVERFLOW = "() => document.scrollingElement.scrollWidth - innerWidth"


def _view(lab: Lab, name: str) -> None:
    lab.page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()


def _press_cell(lab: Lab, true: int, predicted: int) -> None:
    lab.page.mouse.click(*_matrix(lab).evaluate(_CELL, [true, predicted]))


def _click_cell(lab: Lab, true: int, predicted: int) -> None:
    _press_cell(lab, true, predicted)
    _wait_for_frame(lab, true, predicted)


def _wait_for_frame(lab: Lab, true: int, predicted: int) -> None:
    """Wait until the matrix is drawn with its frame around a cell."""
    lab.page.wait_for_function(_FRAMED, arg=[true, predicted], polling=50)


def _matrix(lab: Lab) -> Locator:
    matrix = lab.page.locator(".st-key-confusion-matrix .js-plotly-plot")
    expect(matrix.locator(".shapelayer path")).to_be_visible()
    return matrix


def _says(lab: Lab, words: str) -> None:
    expect(lab.page.get_by_test_id("stCaptionContainer").filter(has_text=words)).to_be_visible()


def test_a_run_is_judged_and_a_cell_of_its_matrix_is_clicked(lab: Lab) -> None:
    lab.open("data=moons&noise=0.3&epochs=30").press("train").wait_for_status("finished")
    lab.turn_to("Results")
    _says(lab, "Moons · after epoch 30")
    expect(lab.page.get_by_text("rows do as well as training rows")).to_be_visible()
    _view(lab, "Confusion matrix")
    counts = _matrix(lab).evaluate("plot => plot.calcdata[0][0].z.map(row => [...row])")
    # Clicks come at any moment, also while the page still answers the one before: the last one counts.
    for true, predicted in ((0, 1), (1, 0), (0, 0), (1, 1)):
        _press_cell(lab, true, predicted)
    _wait_for_frame(lab, 1, 1)
    for true, predicted in ((0, 0), (0, 1), (1, 1), (0, 0)):
        _click_cell(lab, true, predicted)
        rows = counts[true][predicted]
        _says(
            lab, f"{rows} row{'' if rows == 1 else 's'} in this cell, all {'correct' if true == predicted else 'wrong'}"
        )
        expect(lab.page.get_by_role("combobox").first).to_have_value(f"class {true}")
    # The same by the two controls, and the cell is clicked again.
    lab.page.get_by_role("combobox").nth(1).fill("class 1")
    lab.page.keyboard.press("Enter")
    _wait_for_frame(lab, 0, 1)
    _click_cell(lab, 0, 0)
    _says(lab, f"{counts[0][0]} rows in this cell, all correct")
    lab.page.wait_for_function(_LIT, arg=counts[0][0], polling=50)
    for view in ("Worst predictions", "Per class", "ROC and PR", "Calibration", "Importance"):
        _view(lab, view)
        expect(
            lab.page.locator(f".st-key-results-{view.replace(' ', '-')}").locator("canvas, svg").first
        ).to_be_visible()
        assert lab.page.evaluate(_OVERFLOW) <= 0


def test_a_run_that_comes_to_rest_is_looked_at_again_by_itself(slow_lab: Lab, slow_person: Person) -> None:
    lab = slow_lab.open("epochs=500").press("train").wait_for_epoch(2)
    other = slow_person.tab().open("epochs=500").wait_for_epoch(2)
    lab.turn_to("Results")
    _says(lab, "weights from about epoch")
    newest = lab.page.get_by_role("button", name="Latest weights")
    other.page.keyboard.press("4")  # fast from here on
    _says(lab, "after epoch 500")
    expect(newest).to_have_count(0)


def test_a_run_that_comes_to_rest_is_looked_at_again_though_the_first_word_of_it_is_lost(
    slow_lab: Lab, slow_person: Person
) -> None:
    lab, lost = slow_lab, []
    slow_person.is_marked = True

    def lose_the_first(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if isinstance(message, bytes) and b"finished" in message and not lost:
                lost.append(message)
            else:
                server.send(message)

        socket.on_message(pass_on)

    lab.page.route_web_socket(re.compile("/_stcore/stream"), lose_the_first)
    lab.open("epochs=500").press("train").wait_for_epoch(2)
    other = slow_person.tab().open("epochs=500").wait_for_epoch(2)
    lab.turn_to("Results")
    _says(lab, "weights from about epoch")
    other.page.keyboard.press("4")  # fast from here on
    _says(lab, "after epoch 500")
    assert len(lost) == 1


def test_a_phone_shows_results_below_each_other(server: Server, new_person: NewPerson) -> None:
    lab = (
        new_person(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        .tab()
        .open("data=iris&epochs=5")
    )
    lab.button("train").tap()
    lab.wait_for_status("finished")
    lab.page.get_by_test_id("stExpandSidebarButton").tap()
    lab.page.get_by_role("link", name="Results").tap()
    _says(lab, "after epoch 5")
    assert lab.page.evaluate(_OVERFLOW) <= 0
