"""What a database among the files of a run holds, for a look into it."""

from __future__ import annotations

from desktop_aml.store.schema.foreign_file import TableOfFile, tables_of_file

__all__ = ["TableOfFile", "tables_of_file"]
