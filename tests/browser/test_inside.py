"""The page "Inside": painted as it trains, a unit in numbers, changes by hand, and replay."""

from __future__ import annotations

import math
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Person
from tests.browser.lab import SLOW, Lab

SMALL = "recipe=sine&epochs=2000&points=10000&batch=1&layers=tanh-4,tanh-2"  # takes 15 s at least
_PLANE = "plot => plot._fullLayout.images[0].source"
_IS_ANOTHER = f"([plot, plane]) => ({_PLANE})(plot) !== plane"
_LOSE_WHAT_IS_SENT = """
() => {
  const {send} = WebSocket.prototype;
  window.lost = [];
  WebSocket.prototype.send = (message) => window.lost.push(message);
  window.restore = () => (WebSocket.prototype.send = send);
}
"""
_OVERFLOW = "() => document.scrollingElement.scrollWidth - innerWidth"


class Inside(Lab):
    """A tab on the page "Inside"."""

    def open_inside(self, query: str) -> Inside:
        self.open(query)
        self.turn_to("Inside")
        expect(self.strip).to_have_attribute("data-status", "ready")
        return self

    @property
    def root(self) -> Locator:
        return self.page.locator(".hl-inside")

    @property
    def card(self) -> Locator:
        return self.page.locator(".hl-unit")

    @property
    def painted(self) -> int:
        return int(self.root.get_attribute("data-painted") or 0)

    def wait_for_pictures(self, more: int) -> Inside:
        """Wait until the network was painted so many times more."""
        seen = self.painted if self.root.count() else 0
        self._wait("least => Number(document.querySelector('.hl-inside')?.dataset.painted) >= least", seen + more)
        return self

    def wait_until_painted(self) -> Inside:
        self._wait("() => Number(document.querySelector('.hl-inside')?.dataset.painted) > 0")
        return self

    def pause(self) -> Inside:
        """Pause, and wait until the page is drawn for that: what is chosen while it is drawn anew may be lost."""
        self.press("pause").wait_for_status("paused")
        expect(self.button("train")).to_contain_text("Resume")
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        return self.wait_until_painted()

    def point_at(self, title: str) -> tuple[float, float]:
        """Move the pointer over the picture until the card shows what is meant; return where that is."""
        box = self.page.locator(".hl-network").bounding_box()
        assert box is not None
        for across in sorted(range(5, 40), key=lambda across: abs(across - _likely_column(title))):
            for down in range(3, 20):
                x, y = box["x"] + box["width"] * across / 40, box["y"] + box["height"] * down / 20
                self.page.mouse.move(x, y)
                if re.match(title, self.title_and_words(), re.IGNORECASE):
                    return x, y
        raise AssertionError(f"nothing in the picture is called {title!r}")

    def title_and_words(self) -> str:
        """What the card says once it has followed the pointer."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return f"{self.card.locator('.hl-title').inner_text()} {self.card.locator('.hl-words').inner_text()}"

    def results(self, kind: str) -> list[float]:
        """The numbers behind the formula's rows of a kind, as they are shown."""
        cells = self.card.locator(f".hl-{kind} td:last-child").all_inner_texts()
        return [float(text.replace("−", "-")) for text in cells]


def _likely_column(title: str) -> float:
    """Where of 40 columns to look first: a picture of two hidden layers has the inputs left and the output right."""
    layer = re.match(r"layer (\d)", title)
    return 12 * int(layer[1]) if layer else 36


@pytest.fixture
def inside(person: Person) -> Inside:
    return Inside(person.empty_tab(), person.base)


@pytest.fixture
def slow_inside(slow_person: Person) -> Inside:
    return Inside(slow_person.empty_tab(), slow_person.base)


def test_the_network_is_painted_again_and_again_as_it_trains(inside: Inside) -> None:
    inside.open_inside(SMALL)
    expect(inside.page.get_by_text("There is no run to inspect yet")).to_be_visible()
    inside.press("train").wait_for_epoch(2)
    inside.wait_for_pictures(10)
    assert int(inside.root.get_attribute("data-mapped") or 0) >= 3
    before = int(inside.root.get_attribute("data-epoch") or 0)
    inside.wait_for_pictures(10)
    assert int(inside.root.get_attribute("data-epoch") or 0) > before
    expect(inside.page.locator(".hl-space")).to_have_count(4)
    share = inside.page.locator(".hl-space figcaption").first
    expect(share).to_have_text(re.compile(r"a straight line separates \d+ %"))
    inside.press("stop").wait_for_status("stopped")


