"""The help of a control, from the glossary."""

from __future__ import annotations

from collections.abc import Mapping

from core.glossary import TERMS
from core.glossary.now import chosen


def help_of(name: str, now: str = "", rows: str = "held-out") -> str:
    """Return the help of a control as Markdown: its text, what it does now, its formula, and the way to the glossary.

    Args:
        name: of the term.
        now: what the control does at its present value; "" for nothing.
        rows: what the rows are called that are measured after every epoch.
    """
    term = TERMS[name]
    parts = [f"{term.about(rows)} {now}".rstrip()]
    if term.formula:
        parts.append(f"$$\n{term.formula}\n$$")
    return "\n\n".join([*parts, f"[Glossary]({glossary_address(name)})"])


def explanation(term: str, value: str, titles: Mapping[str, str]) -> str:
    """Return what the chosen entry of a menu does as Markdown, with its formula and the way to the glossary."""
    formula = TERMS[term].choices[value].formula
    in_line = f" ${formula}$" if formula else ""
    return f"{chosen(term, value, titles)}{in_line} [Glossary]({glossary_address(term)})"


def glossary_link(name: str) -> str:
    """Return a link to a term as Markdown."""
    return f"[Why?]({glossary_address(name)})"


def glossary_address(name: str) -> str:
    """Return the address of a term, from any other page."""
    return f"glossary?term={name}"
