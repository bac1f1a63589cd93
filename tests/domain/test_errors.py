"""What an error says, and which of them end by themselves."""

from __future__ import annotations

import errno
from pathlib import Path

from desktop_aml.domain.errors import CONCERNS_ALL, FULL, disk_full


def test_a_full_disk_is_named_and_concerns_all_runs():
    error = disk_full(Path("/data/ws"), OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(error, CONCERNS_ALL)
    assert "“/data/ws” is full" in error.message
    assert "No space left" in error.details
    assert {errno.ENOSPC, errno.EDQUOT} == set(FULL)
