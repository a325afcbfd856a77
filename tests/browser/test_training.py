"""Somebody trains a network."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Person
from tests.browser.lab import LONG, SLOW, Lab

# Where the image under the points is in the page, and the colour it has at some of the data's coordinates.
_COLOURS_AT = """
async (plot, places) => {
  const {x, y, sizex, sizey, source} = plot._fullLayout.images[0];
  const image = Object.assign(new Image(), {src: source});
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
  const brush = canvas.getContext("2d");
  brush.drawImage(image, 0, 0);
  const [left, top] = [Math.min(x, x + sizex), Math.max(y, y - sizey)];
  return places.map(([px, py]) => {
    const column = Math.floor((px - left) / sizex * image.width);
    const row = Math.floor((top - py) / sizey * image.height);
    return [...brush.getImageData(column, row, 1, 1).data].slice(0, 3);
  });
}
"""

# Note from here on what a person sees whenever the strip gets another status or comes to the last epoch, and when the
# line under the figures gets another text: {status, epoch, line}, how far the curves go and the held-out accuracy that
# they end with, and the share of held-out rows that the matrix has right, both as it was given and as it is painted.
_NOTE_MOMENTS = """
() => {
  const strip = document.querySelector(".hl-strip");
  const plots = [...document.querySelectorAll(".hl-card")].map((card) => [card, card.querySelector(".js-plotly-plot")]);
  const [curves, matrix] = ["Training curves", "Confusion matrix"].map(
    (title) => plots.find(([card]) => card.innerText.includes(title))[1]
  );
  const lineOf = () => {
    const texts = [...document.querySelectorAll("p")].map((node) => node.innerText);
    return texts.find((text) => text.startsWith("After epoch")) ?? "";
  };
  const right = (rows) => {
    const count = rows.flat().reduce((sum, cell) => sum + cell, 0);
    return rows.reduce((sum, row, index) => sum + row[index], 0) / count;
  };
  window.moments = [];
  let before = "";
  new MutationObserver(() => {
    const { status, epoch } = strip.dataset;
    const line = lineOf();
    const isLast = epoch === strip.querySelector(".hl-bar").getAttribute("aria-valuemax");
    const now = JSON.stringify([status, isLast, line]);
    if (now === before) return;
    before = now;
    const { x, y } = curves.data[3];
    const given = matrix.data[0].z.map((row) => [...row]);
    const texts = [...matrix.querySelectorAll(".heatmap-label")].map((node) => Number(node.textContent));
    const painted = given.map((row, index) => texts.slice(index * row.length, (index + 1) * row.length));
    const shown = { curve: x.at(-1), accuracy: y.at(-1), given: right(given), painted: right(painted) };
    window.moments.push({ status, epoch: Number(epoch), line, ...shown });
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""

_TURN_AND_TRAIN = """
(page) => {
  [...document.querySelectorAll("[data-testid=stTopNavLink]")].find(link => link.innerText.includes(page)).click();
  document.querySelector(".st-key-train button").click();
}
"""


def test_the_moons_are_parted_at_a_press_of_train(lab: Lab) -> None:
    lab.open()
    expect(lab.button("train")).to_have_accessible_name("Train")
    lab.press("train").wait_for_status("finished")
    assert lab.epoch == 100
    assert "accuracy 1.000" in lab.final_figures
    assert lab.final_figures.count("accuracy 1.000") == 2
    expect(lab.button("train")).to_be_enabled()
    # The boundary: the crests of the two moons lie in different colours, those of their points.
    boundary = lab.chart("Decision boundary")
    upper, lower = boundary.evaluate(_COLOURS_AT, [[0, 1], [1, -0.5]])
    points = boundary.evaluate("plot => plot.data.slice(0, 2).map(trace => trace.marker.color)")
    assert _nearest(upper, points) == 0
    assert _nearest(lower, points) == 1
    # The curves, from the first epoch to the last.
    lab.wait_for_curve(100)
    assert all(curve["x"] == list(range(1, 101)) for curve in lab.curves)
    assert lab.curves[0]["y"][0] > lab.curves[0]["y"][-1]
    # The confusion matrix: 200 rows held out, every one on the diagonal.
    matrix = lab.chart("Confusion matrix")
    lab.page.wait_for_function("plot => plot.data[0].z?.[0]?.[0] === 100", arg=matrix.element_handle())
    assert matrix.evaluate("plot => plot.data[0].z.map(row => [...row])") == [[100, 0], [0, 100]]
    expect(matrix.locator(".heatmap-label, .textpoint, text").filter(has_text="100").first).to_be_visible()


def test_all_figures_show_the_epoch_that_the_strip_says_the_run_rests_at(lab: Lab) -> None:
    lab.open("data=moons&noise=0.3&layers=tanh-5&epochs=100")
    lab.page.evaluate(_NOTE_MOMENTS)
    lab.press("train").wait_for_status("finished").wait_for_line(100)  # on the plain graph first
    lab.press("reset").wait_for_status("ready").press("train").wait_for_status("finished").wait_for_line(100)
    moments = _moments_at_rest(lab, 100)
    assert {"running", "finished"} >= {moment["status"] for moment in moments} >= {"finished"}
    assert any(moment["line"] for moment in moments)


def test_all_figures_show_the_epoch_at_which_a_run_is_held_steps_and_is_stopped(lab: Lab) -> None:
    # With held-out rows, which the matrix counts.
    lab.open("data=moons&noise=0.3&points=5000&batch=4&layers=tanh-5&epochs=2000")
    lab.page.evaluate(_NOTE_MOMENTS)
    lab.press("train").wait_for_epoch(5)
    lab.press("pause").wait_for_status("paused")
    held = lab.epoch
    lab.wait_for_line(held)
    for more in (1, 2):
        lab.press("step").wait_for_epoch(held + more).wait_for_line(held + more)
    lab.press("train").wait_for_epoch(held + 5)
    lab.press("stop").wait_for_status("stopped").wait_for_line(lab.epoch)
    moments = _moments_at_rest(lab, 2000)
    assert {moment["status"] for moment in moments} == {"paused", "stopped"}
    assert {held, held + 1, held + 2, lab.epoch} == {moment["epoch"] for moment in moments}


def _moments_at_rest(lab: Lab, epochs: int) -> list[dict[str, Any]]:
    """Return what was seen of a run at rest since `_NOTE_MOMENTS`, all of it of one epoch."""
    moments: list[dict[str, Any]] = lab.page.evaluate("window.moments")
    rested = [
        moment
        for moment in moments
        if moment["status"] not in ("ready", "queued", "running")
        or (moment["status"] == "running" and moment["epoch"] == epochs)
    ]
    for moment in rested:
        assert moment["curve"] == moment["epoch"], moment
        assert moment["given"] == moment["painted"] == pytest.approx(moment["accuracy"]), moment
    return rested


def test_the_test_rows_have_figures_once_a_run_is_stopped_that_nothing_was_compiled_for(lab: Lab) -> None:
    lab.open("data=moons&validation=0.25&layers=tanh-6-batch,tanh-5-batch,tanh-4-batch&batch=4&epochs=2000")
    lab.press("train").wait_for_epoch(1)
    lab.press("stop").wait_for_status("stopped")
    expect(lab.page.get_by_text("After epoch").filter(has_text="test loss")).to_be_visible()


@pytest.mark.parametrize("page", ["Data", "Inside"])
def test_a_click_into_a_page_that_is_being_left_leaves_the_next_one_whole(lab: Lab, page: str) -> None:
    lab.open("data=moons&epochs=20")
    lab.page.evaluate(_TURN_AND_TRAIN, page)
    expect(lab.page.get_by_test_id("stTopNavLink").filter(has_text=page)).to_have_attribute("aria-current", "page")
    if page == "Data":
        expect(lab.page.get_by_role("heading", name="Data")).to_be_visible()
        lab.turn_to("Lab").wait_until_drawn()
    else:
        expect(lab.page.get_by_text("There is no run to inspect yet")).to_be_visible()
    lab.press("train").wait_for_status("finished")


def test_a_run_is_held_goes_on_steps_stops_and_is_forgotten(slow_lab: Lab, slow_person: Person) -> None:
    lab = slow_lab.open(SLOW).press("train").wait_for_epoch(2)
    lab.press("pause").wait_for_status("paused")
    expect(lab.button("train")).to_have_accessible_name("Resume")
    held = lab.epoch
    assert 2 <= held < 2000
    for more in (1, 2):
        lab.press("step").wait_for_epoch(held + more).wait_for_status("paused")
        assert lab.epoch == held + more
    lab.press("train").wait_for_status("running").wait_for_epoch(held + 5)
    lab.press("stop").wait_for_status("stopped")
    stopped = lab.epoch
    assert held + 5 <= stopped < 2000
    assert f"After epoch {stopped}:" in lab.final_figures
    expect(lab.button("step")).to_be_disabled()
    lab.wait_for_curve(stopped)
    assert len(slow_person.watch.streams) == 1
    lab.press("reset").wait_for_status("ready")
    assert lab.epoch == 0
    expect(lab.page.get_by_text("After epoch")).to_have_count(0)
    chart = lab.chart("Training curves").element_handle()
    lab.page.wait_for_function("plot => plot.data.every(({y}) => y.length === 1 && y[0] === null)", arg=chart)
    expect(lab.button("step")).to_be_enabled()


def test_the_learning_rate_is_dragged_as_it_trains(slow_lab: Lab, slow_person: Person) -> None:
    lab = slow_lab.open(f"{SLOW}&lr=0.001").press("train").wait_for_epoch(2)
    before = lab.epoch
    handle = lab.slider("Learning rate")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + 30, y, steps=5)
    lab.page.mouse.up()
    expect(lab.message).to_contain_text("Learning rate set to")
    rate = lab.address["lr"]
    assert float(rate) > 0.001
    expect(lab.message).to_contain_text(f"Learning rate set to {rate} after epoch")
    lab.wait_for_epoch(lab.epoch + 5)
    lab.wait_for_curve(before + 5)
    assert lab.curves[0]["x"][0] == 1
    assert len(slow_person.watch.streams) == 1
    expect(lab.page.get_by_test_id("stToast")).to_have_count(0)
    lab.press("stop")


def test_charts_stay_the_same_charts_and_keep_hover_and_zoom(lab: Lab) -> None:
    lab.open(LONG).press("train").wait_for_epoch(3)
    mounts = lab.mounts
    assert mounts == 3
    marked = "plot => { plot.__mark = true; return plot.layout.xaxis.range ?? plot._fullLayout.xaxis.range; }"
    boundary = lab.chart("Decision boundary")
    whole = boundary.evaluate(marked)
    box = boundary.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    # Zoom in by a drag over the middle half …
    lab.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"] * 3 / 4, box["y"] + box["height"] * 3 / 4, steps=6)
    lab.page.mouse.up()
    span = "plot => { const [low, high] = plot._fullLayout.xaxis.range; return [low, high]; }"
    lab.page.wait_for_function(
        "([plot, width]) => plot._fullLayout.xaxis.range[1] - plot._fullLayout.xaxis.range[0] < 0.8 * width",
        arg=[boundary.element_handle(), whole[1] - whole[0]],
    )
    zoomed = boundary.evaluate(span)
    # … and hover over a point of the curves.
    curves = lab.chart("Training curves")
    hovered = curves.locator(".nsewdrag").first.bounding_box()
    assert hovered is not None
    lab.page.mouse.move(hovered["x"] + 3, hovered["y"] + hovered["height"] / 2)
    expect(curves.locator(".hoverlayer .hovertext, .hoverlayer .legend").first).to_be_visible()
    lab.wait_for_frames(20)
    assert lab.strip.get_attribute("data-status") == "running"
    assert boundary.evaluate(span) == zoomed
    assert boundary.evaluate("plot => plot.__mark")
    expect(curves.locator(".hoverlayer .hovertext, .hoverlayer .legend").first).to_be_visible()
    assert lab.mounts == mounts
    lab.press("stop").wait_for_status("stopped")
    assert boundary.evaluate(span) == zoomed
    assert lab.mounts == mounts


def _nearest(colour: list[int], hexes: list[str]) -> int:
    """Return which colour's hue a pale one has: it points from white in the same direction."""
    towards = [255 - value for value in colour]

    def likeness(text: str) -> float:
        other = [255 - int(text[place : place + 2], 16) for place in (1, 3, 5)]
        sizes = [sum(value * value for value in vector) ** 0.5 for vector in (towards, other)]
        return sum(a * b for a, b in zip(towards, other, strict=True)) / (sizes[0] * sizes[1])

    return max(range(len(hexes)), key=lambda index: likeness(hexes[index]))


def test_the_worst_pictures_come_first_as_it_trains(lab: Lab) -> None:
    lab.open("recipe=digits&epochs=2000").press("train").wait_for_epoch(2)
    card = lab.page.locator(".hl-card").filter(has_text="Predictions on")
    card.get_by_role("button", name="Worst first").click()
    plot = lab.chart("Predictions on").element_handle()
    drawn = "plot => [...plot.querySelectorAll('image')].filter(image => image.getAttribute('href')).length === 20"
    lab.page.wait_for_function(drawn, arg=plot)
    lab.page.wait_for_function(
        "plot => plot.data[3].visible && plot.data[3].text.some(text => text.includes('✗'))", arg=plot
    )
    texts = "plot => [0, 1, 2, 3].filter(trace => plot.data[trace].visible)"
    assert lab.page.evaluate(texts, plot) == [2, 3]
    lab.press("stop").wait_for_status("stopped")


@pytest.mark.parametrize("late", ["live_panel.js", "run_stream.js", "feed_updates.js"])
def test_a_run_is_shown_that_began_before_the_panel_was_there(lab: Lab, late: str) -> None:
    held: list[Route] = []
    released = False

    def hold(route: Route) -> None:
        if released:  # it is asked for late
            route.continue_()
        else:
            held.append(route)

    lab.page.route(f"**/{late}", hold)
    lab.page.goto(f"{lab.base}/?epochs=20")
    lab.press("train")
    expect(lab.button("reset")).to_be_enabled()  # the page knows of the run; the panel is not there yet
    released = True
    for route in held:
        route.continue_()
    lab.wait_for_status("finished")
    expect(lab.page.locator(".hl-figures")).to_have_attribute("data-epoch", "20")


def test_a_slider_that_moves_in_the_moment_of_a_button_is_heard(lab: Lab) -> None:
    """Streamlit's browser side puts both into one request, which names the fragment of the button."""
    lab.open("data=moons&points=60&epochs=20&noise=0.2")
    lab.slider("Noise").focus()
    lab.button("step").evaluate(
        """button => {
          const slider = document.activeElement;
          button.click();
          slider.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
        }"""
    )
    lab.wait_for_address("noise", "0.21")
