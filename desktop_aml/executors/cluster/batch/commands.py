"""The commands of batch systems, carried out without waiting for them in a thread."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

_PATIENCE_S: Final = 30.0
_HANDED_ON: Final = re.compile(
    r"HOME|USER|LOGNAME|SHELL|PATH|LD_LIBRARY_PATH|LANG|LANGUAGE|LC_.*|TZ|XDG_CACHE_HOME|KRB5.*"
    r"|(?:SLURM|SBATCH|SQUEUE|SCANCEL|MUNGE|PBS|LSF|LSB|BSUB|EGO)_.*"
)
"""What says who asks and how the system is reached. Of all other variables of whoever happens to hold the cluster, the
system would keep a copy, which anybody can read in some, and the node's Python might do something else by them."""


class Refused(Exception):
    """A command was not there, or did not do what it was asked for; the text says why."""


async def say(words: Sequence[str], text: str = "") -> str:
    """Return what a command printed. It is told of few variables: what it hands on to a job is kept by the system.

    Parameters
    ----------
    text : str
        Its input.

    Raises
    ------
    Refused
        When there is no such command, or it fails.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            env={name: value for name, value in os.environ.items() if _HANDED_ON.fullmatch(name)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise Refused(f"“{words[0]}” cannot be started on this computer: {error.strerror}") from error
    try:
        said, errors = await asyncio.wait_for(process.communicate(text.encode()), _PATIENCE_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        raise Refused(f"“{words[0]}” did not answer for {_PATIENCE_S:g} s") from None
    if process.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        last = lines[-1] if lines else f"it ended with exit code {process.returncode}"
        raise Refused(f"“{words[0]}” refused: {last.removeprefix(f'{words[0]}: error: ')[:300]}")
    return said.decode("utf-8", "replace")
