"""Tables from files of any common format: a frame whose columns have types."""

from core.tables.column_types import retype
from core.tables.table import CATEGORY, DATE, IDENTIFIER, NUMBER, TEXT, TYPES, Column, Reading, Table
from core.tables.table_reader import read_rows, read_table

__all__ = [
    "CATEGORY",
    "DATE",
    "IDENTIFIER",
    "NUMBER",
    "TEXT",
    "TYPES",
    "Column",
    "Reading",
    "Table",
    "read_rows",
    "read_table",
    "retype",
]
