"""Commands and tests of an ordinary user, for whom being root would hide what fails.

``python -m tests.ordinary_user tests/journeys/test_docker*.py`` asks tests of Docker once more as one: root starts the
engines, and what follows reaches them by the addresses in `RUNNING` and `RUNNING_FAR`. Other words go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

RUNNING = "DESKTOP_AML_TESTS_DOCKER"
"""Names the address of an engine that runs already and has the base image: then the tests start none themselves."""

RUNNING_FAR = "DESKTOP_AML_TESTS_FAR_DOCKER"
"""The same of one that does not see this computer's files."""

UID = os.getuid() or 4321
"""Whoever starts the tests; where that is root, somebody without a name, who may enter the folders of root's Python."""

_RIGHTS = "+dac_override,+dac_read_search"


def as_user(words: Sequence[str]) -> list[str]:
    """Return the command that is carried out by the ordinary user."""
    if os.getuid() == UID:
        return list(words)
    ids = ("--reuid", str(UID), "--regid", str(UID), "--clear-groups")
    # The secure bit has access(2) count these rights too, by which programs look for an interpreter.
    return [
        "setpriv",
        *ids,
        "--securebits",
        "+no_setuid_fixup",
        "--inh-caps",
        _RIGHTS,
        "--ambient-caps",
        _RIGHTS,
        *words,
    ]


def main(words: Sequence[str]) -> int:
    """Ask tests as the ordinary user; return pytest's exit code."""
    from tests.docker_engine import started_engine
    from tests.far_engine import started_far_engine

    with tempfile.TemporaryDirectory(prefix="desktop-aml-user-") as home, ExitStack() as stack:
        address = os.environ.get(RUNNING) or stack.enter_context(started_engine())
        given = {**os.environ, RUNNING: address, "HOME": home, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": f"{home}/tmp"}
        if "--near" in words:
            words = [word for word in words if word != "--near"]
        else:
            given[RUNNING_FAR] = stack.enter_context(started_far_engine(address)).tcp
        for name in [name for name in given if name.startswith("XDG_")]:
            del given[name]
        (Path(home) / "tmp").mkdir()
        for path in (Path(home), Path(home) / "tmp"):
            os.chown(path, UID, UID)
        pytest = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--basetemp", f"{home}/tmp/pytest", *words)
        return subprocess.run(as_user(pytest), env=given, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
