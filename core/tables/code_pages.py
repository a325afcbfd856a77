"""Detection of the code page of text that is not Unicode.

charset-normalizer measures how disordered a text is in each code page (mixed scripts, stray signs, rare ideographs).
The few words of a table often have the same disorder in several. Latin code pages are then compared by the accented
letters, since most tables use those of a single language. If all else is equal, the text is Western.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from core.tables.alphabets import (
    ARABIC,
    BALTIC,
    CENTRAL,
    CYRILLIC,
    GREEK,
    HEBREW,
    SIGN_IN_WORD,
    SIGNS,
    THAI,
    TURKISH,
    WESTERN,
    Alphabet,
    latin_share,
    strangeness,
)
from core.tables.decoding import FoundEncoding, decodes

_ALPHABETS = {
    "latin-1": WESTERN,
    "cp1252": WESTERN,
    "iso8859-2": CENTRAL,
    "cp1250": CENTRAL,
    "mac-roman": WESTERN,
    "cp437": WESTERN,  # of DOS
}
# Pages of one byte a letter that charset-normalizer takes for one of the others: they are told by their alphabets.
_RARER = {
    "cp1253": GREEK,
    "iso8859-7": GREEK,
    "cp1254": TURKISH,
    "cp1255": HEBREW,
    "cp1256": ARABIC,
    "cp874": THAI,
    "cp866": CYRILLIC,  # of DOS
    "iso8859-5": CYRILLIC,
    "mac-cyrillic": CYRILLIC,
    "cp1257": BALTIC,
    "cp852": CENTRAL,  # of DOS
    "cp850": WESTERN,  # of DOS
}
_BY_ALPHABET = {**_ALPHABETS, "cp1251": CYRILLIC, "koi8-r": CYRILLIC}
# In order of preference: single words are often valid in several, and KOI8-R in Shift JIS as half-width letters.
_OTHER_SCRIPTS = ("gb18030", "big5", "euc-jp", "euc-kr", "cp1251", "koi8-r", "shift_jis")
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
_FEW_LETTERS = 0.5  # the more letters, the less they have to differ
_ENOUGH_LETTERS = 5
_DOUBT = 0.02
_CLEAR = 0.3  # the strangeness of words that can hardly be another language
_NARROW, _WIDE = re.compile("[\uff61-\uff9f]"), re.compile("[\u3000-\u9fff\ufffd]")
_SHOWN_WORDS = 3
_LONGEST_SHOWN = 30  # characters
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
            return 0 if western else 1 if _ALPHABETS[self.page] is CENTRAL else 2
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
    best = next((one for one in likely if one.page == western or decodes(content, one.page)), None)
    page = best.page if best else western
    rivals = [other.page for other in likely if best and _rivals(best, other)]
    return _found(sample, *_with_rarer(content, sample, page, rivals)) if sample else FoundEncoding(page)


def _with_rarer(content: bytes, sample: bytes, page: str, rivals: list[str]) -> tuple[str, list[str]]:
    """Return a rarer code page in place of the one that was found, if the words are less strange in it; and rivals."""
    if page == "shift_jis":
        return _japanese_or_thai(content, sample, rivals)
    text = sample.decode(page, "replace")
    own = strangeness(text, _BY_ALPHABET[page]) if page in _BY_ALPHABET else latin_share(text)
    rarer = {}
    for other, alphabets in _RARER.items():
        try:
            rarer[other] = strangeness(sample.decode(other), alphabets)
        except UnicodeDecodeError:
            continue
    # Turkish in small letters has those of Icelandic, and is far more common.
    letters = len(_letters(sample.decode("latin-1")))
    likelier = own + (_CLOSE if _is_turkish(sample) else -_CLOSE - _FEW_LETTERS / max(1, letters))
    best = min((other for other in rarer if decodes(content, other)), key=rarer.__getitem__, default=None)
    if best is None or rarer[best] >= likelier:
        doubtful = best is not None and rarer[best] < own - _DOUBT and (own > _CLEAR or letters > _ENOUGH_LETTERS)
        return page, [best, *rivals] if best is not None and doubtful else rivals
    read = sample.decode(best)
    close = [other for other in rarer if rarer[other] < rarer[best] + _CLOSE and sample.decode(other) != read]
    return best, [*close, *([page] if own < rarer[best] + _CLOSE else [])]


def _is_turkish(sample: bytes) -> bool:
    letters = set(_letters(sample.decode("latin-1")))
    return bool(letters & set("þðý")) and not letters & set("áæéíóú")


def _japanese_or_thai(content: bytes, sample: bytes, rivals: list[str]) -> tuple[str, list[str]]:
    """Return the code page of words in Shift JIS, whose narrow letters are also Thai; and rivals."""
    words = [word for word in sample.decode("shift_jis", "replace").split() if _NARROW.search(word)]
    if not words or not decodes(content, "cp874") or strangeness(sample.decode("cp874"), THAI) > _CLEAR:
        return "shift_jis", rivals
    # Hardly a word in Japanese has wide and narrow letters.
    return ("cp874", rivals) if any(map(_WIDE.search, words)) else ("shift_jis", [*rivals, "cp874"])


def _found(sample: bytes, page: str, rivals: list[str]) -> FoundEncoding:
    """Return an encoding with its rivals, and the first words of the text that differ in the likeliest one."""
    if not rivals:
        return FoundEncoding(page)
    pairs = list(zip(*(sample.decode(name, "replace").split("\n") for name in (page, rivals[0])), strict=False))
    differ = [pair for pair in pairs if pair[0] != pair[1]][:_SHOWN_WORDS]
    ours, theirs = (tuple(pair[place][:_LONGEST_SHOWN] for pair in differ) for place in (0, 1))
    return FoundEncoding(page, tuple(rivals), ours, theirs)


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


def _fit(text: str, alphabets: tuple[Alphabet, ...]) -> float:
    """Return the share of the letters beyond ASCII that belong to the best matching alphabet."""
    letters = _letters(text)
    shares = [sum(letter in alphabet.letters for letter in letters) for alphabet in alphabets]
    return max(shares) / len(letters) if letters else 1


def _letters(text: str) -> list[str]:
    """Return the letters beyond ASCII in lower case, and the signs inside words."""
    beyond = [letter for letter in text.lower() if not letter.isascii() and letter not in SIGNS]
    return beyond + SIGN_IN_WORD.findall(text)


def _rivals(best: _Candidate, other: _Candidate) -> bool:
    """Return whether another reading is about as likely as the best one."""
    if best.text == other.text:
        return False
    if best.rank == 0:
        return other.rank == 1
    return other.disorder <= best.disorder + _CLOSE
