"""Dates as people write them."""

import pandas as pd
import pytest

from tests.core.tables.written_tables import read

DAYS = pd.date_range("2018-01-07", periods=40, freq="41D")
TIMES = pd.date_range("2018-01-07 00:05", periods=40, freq="995h")
MONTHS = pd.date_range("2018-01-01", periods=40, freq="MS")


def column(written: list[str], **reading: object) -> pd.Series:
    table = read("\n".join(["when,n", *(f'"{word}",{place % 3}' for place, word in enumerate(written))]), **reading)
    assert table.columns[0].type == "date", (written[0], table.warnings)
    return table.frame["when"]


def as_written(dates: pd.DatetimeIndex, form: str) -> list[str]:
    """Write dates; %-d is a day without a leading zero."""
    return [date.strftime(form).replace(" 0", " ") if "~" in form else date.strftime(form) for date in dates]


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d", "%d-%b-%y", "%-d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%-d %B %Y", "%d.%b.%Y", "%d/%b/%Y", "%d%b%Y",
        "%b %d, %Y", "%B %-d, %Y", "%b-%d-%Y", "%Y-%b-%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%-m/%-d/%y", "%d.%m.%y",
        "%A, %d %B %Y", "%a, %b %d, %Y", "%a %d %b %Y", "%d %m %Y",
    ],
)  # fmt: skip
def test_days(form):
    assert column(as_written(DAYS, form)).tolist() == DAYS.tolist()


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M", "%Y-%m-%d %I:%M %p", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%-m/%-d/%Y %-I:%M:%S %p",
        "%d/%m/%Y %H:%M", "%-m/%-d/%y %I:%M %p", "%d-%b-%y %H:%M:%S", "%d-%b-%Y %I:%M:%S%p", "%b %d, %Y %I:%M %p",
        "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y%m%d %H%M", "%Y%m%dT%H%M%S",
    ],
)  # fmt: skip
def test_times(form):
    assert column(as_written(TIMES, form)).tolist() == TIMES.tolist()


@pytest.mark.parametrize(
    "form",
    ["%b-%y", "%b-%Y", "%B %Y", "%b %Y", "%b %y", "%b '%y", "%Y-%b", "%Y-%m", "%m/%Y", "%Y/%m", "%b. %Y", "%b/%y"],
)
def test_months_alone_are_their_first_days(form):
    assert column(as_written(MONTHS, form)).tolist() == MONTHS.tolist()


def test_ordinals_and_abbreviations():
    assert column(["7th Jan 2018", "1st Feb 2018", "2nd Mar 2018"])[0] == pd.Timestamp("2018-01-07")
    assert column(["Sept. 5, 2018", "Oct. 6, 2018", "Sept 7, 2018"]).tolist()[2] == pd.Timestamp("2018-09-07")
    assert column(["1/7/2018 3:05 p.m.", "1/17/2018 3:05 a.m."])[0] == pd.Timestamp("2018-01-07 15:05")


def notes(text: str, **reading: object) -> tuple[str, ...]:
    return read(text, **reading).warnings


def test_a_doubtful_order_of_day_and_month_is_said_and_can_be_chosen():
    text = "when,n\n05/03/2024,1\n07/03/2024,2\n"
    assert read(text).frame["when"][0] == pd.Timestamp("2024-05-03")
    (note,) = notes(text)
    assert note == (
        "'when': '05/03/2024' is read as 2024-05-03, but it may be 2024-03-05: then choose the order of day and month "
        "(`dates`)."
    )
    assert read(text, day_first=True).frame["when"][0] == pd.Timestamp("2024-03-05")
    assert read(text, day_first=False).frame["when"][0] == pd.Timestamp("2024-05-03")


def test_the_order_of_another_column_clears_the_doubt():
    text = "born,died\n05/03/2024,25/03/2024\n07/03/2024,26/04/2024\n"
    assert read(text).frame["born"][0] == pd.Timestamp("2024-03-05")
    other = "born;died\n05/03/2024;03/25/2024\n07/03/2024;04/26/2024\n"
    assert read(other).frame["born"][0] == pd.Timestamp("2024-05-03")


