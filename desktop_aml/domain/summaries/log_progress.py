"""How far a script says that it is, read from the end of what it printed."""

from __future__ import annotations

import re
from typing import Final

TAIL_BYTES: Final = 4096
"""How much of the end of a log is looked at: many turns of a bar."""

_BAR: Final = re.compile(r"(?:^|[\s:])(\d{1,3})%\|")
"""As tqdm writes it, and those that write like it: `` 45%|####``."""

_EPOCH: Final = re.compile(r"\bepoch:?\s+\[?(\d{1,7})\s*/\s*(\d{1,7})\b", re.IGNORECASE)
"""``Epoch 3/10``: the third has begun."""

_LINES: Final = re.compile(r"[\r\n]+")


def progress_in(tail: str) -> float | None:
    """Return the share that is done, from 0 up to but without 1; None where the script does not say.

    The last bar or epoch counts. A bar that is full says nothing of what comes after it.

    Parameters
    ----------
    tail : str
        The end of a log; its first line may be cut.
    """
    for line in reversed(_LINES.split(tail)):
        bars = _BAR.findall(line)
        if bars:
            done = int(bars[-1]) / 100
            return done if done < 1 else None
        epoch = _EPOCH.search(line)
        if epoch:
            begun, count = int(epoch[1]), int(epoch[2])
            return (begun - 1) / count if 0 < begun <= count else None
    return None
