"""The signs that people write numbers with: currencies, units, powers of ten, minus signs, gaps between digits."""

import re

_CODES = (
    "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RUB|UAH|BRL|ARS|CLP|COP|ZAR|TRY|KRW|"
    "MXN|SGD|HKD|THB|IDR|PHP|VND|MYR|AED|SAR|ILS|NGN|KES|EGP|PKR|BDT|LKR"
)
CURRENCY = rf"(?:[A-Z]{{0,2}}[\$€£¥₹₽₩₺₴₪฿₫₦₱₲₡₵₸₮₿¢]|(?i:{_CODES})|Rs\.?|RM|Kč|kr\.?|Fr\.?|zł)"
GAPS = " \u00a0\u202f\u2009"
APOSTROPHES = "'’‘`´"
# A value is what stands before the number, its digits with signs between them, a power of ten, and what stands behind.
VALUE = (
    rf"^(?P<before>(?:[^0-9]*(?:\pL\.|[^0-9.,]))?)(?P<core>[.,]?[0-9](?:[0-9]|[.,{APOSTROPHES}{GAPS}][0-9])*[.,]?)"
    r"(?P<power>(?:[eE][+-]?[0-9]{1,3})?)(?P<behind>[^0-9].*)?$"
)
INFINITY = "^[+-]?(?:inf|Inf|INF|Infinity)$"
_LETTER = r"[^\W\d_]"
_UNIT = (
    rf"[%‰°µ\"#$€£¥₹₽₩₺₴₪฿]{{1}}[^0-9()]{{0,14}}|{_LETTER}[^0-9()]{{0,14}}|(?:{_LETTER}|/){{0,13}}{_LETTER}[²³23]|"
    rf"{_LETTER}{{1,4}}/[0-9]{{1,4}} ?{_LETTER}{{1,4}}"
)
BEFORE = re.compile(
    rf"(?P<first>{CURRENCY}|%)?\s*(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<second>{CURRENCY}|%)?\s*(?P<inner>[-+])?\s*"
)
BEHIND = re.compile(rf"\s*(?P<unit>{_UNIT})?\s*(?P<last>[-+])?\s*(?P<close>\))?\s*(?P<end>%|{CURRENCY})?\s*")
MOST_SURROUNDINGS = 1_000  # different ones; words have more
MINUSES = "[\u2212\u2012\u2013\ufe63\uff0d]"  # that are written instead of the hyphen

SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "mln": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
SCALES |= {"t": 1e12, "tn": 1e12, "thousand": 1e3, "lakh": 1e5, "crore": 1e7, "cr": 1e7}
ORDINALS = {"st", "nd", "rd", "th"}
