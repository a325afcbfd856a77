import numpy as np
import pytest

from core.figures import pictures_figure, pictures_figures, weights_figure
from tests.core.figures.test_predicted_pictures import pixels


def test_pictures_stand_in_rows_of_ten_with_their_captions_below():
    drawn = pictures_figure(np.zeros((12, 8, 8)), [str(index) for index in range(12)])
    assert [(image.x, int(image.y)) for image in drawn.layout.images[9:]] == [(9.5, 0), (0.5, 1), (1.5, 1)]
    (captions,) = drawn.data
    assert list(captions.text) == [str(index) for index in range(12)]
    assert list(captions.x) == [image.x for image in drawn.layout.images]
    assert all(below >= image.y for below, image in zip(captions.y, drawn.layout.images, strict=True))
    assert drawn.layout.yaxis.range == (2, 0)
    assert drawn.layout.height > pictures_figure(np.zeros((1, 8, 8)), ["a"]).layout.height


def test_captions_of_two_lines_have_more_room():
    drawn = pictures_figure(np.zeros((2, 8, 8)), ["7", "Gerhard Schroeder\n✗ Tony <b>"])
    assert drawn.data[0].text == ("7", "G. Schroeder<br>✗ Tony &lt;b&gt;")
    assert drawn.layout.height > pictures_figure(np.zeros((2, 8, 8)), ["7", "8"]).layout.height


def test_in_photographs_high_is_light():
    ink, light = (
        pictures_figure(np.array([[[0.0, 1.0]]]), ["a"], photographs=photographs) for photographs in (False, True)
    )
    assert pixels(ink.layout.images[0].source)[0, 0] > pixels(light.layout.images[0].source)[0, 0]


def test_pictures_share_one_scale():
    drawn = pictures_figure(np.array([[[0.0, 1.0]], [[0.0, 0.5]]]), ["a", "b"])
    dark, pale = (pixels(image.source) for image in drawn.layout.images)
    assert dark.min() < pale.min() - 50
    assert dark.max() == pale.max()


def test_no_pictures_and_flat_ones_are_drawn():
    assert pictures_figure(np.empty((0, 8, 8)), []).layout.xaxis.range == (0, 10)
    assert len(pictures_figure(np.ones((1, 8, 8)), ["a"]).layout.images) == 1


def test_captions_are_not_html():
    assert pictures_figure(np.zeros((1, 2, 2)), ["<b>x"]).data[0].text == ("&lt;b&gt;x",)


@pytest.mark.parametrize(
    ("count", "halves"), [(0, [0]), (5, [5]), (6, [5, 1]), (10, [5, 5]), (11, [10, 1]), (30, [15, 15])]
)
def test_halves_are_level_and_share_all_pictures(count, halves):
    figures = pictures_figures(np.zeros((count, 4, 4)), [str(index) for index in range(count)])
    assert [len(figure.layout.images) for figure in figures] == halves
    assert [text for figure in figures for text in figure.data[0].text] == [str(index) for index in range(count)]
    assert {figure.layout.xaxis.range for figure in figures} == {(0, 5)}
    assert figures[0].layout.yaxis.range[0] == max(1, -(-count // 10))


def test_halves_share_one_scale_and_one_height_of_a_row():
    images = np.zeros((6, 2, 2))
    images[0, 0, 0], images[5, 0, 0] = 1.0, 0.5
    left, right = pictures_figures(images, ["a", "b\nc", "d", "e", "f", "g"])
    dark, pale = (pixels(image.source) for image in (left.layout.images[0], right.layout.images[0]))
    assert dark.min() < pale.min() - 50
    assert left.layout.height == right.layout.height


def test_rows_may_be_shorter_and_captions_longer():
    drawn = pictures_figure(np.zeros((7, 8, 8)), ["a\n✗ b\n0.01 · 0.9"] * 7, columns=5)
    assert [(image.x, int(image.y)) for image in drawn.layout.images[4:6]] == [(4.5, 0), (0.5, 1)]
    assert drawn.layout.xaxis.range == (0, 5)
    assert drawn.data[0].text[0] == "a<br>✗ b<br>0.01 · 0.9"
    assert drawn.layout.height > pictures_figure(np.zeros((7, 8, 8)), ["a\nb"] * 7, columns=5).layout.height


def test_weights_are_blue_below_zero_grey_at_zero_and_orange_above():
    drawn = weights_figure(np.array([[[-1.0, 0.0, 1.0]]]), ["unit 1"])
    picture = pixels(drawn.layout.images[0].source, "RGB")
    blue, grey, orange = (part[0, 0] for part in np.split(picture, 3, axis=1))
    assert blue[2] > blue[0] + 50
    assert np.ptp(grey) < 15
    assert orange[0] > orange[2] + 50


def test_weights_of_colour_are_grey_at_zero_and_lighter_where_they_are_higher():
    weights = np.array([[[[0.0, 0, 0], [1, 0, -1]]]])
    picture = pixels(weights_figure(weights, ["unit 1"]).layout.images[0].source, "RGB")
    grey, red = (part[0, 0] for part in np.split(picture, 2, axis=1))
    np.testing.assert_allclose(grey, 128, atol=2)
    np.testing.assert_allclose(red, [255, 128, 0], atol=3)
