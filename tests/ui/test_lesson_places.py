"""The places that lessons name are pages and views of the app."""

from core.lessons.places import PLACES
from tests.layers import ROOT


def test_every_place_is_a_page_of_the_app():
    shell = (ROOT / "ui" / "shell.py").read_text("utf-8")
    pages = {place.partition("/")[0] for place in PLACES}
    assert [page for page in pages if f'url_path="{page}"' not in shell] == []
