"""Where the holder of a cluster is met: a socket in a folder of the user's."""

from __future__ import annotations

from typing import Final

DOOR: Final = "door"
HOLDER_LOCK: Final = "holder.lock"
HOLDER_LOG: Final = "holder.log"
