"""The colours of classes, curves and values: one set for light and dark pages.

The class colours come from a search: under full protanopia, deuteranopia and tritanopia (Machado et al. 2009)
the first four are at least 0.13 apart in OKLab and all ten at least 0.08, and each stands out from white and
from Streamlit's dark background. No figure relies on colour alone: markers, dashes, ticks and crosses differ too.
"""

from __future__ import annotations

import math

CLASS_COLOURS = (
    "#2f7fd3",  # blue
    "#f0892b",  # orange
    "#17bdb8",  # teal
    "#bd1d4b",  # crimson
    "#804f89",  # plum
    "#a27419",  # ochre
    "#683af9",  # indigo
    "#bf90f8",  # lilac
    "#cc6981",  # rose
    "#e417bf",  # magenta
)
TRAINING_COLOUR = "#7b8ba3"
HELD_OUT_COLOUR = "#d9480f"
WRONG_COLOUR = "#dd4b39"
MATRIX_COLOUR = "#2f7fd3"
FIT_COLOUR = "#2f7fd3"
# The signs of weights: blue below zero and orange above, as in VALUE_COLOURS.
NEGATIVE_COLOUR = "#2f7fd3"
POSITIVE_COLOUR = "#f0892b"
# From the lowest value to the highest, evenly spaced. Every kind of colour blindness leaves blue and orange distinct.
# The grey between them is lighter than both, so lightness shows how far a value is from the middle.
VALUE_COLOURS = ("#2160b4", "#74a7de", "#e3e5e9", "#eda35c", "#b4560f")
# Of things in an order, such as the values of a setting: the ends, of which every kind of colour blindness leaves the
# distance. What lies between them stands out from light and dark pages.
_ORDER = ("#2f7fd3", "#f0892b")
VALUE_OUTLINE = "rgba(22,33,54,0.65)"  # of points over a surface of the same colours
_DARK, _LIGHT = "#10151d", "#ffffff"  # text on a colour


def class_colour(index: int) -> str:
    """Return the colour of a class, "#rrggbb"; colours repeat after the tenth.

    >>> class_colour(0) == class_colour(len(CLASS_COLOURS))
    True
    """
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]


def ordered_colours(count: int) -> list[str]:
    """Return colours "#rrggbb" for `count` things in an order, from blue to orange in even steps.

    >>> ordered_colours(3)
    ['#2f7fd3', '#90847f', '#f0892b']
    """
    first, last = map(rgb, _ORDER)
    shares = [place / max(count - 1, 1) for place in range(count)]
    mixed = [[round(low + (high - low) * share) for low, high in zip(first, last, strict=True)] for share in shares]
    return [f"#{bytes(colour).hex()}" for colour in mixed]


def translucent(colour: str, alpha: float) -> str:
    """Return "#rrggbb" as "rgba(r,g,b,alpha)".

    >>> translucent("#2f7fd3", 0.5)
    'rgba(47,127,211,0.5)'
    """
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{alpha:g})"


def ink_on(colour: str) -> str:
    """Return dark or white, whichever has the higher contrast (WCAG 2) on "#rrggbb".

    >>> ink_on("#f0892b"), ink_on("#bd1d4b")
    ('#10151d', '#ffffff')
    """
    return max((_DARK, _LIGHT), key=lambda ink: abs(math.log((_luminance(ink) + 0.05) / (_luminance(colour) + 0.05))))


def _luminance(colour: str) -> float:
    """Return WCAG 2's relative luminance, from 0 to 1."""
    shares = [part / 255 for part in rgb(colour)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of "#rrggbb", each from 0 to 255.

    >>> rgb("#2f7fd3")
    (47, 127, 211)
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
