"""The keys: how each kind parses, checks and formats values."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import menus
from core.experiment.keys import Choice, Flag, Key, Names, Real, Several, Text, Whole, format_number
from tests.core.experiment.strategies import values

KEYS: list[Key] = [
    *(key for key in vars(menus).values() if isinstance(key, Key)),
    *(setting.key for choice in menus.DATA.values() for setting in choice.settings.values()),
    *(
        setting.key
        for methods in menus.METHODS.values()
        for method in methods.values()
        for setting in method.settings.values()
    ),
]


@given(st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), values(key))))
def test_formatted_values_parse_to_the_same_values(drawn: tuple[Key, Any]) -> None:
    key, value = drawn
    value = key.check(value)
    text = key.format(value)
    assert key.parse(text) == value
    assert key.format(key.parse(text)) == text


@given(st.sampled_from(KEYS), st.text())
def test_no_text_is_another_exception(key: Key, text: str) -> None:
    with contextlib.suppress(ExperimentError):
        value = key.parse(text)
        assert key.check(value) == value


def test_key_says_what_it_allows() -> None:
    for key, allowed in (
        (Text("file", 32, "[0-9a-f]*", "hexadecimal digits"), "hexadecimal digits"),
        (Whole("batch", 1, 4096), "a whole number from 1 to 4096"),
        (Real("lr", 0.00001, 10.0), "a number from 1e-05 to 10"),
        (Choice("clip", ("none", "norm")), "one of none, norm"),
        (Choice("clip", ("none", "norm"), "where it rains"), "one of none, norm where it rains"),
        (Choice("clip", ("none",), "where it rains"), "none where it rains"),
        (Several("l2_on", ("kernel", "bias")), "one or more of kernel, bias, separated by commas"),
        (Flag("nesterov"), "yes or no"),
    ):
        with pytest.raises(ExperimentError) as raised:
            key.parse("?")
        assert str(raised.value) == f"`{key.name}` must be {allowed}. Received: '?'."
        with pytest.raises(ExperimentError) as raised:
            key.check(None)
        assert str(raised.value) == f"`{key.name}` must be {allowed}. Received: None."


def test_flag_is_yes_or_no() -> None:
    for text, value in (("yes", True), ("no", False)):
        flag = Flag("nesterov")
        assert flag.parse(text) is flag.check(value) is value
        assert flag.format(value) == text


def test_flag_reads_nothing_else() -> None:
    for text in ("", "Yes", "NO", "true", "false", "1", "0", "on", "yes ", "y", "no\0"):
        with pytest.raises(ExperimentError, match="`nesterov` must be yes or no"):
            Flag("nesterov").parse(text)


def test_flag_is_no_number() -> None:
    for value in (0, 1, 0.0, 1.0, "yes", "no", None, [], [True]):
        with pytest.raises(ExperimentError, match="`nesterov` must be yes or no"):
            Flag("nesterov").check(value)


def test_number_is_no_flag() -> None:
    for key in (Whole("epochs", 0, 10), Real("lr", 0, 10)):
        for value in (True, False, "1", None, [1], 1j, float("nan"), 11, -1):
            with pytest.raises(ExperimentError, match=f"^`{key.name}` must be a "):
                key.check(value)


@given(st.floats(-1e20, 1e20))
def test_a_number_reads_back(value: float) -> None:
    assert float(format_number(value)) == value


def test_a_number_is_short() -> None:
    for value, text in ((0.05, "0.05"), (1000.0, "1000"), (0.00001, "1e-05"), (-0.0, "0")):
        assert format_number(value) == text


COLUMNS = Names("columns", Text("columns", 8), 3)


def test_names_stand_between_commas() -> None:
    for text, names in (
        ("", ()),
        ("a", ("a",)),
        ("b,a", ("b", "a")),
        ("a%2Cb,100%25", ("a,b", "100%")),
        ("é x,<b>", ("é x", "<b>")),
    ):
        assert COLUMNS.parse(text) == names
        assert COLUMNS.format(names) == text


def test_names_differ_and_none_is_empty_or_long() -> None:
    for text in (",", "a,", "a,a", "a,b,c,d", "a" * 9, "a\nb", "a,%00"):
        with pytest.raises(ExperimentError, match="`columns` must be at most 3 different names"):
            COLUMNS.parse(text)


def test_a_text_is_one_line() -> None:
    for text in ("x" * 21, "two\nlines", "\0", "\ud800"):
        with pytest.raises(ExperimentError, match="`sheet` must be one line of text, at most 20 characters"):
            Text("sheet", 20).parse(text)
