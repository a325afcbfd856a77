import base64
import io

import numpy as np
import pytest
from PIL import Image

from core.figures import LabelledPictures, predicted_pictures_figure
from core.figures.picture_pixels import ink_of
from core.figures.predicted_pictures import predicted_texts


def pixels(source: str, mode: str = "L") -> np.ndarray:
    kind, data = source.split(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert(mode)).astype(int)


def figure(pixels, labels=None, class_names=("a",), photographs=False):
    labels = np.zeros(len(pixels), int) if labels is None else labels
    return predicted_pictures_figure(LabelledPictures(pixels, labels, class_names, photographs))


def test_images_stand_in_rows_of_five_with_their_true_class_below():
    drawn = figure(np.zeros((7, 8, 8)), np.arange(7) % 3, ["a", "b", "c"])
    shown = [image for image in drawn.layout.images if image.visible]
    assert [(image.x, int(image.y)) for image in shown] == [
        (0.5, 0), (1.5, 0), (2.5, 0), (3.5, 0), (4.5, 0), (0.5, 1), (1.5, 1),
    ]  # fmt: skip
    truths, predicted = (trace for trace in drawn.data if trace.visible)
    assert truths.text == ("true a", "true b", "true c", "true a", "true b", "true c", "true a")
    assert list(truths.x) == list(predicted.x) == [image.x for image in shown]
    assert all(below > image.y + image.sizey for below, image in zip(truths.y, shown, strict=True))
    assert all(predicted.y > truths.y)


def test_predictions_have_a_place_before_there_are_any():
    predicted = figure(np.zeros((3, 2, 2))).data[1]
    assert len(predicted.text) == 3
    assert all(text.strip() for text in predicted.text)  # Plotly loses its count of texts that are empty


def test_few_images_are_as_large_and_as_close_to_their_texts_as_many():
    few, many = (figure(np.zeros((count, 8, 8))) for count in (3, 20))
    assert few.layout.yaxis.range == many.layout.yaxis.range
    assert few.data[0].y[0] == many.data[0].y[0]


def test_at_most_twenty_images_are_drawn():
    drawn = figure(np.zeros((50, 8, 8)))
    assert len([image for image in drawn.layout.images if image.visible]) == len(drawn.data[0].text) == 20


def test_other_pictures_have_the_same_places_behind_them():
    drawn = figure(np.zeros((7, 8, 8)), np.arange(7) % 3, ["a", "b", "c"])
    first, behind = drawn.layout.images[:7], drawn.layout.images[7:]
    assert [(image.x, image.y, image.sizex, image.sizey) for image in behind] == [
        (image.x, image.y, image.sizex, image.sizey) for image in first
    ]
    assert not any(image.visible or image.source for image in behind)
    for shown, hidden in zip(drawn.data[:2], drawn.data[2:], strict=True):
        assert (shown.visible, hidden.visible) == (True, False)
        assert (list(hidden.x), list(hidden.y)) == (list(shown.x), list(shown.y))


def test_pixels_are_enlarged_to_squares_with_ink_where_values_are_high():
    drawn = figure(np.array([[[0.0, 16.0], [8.0, 0.0]]]))
    picture = pixels(drawn.layout.images[0].source)
    assert min(picture.shape) >= 100
    half = len(picture) // 2
    squares = [picture[:half, :half], picture[:half, half:], picture[half:, :half], picture[half:, half:]]
    assert all(np.ptp(square) == 0 for square in squares)
    paper, ink, between, _ = (square[0, 0] for square in squares)
    assert ink < between < paper


def test_in_photographs_high_is_light():
    drawn = figure(np.array([[[0.0, 1.0]]]), photographs=True)
    picture = pixels(drawn.layout.images[0].source)
    assert picture[0, 0] < picture[0, -1]


def test_images_share_one_scale():
    drawn = figure(np.array([[[0.0, 1.0]], [[0.0, 0.5]]]))
    dark, pale = (pixels(image.source) for image in drawn.layout.images[:2])
    assert dark.min() < pale.min() - 50
    assert dark.max() == pale.max()


def test_right_and_wrong_predictions_differ_by_more_than_colour():
    right, wrong = predicted_texts(["seven"])
    assert "✓ seven" in right[0]
    assert "✗ seven" in wrong[0]


def test_no_images_and_flat_images_are_drawn():
    assert figure(np.empty((0, 8, 8))).layout.xaxis.range == (0, 5)
    assert figure(np.ones((1, 8, 8))).layout.images[0].source


def test_names_are_not_html():
    right, wrong = predicted_texts(["<b>x</b>"])
    drawn = figure(np.zeros((1, 2, 2)), class_names=["<b>x</b>"])
    assert drawn.data[0].text == ("true &lt;b&gt;x&lt;/b&gt;",)
    assert "<b>x" not in right[0] + wrong[0]


@pytest.mark.parametrize("photographs", [False, True])
def test_pictures_in_colour_keep_their_colours(photographs):
    red_beside_blue = np.array([[[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]])
    drawn = pixels(figure(red_beside_blue, photographs=photographs).layout.images[0].source, "RGB")
    assert drawn[0, 0].tolist() == [255, 0, 0]
    assert drawn[-1, -1].tolist() == [0, 0, 255]


def test_a_single_picture_can_be_shown_on_the_scale_of_others():
    assert ink_of(np.array([[[2.0, 4.0]]]), photographs=False, ends=(0.0, 8.0)).tolist() == [[[0.25, 0.5]]]
    assert ink_of(np.array([[[2.0, 9.0]]]), photographs=True, ends=(0.0, 8.0)).tolist() == [[[0.75, 0.0]]]
