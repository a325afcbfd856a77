"""Every control, figure and number of the page in plain words: the text of its help and of the page "Glossary"."""

from __future__ import annotations

from collections.abc import Mapping

from core.glossary.data_terms import DATA_TERMS
from core.glossary.network_terms import NETWORK_TERMS
from core.glossary.result_terms import RESULT_TERMS
from core.glossary.term import Choice, Term
from core.glossary.training_terms import TRAINING_TERMS

__all__ = ["GROUPS", "TERMS", "Choice", "Term"]

GROUPS: Mapping[str, Mapping[str, Term]] = {
    "Data": DATA_TERMS,
    "Network": NETWORK_TERMS,
    "Training": TRAINING_TERMS,
    "Figures and numbers": RESULT_TERMS,
}
# By the name that links use.
TERMS: Mapping[str, Term] = {name: term for terms in GROUPS.values() for name, term in terms.items()}
