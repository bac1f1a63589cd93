"""Places where a run can be carried out, and whether they can be used now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileSharing(StrEnum):
    """How files come into a container and out of it again."""

    AUTO = "auto"
    """By the engine's address: one on this computer sees its files, one elsewhere does not."""
    MOUNT = "mount"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class RunTarget:
    """A place that `SubmitRun.target` can name.

    Parameters
    ----------
    name : str
        ``"local"`` or ``"docker"``.
    reason : str
        Why it cannot be used now; empty when it can.
    hint : str
        What to do about it.
    """

    name: str
    reason: str = ""
    hint: str = ""

    @property
    def is_available(self) -> bool:
        """Whether a run can go there now."""
        return not self.reason
