"""Which scripts were run with which words, and named sets of words: kept for each workspace, in the user's state."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.settings import user_directories
from desktop_aml.system.files import write_durably

_log = logging.getLogger(__name__)
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
    """Reads its file once and writes it at each change. Losing it costs nothing but habit.

    Words that look like secrets are never written: of such a command line nothing is kept but the script.
    """

    def __init__(self, workspace: Path) -> None:
        name = hashlib.sha256(str(workspace).encode()).hexdigest()[:16]
        self._file = user_directories().state / "scripts" / f"{name}.json"
        self._kept = _Kept()
        try:
            self._kept = msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("What the script runner remembered in %s is lost: %s", self._file, error)

    def recent(self) -> tuple[Recent, ...]:
        """Return the scripts that were used, the newest first; those that are gone are left out."""
        return tuple(one for one in self._kept.recent if Path(one.script).is_file())

    def remember(self, one: Recent) -> None:
        """Put a script first."""
        if _holds_secret(one.words):
            one = replace(one, words=())
        others = tuple(old for old in self._kept.recent if old.script != one.script)
        self._write(replace(self._kept, recent=(one, *others)[:KEPT]))

    def presets(self, script: str) -> Mapping[str, tuple[str, ...]]:
        """Return the named sets of words of a script, by name."""
        return dict(sorted(self._kept.presets.get(script, {}).items()))

    def keep_preset(self, script: str, name: str, words: tuple[str, ...]) -> bool:
        """Keep words under a name; False when they hold a secret, which is not written down."""
        if _holds_secret(words):
            return False
        self._change_presets(script, {**self._kept.presets.get(script, {}), name: words})
        return True

    def forget_preset(self, script: str, name: str) -> None:
        """Forget words of a name."""
        others = {known: words for known, words in self._kept.presets.get(script, {}).items() if known != name}
        self._change_presets(script, others)

    def _change_presets(self, script: str, mine: dict[str, tuple[str, ...]]) -> None:
        presets = {**self._kept.presets, script: mine}
        self._write(replace(self._kept, presets={key: one for key, one in presets.items() if one}))

    def _write(self, kept: _Kept) -> None:
        if kept == self._kept:
            return
        self._kept = kept
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._file, msgspec.json.encode(kept))
        except OSError as error:
            _log.warning("The script runner cannot remember anything in %s: %s", self._file, error)


def _holds_secret(words: tuple[str, ...]) -> bool:
    return masked_arguments(words) != tuple(words)
