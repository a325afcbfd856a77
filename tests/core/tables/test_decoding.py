"""Encodings: detected, or chosen by a person."""

import pytest

from core.errors import DataError
from tests.core.tables.written_tables import read, rows

WORDS = "name,size\nHäuser,1\nÉté,2\n"
# Small tables by their code page.
TABLES = {
    "cp1251": [
        "город,население\nМосква,12600\nКазань,1250\nОмск,1170\nТула,470\n",
        "id,цвет\n1,красный\n2,синий\n3,зелёный\n",
    ],
    "koi8-r": ["город,население\nМосква,12600\nКазань,1250\nОмск,1170\nТула,470\n"],
    "gb18030": [
        "城市,人口\n北京,21540\n上海,24280\n广州,15300\n深圳,17560\n成都,20940\n",
        "颜色,大小\n红色,大\n蓝色,小\n绿色,大\n",
    ],
    "big5": ["城市,人口\n臺北,2600\n高雄,2770\n臺中,2800\n"],
    "shift_jis": ["都市,人口\n東京,13960\n大阪,2750\n名古屋,2320\n", "なまえ,とし\nさくら,20\nたろう,31\n"],
    "euc-jp": ["名前,都市\nさくら,東京\nたろう,大阪\nはるか,名古屋\n佐藤,札幌\n"],
    "euc-kr": ["도시,인구\n서울,9700\n부산,3400\n대구,2430\n"],
    "iso8859-2": [
        "miasto,ludność\nŁódź,680\nGdańsk,470\nKraków,780\nCzęstochowa,220\nRuda Śląska,140\n",
        "město,počet\nPlzeň,170\nČeské Budějovice,94\nŽďár,21\n",
        "név,kor\nGyőző,23\nÁrpád,31\nŐrs,40\n",
    ],
    "cp1250": ["miasto;ludność\nŚwidnica;57\nŁódź;680\n", "grad;visina\nŠibenik;1\nČakovec;2\n"],
    "latin-1": [
        WORDS,
        "nom,âge\nHélène,23\nZoë,31\nFrançois,40\n",
        "nombre,edad\nMuñoz,23\nPeña,31\nÁlvarez,3\n",
        "by,indbyggere\nKøbenhavn,600\nÅrhus,280\n",
        "where,temperature\nin,20°\nout,±2°\n",
    ],
    "cp1252": ["price,what\n5 €,„a“\n", "Straße,Miete\nKölner Straße,12 €\nMünchner Straße,14 €\n"],
    "mac-roman": ["produkt,preis\nÄpfel,2\nKäse,5\nWürste,6\nBrötchen,3\n"],
    "cp1253": [
        "όνομα,ηλικία\nΓιώργος,23\nΜαρία,31\nΚώστας,40\nΆννα,22\n",
        "πόλη,πληθυσμός\nΑθήνα,660\nΘεσσαλονίκη,320\nΠάτρα,170\n",
    ],
    "cp1254": ["isim,şehir\nAyşe,İstanbul\nÇağrı,İzmir\nGül,Eskişehir\nIşıl,Muğla\n", "renk,sayı\nkırmızı,1\nsarı,3\n"],
    "cp1255": ["שם,גיל\nדוד,23\nרחל,31\nיעקב,40\nשרה,22\n"],
    "cp1256": ["الاسم,العمر\nمحمد,23\nفاطمة,31\nعلي,40\nمريم,22\n"],
    "cp874": ["ชื่อ,อายุ\nสมชาย,23\nสมหญิง,31\nมานะ,40\n"],
    "cp866": [
        "город,население\nМосква,12600\nКазань,1250\nОмск,1170\nТула,470\n",
        "id,цвет\n1,красный\n2,синий\n3,зелёный\n",
    ],
    "mac-cyrillic": ["город,население\nМосква,12600\nКазань,1250\nОмск,1170\nТула,470\n"],
    "iso8859-5": ["город,население\nМосква,12600\nКазань,1250\nОмск,1170\nТула,470\n"],
    "cp1257": ["vardas,miestas\nŠarūnas,Kaunas\nŽydrė,Šiauliai\nRūta,Panevėžys\nČesius,Mažeikiai\n"],
    "cp852": ["miasto,ludność\nŁódź,680\nGdańsk,470\nKraków,780\nCzęstochowa,220\n"],
    "cp850": ["nome,cidade\nJoão,São Paulo\nInês,Évora\nÂngela,Graça\n"],
    "cp437": ["produkt,preis\nÄpfel,2\nKäse,5\nWürste,6\nBrötchen,3\n"],
}


def test_unicode_is_found():
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        read_in = read(WORDS.encode(encoding))
        assert read_in.reading.encoding == encoding
        assert rows(read_in) == [["Häuser", 1], ["Été", 2]]
        assert list(read_in.frame) == ["name", "size"]
        assert read_in.warnings == ()


