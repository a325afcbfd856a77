"""The plane that the boundary or the surface is drawn over, where there are more features than two."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from core.analysis.axes import Axes
from tests.pages.lab_page import PARTS, LabPage

OpenLab = Callable[..., LabPage]


def test_the_axes_of_a_table_can_be_chosen(open_lab: OpenLab) -> None:
    lab = open_lab("data=iris")
    assert _axis_titles(lab) == ("petal length (cm)", "petal width (cm)")  # which say most of the species
    lab.choose("Horizontal axis", 0).choose("Vertical axis", 1)
    assert _axis_titles(lab) == ("sepal length (cm)", "sepal width (cm)")
    # The same feature twice is no plane: what the other axis shows comes here, and the axes change places.
    lab.choose("Vertical axis", 0)
    assert _axis_titles(lab) == ("sepal width (cm)", "sepal length (cm)")
    assert (lab.control("Horizontal axis").value, lab.control("Vertical axis").value) == (1, 0)
    lab.choose("Horizontal axis", 0)
    assert _axis_titles(lab) == ("sepal length (cm)", "sepal width (cm)")


def test_the_axes_of_a_surface_can_be_chosen(open_lab: OpenLab) -> None:
    lab = open_lab("data=diabetes")
    assert _axis_titles(lab, "surface") == ("body mass index", "log of triglycerides")
    assert _axis_titles(lab.choose("Vertical axis", 1), "surface") == ("body mass index", "sex")
    assert lab.has_control("Surface plane")
    assert not lab.has_control("Boundary plane")


def test_the_boundary_can_be_drawn_over_principal_components(open_lab: OpenLab) -> None:
    lab = open_lab(f"{PARTS}&epochs=3").choose("Boundary plane", True)
    first, second = map(html.unescape, _axis_titles(lab))
    assert re.fullmatch(r"component 1 \(7\d% of the variance\)", first)
    assert re.fullmatch(r"component 2 \(2\d%\)", second)
    assert not lab.has_control("Horizontal axis")
    lab.press("train")
    assert lab.running.axes == Axes(2, 3, components=True)
    lab.choose("Boundary plane", False)
    assert _axis_titles(lab) == ("petal length (cm)", "petal width (cm)")


def test_other_features_can_stand_as_in_a_row(open_lab: OpenLab) -> None:
    lab = open_lab(f"{PARTS}&epochs=3").choose("Other features from training row", 7)
    assert any("their values in training row 7" in text for text in lab.texts)
    lab.press("train")
    assert lab.running.axes == Axes(2, 3, row=7)
    lab.choose("Other features from training row", 3)
    assert lab.running.axes == Axes(2, 3, row=3)


def test_other_data_open_on_their_own_axes(open_lab: OpenLab) -> None:
    lab = open_lab("data=wine").choose("Horizontal axis", 10).choose("Vertical axis", 12)
    assert _axis_titles(lab) == ("hue", "proline")
    lab.choose("Data set", "penguins")
    assert _axis_titles(lab) == ("bill length (mm)", "flipper length (mm)")


@pytest.mark.parametrize("name", ["moons", "digits", "plane", "curve"])
def test_there_are_no_axes_to_choose_for_planes_pictures_and_one_feature(open_lab: OpenLab, name: str) -> None:
    assert not open_lab(f"data={name}").has_control("Vertical axis")


def _axis_titles(lab: LabPage, card: str = "boundary") -> tuple[str, str]:
    layout = lab.cards[card]["layout"]
    return layout["xaxis"]["title"]["text"], layout["yaxis"]["title"]["text"]
