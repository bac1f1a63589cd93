"""Removing from the store what nothing means any more: asked for by name, and after something was deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_aml.domain.requests import Done, Reply
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.run_folder import working_copies
from desktop_aml.store import cleaning

if TYPE_CHECKING:
    from desktop_aml.store.cleaning import Unused

Respond = Callable[[Reply], None]


class StoreCleaning:
    """Cleans the store of one workspace. However many ask while it works, it works once more for all of them.

    Parameters
    ----------
    is_settled : callable
        Whether nothing is being deployed, which reads files of the store in several steps, and no manifest of a thing
        that is gone still names its files.
    """

    def __init__(self, desk: Desk, is_settled: Callable[[], bool]) -> None:
        self._desk = desk
        self._is_settled = is_settled
        self._waiting: list[Respond] = []
        self._is_working = False
        self._copies_too = False

    def clean(self, respond: Respond, *, copies: bool) -> None:
        """Clean soon, and answer then; with `copies`, working copies that an older version left, too."""
        self._waiting.append(respond)
        self._copies_too = self._copies_too or copies

    def is_idle(self) -> bool:
        """Whether nobody waits for it."""
        return not self._waiting and not self._is_working

    def look(self) -> None:
        """Begin when somebody waits and nothing stands in the way."""
        if not self._waiting or self._is_working or not self._is_settled():
            return
        asked, self._waiting = self._waiting, []
        copies, self._copies_too = self._copies_too, False
        self._is_working = True
        self._desk.later(lambda: self._work(copies=copies), lambda result: self._cleaned(asked, result))

    def _work(self, *, copies: bool) -> Unused:
        if copies:
            working_copies.clear_left_behind(self._desk.folder)
        return cleaning.clean(self._desk.folder)

    def _cleaned(self, asked: list[Respond], result: Unused | Failed) -> None:
        self._is_working = False
        reply = spool.refusal(result.error) if isinstance(result, Failed) else Done(changed=bool(result.files))
        with self._desk.commit():
            for respond in asked:
                respond(reply)
