"""Threads and forks that begin to log at once: each process has one file, so that what one thread logs has an order."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.inside_run.run_folder import RunFolder
from tests.inside_run.test_journal_writer import journal_module, logged

__all__ = ["journal_module"]


def test_threads_that_begin_at_once_share_one_file(
    journal_module: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class SlowFile(journal_module._File):  # type: ignore[misc, name-defined]
        def __init__(self, folder: str) -> None:
            time.sleep(0.02)
            super().__init__(folder)

    monkeypatch.setattr(journal_module, "_File", SlowFile)
    journal = journal_module.Journal(str(tmp_path))
    together = threading.Barrier(4)

    def write(name: str) -> None:
        together.wait()
        for number in range(20):
            journal.scalar(name, number)

    threads = [threading.Thread(target=write, args=(str(one),)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    records = logged(tmp_path)
    for name in "0123":
        assert [record["v"] for record in records if record["name"] == name] == list(range(20))


def test_a_process_that_closed_its_files_goes_on_in_another_one(run_folder: RunFolder) -> None:
    text = (
        "import os\nfrom azureml.core import Run\nrun = Run.get_context()\nrun.log('x', 0)\nos.closerange(3, 100)\n"
        "run.log('x', 1)\nchild = os.fork()\nrun.log('x', 2)\nif child: os.waitpid(child, 0)\n"
    )
    ended = run_folder.script(sys.executable, text)
    assert ended.returncode == 0, ended.stderr
    assert sorted(record["v"] for record in run_folder.records()) == [0, 1, 2, 2]
