"""The page on a phone, on a laptop and in the dark."""

from __future__ import annotations

from itertools import pairwise

from playwright.sync_api import TimeoutError, expect

from tests.browser.conftest import NewPerson
from tests.browser.lab import Lab
from tests.browser.server import Server

_OVERFLOW = "() => document.scrollingElement.scrollWidth - innerWidth"
_CARDS = "cards => cards.map(card => card.getBoundingClientRect()).map(({left, right, top}) => ({left, right, top}))"


def test_a_phone_shows_the_parts_below_each_other_and_trains(server: Server, new_person: NewPerson) -> None:
    lab = (
        new_person(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        .tab()
        .open("epochs=20")
    )
    assert lab.page.evaluate(_OVERFLOW) <= 0
    cards = lab.page.locator(".hl-card").evaluate_all(_CARDS)
    assert len(cards) == 3
    assert {card["left"] for card in cards} == {cards[0]["left"]}
    assert [card["top"] for card in cards] == sorted({card["top"] for card in cards})
    assert all(card["left"] >= 0 and card["right"] <= 390 for card in cards)
    lab.button("train").tap()
    lab.wait_for_status("finished")
    expect(lab.page.get_by_text("After epoch 20")).to_be_visible()
    assert lab.page.evaluate(_OVERFLOW) <= 0


def test_a_phone_names_all_of_eight_classes_and_the_held_out_rows(server: Server, new_person: NewPerson) -> None:
    lab = (
        new_person(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        .tab()
        .open("data=blobs&classes=8")
    )
    legend = lab.chart("Decision boundary").locator(".legend")
    expect(legend.locator(".traces")).to_have_count(9)  # the classes, and the marker of held-out rows
    assert legend.locator(".scrollbar").evaluate("bar => Number(bar.getAttribute('height'))") == 0


def test_the_ends_of_a_slider_are_not_written_over_the_next_control(lab: Lab) -> None:
    lab.open().slider("Points").focus()
    ends = lab.page.locator(".stSlider").filter(has_text="Points").get_by_text("10000", exact=True)
    expect(ends).to_have_count(1)
    expect(ends).to_be_hidden()


def test_pictures_stand_five_beside_each_other_on_a_phone(lab: Lab) -> None:
    lab.open("data=digits").turn_to("Data")
    lab.page.get_by_test_id("stButtonGroup").get_by_text("Pictures", exact=True).click()
    halves = lab.page.locator(".st-key-view-Pictures .js-plotly-plot")
    expect(halves).to_have_count(4)  # of the means and of the pictures
    expect(halves.last.locator("image")).to_have_count(15)
    assert len({card["left"] for card in halves.evaluate_all(_CARDS)}) == 2
    lab.page.set_viewport_size({"width": 390, "height": 844})
    expect(lab.page.locator(".stMain")).to_have_js_property("clientWidth", 390)
    assert len({card["left"] for card in halves.evaluate_all(_CARDS)}) == 1
    assert lab.page.evaluate(_OVERFLOW) <= 0


def test_the_inside_of_a_network_fits_a_phone_and_a_finger(server: Server, new_person: NewPerson) -> None:
    lab = (
        new_person(server, viewport={"width": 1200, "height": 844}, has_touch=True, is_mobile=True)
        .tab()
        .open("data=digits&layers=relu-16,relu-8,relu-8&epochs=20")
        .press("train")
        .wait_for_status("finished")
        .turn_to("Inside")
    )
    page = lab.page
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("Tap a unit or a connection")).to_be_visible()
    choices = page.locator(".st-key-inside-view").get_by_role("radio")
    expect(choices).to_have_count(6)
    assert all(0 <= card["left"] < card["right"] <= 390 for card in choices.evaluate_all(_CARDS))
    heights = "all => all.map(button => button.offsetHeight).filter(Boolean)"
    assert min(page.locator(".hl-root :is(button, input[type=range])").evaluate_all(heights)) >= 36
    page.get_by_role("radio", name="Health", exact=True).tap()
    moved = page.locator(".st-key-inside-moved")
    expect(moved.locator(".legend .traces")).to_have_count(4)
    assert moved.locator(".legend .scrollbar").evaluate("bar => Number(bar.getAttribute('height'))") == 0
    edges = "all => all.map(text => text.getBoundingClientRect()).map(({top, bottom}) => ({top, bottom}))"
    for figure in (moved, page.locator(".st-key-inside-norm")):
        labels = sorted(figure.locator(".ytick text").evaluate_all(edges), key=lambda edge: edge["top"])
        assert len(labels) > 1
        assert all(upper["bottom"] <= lower["top"] + 2 for upper, lower in pairwise(labels))
    assert page.evaluate(_OVERFLOW) <= 0


def test_a_page_without_controls_keeps_no_room_for_them(lab: Lab) -> None:
    page = lab.open().page
    for name in ("Draw", "Results"):
        lab.turn_to(name)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page.locator(".stSidebar")).to_be_hidden()
        lab.turn_to("Lab").wait_until_drawn()
        expect(page.locator(".stSidebar")).to_be_visible()


