"""Who owns an attempt."""

from __future__ import annotations

from desktop_aml.domain.values import dataclass
from desktop_aml.system.processes import ProcessIdentity


@dataclass(frozen=True, slots=True)
class Claim:
    """Who owns the attempt.

    Parameters
    ----------
    owner : ProcessIdentity or None
        The process; None when nobody does any more, or the script made the claim unreadable.
    is_void : bool
        Whether the attempt was given up before any process claimed it: then nothing of it ever ran.
    machine : str
        Where the owner has the attempt carried out, when that is another computer; empty for this one.
    """

    owner: ProcessIdentity | None
    is_void: bool = False
    machine: str = ""
