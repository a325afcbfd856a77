"""Remarks and second tables below a table, and blocks of remarks above one."""

from tests.core.tables.written_tables import read, rows

TABLE = "t;v;label\n" + "".join(f"{row};{row * 1.5};{'yes' if row % 2 else 'no'}\n" for row in range(12))
LAST = [11, 16.5, "yes"]


def check_only_the_first(text: str) -> str:
    """Hold that only `TABLE` is read of a text; returns the note."""
    table = read(text)
    assert (list(table.frame), len(table.frame), rows(table)[-1]) == (["t", "v", "label"], 12, LAST)
    assert [column.type for column in table.columns] == ["number", "number", "category"]
    (note,) = table.warnings
    return note


def test_a_second_table_is_named_and_left_out():
    for second in (
        "name;score;rank;x\nann;5;1;2\nbob;6;2;3\n",  # wider
        "name;score\nann;5\nbob;6\n",  # narrower
        "name;score;rank\nann;5;1\nbob;6;2\n",
        "Table 2\nname;score;rank\nann;5;1\nbob;6;2\n",
        "Table 2;;\n;;\nname;score;rank\nann;5;1\nbob;6;2\n",
        "name;score;rank;x\n" + "ann;5;1;2\n" * 40,  # longer
    ):
        for between in ("\n", "\n \n\n", ";;\n", ";;\n;;\n"):
            note = check_only_the_first(TABLE + between + second)
            assert "below the table were left out, with a second table: 'name, score" in note


def test_a_wider_table_that_follows_at_once():
    assert "second table: 'name, score" in check_only_the_first(TABLE + "name;score;rank;x\nann;5;1;2\nbob;6;2;3\n")


def test_a_third_table_is_left_out_with_the_second():
    note = check_only_the_first(TABLE + "\nname;score\nann;5\nbob;6\n\nc;d;e\n1;2;3\n4;5;6\n")
    assert note.startswith("6 lines below the table were left out, with a second table: 'name, score'.")


def test_remarks_below_an_empty_line():
    note = check_only_the_first(TABLE + "\nSource: WHO\nAccessed 2020\n")
    assert note == "2 lines below the table were left out: 'Source: WHO', 'Accessed 2020'."
    assert "Source; a list" not in check_only_the_first(TABLE + ";;\nAll figures are provisional;;\n")


def test_a_table_goes_on_behind_an_empty_line():
    body = TABLE.partition("\n")[2]
    for between in ("\n", ";;\n", "\nt;v;label\n"):
        table = read(TABLE + between + body)
        assert len(table.frame) == 24
        assert [column.type for column in table.columns] == ["number", "number", "category"]
    assert read("name;colour\nann;red\n\nbob;blue\n").frame.shape == (2, 2)


def test_a_block_of_settings_above_is_skipped():
    assert check_only_the_first("Date;2020-01-02\nOperator;Bob\nTemp;23\n\n" + TABLE).startswith("3 lines have been")


def test_empty_lines_in_quoted_text_are_text():
    table = read('text,n\n"one\n\ntwo",1\n"three\n\nfour, five\n\nsix",2\n')
    assert rows(table) == [["one\n\ntwo", 1], ["three\n\nfour, five\n\nsix", 2]]
    assert table.warnings == ()
