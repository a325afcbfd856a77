"""The script of a table whose file has lines that are no rows."""

import pytest

from tests.core.export.test_file_scripts import check_rows
from tests.core.tables.workbooks import text_cells, workbook

BODY = "".join(f"{row},{row * row % 7 + 0.5},{'yes' if row % 3 else 'no'}\n" for row in range(1, 25))
LINES = {
    "a delimiter named": "sep=;\nt;v;label\n" + BODY.replace(",", ";"),
    "units": "t,v,label\ns,kPa,\n" + BODY,
    "two lines of names": "signal,,label\nt,v,\n" + BODY,
    "single quotes": "'t','v','label'\n" + BODY.replace("yes", "'yes, sir'").replace("no", "'no'"),
    "bare delimiters": "t,v,label\n,,\n" + BODY + ",,\n,,\n",
    "the names again": "t,v,label\n" + BODY + "t,v,label\n" + BODY,
    "a total": "t,v,label\n" + BODY + "Total,84,\n",
    "a second table": "t,v,label\n" + BODY + "\nname,score,rank,x\nann,5,1,2\nbob,6,2,3\n",
    "remarks": "Report\n\nt,v,label\n" + BODY + "\nSource: WHO\n",
    "spaces and tabs": "t   v\tlabel\n" + BODY.replace(",", "  ", 1).replace(",", "\t"),
}


@pytest.mark.parametrize("name", LINES)
def test_the_script_reads_the_same_rows(name, tmp_path):
    check_rows(LINES[name].encode(), "table.csv", tmp_path)


def test_a_text_with_damaged_letters(tmp_path):
    check_rows(("t,v,label\n" + BODY.replace("yes", "já")).encode() + b"25,1,n\xe9\n" * 5, "table.csv", tmp_path)


@pytest.mark.parametrize(
    "top",
    [
        text_cells("t", "v", "label") + text_cells("s", "kPa", ""),
        text_cells("x", "", "label") + text_cells("t", "v", ""),
    ],
)
def test_a_sheet_with_two_lines_at_the_top(top, tmp_path):
    cells = "".join(
        f'<row><c><v>{row}</v></c><c><v>{row % 5}</v></c><c t="inlineStr"><is><t>{"ab"[row % 2]}</t></is></c></row>'
        for row in range(1, 25)
    )
    below = text_cells("", "", "") + text_cells("Source: WHO", "", "")
    check_rows(workbook(("One", top + cells + below)), "book.xlsx", tmp_path)
