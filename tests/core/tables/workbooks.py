"""Workbooks that a test writes."""

import io
import zipfile
from xml.sax.saxutils import escape

import pandas as pd

from benchmarks.fuzz import sheet

FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "size": [1.5, -2.25, 1e-3, 4.0],
        "colour": ["red", "blü", "red", "a, b & <c>"],
        "zip": ["01234", "02345", "01234", "01234"],
    }
)


def workbook(*sheets: tuple[str, str], **more: str) -> bytes:
    """Return an .xlsx file of sheets, each its name and the XML of its rows."""
    plain = zipfile.ZipFile(io.BytesIO(sheet(FRAME)))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "_rels/.rels"):
            archive.writestr(name, plain.read(name))
        listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, (n, _) in enumerate(sheets, 1))
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{listed}</sheets></workbook>'
        )
        targets = "".join(
            f'<Relationship Id="r{i}" Type="{relations}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{targets}'
            "</Relationships>",
        )
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
            "</styleSheet>",
        )
        for i, (_, rows) in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
            )
        for name, text in more.items():
            archive.writestr(name, text)
    return out.getvalue()


def text_cells(*values: str) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values) + "</row>"


def number_rows(*rows: tuple[int, ...]) -> str:
    return "".join("<row>" + "".join(f"<c><v>{value}</v></c>" for value in row) + "</row>" for row in rows)


def hidden(content: bytes, *names: str) -> bytes:
    """Return an .xlsx file with these sheets hidden."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as plain, zipfile.ZipFile(out, "w") as archive:
        for name in plain.namelist():
            text = plain.read(name)
            if name == "xl/workbook.xml":
                for sheet_name in names:
                    text = text.replace(
                        f'<sheet name="{sheet_name}"'.encode(), f'<sheet name="{sheet_name}" state="hidden"'.encode()
                    )
            archive.writestr(name, text)
    return out.getvalue()


def ods(frame: pd.DataFrame) -> bytes:
    rows = ""
    for values in [list(frame), *frame.to_numpy().tolist()]:
        rows += "<table:table-row>"
        for value in values:
            number = isinstance(value, float)
            kind = f'office:value-type="float" office:value="{value}"' if number else 'office:value-type="string"'
            rows += f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"
        rows += "</table:table-row>"
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="One">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()
