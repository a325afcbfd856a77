"""Reading of text that a test writes."""

from core.tables import Reading, Table, read_table


def read(content: bytes | str, **reading: object) -> Table:
    content = content.encode() if isinstance(content, str) else content
    return read_table(content, "file.csv", Reading(**reading))


def rows(table: Table) -> list[list[object]]:
    frame = table.frame.astype(object)
    return frame.where(frame.notna(), None).to_numpy().tolist()
