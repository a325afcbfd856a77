"""The page "Glossary": every control, figure and number in plain words."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.experiment import menus
from core.glossary import GROUPS, TERMS, Choice, Term

_TITLES = {
    "activation": menus.ACTIVATIONS,
    "normalization": menus.NORMALIZATIONS,
    "initializer": menus.INITIALIZERS,
    "scaling": menus.SCALINGS,
    "split": menus.SPLITS,
    "balance": menus.BALANCES | {"weights": menus.CLASS_WEIGHTS["balanced"]},
    **{name: {key: method.title for key, method in methods.items()} for name, methods in menus.METHODS.items()},
}


def show() -> None:
    """Draw the page: the term that a link asks for first, then all of them."""
    with st.container(key="glossary"):
        st.title("Glossary")
        asked = st.query_params.get("term", "")
        if asked in TERMS:
            with st.container(border=True, key="asked"):
                _show_term("asked", TERMS[asked], _TITLES.get(asked, {}))
        st.write("Every control, figure and number of the lab in plain words. The ? beside each leads here.")
        st.markdown(" · ".join(f"[{title}](#{_anchor(title)})" for title in GROUPS))
        for title, terms in GROUPS.items():
            st.header(title, anchor=_anchor(title))
            for name, term in terms.items():
                _show_term(name, term, _TITLES.get(name, {}))


def _show_term(anchor: str, term: Term, titles: Mapping[str, str]) -> None:
    st.subheader(term.title, anchor=anchor)
    st.markdown(term.text)
    if term.formula:
        st.latex(term.formula)
    if term.choices:
        st.markdown("\n".join(f"- **{titles[key]}**: {_in_words(choice)}" for key, choice in term.choices.items()))


def _in_words(choice: Choice) -> str:
    formula = f" ${choice.formula}$" if choice.formula else ""
    return f"{choice.text}{formula}"


def _anchor(title: str) -> str:
    return f"group-{title.lower().replace(' ', '-')}"
