"""Somebody goes back over a run in the lab, once it rests."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab

_MARK = "plot => { const {visible, x0} = plot.layout.shapes[0]; return visible ? x0 : null; }"


def test_figures_and_line_go_back_together_and_return_to_the_end(lab: Lab) -> None:
    lab.open("data=moons&noise=0.3&epochs=1000")
    expect(_slider(lab)).to_be_hidden()
    lab.press("train").wait_for_status("finished").wait_for_line(1000).wait_for_curve(1000)
    rows = [lab.curves[3]["y"][place] for place in (6, 999)]  # the held-out accuracy after epochs 7 and 1000
    assert _accuracy(lab) == pytest.approx(rows[1])
    _slider(lab).fill("7")  # no multiple of what is kept of a thousand epochs: it is trained again
    lab.wait_for_line(7)
    assert lab.chart("Training curves").evaluate(_MARK) == 7
    assert _accuracy(lab) == pytest.approx(rows[0])
    for card in lab.page.locator(".hl-card").all():
        expect(card).to_have_attribute("data-epoch", "7")
    expect(lab.strip).to_contain_text("viewing epoch 7")
    _slider(lab).press("ArrowRight")
    lab.wait_for_line(8)
    lab.page.locator(".hl-option").filter(has_text="Shares").click()  # whoever acts on a figure still looks at it
    expect(lab.result).to_contain_text("After epoch 8:")
    _slider(lab).press("Escape")
    lab.wait_for_line(1000)
    assert _accuracy(lab) == pytest.approx(rows[1])
    # Played from the beginning, until something else is to be seen.
    lab.page.get_by_role("button", name="Play", exact=True).click()
    lab.page.wait_for_function("() => Number(document.querySelector('.hl-progress').dataset.replayed) > 8")
    lab.page.get_by_role("button", name="Pause replay").click()
    _slider(lab).fill("0")
    expect(lab.result).to_have_text("Before the first epoch.")
    lab.press("new-weights").wait_for_status("ready")
    expect(_slider(lab)).to_be_hidden()


def _slider(lab: Lab) -> Locator:
    return lab.page.get_by_role("slider", name="Viewed epoch")


def _accuracy(lab: Lab) -> float:
    """Return the share of held-out rows that the matrix has right."""
    counts = lab.chart("Confusion matrix").evaluate("plot => plot.data[0].z.map((row) => [...row])")
    return float(sum(row[place] for place, row in enumerate(counts)) / sum(map(sum, counts)))
