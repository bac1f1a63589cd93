"""How the files of a run come into a container. Alone, as the settings name it and each start reads those."""

from __future__ import annotations

from enum import StrEnum


class FileSharing(StrEnum):
    """How files come into a container and out of it again."""

    AUTO = "auto"
    """By the engine's address: one on this computer sees its files, one elsewhere does not."""
    MOUNT = "mount"
    COPY = "copy"
