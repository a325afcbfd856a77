import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.figures.text import escape, short, short_names, two_lines


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("<script>", "&lt;script&gt;"),
        ("R&D", "R&amp;D"),
        ("&lt;", "&amp;lt;"),
        ("Iris setosa", "Iris setosa"),
    ],
)
def test_names_are_shown_as_they_stand(name, shown):
    assert escape(name) == shown


@given(st.text())
def test_nothing_in_a_name_means_anything_to_plotly(name):
    escaped = escape(name)
    assert html.unescape(escaped) == html.unescape(html.escape(name, quote=False))  # a browser shows the name
    assert not set("<>%{}$") & set(escaped)


def test_short_names_stay_and_long_ones_end_in_an_ellipsis():
    assert short("setosa", 6) == "setosa"
    assert short("versicolor", 6) == "versi…"
    assert short("two\n words", 20) == "two words"


@pytest.mark.parametrize(
    ("most", "shown"),
    [(13, "George W Bush"), (12, "G. W. Bush"), (10, "G. W. Bush"), (9, "Bush"), (4, "Bush"), (3, "Ge…")],
)
def test_people_are_called_by_their_last_names(most, shown):
    assert short("George W Bush", most) == shown


def test_shortening_counts_what_is_shown_and_cuts_no_escape():
    assert short("<<<<<<", 6) == "&lt;" * 6
    assert short("<<<<<<<", 6) == "&lt;" * 5 + "…"


def test_two_lines_break_between_words_and_end_in_an_ellipsis():
    assert two_lines("body mass index", 10) == "body mass<br>index"
    assert two_lines("body", 10) == "body"
    assert two_lines("one two three four", 8) == "one two<br>three…"
    assert two_lines("<b> & x", 10) == "&lt;b&gt; &amp; x"


@given(st.text())
def test_two_lines_are_never_too_long(name):
    lines = two_lines(name, 9).split("<br>")
    assert len(lines) <= 2
    assert all(len(html.unescape(line)) <= 9 for line in lines)
    assert not set("<>%{}$") & set("".join(lines))


def test_names_that_would_look_the_same_keep_their_ends():
    assert short_names(["versicolor", "virginica"], 6) == ["versi…", "virgi…"]
    names = [f"student number {number}" for number in range(1, 31)]
    assert len({*short_names(names, 8)}) == 30
    assert all(len(name) <= 8 for name in short_names(names, 8))
    assert short_names(["a<very long name", "a<very long one"], 8) == ["a&lt;v…name", "a&lt;v…one"]
