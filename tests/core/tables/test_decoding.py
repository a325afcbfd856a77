"""Encodings: found from the bytes, or given."""

import pytest

from core.errors import DataError
from tests.core.tables.written_tables import read, rows

WORDS = "name,size\nHäuser,1\nÉté,2\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("latin-1", "latin-1"),
    ],
)
def test_the_encoding_is_found(encoding, found):
    read_in = read(WORDS.encode(encoding))
    assert read_in.reading.encoding == found
    assert rows(read_in) == [["Häuser", 1], ["Été", 2]]
    assert list(read_in.frame) == ["name", "size"]


def test_western_text_of_windows_is_told_from_the_standard():
    content = "price,what\n5 €,„a“\n".encode("cp1252")
    assert read(content).reading.encoding == "cp1252"
    assert rows(read(content)) == [["5 €", "„a“"]]
    assert read("a,b\nä,\x81\n".encode("latin-1")).reading.encoding == "latin-1"


def test_an_encoding_can_be_given():
    content = "слово,x\nдом,1\n".encode("cp1251")
    read_in = read(content, encoding="cp1251")
    assert list(read_in.frame) == ["слово", "x"]
    assert read(WORDS, encoding="UTF_8").reading.encoding == "utf-8"
    with pytest.raises(DataError, match="cannot be read as utf-8"):
        read(content, encoding="utf-8")
    for name in ("punycode", "rot13", "zlib", "nonsense", ""):
        with pytest.raises(DataError, match="`encoding` must be one of utf-8, "):
            read(content, encoding=name)