def test_utf_16_of_other_scripts_without_a_mark():
    for text in ("город,население\nМосква,12600\nКазань,1250\n", "姓名,年龄\n张三,20\n李四,21\n", "όνομα;x\nΆννα;1\n"):
        for encoding in ("utf-16-le", "utf-16-be"):
            read_in = read(text.encode(encoding))
            assert read_in.reading.encoding == encoding
            assert ",".join(read_in.frame) == text.partition("\n")[0].replace(";", ",")


def test_a_code_page_is_found_from_a_few_words():
    for encoding, texts in TABLES.items():
        for text in texts:
            read_in = read(text.encode(encoding))
            assert read_in.reading.encoding == encoding, text
            head, *lines = text.replace(";", ",").splitlines()
            assert list(read_in.frame) == head.split(",")
            first = read_in.originals.get(head.split(",")[0], read_in.frame.iloc[:, 0])  # 5 € is a number
            assert first.tolist() == [line.split(",")[0] for line in lines]


def test_repeated_words_do_not_change_the_result():
    for encoding in ("cp1251", "shift_jis", "iso8859-2", "latin-1"):
        text = TABLES[encoding][0]
        head, *lines = text.splitlines(keepends=True)
        assert read((head + "".join(lines) * 1000).encode(encoding)).reading.encoding == encoding


def test_letters_far_down_count():
    text = "a,b\n" + "x,1\n" * 500_000 + "Москва,2\nКазань,3\nОмск,1\nТула,1\n"
    assert read(text.encode("cp1251")).reading.encoding == "cp1251"
    # Japanese, and at the end a byte that is not valid in Shift JIS.
    text = TABLES["shift_jis"][0].encode("shift_jis") * 3000
    assert read(text).reading.encoding == "shift_jis"
    assert read(text + b"\xff,1\n").reading.encoding != "shift_jis"


def test_a_byte_that_is_not_valid_in_windows_is_read_as_latin_1():
    content = "name,b\nHäuser,\x81\nGröße,€\nMüller,1\n".encode("latin-1", "replace")
    assert read(content).reading.encoding == "latin-1"


def test_a_note_names_the_code_pages_that_are_as_likely():
    doubt = "The encoding is uncertain: the text was read as {} ({}), but it may be {} ({}){}."
    noted = f"{doubt} Choose the `encoding` if it is another one."
    # ñ and ń are letters of Spanish and Polish.
    read_in = read("a,b\nñ,1\n".encode("latin-1"))
    assert read_in.warnings == (noted.format("latin-1", "ñ", "iso8859-2", "ń", " or cp1250"),)
    koi = "дом".encode("cp1251").decode("koi8-r")
    assert read("a,b\nдом,1\n".encode("cp1251")).warnings == (noted.format("cp1251", "дом", "koi8-r", koi, ""),)
    assert "cp1251" in read("a,b\nда,1\n".encode("cp1251")).warnings[0]
    chinese = "姓名,年龄,等级\n张三,20,高\n李四,21,低\n".encode("gb18030")
    korean = ", ".join(word.encode("gb18030").decode("euc-kr", "replace") for word in ("姓名", "年龄", "等级"))
    assert read(chinese).warnings == (noted.format("gb18030", "姓名, 年龄, 等级", "euc-kr", korean, ""),)
    # No note if it is the same letter in all of them, or if there are enough letters.
    assert read("a,b\né,1\n".encode("latin-1")).warnings == ()
    for encoding in ("gb18030", "cp1251", "iso8859-2", "latin-1"):
        assert read(TABLES[encoding][0].encode(encoding)).warnings == ()


def test_a_few_damaged_letters_do_not_change_the_encoding():
    words = "name,size\n" + "".join(f"Häuser №{n} €,{n}\n" for n in range(9))
    for damage, count in ((b"Caf\xe9,3\n", 1), (b"\x93a\x94 \xff,3\n", 3), ("é,3\né".encode()[:-1], 1)):
        read_in = read(words.encode() + damage)
        assert (read_in.reading.encoding, rows(read_in)[8]) == ("utf-8", ["Häuser №8 €", 8])
        assert "�" in read_in.frame["name"].iloc[-1]
        assert f"{count} byte{' is' if count == 1 else 's are'} not valid UTF-8" in read_in.warnings[0]
    # In Latin-1, two letters may look like one of UTF-8.
    german = "a,b\nÃ©,1\nHäuser,2\nGröße,3\nMüller,4\n".encode("latin-1")
    assert rows(read(german))[1:] == [["Häuser", 2], ["Größe", 3], ["Müller", 4]]


def test_an_encoding_can_be_given():
    content = "слово,x\nдом,1\n".encode("cp1251")
    for encoding in ("cp1251", "koi8-r", "latin-1"):
        read_in = read(content, encoding=encoding)
        assert read_in.reading.encoding == encoding
        assert list(read_in.frame) == [content[:5].decode(encoding), "x"]
        assert read_in.warnings == ()
    assert read(WORDS, encoding="UTF_8").reading.encoding == "utf-8"
    with pytest.raises(DataError, match="cannot be read as utf-8"):
        read(content, encoding="utf-8")
    for name in ("punycode", "rot13", "zlib", "nonsense", ""):
        with pytest.raises(DataError, match="`encoding` must be one of utf-8, "):
            read(content, encoding=name)
