"""Waiting for a signal: the way of Linux, and the one that every POSIX system has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

INSIDE = Path(__file__).parents[2] / "desktop_aml" / "inside_run"

PROGRAM = """
import os, signal, sys, threading, time
sys.path.append(sys.argv[1])
import next_signal
watched = (signal.SIGUSR1, signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, watched)
wait = getattr(next_signal, sys.argv[2])
begin = time.monotonic()
print(wait(watched, begin + 0.05), time.monotonic() - begin >= 0.05)
print(wait(watched, begin - 1.0))
os.kill(os.getpid(), signal.SIGTERM)
print(wait(watched, None) == signal.SIGTERM, wait(watched, time.monotonic()))
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
print(wait(watched, time.monotonic() + 30) == signal.SIGUSR1)
"""


@pytest.mark.parametrize("way", ["wait", "look"])
def test_the_next_signal_is_returned_and_none_when_the_time_has_come(way: str):
    words = [sys.executable, "-I", "-c", PROGRAM, str(INSIDE), way]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines() == ["0 True", "0", "True 0", "True"]
