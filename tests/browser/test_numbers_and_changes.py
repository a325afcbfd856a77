"""Somebody predicts a number, changes a network as it trains, and has it follow the finger."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Person
from tests.browser.lab import LONG, PATIENCE, Lab


def test_a_curve_is_fitted_and_its_errors_are_shown(lab: Lab) -> None:
    lab.open("data=curve&layers=tanh-8&epochs=60&validation=0.2").press("train").wait_for_status("finished")
    assert "R²" in lab.final_figures
    assert "test loss" in lab.final_figures
    line = lab.chart("Fitted curve").element_handle()
    fitted = "plot => plot.data.some(({mode, y}) => mode === 'lines' && y.length === 200 && y.every(Number.isFinite))"
    lab.page.wait_for_function(fitted, arg=line)
    fit = lab.chart("Fit, validation").element_handle()
    lab.page.wait_for_function("plot => plot.data.some(({y}) => y?.length === 48)", arg=fit)
    curves = lab.chart("Training curves").element_handle()
    lab.page.wait_for_function("plot => plot.data.every(({x}) => x.at(-1) === 60)", arg=curves)


def test_a_surface_takes_the_boundarys_place(lab: Lab) -> None:
    lab.open("data=plane&layers=tanh-4&epochs=20")
    surface = lab.chart("Predicted y")
    assert surface.evaluate("plot => plot._fullLayout.images[0].source ?? ''") == ""
    lab.press("train").wait_for_status("finished")
    painted = "plot => plot._fullLayout.images[0].source?.startsWith('data:image/png')"
    lab.page.wait_for_function(painted, arg=surface.element_handle())
    expect(lab.page.locator(".hl-card").filter(has_text="Confusion matrix")).to_have_count(0)


def test_the_batch_size_is_dragged_as_it_trains(lab: Lab, person: Person) -> None:
    """Another program takes the run over; its history goes on."""
    lab.open(LONG).press("train").wait_for_epoch(5)
    _drag(lab, "Batch size", 12)
    expect(lab.message).to_contain_text("Batch size set to")
    assert lab.address["batch"] != "4"
    before = lab.epoch
    lab.wait_for_epoch(before + 5).wait_for_curve(before + 5)
    assert len(person.watch.streams) == 1
    expect(lab.page.get_by_test_id("stToast")).to_have_count(0)
    lab.press("stop").wait_for_status("stopped")


def test_epochs_raised_key_by_key_are_all_trained_whether_the_run_has_ended_between_two_or_not(lab: Lab) -> None:
    lab.open("epochs=5").press("train")
    handle = lab.slider("Epochs")
    handle.focus()
    for _ in range(4):
        lab.page.keyboard.down("ArrowRight")  # held, so that it repeats
    lab.page.keyboard.up("ArrowRight")
    for _ in range(6):
        handle.press("ArrowRight")
        lab.wait_for_address("epochs", _shown(handle))
    asked = int(_shown(handle))
    lab.wait_for_epoch(asked).wait_for_status("finished").wait_for_line(asked).wait_for_curve(asked)
    assert lab.epoch == asked
    expect(lab.page.get_by_test_id("stToast")).to_have_count(0)


def _shown(handle: Locator) -> str:
    return handle.get_attribute("aria-valuetext") or ""


def test_new_weights_reach_the_seeds_control_and_the_address(lab: Lab) -> None:
    """The button stands in a fragment, which is drawn without the controls: they follow by themselves."""
    lab.open("seed=7&epochs=20").press("train").wait_for_status("finished")
    lab.page.locator("summary").filter(has_text="Seed").click()
    seed = lab.page.get_by_label("Weight seed", exact=True).first  # for a moment the one that goes is still there
    expect(seed).to_have_value("7")
    lab.press("new-weights")
    expect(seed).to_have_value("8")
    lab.wait_for_address("seed", "8").wait_for_status("ready")
    lab.press("train").wait_for_status("finished")
    lab.press("new-weights")
    expect(seed).to_have_value("9")


def test_with_the_switch_on_the_result_follows_the_finger(lab: Lab, person: Person) -> None:
    lab.open("epochs=30")
    lab.page.get_by_test_id("stCheckbox").filter(has_text="Train on every change").locator("label").first.click()
    lab.wait_for_status("finished")
    for _ in range(2):
        noise = lab.address["noise"]
        with lab.until_another_stream(tuple(person.watch.streams)):
            _drag(lab, "Noise", 15)
        lab.wait_for_status("finished").wait_for_curve(30)
        assert lab.address["noise"] != noise
    expect(lab.page.get_by_test_id("stToast")).to_have_count(0)


def _drag(lab: Lab, label: str, pixels: int) -> None:
    lab.slider(label).scroll_into_view_if_needed()
    box = lab.slider(label).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + pixels, y, steps=4)
    lab.page.mouse.up()


def test_the_curve_of_a_schedule_stays_while_its_settings_move(lab: Lab) -> None:
    page = lab.open("schedule=cosine").page
    page.get_by_text("Schedule and clipping").click()
    curve = page.locator(".st-key-schedule-curve .js-plotly-plot")
    expect(curve.locator(".scatterlayer path.js-line")).to_have_count(1)
    drawn = curve.locator(".main-svg").first.element_handle()
    last_rate = "() => document.querySelector('.st-key-schedule-curve .js-plotly-plot').calcdata[0].at(-1).y"
    before = page.evaluate(last_rate)
    lab.slider("Final share of the learning rate").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"before => ({last_rate})() > before", arg=before, timeout=PATIENCE)
    assert drawn is not None
    assert drawn.evaluate("svg => svg.isConnected")
