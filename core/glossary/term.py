"""What an entry of the glossary is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """An entry of a menu, explained.

    Attributes:
        text: one sentence, without the name of the choice.
        formula: LaTeX; "" for none.
    """

    text: str
    formula: str = ""


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: a control, a figure, a number or a word of the field.

    Attributes:
        title: as it is called on the page.
        text: at most 45 plain words, so that the help of a control has room for what it does at present.
        formula: LaTeX; "" for none.
        choices: of a menu, by their keys in `core.experiment.menus`.
    """

    title: str
    text: str
    formula: str = ""
    choices: Mapping[str, Choice] = field(default_factory=dict)

    def about(self, rows: str) -> str:
        """Return the text with another name for the held-out rows: "validation", where test rows are held out too.

        >>> Term("Gap", "Held-out rows, and held-out loss.").about("validation")
        'Validation rows, and validation loss.'
        """
        return self.text.replace("held-out", rows).replace("Held-out", rows.capitalize())
