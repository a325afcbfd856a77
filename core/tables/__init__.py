"""Tables that people bring: a file of any usual form becomes a frame whose columns have types."""

from core.tables.column_types import retype
from core.tables.reading import read_table
from core.tables.table import CATEGORY, DATE, NUMBER, TYPES, Column, Reading, Table

__all__ = ["CATEGORY", "DATE", "NUMBER", "TYPES", "Column", "Reading", "Table", "read_table", "retype"]
