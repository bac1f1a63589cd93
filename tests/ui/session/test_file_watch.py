"""A change of a file that goes on being watched is not missed when others join it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.file_watch import FileWatch


@pytest.mark.parametrize("more", [[], ["module.py"]])
def test_a_change_just_before_the_files_are_named_again_is_told(
    qtbot, bridge: Bridge, tmp_path: Path, more: list[str]
) -> None:
    script = tmp_path / "train.py"
    script.write_text("1")
    watch = FileWatch(bridge, bridge)
    watch.watch([script])
    qtbot.waitUntil(lambda: script in watch._marks)
    before = script.stat().st_mtime_ns
    script.write_text("22")
    os.utime(script, ns=(before + 1, before + 1))
    with qtbot.waitSignal(watch.changed):
        watch.watch([script, *(tmp_path / name for name in more)])
