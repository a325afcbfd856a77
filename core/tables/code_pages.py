"""Which code page a text that is not Unicode is in: the one in which it makes most sense.

charset-normalizer says how disordered a text is in each code page: mixed scripts, stray signs, rare ideographs. The few
words of a table are often equally orderly in several. Latin ones among those are told apart by their accented letters,
which in most tables are those of a single language. Where all else is equal, a text is Western.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from core.tables.decoding import FoundEncoding, decodes

_WESTERN = (
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
)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
)
_ALPHABETS = {
    "latin-1": _WESTERN,
    "cp1252": _WESTERN,
    "iso8859-2": _CENTRAL,
    "cp1250": _CENTRAL,
    "mac-roman": _WESTERN,
    "cp437": _WESTERN,  # of DOS
}
# In this order: single words can often be read in several, and KOI8-R as the half-width letters of Shift JIS.
_OTHER_SCRIPTS = ("gb18030", "big5", "euc-jp", "euc-kr", "cp1251", "koi8-r", "shift_jis")
_SIGNS = "€£§°²³µ½¼±×·«»„“”‘’‚–—…©®™¿¡ªº\xa0"  # used beside any language
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[€£§²³½¼±×«»„“”©®™¿¡](?=[^\W\d_])")  # a letter of another code page

# Signs that are no part of a letter in any code page, unlike the letters, the digits and |.
_BETWEEN = rb"\x00-\x2f:-?"
_WORD = re.compile(rb"[\x80-\xff][^%b]*" % _BETWEEN)  # from its first byte that is not ASCII
_LEAD = re.compile(rb"[^%b]+\Z" % _BETWEEN)  # what comes before that
_LEAD_MOST = 40  # bytes
_WORDS_MOST = 100_000
_SAMPLE = 1 << 16  # bytes of the different ones among them

_MARGIN = 0.1  # of disorder, within which two code pages are equally likely
_CLOSE = 0.05  # … and one may be the other
_WESTERN_MARGIN = 0.3  # where all letters are of one Western language
_COHERENCE_COUNTS = 0.1  # of disorder
_NO_SENSE = 5  # as a rank


@dataclass(frozen=True)
class _Candidate:
    """Some words of a text as they read in a code page.

    Attributes:
        page: its name.
        text: the words.
        disorder: from 0, by charset-normalizer.
        coherence: from 0 to 1, how much the letters are as frequent as in a language that is written in them.
        fit: the largest share of the accented letters that one language has; None for other scripts than Latin.
    """

    page: str
    text: str
    disorder: float
    coherence: float
    fit: float | None

    @property
    def rank(self) -> float:
        """The lower, the better it reads."""
        western = self.page in ("latin-1", "cp1252")
        if self.fit is None:
            return 3 + self.disorder - _COHERENCE_COUNTS * self.coherence
        if self.fit == 1:
            return 0 if western else 1 if _ALPHABETS[self.page] is _CENTRAL else 2
        # The names of people are of several languages.
        return 2.5 if western and self.fit >= 0.5 else _NO_SENSE


def find_code_page(content: bytes) -> FoundEncoding:
    """Return the code page of a text that is not Unicode."""
    western = _western(content)
    sample = _different_words(content, western)
    pages = (western, "iso8859-2", "cp1250", "mac-roman", "cp437", *_OTHER_SCRIPTS) if sample else ()
    read = [candidate for page in pages if (candidate := _candidate(sample, page))]
    candidates = [candidate for candidate in read if candidate.rank < _NO_SENSE]
    least = min((candidate.disorder for candidate in candidates), default=0.0)
    likely = sorted(
        (one for one in candidates if one.disorder <= least + (_MARGIN if one.rank else _WESTERN_MARGIN)),
        key=lambda candidate: candidate.rank,
    )
    for best in likely:
        if best.page == western or decodes(content, best.page):  # the rest of the text too
            return FoundEncoding(best.page, tuple(other.page for other in likely if _rivals(best, other)))
    return FoundEncoding(western)


def _western(content: bytes) -> str:
    # Where the two agree, the standard's name says more than the vendor's.
    if not re.search(rb"[\x80-\x9f]", content):
        return "latin-1"
    return "cp1252" if decodes(content, "cp1252") else "latin-1"


def _different_words(content: bytes, western: str) -> bytes:
    """Return the first words that are not ASCII, each once and on a line; without those of signs alone, like 5 €."""
    words: dict[bytes, None] = {}
    size = end = 0
    for found in islice(_WORD.finditer(content), _WORDS_MOST):
        lead = _LEAD.search(content, max(end, found.start() - _LEAD_MOST), found.start())
        word = (lead.group() if lead else b"") + found.group()[:_SAMPLE]
        end = found.end()
        if word not in words and _letters(word.decode(western)):
            words[word] = None
            size += len(word)
            if size >= _SAMPLE:
                break
    return b"\n".join(words)


def _candidate(sample: bytes, page: str) -> _Candidate | None:
    """Return how the words read in a code page; None where they do not."""
    from charset_normalizer import from_bytes

    # Asked for one code page at a time, as the order in which several are tried decides between equal ones.
    match = from_bytes(sample, cp_isolation=[page], enable_fallback=False, threshold=1.0).best()
    if match is None:
        return None
    text = str(match)
    fit = _fit(text, _ALPHABETS[page]) if page in _ALPHABETS else None
    return _Candidate(page, text, match.chaos, match.coherence, fit)


def _fit(text: str, alphabets: tuple[str, ...]) -> float:
    """Return the largest share of the letters beyond ASCII that one of the alphabets has."""
    letters = _letters(text)
    shares = [sum(letter in alphabet for letter in letters) for alphabet in alphabets]
    return max(shares) / len(letters) if letters else 1


def _letters(text: str) -> list[str]:
    """Return the letters beyond ASCII, lower case, with signs that stand where a letter is expected."""
    beyond = [letter for letter in text.lower() if not letter.isascii() and letter not in _SIGNS]
    return beyond + _SIGN_IN_WORD.findall(text)


def _rivals(best: _Candidate, other: _Candidate) -> bool:
    """Return whether another reading is as likely as the best."""
    if best.text == other.text:
        return False
    if best.rank == 0:
        return other.rank == 1
    return other.disorder <= best.disorder + _CLOSE
