"""A shell, or any command, in which ``python`` is the interpreter of an environment: to look and to try."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import THIS_PYTHON, EnvironmentKind
from desktop_aml.domain.errors import Conflict, MissingOnComputer
from desktop_aml.run_folder import script_env
from desktop_aml.settings import builds_folder
from desktop_aml.store import environments
from desktop_aml.workspace.service import Service

_PLAIN: Final = "/bin/sh"


class EnvironmentShells(Service):
    """Executes commands with the interpreter of a built environment.

    Examples
    --------
    >>> workspace.environments.shells.run("this-python", command=("python", "-c", "pass"))
    0
    """

    def interpreter(self, name: str, version: int = 0) -> Path:
        """Return the interpreter of an environment.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When it was not built on this computer, or is an image.
        """
        if name == THIS_PYTHON:
            return Path(sys.executable)
        # Imported here: where they lie is asked of built ones alone.
        from desktop_aml.environments import curated
        from desktop_aml.environments.build.folder import find
        from desktop_aml.environments.spec.parsing import interpreter_path

        unused = None if environments.versions(self._db, name) else curated.get(name, version)
        found = unused or environments.get(self._db, name, version)
        if found.kind is EnvironmentKind.EXISTING:
            return interpreter_path(found.text)
        if found.kind.needs_docker:
            raise Conflict(
                f"The environment “{found.label}” is an image, with no Python on this computer.",
                "A shell in the container of a run: desktop-aml run shell RUN",
            )
        lock = None if unused else environments.lock_of(self._db, found.name, found.version)
        built = find(builds_folder(self._client.settings), lock) if lock is not None else None
        if built is None:
            raise Conflict(
                f"The environment “{found.label}” is not built on this computer.",
                f"Build it first: desktop-aml environment build {shlex.quote(found.label)}",
            )
        return Path(built.python)

    def run(self, name: str, version: int = 0, command: Sequence[str] = ()) -> int:
        """Open a shell on this terminal, or execute a command; return its exit code.

        Parameters
        ----------
        command : sequence of str
            What to execute in place of a shell.

        Raises
        ------
        NotFound, Conflict
            As `interpreter`.
        MissingOnComputer
            When there is no such command.
        """
        python = self.interpreter(name, version)
        block = script_env.with_python(script_env.of_the_user(os.environ), str(python))
        label = f"{name}:{version}" if version else name
        with tempfile.TemporaryDirectory(prefix="desktop-aml-shell-") as folder:
            words = list(command) or _shell(Path(folder), block, label)
            try:
                return subprocess.run(words, env=block, check=False).returncode
            except (FileNotFoundError, PermissionError) as error:
                raise MissingOnComputer(
                    f"“{words[0]}” cannot be executed: {error.strerror}.", "Name a program, or none for a shell."
                ) from error


def _shell(folder: Path, block: dict[str, str], label: str) -> list[str]:
    """Return the words that begin the user's own shell, with the environment's name before its prompt."""
    shell = os.environ.get("SHELL") or _PLAIN
    block["VIRTUAL_ENV_PROMPT"] = f"({label}) "
    if Path(shell).name != "bash":
        return [shell]
    # What a person's own file puts in front of the path would hide the interpreter: it is put there again.
    path = shlex.quote(block["PATH"])
    prompt = shlex.quote(f"({label}) ")
    rc_file = folder / "bashrc"
    rc_file.write_text(f'[ -f ~/.bashrc ] && . ~/.bashrc\nexport PATH={path}\nPS1={prompt}"$PS1"\n', "utf-8")
    return [shell, "--rcfile", str(rc_file), "-i"]
