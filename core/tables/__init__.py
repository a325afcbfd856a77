"""Tables from files of any common format: a frame whose columns have types."""

from core.tables.column_types import retype
from core.tables.table import CATEGORY, DATE, NUMBER, TYPES, Column, Reading, Table
from core.tables.table_reader import read_table

__all__ = ["CATEGORY", "DATE", "NUMBER", "TYPES", "Column", "Reading", "Table", "read_table", "retype"]
