"""Parts of files that may still grow."""

from __future__ import annotations

import os
from pathlib import Path

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import LogChunk
from desktop_aml.system.files import open_regular


def read_chunk(path: Path, offset: int, limit: int) -> LogChunk:
    """Return a part of a file that may still grow. A negative `offset` counts from the end."""
    try:
        with open_regular(path) as stream:
            total = os.fstat(stream.fileno()).st_size
            start = max(0, total + offset) if offset < 0 else min(offset, total)
            stream.seek(start)
            data = stream.read(limit)
    except FileNotFoundError:
        return LogChunk(b"", 0, 0)
    except OSError as error:
        raise StorageError(f"“{path}” cannot be read: {error.strerror}.") from error
    return LogChunk(data, start + len(data), max(total, start + len(data)))
