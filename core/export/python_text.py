"""Python code as text, formatted as by `ruff format`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

WIDTH = 88  # characters a line, the default of Black and Ruff
_INDENT = "    "


@dataclass(frozen=True)
class Call:
    """A call: the function, and its arguments as (keyword or "", value); `open` forces one argument a line."""

    name: str
    arguments: tuple[tuple[str, Expression], ...]
    open: bool = False


@dataclass(frozen=True)
class Items:
    """A list; `open` forces one item a line."""

    items: tuple[Expression, ...]
    open: bool = False


Expression: TypeAlias = "str | Call | Items"  # a str is code that is never broken into lines


def call(name: str, /, *positional: Expression, **keywords: Expression | None) -> Call:
    """Return a call, without the keywords that are None."""
    named = [(key, value) for key, value in keywords.items() if value is not None]
    return Call(name, (*(("", value) for value in positional), *named))


def open_call(name: str, /, *positional: Expression, **keywords: Expression | None) -> Call:
    """Return a call with one argument a line, without the keywords that are None."""
    return replace(call(name, *positional, **keywords), open=True)


def items(values: Iterable[Expression], open: bool = False) -> Items:
    """Return a list."""
    return Items(tuple(values), open)


def literal(value: float | str) -> str:
    """Return a number, bool or string as a Python literal; whatever a string contains, it stays a string.

    >>> literal('it is "here"'), literal("line\\nbreak"), literal(0.001)
    ('\\'it is "here"\\'', '"line\\\\nbreak"', '0.001')
    """
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    return quote + "".join(_escaped(letter, quote) for letter in value) + quote


def _escaped(letter: str, quote: str) -> str:
    if letter in "'\"":
        return f"\\{letter}" if letter == quote else letter
    return repr(letter)[1:-1]


def names(values: Iterable[str]) -> Items:
    """Return a list of string literals."""
    return items(map(literal, values))


def assign(target: str, value: Expression) -> str:
    """Return the assignment `target = value`, broken into lines."""
    return "\n".join(_lines(f"{target} = ", value, "", 0))


def statement(value: Expression) -> str:
    """Return an expression as a statement, broken into lines."""
    return "\n".join(_lines("", value, "", 0))


def _lines(before: str, value: Expression, after: str, depth: int) -> Iterator[str]:
    margin = _INDENT * depth
    flat = f"{margin}{before}{_flat(value)}{after}"
    if isinstance(value, str) or (len(flat) <= WIDTH and not _is_open(value)):
        yield flat
        return
    if isinstance(value, Call):
        parts = [(f"{key}=" if key else "", argument) for key, argument in value.arguments]
        opening, closing = f"{value.name}(", ")"
    else:
        parts = [("", item) for item in value.items]
        opening, closing = "[", "]"
    yield f"{margin}{before}{opening}"
    together = f"{margin}{_INDENT}{', '.join(key + _flat(part) for key, part in parts)}"
    if isinstance(value, Call) and not _is_open(value) and len(together) <= WIDTH:
        yield together
    else:
        only_list = isinstance(value, Call) and len(parts) == 1 and isinstance(parts[0][1], Items)
        for key, part in parts:
            yield from _lines(key, part, "" if only_list and not parts[0][0] else ",", depth + 1)
    yield f"{margin}{closing}{after}"


def _flat(value: Expression) -> str:
    if isinstance(value, Call):
        arguments = (f"{key}={_flat(part)}" if key else _flat(part) for key, part in value.arguments)
        return f"{value.name}({', '.join(arguments)})"
    if isinstance(value, Items):
        return f"[{', '.join(map(_flat, value.items))}]"
    return value


def _is_open(value: Expression) -> bool:
    """Return whether an expression must be broken into lines."""
    if isinstance(value, Call):
        return value.open or any(_is_open(part) for _, part in value.arguments)
    return isinstance(value, Items) and (value.open or any(map(_is_open, value.items)))
