from itertools import combinations

import numpy as np
import pytest

from core.figures import CLASS_COLOURS, HELD_OUT_COLOUR, TRAINING_COLOUR, class_colour
from core.figures.palette import FIT_COLOUR, VALUE_COLOURS

# Machado, Oliveira, Fernandes 2009, severity 1, in linear RGB.
VISION = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Ottosson 2020: linear RGB to cone responses, their cube roots to OKLab.
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ np.clip(rgb, 0, 1))


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def nearest(colours, vision) -> float:
    seen = [oklab(np.array(VISION[vision]) @ linear(colour)) for colour in colours]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
def test_colour_blind_people_can_tell_the_classes_apart(vision):
    assert nearest(CLASS_COLOURS[:4], vision) > 0.13
    assert nearest(CLASS_COLOURS, vision) > 0.08


@pytest.mark.parametrize("vision", VISION)
def test_the_two_curves_can_be_told_apart(vision):
    assert nearest((TRAINING_COLOUR, HELD_OUT_COLOUR), vision) > 0.1


@pytest.mark.parametrize("vision", VISION)
def test_colour_blind_people_can_tell_high_values_from_low_ones(vision):
    assert nearest(VALUE_COLOURS, vision) > 0.15
    low, high = VALUE_COLOURS[:2], VALUE_COLOURS[:-3:-1]
    assert all(nearest(pair, vision) > 0.18 for pair in zip(low, high, strict=True))


@pytest.mark.parametrize("vision", VISION)
def test_values_are_darker_farther_from_the_middle(vision):
    lightness = [oklab(np.array(VISION[vision]) @ linear(colour))[0] for colour in VALUE_COLOURS]
    assert lightness[0] < lightness[1] < lightness[2] > lightness[3] > lightness[4]


@pytest.mark.parametrize("colour", [*CLASS_COLOURS, TRAINING_COLOUR, HELD_OUT_COLOUR, FIT_COLOUR])
@pytest.mark.parametrize("background", ["#ffffff", "#0e1117", "#12161d"])
def test_every_colour_stands_out_from_light_and_dark_pages(colour, background):
    assert contrast(colour, background) > 2.2


def test_colours_repeat_after_the_tenth():
    assert len(set(CLASS_COLOURS)) == 10
    assert [class_colour(index) for index in range(10)] == list(CLASS_COLOURS)
    assert class_colour(10) == class_colour(0) != class_colour(11)
