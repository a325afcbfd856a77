"""What is kept of people's choices."""

from __future__ import annotations

from ui.kept_choices import KeptChoices


def test_a_choice_is_kept_for_the_browser_that_made_it() -> None:
    kept = KeptChoices()
    kept.keep_retrains("mine", True)
    assert (kept.retrains("mine"), kept.retrains("theirs")) == (True, False)
    kept.keep_retrains("mine", False)
    kept.keep_retrains("theirs", False)
    assert (kept.retrains("mine"), kept.retrains("theirs")) == (False, False)


def test_a_speed_is_kept_for_the_browser_that_chose_it() -> None:
    kept = KeptChoices(most=2)
    for browser, name in (("one", "slow"), ("two", "fast"), ("one", "step"), ("three", "watch")):
        kept.keep_speed(browser, name)
    assert [kept.speed(browser) for browser in ("one", "two", "three")] == ["step", "", "watch"]


def test_the_oldest_choice_is_forgotten_first() -> None:
    kept = KeptChoices(most=2)
    for browser in ("one", "two", "one", "three"):
        kept.keep_retrains(browser, True)
    assert [browser for browser in ("one", "two", "three") if kept.retrains(browser)] == ["one", "three"]
