"""Bytecode of a finished build: compiled in the background once the environment is usable.

Without bytecode the first import of scikit-learn takes three times as long; compiling first would cost a run more
than it saves. Whoever counts on the bytecode, such as an endpoint, waits with `finish`.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.errors import BuildCanceled
from desktop_aml.environments.toolchain import uv_process
from desktop_aml.environments.toolchain.files import COMPILED, exclusive, exclusive_if_free, folder_size, write_whole
from desktop_aml.system.children import KILL, signal_group

_log = logging.getLogger(__name__)

COMPILING: Final = ".compiling"
_POLL_S: Final = 0.05


def is_compiled(folder: Path) -> bool:
    """Return whether the bytecode of a build is complete."""
    return (folder / COMPILED).is_file()


def compile_in_background(folder: Path, python: Path) -> None:
    """Begin to compile the modules of a build at low priority; nothing happens when somebody does it already."""
    threading.Thread(target=_compile_quietly, args=(folder, python), name="compile-bytecode", daemon=True).start()


def finish(folder: Path, python: Path, cancel: threading.Event) -> None:
    """Wait until the bytecode of a build is complete, compiling it at once when nobody does.

    Raises
    ------
    BuildCanceled
        When `cancel` is set while it waits.
    """
    if not folder.is_dir() or is_compiled(folder):
        return
    try:
        with exclusive(folder.with_suffix(COMPILING), cancel, lambda: None) as held:
            _compile(folder, [str(python)], held, cancel)
    except OSError as error:
        # It would only have been quicker.
        _log.warning("Bytecode is not compiled: %s", error)


def _compile_quietly(folder: Path, python: Path) -> None:
    nice = shutil.which("nice")
    try:
        with exclusive_if_free(folder.with_suffix(COMPILING)) as held:
            if held is not None:
                _compile(folder, [nice, "-n", "15", str(python)] if nice else [str(python)], held, threading.Event())
    except OSError as error:
        _log.warning("Bytecode is not compiled: %s", error)


def _compile(folder: Path, python: list[str], held: int, cancel: threading.Event) -> None:
    if is_compiled(folder):
        return
    library = Path(python[-1]).parents[1] / "lib"
    # Python writes each file whole, so this may be killed at any time. The lock is inherited: it stays held as long
    # as something still writes, even when this program has ended.
    process: subprocess.Popen[Any] = subprocess.Popen(
        [*python, "-m", "compileall", "-q", str(library)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=uv_process.environment_for_uv(os.environ),
        start_new_session=True,
        pass_fds=(held,),
        cwd="/",
    )
    while process.poll() is None:
        if cancel.wait(_POLL_S):
            signal_group(process.pid, KILL)
            process.wait()
            raise BuildCanceled("The build was canceled.")
    # A module that cannot be compiled, for another Python perhaps, is none that anybody waits for.
    if process.returncode >= 0 and folder.is_dir():
        write_whole(folder / COMPILED, json.dumps({"size_bytes": folder_size(folder)}))
