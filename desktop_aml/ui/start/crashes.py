"""What the interpreter wrote when it crashed: kept at the next start, and offered to read."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Final

FOLDER: Final = "crashes"
KEPT: Final = 10


def keep_report(crash_file: Path) -> Path | None:
    """Set aside what the last start left in `crash_file`; None when it ended without a crash.

    Must come before the file is written anew. The newest ten reports are kept, beside the program's log.
    """
    try:
        text = crash_file.read_text("utf-8", errors="replace")
        if not text.strip():
            return None
        folder = crash_file.parent / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        at = crash_file.stat().st_mtime
        kept = folder / time.strftime("%Y-%m-%d-%H-%M-%S.txt", time.localtime(at))
        crash_file.replace(kept)
    except OSError:
        # No report is no reason not to start.
        return None
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()
    return kept
