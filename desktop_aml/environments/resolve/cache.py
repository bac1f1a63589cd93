"""What resolvers remember: the answer to every question that was asked, so that it is asked once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desktop_aml.environments.toolchain import failures
from desktop_aml.environments.toolchain.builder import Watch
from desktop_aml.environments.toolchain.files import exclusive, remove_tree, write_whole

RESOLVING: Final = ".resolving"
WORK: Final = ".work"


class Remembered:
    """The answers of one resolver.

    Parameters
    ----------
    folder : Path
        Where they lie, one file for each.
    suffix : str
        How their names end.
    """

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix

    def get(self, question: object) -> str | None:
        """Return the answer to a question (anything that JSON can say), or None."""
        try:
            return self._path(question).read_text("utf-8")
        except OSError:
            return None

    def get_or_ask(self, question: object, watch: Watch, ask: Callable[[Path, int], str]) -> str:
        """Return the answer to a question, asking for it when it is not known.

        Parameters
        ----------
        ask : callable
            Gets an empty folder to work in, which is removed afterwards, and the descriptor that every process it
            starts must inherit.

        Raises
        ------
        PreparationError
            When the folder cannot be written.
        BuildCanceled
            When the watcher cancelled while another asks the same.
        """
        path = self._path(question)
        work = path.with_suffix(WORK)
        try:
            with exclusive(path.with_suffix(RESOLVING), watch.cancel, lambda: watch.tell("Waiting")) as held:
                known = self.get(question)
                if known is not None:
                    return known
                remove_tree(work)
                work.mkdir(mode=0o700)
                try:
                    answer = ask(work, held)
                finally:
                    remove_tree(work)
                write_whole(path, answer)
        except OSError as error:
            raise failures.cannot_write(self._folder, error) from error
        return answer

    def _path(self, question: object) -> Path:
        digest = hashlib.sha256(json.dumps(question).encode()).hexdigest()
        return self._folder / f"{digest}{self._suffix}"
