"""A log file that only its owner reads: logs name paths, arguments and errors."""

from __future__ import annotations

import logging.handlers
import os
from io import TextIOWrapper

from desktop_aml.system.files import PRIVATE


class PrivateLog(logging.handlers.RotatingFileHandler):
    """A rotating log; each new file of it is for its owner alone, one that is there keeps its permissions."""

    def _open(self) -> TextIOWrapper:
        def opened(path: str, flags: int) -> int:
            return os.open(path, flags, PRIVATE)

        # The mode is text, always.
        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=opened)  # type: ignore[return-value]
