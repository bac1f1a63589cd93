"""Limits that a process sets itself hold, and are never raised."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def ended(code: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\nfrom desktop_aml.system import limits\n{code}"
    return subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)


def test_memory_is_refused_beyond_the_limit_and_a_later_limit_raises_nothing() -> None:
    found = ended(
        "limits.limit_memory(1 << 30)\nlimits.limit_memory(1 << 40)\nbytearray(100 << 20)\nbytearray(1 << 30)"
    )
    assert found.returncode == 1
    assert found.stderr.endswith("MemoryError\n")


def test_processor_time_is_limited_for_good() -> None:
    told = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU))"
    found = ended(f"limits.limit_processor_time(7)\nlimits.limit_processor_time(9)\n{told}")
    assert found.stdout == "(7, 7)\n"
