"""The keys of an experiment: how each value is parsed, checked and formatted.

A key has a name, which is also its name in the address, and the values that it allows. The address bar, the command
line and the bounds of the sliders all use the same keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

from core.errors import ExperimentError

_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`."""

    name: str
    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def parse(self, text: str) -> int:
        # `int` alone would accept "1_000", " 5" and the digits of other scripts.
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
            raise ExperimentError(self.name, self.allowed, text)
        return self.check(int(text))

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ExperimentError(self.name, self.allowed, value)
        return value

    def format(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class Real:
    """A finite number from `low` to `high`."""

    name: str
    low: float
    high: float

    @property
    def allowed(self) -> str:
        return f"a number from {format_number(self.low)} to {format_number(self.high)}"

    def parse(self, text: str) -> float:
        # `float` alone would accept "1_0", " 5", "nan" and the digits of other scripts.
        if len(text) > 40 or not _DECIMAL.fullmatch(text):
            raise ExperimentError(self.name, self.allowed, text)
        return self.check(float(text))

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise ExperimentError(self.name, self.allowed, value)
        return float(value) + 0.0  # turns -0.0, which is formatted differently, into 0.0

    def format(self, value: float) -> str:
        return format_number(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words; `where` adds to messages when only these are allowed."""

    name: str
    options: Collection[str]
    where: str = ""

    @property
    def allowed(self) -> str:
        one_of = "one of " if len(self.options) > 1 else ""
        return f"{one_of}{', '.join(self.options)} {self.where}".rstrip()

    def parse(self, text: str) -> str:
        return self.check(text)

    def check(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ExperimentError(self.name, self.allowed, value)
        return value

    def format(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Several:
    """One or more of a few words, each at most once, formatted in the order of `options`."""

    name: str
    options: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one or more of {', '.join(self.options)}, separated by commas"

    def parse(self, text: str) -> tuple[str, ...]:
        try:
            return self.check(tuple(text.split(",")))
        except ExperimentError as error:
            raise ExperimentError(self.name, self.allowed, text) from error

    def check(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not value or not all(item in self.options for item in value):
            raise ExperimentError(self.name, self.allowed, value)
        found = tuple(option for option in self.options if option in value)
        if len(found) != len(value):
            raise ExperimentError(self.name, self.allowed, value)
        return found

    def format(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    name: str

    @property
    def allowed(self) -> str:
        return "yes or no"

    def parse(self, text: str) -> bool:
        if text not in ("yes", "no"):
            raise ExperimentError(self.name, self.allowed, text)
        return text == "yes"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ExperimentError(self.name, self.allowed, value)
        return value

    def format(self, value: bool) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True)
class Text:
    """One line of text of at most `most` characters that matches the regular expression `pattern`, if there is one."""

    name: str
    most: int
    pattern: str = ""
    words: str = ""  # describe what the pattern allows

    @property
    def allowed(self) -> str:
        return self.words or f"one line of text, at most {self.most} characters"

    def parse(self, text: str) -> str:
        return self.check(text)

    def check(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.most or not value.isprintable():
            raise ExperimentError(self.name, self.allowed, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ExperimentError(self.name, self.allowed, value)
        return value

    def format(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Names:
    """Up to `most` different lines of text, none empty; separated by commas, with "," as %2C and "%" as %25."""

    name: str
    each: Text
    most: int

    @property
    def allowed(self) -> str:
        return f"at most {self.most} different names separated by commas, a comma in a name as %2C"

    def parse(self, text: str) -> tuple[str, ...]:
        names = [unquote(name) for name in text.split(",")] if text else []
        return self.check(tuple(names))

    def check(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > self.most or not all(value):
            raise ExperimentError(self.name, self.allowed, value)
        try:
            names = tuple(self.each.check(name) for name in value)
        except ExperimentError as error:
            raise ExperimentError(self.name, self.allowed, value) from error
        if len(set(names)) != len(names):
            raise ExperimentError(self.name, self.allowed, value)
        return names

    def format(self, value: tuple[str, ...]) -> str:
        return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in value)


Key = Whole | Real | Choice | Several | Flag | Text | Names


def format_number(value: float) -> str:
    """Return the shortest text that parses to the same number: 0.05, 1000, 1e-05."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
