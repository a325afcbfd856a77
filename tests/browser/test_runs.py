"""The page "Runs": five runs by hand, found, compared, shared and opened again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.lab import Lab
from tests.browser.server import Server
from tests.waiting import wait_until

SMALL = "data=moons&points=100&layers=tanh-3&epochs=10"
DIVERGING = "data=plane&points=100&layers=relu-8&optimizer=sgd&lr=10&epochs=10"
NAME, BEST, EPOCHS, STATUS, TAGS = 1, 4, 7, 12, 13  # columns; the first has the star
_LINE = 44
_BOX = 18  # pixels from the table's left edge to the middle of a box
_BEST = 585  # and to the head of that column

_DRAWN = "plot => plot.calcdata.map(line => line.map(({x, y}) => [x, y]))"


def train(lab: Lab, query: str, status: str = "finished") -> Lab:
    return lab.open(query).press("train").wait_for_status(status)


def press_table(page: Page, x: float, y: float) -> None:
    box = page.locator(".st-key-runs-table [data-testid=stDataFrame]").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)


def tick(page: Page, *lines: int) -> None:
    """Press the boxes of lines of the table, the first of which is 0; each time the page is drawn again."""
    for line in lines:
        press_table(page, _BOX, 37 + _LINE * (line + 0.5))


def column(page: Page, number: int, lines: int) -> list[str]:
    """Return a column as a screen reader gets it, once the table has so many lines."""
    rows = page.locator(".st-key-runs-table [role=row]:has([role=gridcell])")
    expect(rows).to_have_count(lines)
    return [row.locator("[role=gridcell]").nth(number).inner_text() for row in rows.all()]


def scores(page: Page) -> list[float]:
    return [float(text) for text in column(page, BEST, 5)]


def wait_for_column(page: Page, number: int, texts: list[str]) -> None:
    wait_until(lambda: column(page, number, len(texts)) == texts, f"the column {texts}")


def search(page: Page, words: str) -> None:
    field = page.get_by_role("textbox", name="Search")
    field.fill(words)
    field.press("Enter")


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


def test_five_runs_are_found_compared_and_shared(person: Person, server: Server, new_person: NewPerson) -> None:
    lab = person.tab()
    for query in (SMALL, f"{SMALL}&lr=0.1", f"{SMALL}&lr=0.1&seed=3", SMALL.replace("tanh-3", "relu-5")):
        train(lab, query)
    train(lab, DIVERGING, "failed")
    page = lab.turn_to("Runs").page
    diverged, relu, seed, rate, first = column(page, NAME, 5)
    assert diverged.startswith("Plane, 8 units, SGD, learning rate 10")
    assert (relu, seed) == ("layers relu-5, learning rate 0.01, seed 0", "seed 3")
    assert (rate, first) == ("learning rate 0.1", "Moons, layers tanh-3")
    assert column(page, STATUS, 5) == ["diverged", *["finished"] * 4]
    # A press on the head of a column sorts, another one reverses that.
    press_table(page, _BEST, 18)
    expect(page.get_by_role("combobox", name="Sort")).to_have_value("Highest best score")
    # The figures of a run may change once more, when the compiled program has trained it again.
    wait_until(lambda: (found := scores(page)) == sorted(found, reverse=True), "the highest score first")
    press_table(page, _BEST, 18)
    wait_until(lambda: (found := scores(page)) == sorted(found), "the lowest score first")
    choose(page, "Sort", "Newest first")
    search(page, "learning rate > 0.01")
    wait_for_column(page, NAME, [diverged, seed, rate])
    search(page, "")
    wait_for_column(page, NAME, [diverged, relu, seed, rate, first])

    for line in range(5):
        tick(page, line)
        if line:
            expect(page.get_by_text(f"{line + 1} runs are ticked.")).to_be_visible()
    compared = page.locator(".st-key-compare-curves .js-plotly-plot")
    expect(compared.locator(".legendtext")).to_have_count(5)
    low, high = compared.evaluate("plot => plot._fullLayout.yaxis.range")
    assert -1 < low < high < 2  # the loss of the one that diverged is 400 billion
    choose(page, "Baseline", f"5. {first}")
    figures = page.locator(".st-key-compare-figures [role=row]")
    expect(figures.first).to_contain_text("Δ Best")
    page.get_by_role("button", name="Share this comparison").click()
    link = page.locator("code", has_text="?compare=")
    expect(link).to_contain_text("&baseline=5")
    drawn = compared.evaluate(_DRAWN)

    other = new_person(server)
    stranger = other.empty_tab()
    stranger.goto(link.inner_text())
    expect(stranger.get_by_role("heading", name="Shared comparison")).to_be_visible()
    shared = stranger.locator(".st-key-compare-curves .js-plotly-plot")
    expect(shared.locator(".legendtext")).to_have_count(5)
    assert shared.evaluate(_DRAWN) == drawn
    expect(stranger.locator(".st-key-compare-figures [role=row]").first).to_contain_text("Δ Best")
    for word in ("Delete", "Star", "Share", "Save"):
        expect(stranger.get_by_role("button", name=word)).to_have_count(0)
    # Streamlit's client looks for its server under the page's path first.
    assert all("/runs/_stcore/" in error for error in other.watch.errors)
    other.watch.errors.clear()


def test_a_run_is_described_deleted_brought_back_and_opened_as_it_was(lab: Lab) -> None:
    train(lab, f"{SMALL}&seed=11").wait_for_curve(10)
    curves = lab.curves
    train(lab, f"{SMALL}&seed=12")
    page = lab.turn_to("Runs").page
    assert column(page, NAME, 2) == ["seed 12", "Moons, layers tanh-3"]
    tick(page, 1)
    page.get_by_label("Name").fill("the first one")
    page.get_by_label("Tags, separated by spaces").fill("homework good")
    page.get_by_label("Note").fill("worth a second look")
    page.get_by_role("button", name="Save").click()
    wait_for_column(page, NAME, ["seed 12", "the first one"])
    assert column(page, TAGS, 2) == ["", "good homework"]
    page.get_by_role("button", name="Star", exact=True).click()
    wait_for_column(page, 0, ["", "★"])
    search(page, "second look tag:homework")
    wait_for_column(page, NAME, ["the first one"])
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No run is like that.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    wait_for_column(page, NAME, ["the first one"])

    tick(page, 0)
    page.get_by_role("button", name="Open in the lab").click()
    lab.wait_until_drawn().wait_for_status("finished").wait_for_curve(10)
    assert lab.address["seed"] == "11"
    assert lab.curves == curves
    lab.turn_to("Runs").page.get_by_role("button", name="New run with these settings").click()
    lab.wait_until_drawn().wait_for_address("seed", "11")