def test_with_semicolons_or_decimal_commas_the_day_comes_first():
    assert read("when;n\n05/03/2024;1\n07/03/2024;2\n").frame["when"][0] == pd.Timestamp("2024-03-05")


def test_numbers_of_eight_digits_are_dates_only_if_all_are_days():
    days = [f"202401{day:02}" for day in range(1, 31)]
    assert column(days)[0] == pd.Timestamp("2024-01-01")
    for written in (["20240101", "20249901", "20240103"], ["12345678", "23456789", "34567890"], ["20240101"] * 3):
        table = read("when,n\n" + "\n".join(f"{word},{place}" for place, word in enumerate(written)))
        assert table.columns[0].type == "number"


MONTH_NAMES = {
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "German short": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "Austrian": "Jänner Feber März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "French short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Spanish short": "ene feb mar abr may jun jul ago sep oct nov dic",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Italian short": "gen feb mar apr mag giu lug ago set ott nov dic",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Portuguese short": "jan fev mar abr mai jun jul ago set out nov dez",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Dutch short": "jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.",
}


@pytest.mark.parametrize("names", MONTH_NAMES.values(), ids=MONTH_NAMES)
@pytest.mark.parametrize("form", ["{day} {month} {year}", "{day}. {month} {year}", "{day} de {month} de {year}"])
def test_months_in_other_languages(names, form):
    months = names.split()
    written = [form.format(day=date.day, month=months[date.month - 1], year=date.year) for date in DAYS]
    assert column(written).tolist() == DAYS.tolist()


@pytest.mark.parametrize("names", MONTH_NAMES.values(), ids=MONTH_NAMES)
def test_months_alone_in_other_languages(names):
    months = names.split()
    assert column([f"{months[date.month - 1]} {date.year}" for date in MONTHS]).tolist() == MONTHS.tolist()
    assert column([f"{months[date.month - 1].upper()} {date.year}" for date in MONTHS]).tolist() == MONTHS.tolist()


def test_the_first_of_a_month_in_french_and_portuguese():
    assert column(["1er janvier 2018", "2 mars 2018", "1er avril 2018"])[0] == pd.Timestamp("2018-01-01")
    assert column(["1º de janeiro de 2018", "2 de março de 2018"])[0] == pd.Timestamp("2018-01-01")


@pytest.mark.parametrize("word", ["set", "out", "gen", "mag"])
def test_words_that_are_months_elsewhere_are_words_without_a_day_or_a_year(word):
    table = read("part,n\n" + "\n".join(f"{word} {number % 12 + 10},{number}" for number in range(40)))
    assert table.columns[0].type == "category"
    assert table.frame["part"][0] == f"{word} 10"


@pytest.mark.parametrize(
    "written",
    [
        ["18-Jan", "19-Jan", "3-Feb", "28-Dec"], ["7. März", "12. Mai", "24. Dezember"], ["Jan 5", "Jan 18", "Dec 24"],
        ["18.01.", "19.01.", "24.12."], ["18 janv.", "2 févr.", "24 déc."],
    ],
)  # fmt: skip
def test_a_day_and_a_month_without_a_year_get_no_year(written):
    words = written * 4
    table = read("when,n\n" + "\n".join(f"{word},{number}" for number, word in enumerate(words)))
    assert table.columns[0].type == "category"
    assert table.frame["when"].tolist() == words
    assert (
        f"'when': {written[0]!r} has a day and a month but no year, so it is no date and is read as category. Add the "
        "year to read it as a date."
    ) in table.warnings


def test_a_month_and_a_year_of_two_digits_are_no_day():
    assert column(["Jan-18", "Feb-18", "Mar-19", "Dec-19"] * 3)[2] == pd.Timestamp("2019-03-01")