def test_a_narrow_card_names_both_of_its_curves(lab: Lab) -> None:
    lab.page.set_viewport_size({"width": 1024, "height": 768})
    lab.open("data=circles")
    legend = lab.chart("Training curves").locator(".legend")
    expect(legend.locator(".traces")).to_have_count(2)
    assert legend.locator(".scrollbar").evaluate("bar => Number(bar.getAttribute('height'))") == 0


def test_a_laptop_shows_everything_at_once(slow_lab: Lab) -> None:
    main = "() => { const {scrollHeight, clientHeight, scrollWidth, clientWidth} = document.querySelector('.stMain');"
    main += " return [scrollHeight <= clientHeight, scrollWidth <= clientWidth]; }"
    lab = slow_lab.open("epochs=100").press("train").wait_for_status("running")
    assert lab.page.evaluate(main) == [True, True]
    lab.page.keyboard.press("4")  # fast from here on
    lab.wait_for_status("finished")
    expect(lab.page.get_by_text("After epoch")).to_be_in_viewport(ratio=1)
    assert lab.page.evaluate(main) == [True, True]


# In CSS pixels: the room below the last line of the lab, how far it scrolls, the two sides of the plane; and
# the share of the right column that the plots of loss and accuracy have.
_LAB = """() => {
  const main = document.querySelector(".stMain");
  const [boundary, curves] = [...document.querySelectorAll(".hl-card .js-plotly-plot")].map(plot => plot._fullLayout);
  return {
    below: innerHeight - document.querySelector(".st-key-link").getBoundingClientRect().bottom,
    scrolls: main.scrollHeight - main.clientHeight,
    sides: [boundary.xaxis._length, boundary.yaxis._length],
    curves: (curves.yaxis._length + curves.yaxis2._length) / document.querySelector(".hl-grid").clientHeight,
  };
}"""
_FILLS = f"""share => {{
  const {{below, scrolls, sides, curves}} = ({_LAB})();
  return below >= 0 && below < 30 && scrolls <= 0 && Math.abs(sides[0] - sides[1]) < 2 && curves >= share;
}}"""
# Beside the plane, above the window's lower edge, and most of what is beside it.
_CURVES_ARE_SEEN = f"""share => {{
  const [plane, curves] = [...document.querySelectorAll(".hl-card")].map((card) => card.getBoundingClientRect());
  return curves.left > plane.right && curves.bottom <= innerHeight && ({_LAB})().curves >= share;
}}"""
_GRID_IS_AT = "top => Math.abs(document.querySelector('.hl-grid')?.getBoundingClientRect().top - top) < 1"
_TOP = "part => part.getBoundingClientRect().top"
_BOTTOM = "part => part.getBoundingClientRect().bottom"
_STRIP_FITS = """() => {
  const line = document.querySelector(".hl-line");
  const ends = [...line.children].map(part => part.getBoundingClientRect().right);
  return line.scrollWidth <= line.clientWidth && Math.max(...ends) <= line.getBoundingClientRect().right + 1;
}"""


