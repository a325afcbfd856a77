"""People's text in Markdown."""

import re

import pytest

from ui.components.markdown import code, literal


@pytest.mark.parametrize("text", ["**bold**", "[a](b)", "<b>", "$x$", "~~x~~", "_x_", "# x", "a|b", "\\"])
def test_signs_of_markdown_mean_nothing(text):
    assert re.sub(r"\\(.)", r"\1", literal(text)) == text
    assert not re.search(r"(?<!\\)[*_\[\]<>$~#|]", re.sub(r"\\\\", "", literal(text)))


@pytest.mark.parametrize(
    "text", [":smile:", ":material/home:", ":red[x]", "https://a.example", "www.a.example", "a@b.example"]
)
def test_icons_colours_and_links_are_broken_by_a_space_that_nobody_sees(text):
    shown = literal(text)
    assert not re.search(r":\w|://|www\.\w|@\w", shown)
    assert re.sub(r"[\u200b\\]", "", shown) == text


def test_code_is_fenced_by_more_ticks_than_it_holds():
    assert code("x") == "` x `"
    assert code("a``b") == "``` a``b ```"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`target_column` must be", "`target_column` must be"),
        ("`a_b` and _c_", "`a_b` and \\_c\\_"),
        ("`<b>` `a*b` ` _x_ `", "`\\<b\\>` `a\\*b` ` \\_x\\_ `"),
        ("a`_b_", "a`\\_b\\_"),
    ],
)
def test_a_key_in_code_has_no_backslash_and_nothing_else_slips_through(text, shown):
    assert literal(text) == shown
