"""Months as German, French, Spanish, Italian, Portuguese and Dutch write them, and how to write them in English.

No word here means another month in one of the other languages.
"""

from __future__ import annotations

_NAMES = {
    "January": "januar jänner janvier enero gennaio janeiro januari",
    "February": "februar feber février fevrier febrero febbraio fevereiro februari",
    "March": "märz maerz mars marzo março marco maart",
    "April": "avril abril aprile",
    "May": "mai mayo maggio maio mei",
    "June": "juni juin junio giugno junho",
    "July": "juli juillet julio luglio julho",
    "August": "août aout agosto augustus",
    "September": "septembre septiembre setiembre settembre setembro",
    "October": "oktober octobre octubre ottobre outubro",
    "November": "novembre noviembre novembro",
    "December": "dezember décembre decembre diciembre dicembre dezembro",
}
_SHORT = {
    "Jan": "jän janv ene",
    "Feb": "febr févr fevr fév fev",
    "Mar": "mär mrz mrt",
    "Apr": "avr abr",
    "Jun": "giu",
    "Jul": "juil lug",
    "Aug": "ago",
    "Oct": "okt ott",
    "Dec": "dez déc dic",
}
# Words of other meanings too: months only behind a day or before a year of four digits.
_ALSO_WORDS = {"Jan": "gen", "May": "mag", "Sep": "set", "Oct": "out"}


def _any_of(words: str) -> str:
    return "|".join(words.split())


# The pattern, and what replaces it, for regular expressions of RE2 and of Python.
TO_ENGLISH = (
    *((rf"(?i)\b(?:{_any_of(words)})\b", name) for name, words in (_NAMES | _SHORT).items()),
    *((rf"(?i)(\d[ \-/.]*){word}\b", rf"\1{name}") for name, word in _ALSO_WORDS.items()),
    *((rf"(?i)\b{word}\b([ \-/.,]*(?:19|20)\d\d)", rf"{name}\1") for name, word in _ALSO_WORDS.items()),
)
# What a text has if one of these patterns fits.
FOREIGN = rf"(?i)\b(?:{'|'.join(map(_any_of, (_NAMES | _SHORT).values()))})\b|(?:{'|'.join(_ALSO_WORDS.values())})\b"
