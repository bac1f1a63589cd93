"""The ground an engine stands on: its database, in the folder of its workspace, may be taken away under it."""

from __future__ import annotations

import os
from pathlib import Path


class Ground:
    """Remembers the database that an engine opened.

    Parameters
    ----------
    database : Path
        The file, which is there now.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._opened = database.stat()

    def is_lost(self) -> bool:
        """Whether the file is gone, or another one lies in its place: what the engine writes would reach nobody."""
        try:
            return not os.path.samestat(self._database.stat(), self._opened)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            # A disk that does not answer is there again later.
            return False