def test_the_lab_fills_every_window_with_a_square_plane_and_large_curves(lab: Lab) -> None:
    page = lab.open("noise=0.3&epochs=20").press("train").wait_for_status("finished").page
    for width, height in ((1440, 900), (1920, 1080), (2560, 1440)):
        page.set_viewport_size({"width": width, "height": height})
        try:
            page.wait_for_function(_FILLS, arg=0.5)
        except TimeoutError as error:
            raise AssertionError(f"{width} x {height}: {page.evaluate(_LAB)}") from error
    for width, height in ((1024, 768), (800, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(_STRIP_FITS)
        assert page.evaluate(_OVERFLOW) <= 0
        if width == 1024:
            page.wait_for_function(_CURVES_ARE_SEEN, arg=0.45)


def test_what_was_wrong_in_the_address_is_said_where_it_moves_and_hides_nothing(lab: Lab) -> None:
    page = lab.open("epochs=20").page
    top = page.locator(".hl-grid").evaluate(_TOP)
    lab.open("epochs=20&lr=fast&who=me")
    said = page.get_by_role("button", name="Parts of this address were not used")
    expect(said).to_be_visible()
    page.wait_for_function(_GRID_IS_AT, arg=top)
    assert page.get_by_test_id("stHeader").evaluate(_BOTTOM) <= said.evaluate(_TOP)
    assert said.evaluate(_BOTTOM) <= page.get_by_role("heading", name="Hidden Layers").evaluate(_TOP) + 1
    said.click()
    expect(page.get_by_text("must be a number from")).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(said).to_have_count(0)
    page.wait_for_function(_GRID_IS_AT, arg=top)


def test_the_first_page_says_what_this_is_and_pages_without_a_run_have_no_status(lab: Lab) -> None:
    page = lab.open("epochs=5").press("train").wait_for_status("finished").page
    expect(page.get_by_role("heading", name="Hidden Layers", level=1)).to_be_in_viewport()
    expect(page.get_by_text("A neural-network lab:")).to_be_in_viewport()
    for name in ("Draw", "Camera", "Learn"):
        lab.turn_to(name)
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
        expect(lab.strip).to_have_count(0)
        expect(page.locator(".hl-watch")).to_have_count(1)  # without a look at it, the run would pause


def test_the_dark_scheme_is_dark_everywhere(lab: Lab) -> None:
    lab.page.emulate_media(color_scheme="dark")
    lab.open("epochs=20").press("train").wait_for_status("finished")
    for part in (".stApp", "[data-testid=stSidebar]"):
        assert _brightness(lab, part, "backgroundColor") < 40
    for title in ("Decision boundary", "Training curves", "Confusion matrix"):
        chart = lab.chart(title)
        text = chart.evaluate("plot => plot._fullLayout.font.color")
        assert _brightness(lab, ".stApp", "color", text) > 180
    assert _brightness(lab, ".hl-title", "color") > 150


def test_the_light_scheme_is_light(lab: Lab) -> None:
    lab.page.emulate_media(color_scheme="light")
    lab.open()
    assert _brightness(lab, ".stApp", "backgroundColor") > 240
    assert _brightness(lab, ".hl-title", "color") < 80


def _brightness(lab: Lab, part: str, what: str, colour: str | None = None) -> float:
    """Return the mean of red, green and blue, 0 to 255, of a part's colour, or of a colour in any notation."""
    return float(
        lab.page.evaluate(
            """([part, what, colour]) => {
              const brush = document.createElement("canvas").getContext("2d");
              brush.fillStyle = colour ?? getComputedStyle(document.querySelector(part))[what];
              brush.fillRect(0, 0, 1, 1);
              const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
              return (red + green + blue) / 3;
            }""",
            [part, what, colour],
        )
    )
