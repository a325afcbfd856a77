"""Which places of the app a page shows: itself, and the view that is chosen on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.lessons.places import PLACES
from ui.session import studies, widgets

# The choices of views, by the pages that they stand on.
_CHOICES = {"inside": "inside-view", "results": "results-view", "studies": studies.KIND}
_TITLES: Mapping[str, Mapping[str, str]] = {
    page: {words.partition(": ")[2]: place for place, words in PLACES.items() if place.startswith(f"{page}/")}
    for page in _CHOICES
}
_OTHER_TITLES = {studies.RATE_FINDER: "studies/rate-finder"}
_FILES = {"try": "predict", "take-home": "take_home", "recipes": "learn"}  # of pages, where they are called otherwise


def opened_by(pages: Iterable[str]) -> frozenset[str]:
    """Return the places that a person has seen who has opened these pages.

    A view counts as seen where it is the one that is chosen on a page that was opened.
    """
    seen = set(pages)
    for page, key in _CHOICES.items():
        chosen = widgets.value(key)
        place = _TITLES[page].get(chosen) or _OTHER_TITLES.get(chosen)
        if page in seen and place is not None:
            seen.add(place)
    return frozenset(seen & PLACES.keys())


def file_of(place: str) -> str:
    """Return the page of a place, as `st.switch_page` names it."""
    page = place.partition("/")[0]
    return f"../pages/{_FILES.get(page, page)}.py"


def choose_view_of(place: str) -> None:
    """Choose the view that a place names on its page, for when that is drawn; a page alone keeps its own."""
    page = place.partition("/")[0]
    titles = {named: title for title, named in (*_TITLES.get(page, {}).items(), *_OTHER_TITLES.items())}
    if place in titles:
        widgets.set_value(_CHOICES[page], titles[place])
