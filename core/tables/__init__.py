"""Tables that people bring: a file of any usual form becomes a frame whose columns have types."""

from core.tables.columns import retype
from core.tables.reading import read_table
from core.tables.table import TYPES, Column, Reading, Table

__all__ = ["TYPES", "Column", "Reading", "Table", "read_table", "retype"]
