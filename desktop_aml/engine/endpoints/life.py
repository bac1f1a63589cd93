"""What an engine knows of one deployment while it serves: whose turn it is, and whether it still counts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import BuiltEnvironment
from desktop_aml.serving import front_process

_STOP_GRACE_S: Final = 5.0


@dataclass(slots=True)
class Life:
    """One deployment's front, started and stopped by one worker at a time.

    Parameters
    ----------
    busy : bool
        Whether the front is being started or stopped.
    is_held : bool
        Whether no front may begin: a stop was asked for since.
    is_dropped : bool
        Whether the endpoint was deleted or deployed anew: nothing of this deployment may be written any more.
    waits : int
        How often its preparation found no room on the disk.
    built : BuiltEnvironment or None
        What its environment was made ready as, when that was done here.
    cancel : threading.Event
        Ends what its preparation waits for.
    turn : threading.Lock
        Held by the worker that writes into the folder, or starts or stops the front.
    """

    busy: bool = False
    is_held: bool = False
    is_dropped: bool = False
    waits: int = 0
    built: BuiltEnvironment | None = None
    restarts: list[float] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def followed_by_another(self) -> Life:
        """Drop this deployment and return the one that takes its place; it waits for what is still done here."""
        self.drop()
        return Life(busy=True, turn=self.turn)

    def drop(self) -> None:
        """Let nothing more of this deployment be written or started."""
        self.is_dropped = True
        self.cancel.set()

    def spawn_front(self, folder: Path) -> None:
        """Start the front, unless it is not wanted any more. Slow: call it on a worker."""
        with self.turn:
            if not self.is_held and not self.is_dropped:
                front_process.spawn_front(folder)

    def stop_front(self, folder: Path) -> None:
        """Stop the front, and wait for one that is being started. Slow: call it on a worker."""
        with self.turn:
            front_process.stop_front(folder, _STOP_GRACE_S)

    def remove(self, folder: Path) -> None:
        """Stop the front and remove the endpoint's folder. Slow: call it on a worker."""
        with self.turn:
            front_process.remove_endpoint(folder, _STOP_GRACE_S)
