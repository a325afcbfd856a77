"""Lines with different numbers of values, and quotation marks that are never closed."""

from core.tables import text_files
from tests.core.tables.written_tables import read, rows


def test_an_open_quotation_mark_does_not_quote_the_rest():
    read_in = read('a,b\n1,"x\n2,y\n3,z\n')
    assert rows(read_in) == [[1, '"x'], [2, "y"], [3, "z"]]
    assert read_in.warnings == (
        "A quotation mark is never closed, so quotation marks were read as ordinary characters.",
    )
    inches = read('size,n\n5" pipe,1\n6 pipe,2\n')
    assert rows(inches)[0] == ['5" pipe', 1]
    assert inches.warnings == ()


def test_uneven_lines_are_counted():
    read_in = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,1,1\n")
    assert rows(read_in) == [[1, 2, 3], [4, 5, None], [1, 1, 1]]
    assert read_in.warnings == (
        "1 line has fewer than 3 values; the rest count as missing.",
        "1 line has more than 3 values and was skipped (4).",
    )


def test_uneven_lines_after_the_sample():
    body = [f"{number},x" for number in range(5_000)]
    body[4_000] = "7"
    read_in = read("n,w\n" + "\n".join(body))
    assert len(read_in.frame) == 5_000
    assert read_in.warnings == ("1 line has fewer than 2 values; the rest count as missing.",)


def test_uneven_files_are_repaired_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(text_files, "_MAX_UNEVEN", 50)
    read_in = read("a,b\n" + "1,2\n" * 5 + "1\n" + "1,2\n" * 20)
    assert len(read_in.frame) == 12
    assert read_in.warnings[0].startswith("Only the first 0 MB were read")


def test_a_long_value_is_not_an_open_quotation_mark():
    long = "word " * 60_000
    assert rows(read(f'a,b\n"{long}",1\nx,2\ny\n'))[0] == [long.strip(), 1]