def test_the_card_of_a_unit_shows_how_its_output_is_computed(inside: Inside) -> None:
    inside.open_inside("epochs=20").press("train").wait_for_status("finished").wait_until_painted()
    for title, inputs in (("layer 1, unit 2", 2), ("layer 2, unit 1", 4), ("output", 2)):
        inside.point_at(f"{title} Output")
        terms, (total,), (output,) = (inside.results(kind) for kind in ("term", "sum", "output"))
        assert len(terms) == inputs + 1  # and the bias
        assert sum(terms) == pytest.approx(total, abs=0.0005 * (len(terms) + 1))
        activation = 1 / (1 + math.exp(-total)) if title == "output" else math.tanh(total)
        assert output == pytest.approx(activation, abs=0.001)  # of a sum with three decimals
        rows = inside.card.locator(".hl-term").evaluate_all(
            "rows => rows.filter(({dataset}) => dataset.value).map(({dataset: {value, weight, result}}) =>"
            " [Number(value) * Number(weight), Number(result)])"
        )
        assert len(rows) == inputs
        assert all(product == pytest.approx(result) for product, result in rows)
    sample = inside.page.locator(".hl-sample")
    expect(sample).to_have_text(re.compile("Sample 1 of 120"))
    before = inside.results("sum")
    inside.page.get_by_role("button", name="Next sample").click()
    expect(sample).to_have_text(re.compile("Sample 2 of 120"))
    expect(inside.card.locator(".hl-words")).to_contain_text("sample 2")
    assert inside.results("sum") != before


def test_what_a_line_separates_is_shown_for_the_current_network_only(inside: Inside) -> None:
    inside.open_inside("epochs=20").press("train").wait_for_status("finished").wait_until_painted()
    spaces = inside.page.get_by_label("How each layer moves the points")
    expect(spaces).to_contain_text("at epoch 20.")
    shares = spaces.locator("figcaption")
    expect(shares.first).to_have_text(re.compile(r"a straight line separates \d+ %"))
    inside.page.get_by_label("Viewed epoch").fill("5")
    expect(spaces).to_contain_text("for the current network only")
    expect(shares).to_have_text([""] * shares.count())
    inside.page.get_by_role("button", name="Latest").click()
    expect(spaces).to_contain_text("at epoch 20.")


def test_a_click_on_a_point_of_a_space_chooses_the_sample(inside: Inside) -> None:
    inside.open_inside("epochs=20").press("train").wait_for_status("finished").wait_until_painted()
    space = inside.page.locator(".hl-space canvas").first
    space.scroll_into_view_if_needed()
    box = space.bounding_box()
    assert box is not None
    sample = inside.page.locator(".hl-sample")
    chosen = set()
    for share in (0.2, 0.4, 0.6, 0.8):
        for height in (0.25, 0.35, 0.65, 0.75):
            inside.page.mouse.click(box["x"] + box["width"] * share, box["y"] + box["height"] * height)
            chosen.add(sample.inner_text())
    assert len(chosen) > 2


def test_a_weight_that_is_set_changes_the_run_and_can_be_taken_back(slow_inside: Inside) -> None:
    inside = slow_inside.open_inside(SLOW)
    inside.press("train").wait_for_epoch(3)
    inside.pause()
    x, y = inside.point_at("output Output")
    inside.page.mouse.click(x, y)
    field = inside.card.get_by_label("Bias as a number")
    before = float(field.input_value())
    boundary = inside.chart("Decision boundary")
    plane = boundary.evaluate(_PLANE)
    field.fill("9")
    field.press("Enter")
    told = inside.page.get_by_test_id("stAlert")
    expect(told).to_contain_text("bias of the output set to 9")
    expect(told).to_contain_text("no longer reproduces this run")
    inside.page.wait_for_function(_IS_ANOTHER, arg=[boundary.element_handle(), plane])
    expect(inside.card.locator(".hl-term").filter(has_text="bias")).to_contain_text("9.000")
    inside.card.get_by_role("button", name="Undo").click()
    expect(told).to_have_count(0)
    expect(inside.card.locator(".hl-term").filter(has_text="bias")).not_to_contain_text("9.000")
    assert float(field.input_value()) == pytest.approx(before, rel=0.01, abs=0.001)


def test_a_silenced_unit_sends_nothing_on(slow_inside: Inside) -> None:
    inside = slow_inside.open_inside(SLOW)
    inside.press("train").wait_for_epoch(3)
    inside.pause()
    inside.page.mouse.click(*inside.point_at("layer 2, unit 1 Output"))
    inside.card.get_by_label("Silence").check()
    expect(inside.page.get_by_test_id("stAlert")).to_contain_text("layer 2, unit 1 silenced")
    inside.page.locator(".hl-network").press("Escape")
    inside.point_at("output Output")
    row = inside.card.locator(".hl-term").filter(has_text="unit 1:")
    expect(row).to_contain_text("× 0.000")


