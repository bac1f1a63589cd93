"""Locks: one holder at a time, free again whatever ends the holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from desktop_aml.system import locks

HOLDER = (
    "import sys\nfrom pathlib import Path\nfrom desktop_aml.system import locks\n"
    "descriptor = locks.open_lock(Path(sys.argv[1]))\nprint(locks.try_lock(descriptor), flush=True)\n"
    "sys.stdin.read()\n"
)


def holder(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"True\n"
    return process


def test_a_lock_has_one_holder_and_is_free_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = locks.open_lock(path), locks.open_lock(path)
    assert locks.try_lock(first)
    assert not locks.try_lock(second)
    os.close(first)
    assert locks.try_lock(second)
    os.close(second)


def test_a_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as process:
        assert locks.is_held(path)
        process.send_signal(signal.SIGKILL)
    assert not locks.is_held(path)


def test_looking_takes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not locks.is_held(path)
    mine = locks.open_lock(path)
    assert not locks.is_held(path)
    assert locks.try_lock(mine)
    assert locks.is_held(path)
    os.close(mine)


def test_a_child_does_not_keep_the_lock_unless_it_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    for handed, held in (((), False), (None, True)):
        mine = locks.open_lock(path)
        assert locks.try_lock(mine)
        pass_fds = (mine,) if handed is None else handed
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=pass_fds) as child:
            os.close(mine)
            assert locks.is_held(path) is held
            child.kill()
        assert not locks.is_held(path)


def test_a_lock_file_is_private(tmp_path: Path) -> None:
    os.close(locks.open_lock(tmp_path / "lock"))
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
