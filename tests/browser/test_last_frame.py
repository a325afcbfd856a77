"""What a person sees of a run at the moment at which the page says that it rests."""

from __future__ import annotations

from typing import Any

from tests.browser.lab import Lab

# Note what is on the page whenever the strip says another status: the status, the last epoch of the curves, where their
# mark stands, the epochs of the cards, and the line under the figures.
_NOTE_EVERY_STATUS = """
() => {
  const strip = document.querySelector(".hl-strip");
  window.moments = [];
  new MutationObserver(() => {
    const cards = [...document.querySelectorAll(".hl-card")];
    const card = cards.find((card) => card.querySelector(".hl-title").innerText === "Training curves");
    const curves = card.querySelector(".js-plotly-plot");
    const mark = curves.layout.shapes?.[0];
    window.moments.push({
      status: strip.querySelector(".hl-status").innerText,
      epoch: Number(strip.dataset.epoch),
      curve: curves.data[0].x.at(-1),
      mark: mark?.visible ? mark.x0 : null,
      cards: cards.map((card) => Number(card.dataset.epoch)),
      notes: cards.map((card) => card.querySelector(".hl-of-epoch").innerText),
      line: document.querySelector(".hl-metrics").innerText,
    });
  }).observe(strip, { attributeFilter: ["data-status"] });
}
"""


def test_at_the_moment_a_run_rests_everything_on_the_page_is_of_one_epoch(lab: Lab) -> None:
    _open(lab, "data=moons&noise=0.3&layers=tanh-5&epochs=100")
    lab.page.keyboard.press("2")  # slow, so that it can be paused
    lab.press("train").wait_for_epoch(1).press("pause").wait_for_status("paused")
    _check(_moment(lab, "Paused"), epoch=lab.epoch)
    lab.page.keyboard.press("4")
    lab.press("train").wait_for_status("finished")
    _check(_moment(lab, "Finished"), epoch=100)

    _open(lab, "data=moons&noise=0.5&points=100&layers=tanh-8&lr=0.1&batch=16&epochs=300&patience=7")
    lab.press("train").wait_for_status("finished")
    stopped = _moment(lab, "Finished")
    assert stopped["epoch"] < 300
    _check(stopped, epoch=stopped["epoch"] - 7)  # the best one, to which it went back

    _open(lab, "data=curve&layers=tanh-8&epochs=40")
    lab.press("train").wait_for_status("finished")
    _check(_moment(lab, "Finished"), epoch=40)


def _open(lab: Lab, query: str) -> None:
    lab.open(query)
    lab.page.evaluate(_NOTE_EVERY_STATUS)


def _moment(lab: Lab, status: str) -> dict[str, Any]:
    """Return what was on the page when the strip first said this."""
    moments: list[dict[str, Any]] = lab.page.evaluate("window.moments")
    return next(moment for moment in moments if moment["status"] == status)


def _check(moment: dict[str, Any], epoch: int) -> None:
    """Check that the network that is shown is everywhere that of one epoch, and the curves go to the last one."""
    last = moment["epoch"]
    assert moment["curve"] == last, moment
    assert moment["mark"] == (None if epoch == last else epoch), moment
    assert sorted(moment["cards"]) == [epoch, epoch, last], moment
    assert moment["line"].startswith(f"After epoch {epoch}: "), moment
    # A figure that is of another epoch than the strip says so; the curves are those of all epochs.
    assert sorted(moment["notes"]) == sorted(["", *([f"epoch {epoch}"] * 2 if epoch < last else ["", ""])]), moment
