"""A run outlives reloads and page changes, is shared by tabs, and is nobody else's; an address says an experiment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.jobs.stream import BROWSER_COOKIE
from tests.browser.conftest import NewPerson, Person
from tests.browser.lab import LONG, SLOW, Lab
from tests.browser.server import Server

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def test_a_run_outlives_a_reload_and_a_visit_to_another_page(lab: Lab, person: Person) -> None:
    lab.open(LONG).press("train").wait_for_epoch(20).wait_for_curve(20)
    first_loss, before = lab.curves[0]["y"][0], lab.epoch
    lab.reload().wait_for_status("running").wait_for_epoch(before)
    lab.wait_for_curve(before)
    assert lab.curves[0]["x"][0] == 1
    # The history of the compiled program may by now stand in the place of the plain graph's.
    assert lab.curves[0]["y"][0] == pytest.approx(first_loss, abs=1e-3)

    before = lab.epoch
    lab.turn_to("Results")
    expect(lab.page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    lab.wait_for_status("running").wait_for_epoch(before + 5)  # the strip is on this page too
    before = lab.epoch
    lab.turn_to("Lab").wait_until_drawn().wait_for_status("running").wait_for_epoch(before)
    lab.wait_for_curve(before)
    assert lab.curves[0]["x"][0] == 1
    assert lab.address["epochs"] == "2000"
    assert len(person.watch.streams) == 1
    lab.press("stop").wait_for_status("stopped")


def test_tabs_of_one_browser_show_the_same_run(slow_person: Person) -> None:
    first = slow_person.tab().open(SLOW).press("train").wait_for_epoch(2)
    second = slow_person.tab().open(SLOW).wait_for_status("running").wait_for_epoch(2)
    assert len(slow_person.watch.streams) == 1
    # What one does, both show.
    second.press("pause").wait_for_status("paused")
    first.wait_for_status("paused")
    assert first.epoch == second.epoch
    expect(first.button("train")).to_have_accessible_name("Resume")
    first.press("stop").wait_for_status("stopped")
    second.wait_for_status("stopped")


def test_a_tab_keeps_its_run_when_its_browser_has_got_another_cookie(slow_person: Person) -> None:
    # As two first tabs do that are opened at once: each gets a cookie, and the browser keeps the later one.
    person = slow_person
    lab = person.tab().open(SLOW).press("train").wait_for_epoch(2)
    person.context.clear_cookies(name=BROWSER_COOKIE)
    with lab.page.expect_response(re.compile("/claim$")):
        other = person.tab().open("recipe=circles")
    lab.wait_for_epoch(lab.epoch + 4)
    other.open(SLOW).wait_for_status("running")  # the run is this cookie's now
    assert len(person.watch.streams) == 1
    lab.press("stop").wait_for_status("stopped")
    other.wait_for_status("stopped")
    # The stream was refused at first.
    assert {error.partition(" ")[0] for error in person.watch.errors} == {"404"}
    assert all("/live/" in error for error in person.watch.errors)
    person.watch.errors.clear()


def test_a_link_opens_the_same_experiment_in_another_browser_and_nothing_of_the_run(
    server: Server, new_person: NewPerson
) -> None:
    mine, theirs = new_person(server), new_person(server)
    lab = mine.tab().open("recipe=circles&seed=3&noise=0.07").press("train").wait_for_status("finished")
    lab.page.get_by_role("button", name="Link").click()
    link = lab.page.get_by_test_id("stPopoverBody").locator("code").inner_text()
    assert link.startswith(f"{mine.base}/?data=circles&")

    other = theirs.tab()
    other.page.goto(link)
    other.wait_until_drawn()
    assert other.address == lab.address
    assert other.strip.get_attribute("data-status") == "ready"
    other.press("train").wait_for_status("finished")
    assert other.final_figures == lab.final_figures

    (stream,) = mine.watch.streams
    assert stream not in theirs.watch.streams
    frames = f"http://{stream}/frames"
    assert mine.context.request.get(frames).status == 200
    assert theirs.context.request.get(frames).status == 404
    (cookie,) = [cookie for cookie in mine.context.cookies() if cookie["name"] == BROWSER_COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    for origin in ("https://evil.example", "null"):
        assert mine.context.request.get(frames, headers={"Origin": origin}).status == 403


def test_controls_work_in_a_fresh_browser_that_opens_the_pages_own_link(server: Server, new_person: NewPerson) -> None:
    lab = new_person(server).tab().open()
    lab.wait_for_address("epochs", "100")
    theirs = new_person(server)
    other = theirs.tab()
    other.page.goto(lab.page.url)
    _use_controls(other.wait_until_drawn(), theirs)


def test_controls_work_after_a_reload(lab: Lab, person: Person) -> None:
    lab.open().wait_for_address("epochs", "100")
    _use_controls(lab.reload(), person)


def _use_controls(lab: Lab, person: Person) -> None:
    """Turn a slider, choose in a menu, open a recipe: each holds, is in the address, and is what trains."""
    epochs, optimizer = lab.slider("Epochs"), lab.menu("Optimizer")
    epochs.press("ArrowLeft")
    lab.wait_for_address("epochs", "90")
    optimizer.fill("RMSprop")
    optimizer.press("Enter")
    lab.wait_for_address("optimizer", "rmsprop")
    expect(epochs).to_have_attribute("aria-valuetext", "90")
    expect(optimizer).to_have_value("RMSprop")
    assert (lab.address["epochs"], lab.address["layers"]) == ("90", "tanh-4,tanh-2")
    _train_and_find(lab, person, "After epoch 90:")

    lab.turn_to("Learn").page.locator(".st-key-open-circles button").click()
    lab.wait_for_address("data", "circles").wait_until_drawn()
    expect(lab.menu("Data set")).to_have_value("Circles")
    _train_and_find(lab, person, "After epoch 50:")


def _train_and_find(lab: Lab, person: Person, figures: str) -> None:
    """Train, and find the run in another tab by the address alone."""
    lab.press("train").wait_for_status("finished")
    assert figures in lab.final_figures
    other = person.tab()
    other.page.goto(lab.page.url)
    other.wait_until_drawn().wait_for_status("finished")
    assert other.final_figures == lab.final_figures
    other.page.close()


def test_back_returns_to_the_experiment_before(lab: Lab) -> None:
    lab.open()
    layers = lab.slider("Hidden layers")
    expect(layers).to_have_value("2")
    lab.wait_for_address("layers", "tanh-4,tanh-2")
    layers.press("ArrowRight")
    lab.wait_for_address("layers", "tanh-4,tanh-2,tanh-2")
    expect(lab.page.get_by_text("Layer 3: units")).to_be_visible()
    lab.page.go_back()
    lab.wait_for_address("layers", "tanh-4,tanh-2")
    expect(lab.slider("Hidden layers")).to_have_value("2")
    expect(lab.page.get_by_text("Layer 3: units")).to_have_count(0)


def test_one_press_of_back_leads_from_a_recipe_to_the_recipes(lab: Lab) -> None:
    lab.open().turn_to("Learn")
    lab.page.locator(".st-key-open-circles button").click()
    lab.wait_for_address("data", "circles").wait_until_drawn()
    lab.page.go_back()
    expect(lab.page.get_by_role("heading", name="Learn")).to_be_visible()
    lab.page.go_forward()
    lab.wait_until_drawn().wait_for_address("data", "circles")


def test_a_hostile_address_is_shown_as_text(lab: Lab) -> None:
    lab.page.goto(
        f"{lab.base}/?epochs={HOSTILE}&lr=**fast** https://example.com&**who**=:material/home: :smile: :red[red]"
    )
    lab.wait_until_drawn()
    lab.page.get_by_role("button", name="Parts of this address were not used").click()
    alert = lab.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("defaults are used instead")
    for text in (
        "epochs must be a whole number from 1 to 2000. Received: '<img src=x onerror=",
        "lr must be a number from 1e-05 to 10. Received: '**fast** https://example.com'.",
        "**who** must be a known key",
        ":smile: :red[red]'.",
    ):
        expect(alert).to_contain_text(text)
    assert alert.get_by_role("listitem").locator("img, svg, strong, em, a, script, [role=img]").count() == 0
    assert lab.page.title() == "Hidden Layers"
    lab.wait_for_address("epochs", "100").wait_for_address("lr", "0.01")
