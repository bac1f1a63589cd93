"""Which scripts were run with which words, and named sets of words: kept for each workspace, in the user's state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.ui.session.user_state import UserState

KEPT: Final = 12
"""How many scripts are remembered."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A script as it was last filled in.

    Parameters
    ----------
    script, source : str
        Whole paths of the file and of the folder that is copied with it.
    environment : str
        Empty for the one of the file beside the script.
    """

    script: str
    source: str
    words: tuple[str, ...] = ()
    environment: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    recent: tuple[Recent, ...] = ()
    presets: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)


class RunnerMemory:
    """Reads its file when asked, and writes it at each change. Losing it costs nothing but habit.

    Words that look like secrets are never written: of such a command line nothing is kept but the script.
    """

    def __init__(self, workspace: Path) -> None:
        self._state = UserState("scripts", workspace, _Kept(), _Kept)

    def recent(self) -> tuple[Recent, ...]:
        """Return the scripts that were used, the newest first; those that are gone are left out."""
        return tuple(one for one in self._state.read().recent if Path(one.script).is_file())

    def remember(self, one: Recent) -> None:
        """Put a script first."""
        if _holds_secret(one.words):
            one = replace(one, words=())
        kept = self._state.read()
        others = tuple(old for old in kept.recent if old.script != one.script)
        self._state.write(replace(kept, recent=(one, *others)[:KEPT]))

    def presets(self, script: str) -> Mapping[str, tuple[str, ...]]:
        """Return the named sets of words of a script, by name."""
        return dict(sorted(self._state.read().presets.get(script, {}).items()))

    def keep_preset(self, script: str, name: str, words: tuple[str, ...]) -> bool:
        """Keep words under a name; False when they hold a secret, which is not written down."""
        if _holds_secret(words):
            return False
        self._change_presets(script, {**self.presets(script), name: words})
        return True

    def forget_preset(self, script: str, name: str) -> None:
        """Forget words of a name."""
        others = {known: words for known, words in self.presets(script).items() if known != name}
        self._change_presets(script, others)

    def _change_presets(self, script: str, mine: dict[str, tuple[str, ...]]) -> None:
        kept = self._state.read()
        presets = {**kept.presets, script: mine}
        self._state.write(replace(kept, presets={key: one for key, one in presets.items() if one}))


def _holds_secret(words: tuple[str, ...]) -> bool:
    return masked_arguments(words) != tuple(words)
