"""The builder: a lock to a virtual environment, with uv.

A build lies in a folder named by the hash of what it holds, so it is shared by every workspace of the user and made
once. A virtual environment cannot be moved, so it is made in place: ``ready.json`` is written last, and a folder
without it is a torn build and is made anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments import failures, uv_process
from desktop_aml.environments.build_files import exclusive, remove_tree, write_whole
from desktop_aml.environments.interpreters import Interpreter
from desktop_aml.environments.resolver import Watch
from desktop_aml.environments.spec import Specification

_log = logging.getLogger(__name__)

_READY: Final = "ready.json"


class UvBuilder:
    """Builds environments from PyPI.

    Parameters
    ----------
    builds : Path
        Folder of the builds.
    """

    def __init__(self, builds: Path) -> None:
        self._builds = builds

    def key(self, lock: EnvironmentLock) -> str:
        """Return the hash that names a build: of the lock, the platform and the builder."""
        content = json.dumps([lock.text, lock.python_version, lock.platform, lock.builder])
        return hashlib.sha256(content.encode()).hexdigest()

    def find(self, lock: EnvironmentLock) -> BuiltEnvironment | None:
        """Return the finished build of a lock; None when there is none or it was damaged since."""
        folder = self._builds / self.key(lock)
        try:
            ready = json.loads((folder / _READY).read_text("utf-8"))
            installed = {path.name for path in (folder / ready["site_packages"]).iterdir()}
            is_whole = installed.issuperset(ready["distributions"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        python = folder / "venv" / "bin" / "python"
        # The link leads to nowhere when the interpreter that it was built on is gone.
        return BuiltEnvironment(folder.name, str(python), lock) if is_whole and os.access(python, os.X_OK) else None

    def build(
        self, lock: EnvironmentLock, interpreter: Interpreter, spec: Specification, watch: Watch
    ) -> BuiltEnvironment:
        """Install a lock, or wait for another build of the same one.

        Raises
        ------
        PreparationError
            When it cannot be installed. Nothing is left but the log.
        BuildCanceled
            When the watcher cancelled. Nothing is left but the log.
        """
        folder = self._builds / self.key(lock)
        try:
            with exclusive(folder.with_suffix(".building"), watch.cancel, lambda: _tell_waiting(watch)) as held:
                found = self.find(lock)
                if found is not None:
                    return found
                remove_tree(folder)
                try:
                    self._install(folder, lock, interpreter, spec, watch, held)
                except BaseException:
                    remove_tree(folder)
                    raise
                found = self.find(lock)
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error
        if found is None:
            raise PreparationError(f"The environment in “{folder}” was damaged while it was built.", "Build it again.")
        watch.tell("Ready", f"{len(lock.packages)} packages", 1.0)
        _compile_in_background(folder / "venv")
        return found

    def _install(
        self,
        folder: Path,
        lock: EnvironmentLock,
        interpreter: Interpreter,
        spec: Specification,
        watch: Watch,
        held: int,
    ) -> None:
        folder.mkdir(mode=0o700)
        venv = folder / "venv"

        def step(words: list[str], on_line: Callable[[str], None]) -> None:
            argv = [uv_process.uv_path(), *words]
            code, printed = uv_process.run(
                argv, log_path=watch.log_path, cancel=watch.cancel, cwd=folder, on_line=on_line, keep_open=(held,)
            )
            if code != 0:
                raise failures.explain(printed, spec)

        watch.tell("Creating", f"Python {interpreter.version_text}", 0.2)
        # The compiler of a build that was just removed may still be writing here: what it left does no harm.
        words = ["venv", "--allow-existing", str(venv), "--python", interpreter.path]
        step(words, lambda line: watch.tell("Creating", line[:200], 0.2))
        python = str(venv / "bin" / "python")
        if lock.text:
            requirements = folder / "requirements.txt"
            requirements.write_text(lock.text, "utf-8")
            watch.tell("Installing", f"{len(lock.packages)} packages", 0.3)
            step(
                ["pip", "install", "--python", python, "--require-hashes", "--no-deps", "-r", str(requirements)],
                _Installing(watch, len(lock.packages)),
            )
        site_packages = next((venv / "lib").glob("python*/site-packages"))
        distributions = sorted(path.name for path in site_packages.glob("*.dist-info"))
        where = str(site_packages.relative_to(folder))
        write_whole(
            folder / _READY, json.dumps({**asdict(lock), "site_packages": where, "distributions": distributions})
        )


class _Installing:
    """Turns the lines of ``uv pip install`` into progress: downloads are the long part."""

    def __init__(self, watch: Watch, count: int) -> None:
        self._watch = watch
        self._count = max(count, 1)
        self._downloaded = 0
        self._fraction = 0.3

    def __call__(self, line: str) -> None:
        self._downloaded += line.startswith("Downloaded ")
        reached = 0.3 + 0.5 * min(1.0, self._downloaded / self._count)
        if line.startswith(("Prepared ", "Installed ")):
            reached = 0.85 if line.startswith("Prepared ") else 0.95
        self._fraction = max(self._fraction, reached)
        self._watch.tell("Installing", line[:200], self._fraction)


def _tell_waiting(watch: Watch) -> None:
    watch.tell("Waiting", "Another build of the same environment is under way")


def _compile_in_background(venv: Path) -> None:
    # Without bytecode the first import of scikit-learn takes three times as long; compiling first would cost more.
    # Python writes each file whole, so this may be killed at any time.
    words = [str(venv / "bin" / "python"), "-m", "compileall", "-q", str(venv / "lib")]
    nice = shutil.which("nice")
    try:
        process: subprocess.Popen[Any] = subprocess.Popen(
            [nice, "-n", "15", *words] if nice else words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=uv_process.environment_for_uv(os.environ),
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        _log.warning("Bytecode is not compiled: %s", error)
        return
    # A thread collects it: it must neither be waited for nor be left as a zombie.
    threading.Thread(target=process.wait, name="compile-bytecode", daemon=True).start()