def test_a_switch_stays_as_it_was_clicked_until_the_run_follows_and_a_lost_click_is_told_again(
    slow_inside: Inside,
) -> None:
    inside = slow_inside.open_inside(SLOW)
    inside.press("train").wait_for_epoch(3)
    inside.pause()
    x, y = inside.point_at("layer 2, unit 1 Output")
    inside.page.mouse.click(x, y)
    inside.page.evaluate(_LOSE_WHAT_IS_SENT)
    freeze = inside.card.get_by_label("Freeze")
    freeze.check()
    inside.page.mouse.move(x + 1, y)
    inside.title_and_words()  # the card was painted again
    expect(freeze).to_be_checked()
    inside.page.wait_for_function("() => window.lost.length > 0")
    inside.page.evaluate("() => window.restore()")
    expect(inside.page.get_by_test_id("stAlert")).to_contain_text("layer 2, unit 1 frozen")
    expect(freeze).to_be_checked()
    freeze.uncheck()
    expect(inside.page.get_by_test_id("stAlert")).to_have_count(0)
    expect(freeze).not_to_be_checked()


def test_everything_goes_back_to_a_kept_epoch_and_to_the_run_again(slow_inside: Inside) -> None:
    inside = slow_inside.open_inside(SLOW)
    inside.press("train").wait_for_epoch(10)
    inside.wait_for_pictures(3)
    slider = inside.page.get_by_label("Viewed epoch")
    boundary = inside.chart("Decision boundary")
    slider.fill("5")
    replay = inside.page.locator(".hl-replay")
    expect(replay).to_have_attribute("data-replayed", re.compile(r"\d+"))
    kept = replay.get_attribute("data-replayed") or ""
    assert abs(int(kept) - 5) <= 5  # the nearest that is kept
    expect(inside.root).to_have_attribute("data-epoch", kept)
    expect(replay).to_contain_text(f"viewing epoch {kept}")
    plane = boundary.evaluate(_PLANE)
    # The run goes on meanwhile, and what is drawn stays.
    inside.wait_for_epoch(inside.epoch + 5)
    assert boundary.evaluate(_PLANE) == plane
    expect(inside.root).to_have_attribute("data-epoch", kept)
    mark = "plot => plot._fullLayout.shapes[0].visible && plot._fullLayout.shapes[0].x0"
    curves = inside.chart("Training curves")
    inside.page.wait_for_function(f"plot => ({mark})(plot) === {kept}", arg=curves.element_handle())
    replay.get_by_role("button", name="Latest").click()
    expect(replay).to_have_attribute("data-replayed", "")
    inside.page.wait_for_function(_IS_ANOTHER, arg=[boundary.element_handle(), plane])
    inside.page.wait_for_function(f"plot => ({mark})(plot) === false", arg=curves.element_handle())
    inside.wait_for_pictures(3)
    assert int(inside.root.get_attribute("data-epoch") or 0) > 10
    inside.press("stop").wait_for_status("stopped")
    # A run that has ended is played from its first epoch to its last.
    replay.get_by_role("button", name="Play").click()
    expect(replay).to_contain_text("viewing epoch")
    expect(replay).to_contain_text("latest", timeout=60_000)


def test_on_a_narrow_screen_all_of_it_stands_below_each_other(inside: Inside) -> None:
    inside.open_inside("epochs=20&layers=relu-64,relu-64,relu-64").press("train").wait_for_status("finished")
    inside.page.set_viewport_size({"width": 390, "height": 844})
    inside.wait_until_painted().wait_for_pictures(0)
    expect(inside.page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    inside.page.get_by_text("All units").click()
    inside.wait_for_pictures(1)
    assert inside.page.evaluate(_OVERFLOW) <= 0
    picture, card = inside.page.locator(".hl-network").bounding_box(), inside.card.bounding_box()
    assert picture is not None
    assert card is not None
    assert picture["x"] + picture["width"] <= 390
    assert card["y"] >= picture["y"] + picture["height"]


def test_a_network_of_half_a_million_weights_shows_its_strongest_units(inside: Inside) -> None:
    layers = ",".join(["relu-512"] * 3)
    inside.open_inside(f"epochs=3&batch=512&layers={layers}").press("train").wait_for_status("finished")
    inside.wait_until_painted()
    inside.point_at(r"layer 1, unit \d+ In a network")
    expect(inside.card).to_contain_text("only the strongest units")


_COLOURFUL = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, , blue, alpha] = data.slice(at, at + 4);
    if (alpha > 200 && Math.abs(red - blue) > 80) count += 1;
  }
  return count;
}"""


def test_the_points_of_numbers_have_the_colours_of_their_values(inside: Inside) -> None:
    inside.open_inside("data=curve&epochs=5&layers=tanh-4").press("train").wait_for_status(
        "finished"
    ).wait_until_painted()
    expect(inside.page.locator(".hl-space figcaption").first).to_have_text(re.compile("linear fit: R²"))
    assert inside.page.locator(".hl-space canvas").first.evaluate(_COLOURFUL) > 500
