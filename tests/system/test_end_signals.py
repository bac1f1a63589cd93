"""Being asked to end while the main thread is about to wait for just that."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

ASKED_AT_THE_WORST_MOMENT = """
import os, sys
from desktop_aml.system.end_signals import event_of_end

stop = event_of_end()
with stop._cond:  # as its own `wait` does before it sleeps
    os.kill(os.getpid(), int(sys.argv[1]))
sys.exit(0 if stop.wait(20) else 1)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_ends_although_it_was_asked_while_it_held_the_lock_of_what_it_waits_for(
    number: signal.Signals,
) -> None:
    child = subprocess.run([sys.executable, "-c", ASKED_AT_THE_WORST_MOMENT, str(int(number))], timeout=30, check=False)
    assert child.returncode == 0
