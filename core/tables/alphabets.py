"""Alphabets of languages, and how strange a text is as one of them: the few words of a table, read with a code page."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

SIGNS = "€£§°²³µ½¼±×·«»„“”‘’‚–—…©®™¿¡ªº\xa0"  # used with any language
# A sign between letters is probably a letter of another code page.
SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[€£§²³½¼±×«»„“”©®™¿¡](?=[^\W\d_])")

_TOKEN = re.compile(r"[^\x00-\x40\[-`{-\x7f]+")  # of letters in ASCII and everything beyond it
_LONGEST_RUN = 3  # of accented letters in a Latin word
_RANK_WEIGHT = 0.4  # of the frequency of letters, relative to words that make no sense
_USUAL_RANK = 0.25  # of the letters of a text, from 0 for the most frequent one to 1


@dataclass(frozen=True)
class Alphabet:
    """The lower-case letters of a language beyond ASCII, the most frequent ones first where the script isn't Latin."""

    letters: str
    latin: bool = True


WESTERN = tuple(
    map(
        Alphabet,
        (
            "äöüß",  # German
            "åæøé",  # Danish, Norwegian
            "åäöé",  # Swedish, Finnish
            "áæéíðóöúýþ",  # Icelandic
            "áéèëïóöü",  # Dutch
            "àâæçéèêëîïôœùûüÿ",  # French
            "àèéìíîòóùú",  # Italian
            "áéíñóúü",  # Spanish
            "àáâãçéêíóôõúü",  # Portuguese
            "àçéèíïóòúü",  # Catalan
        ),
    )
)
CENTRAL = tuple(
    map(
        Alphabet,
        (
            "ąćęłńóśźż",  # Polish
            "áčďéěíňóřšťúůýž",  # Czech
            "áäčďéíĺľňóôŕšťúýž",  # Slovak
            "áéíóöőúüű",  # Hungarian
            "čćđšž",  # Croatian, Slovene
            "ăâîşţ",  # Romanian
        ),
    )
)
TURKISH = (Alphabet("ıişüçöğâî"),)
BALTIC = tuple(map(Alphabet, ("ėšįųąžūčę", "āīēšūņļģķžč", "äõöüšž")))
CYRILLIC = (
    Alphabet("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ", latin=False),
    Alphabet("оаинвіртелксмдупяьзгбчйхюєїшжцщфґ", latin=False),  # Ukrainian
    Alphabet("аиоетнрсвдклпмъзубгчщяжйцхшюьфѝ", latin=False),  # Bulgarian
    Alphabet("аиоенрстдјвкулпмзгбчшцжћњђхљфџ", latin=False),  # Serbian
)
GREEK = (Alphabet("αοιετσνηυρπκμλςωδγχθφίάόέήβύώξζψϊϋΐΰ", latin=False),)
HEBREW = (Alphabet("יוהלאתרבמשנחדקםטעפןגזסצכךףץ", latin=False),)
ARABIC = (Alphabet("اليمونرتبةعدسفهكقحجشطصأخإىضذثئزظغءؤآپچژگی", latin=False),)
THAI = (Alphabet("".join(map(chr, (*range(0xE01, 0xE3B), *range(0xE40, 0xE4F)))), latin=False),)


def strangeness(text: str, alphabets: tuple[Alphabet, ...]) -> float:
    """Return how strange words are in the alphabet that fits best: about 0.1 for a text of it, 1 for none.

    A word makes no sense with letters of another alphabet, with signs or several accented letters in a row, or where a
    capital follows a small letter.
    """
    tokens = [token for token in _TOKEN.findall(text) if not token.isascii()]
    return min((_strange(tokens, alphabet) for alphabet in alphabets), default=1.0) if tokens else 1.0


def latin_share(text: str) -> float:
    """Return the share of the words with letters beyond ASCII that have some of ASCII too, as none have in Chinese."""
    tokens = [token for token in _TOKEN.findall(text) if not token.isascii()]
    return sum(any(map(str.isascii, token)) for token in tokens) / max(1, len(tokens))


def _strange(tokens: list[str], alphabet: Alphabet) -> float:
    strange = sum(not _makes_sense(token, alphabet) for token in tokens) / len(tokens)
    if alphabet.latin:
        return strange + _RANK_WEIGHT * _USUAL_RANK
    places = {letter: place for place, letter in enumerate(alphabet.letters)}
    last = len(places) - 1
    ranks = [places.get(letter, last) / last for token in tokens for letter in token.lower() if letter.isalpha()]
    if alphabet in THAI:  # in the order of the alphabet
        return strange + _RANK_WEIGHT * _USUAL_RANK
    return strange + _RANK_WEIGHT * sum(ranks) / max(1, len(ranks))


def _makes_sense(token: str, alphabet: Alphabet) -> bool:
    if SIGN_IN_WORD.search(token) or "ς" in token[:-1] or (token[0] == "’" and not alphabet.latin):
        return False
    run = 0
    before = ""
    for letter in token:
        beyond = not letter.isascii() and letter not in SIGNS
        small = "i" if letter == "İ" else letter.lower()
        if beyond and not (unicodedata.category(letter)[0] in "LM" and small in alphabet.letters):
            return False
        if letter.isascii() and not alphabet.latin:
            return False
        if beyond and before.islower() and letter.isupper():
            return False
        run = run + 1 if beyond else 0
        if alphabet.latin and run > _LONGEST_RUN:
            return False
        before = letter
    return True
