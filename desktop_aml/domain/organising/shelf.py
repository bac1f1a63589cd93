"""Where a run is kept: among the others, in the archive, or in the trash."""

from __future__ import annotations

from enum import StrEnum


class Shelf(StrEnum):
    """Which runs a list is of."""

    ACTIVE = "active"
    ARCHIVE = "archive"
    TRASH = "trash"
    EVERYTHING = "everything"
