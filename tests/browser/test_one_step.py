"""The view "One step" in a browser: what is clicked in the picture, what plays by itself, and a step that is made."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.lab import Lab
from tests.waiting import wait_until

# Scrolls to the network, and returns where a unit of the first hidden layer is in the window.
PLACE = """
unit => {
  const plot = document.querySelector(".st-key-step-network .js-plotly-plot");
  if (!plot?._fullLayout) return null;
  plot.scrollIntoView({block: "center"});
  const {x, y, customdata} = plot.data.find(({name}) => name === "units");
  const at = customdata.findIndex(([layer, place]) => layer === 1 && place === unit - 1);
  const {xaxis, yaxis} = plot._fullLayout;
  const {left, top} = plot.getBoundingClientRect();
  return [left + xaxis._offset + xaxis.d2p(x[at]), top + yaxis._offset + yaxis.d2p(y[at])];
}
"""


def test_a_step_is_followed_through_its_stages_made_and_taken_back(lab: Lab) -> None:
    lab.open("data=moons&points=60&layers=tanh-3&batch=16&epochs=5").press("train").wait_for_status("finished")
    lab.turn_to("Inside")
    page = lab.page
    page.get_by_role("radio", name="One step", exact=True).click()
    page.get_by_role("button", name="Explain a step").click()
    expect(page.get_by_text("After epoch 5")).to_be_visible()
    unit = page.get_by_role("combobox", name="Unit", exact=True)
    other = 1 if unit.input_value() == "unit 2" else 2
    # The picture is drawn once more where the compiled program has trained the same epochs: a click may miss it.
    wait_until(lambda: _click(page, other) or unit.input_value() == f"unit {other}", "the unit that is clicked")
    expect(page.get_by_text(f"Layer 1, unit {other}: z =")).to_be_visible()

    # It moves on by itself, and stops at the last stage.
    lab.press("step-stage-2").press("step-play")
    expect(lab.button("step-apply")).to_be_enabled()
    expect(lab.button("step-next")).to_be_disabled()
    expect(lab.button("step-play")).to_contain_text("Play")

    lab.press("step-apply")
    expect(page.get_by_text("1 step of training by hand (epoch 5)")).to_be_visible()
    lab.press("step-undo")
    expect(page.get_by_text("by hand (epoch 5)")).to_have_count(0)
    assert lab.epoch == 5


def _click(page: Page, unit: int) -> None:
    place = page.evaluate(PLACE, unit)
    if place:
        page.mouse.click(*place)
