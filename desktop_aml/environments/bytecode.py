"""Bytecode of a finished build: compiled in the background once the environment is usable.

Without bytecode the first import of scikit-learn takes three times as long; compiling first would cost more.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

from desktop_aml.environments import uv_process

_log = logging.getLogger(__name__)


def compile_in_background(python: Path, library: Path) -> None:
    """Begin to compile every module under `library` with the interpreter that will import them."""
    # Python writes each file whole, so this may be killed at any time.
    words = [str(python), "-m", "compileall", "-q", str(library)]
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
