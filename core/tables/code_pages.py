"""Detection of the code page of text that is not Unicode.

charset-normalizer measures how disordered a text is in each code page (mixed scripts, stray signs, rare ideographs).
The few words of a table often have the same disorder in several. Latin code pages are then compared by the accented
letters, since most tables use those of a single language. If all else is equal, the text is Western.
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
# In order of preference: single words are often valid in several, and KOI8-R in Shift JIS as half-width letters.
_OTHER_SCRIPTS = ("gb18030", "big5", "euc-jp", "euc-kr", "cp1251", "koi8-r", "shift_jis")
_SIGNS = "€£§°²³µ½¼±×·«»„“”‘’‚–—…©®™¿¡ªº\xa0"  # used with any language
_SIGN_IN_WORD = re.compile(r"(?<=[^\W\d_])[€£§²³½¼±×«»„“”©®™¿¡](?=[^\W\d_])")  # probably a letter of another code page

# Characters that are not part of a letter in any code page, unlike letters, digits and |.
_BETWEEN = rb"\x00-\x2f:-?"
_WORD = re.compile(rb"[\x80-\xff][^%b]*" % _BETWEEN)  # from its first byte that is not ASCII
_LEAD = re.compile(rb"[^%b]+\Z" % _BETWEEN)  # the part before that
_LEAD_MOST = 40  # bytes
_WORDS_MOST = 100_000
_SAMPLE = 1 << 16  # bytes of different words

_MARGIN = 0.1  # two code pages are equally likely if their disorder differs by less
_CLOSE = 0.05  # … and the choice between them is noted as uncertain
_WESTERN_MARGIN = 0.3  # for Western text with the letters of one language
_COHERENCE_WEIGHT = 0.1  # relative to disorder
_NO_SENSE = 5  # the rank of code pages in which the text makes no sense


@dataclass(frozen=True)
class _Candidate:
    """Some words of a text, decoded with a code page.

    Attributes:
        page: the name of the code page.
        text: the words.
        disorder: at least 0, by charset-normalizer.
        coherence: from 0 to 1, by charset-normalizer: how well letter frequencies match those of a language.
        fit: the share of the accented letters that belong to one language; None for scripts other than Latin.
    """

    page: str
    text: str
    disorder: float
    coherence: float
    fit: float | None

    @property
    def rank(self) -> float:
        """How good this reading is; the lowest rank is best."""
        western = self.page in ("latin-1", "cp1252")
        if self.fit is None:
            return 3 + self.disorder - _COHERENCE_WEIGHT * self.coherence
        if self.fit == 1:
            return 0 if western else 1 if _ALPHABETS[self.page] is _CENTRAL else 2
        # Names of people often are from several languages.
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
        if best.page == western or decodes(content, best.page):  # all of the text, not only the sample
            return FoundEncoding(best.page, tuple(other.page for other in likely if _rivals(best, other)))
    return FoundEncoding(western)


def _western(content: bytes) -> str:
    # If both decode it to the same text, the name of the standard is clearer than that of Windows.
    if not re.search(rb"[\x80-\x9f]", content):
        return "latin-1"
    return "cp1252" if decodes(content, "cp1252") else "latin-1"


def _different_words(content: bytes, western: str) -> bytes:
    """Return the first different words that are not ASCII, one per line; without words like 5€ that only have signs."""
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
    """Return the words decoded with a code page; None if they are not valid in it."""
    from charset_normalizer import from_bytes

    # One code page at a time, because the order in which several are tried would decide between equal ones.
    match = from_bytes(sample, cp_isolation=[page], enable_fallback=False, threshold=1.0).best()
    if match is None:
        return None
    text = str(match)
    fit = _fit(text, _ALPHABETS[page]) if page in _ALPHABETS else None
    return _Candidate(page, text, match.chaos, match.coherence, fit)


def _fit(text: str, alphabets: tuple[str, ...]) -> float:
    """Return the share of the letters beyond ASCII that belong to the best matching alphabet."""
    letters = _letters(text)
    shares = [sum(letter in alphabet for letter in letters) for alphabet in alphabets]
    return max(shares) / len(letters) if letters else 1


def _letters(text: str) -> list[str]:
    """Return the letters beyond ASCII in lower case, and the signs inside words."""
    beyond = [letter for letter in text.lower() if not letter.isascii() and letter not in _SIGNS]
    return beyond + _SIGN_IN_WORD.findall(text)


def _rivals(best: _Candidate, other: _Candidate) -> bool:
    """Return whether another reading is about as likely as the best one."""
    if best.text == other.text:
        return False
    if best.rank == 0:
        return other.rank == 1
    return other.disorder <= best.disorder + _CLOSE
