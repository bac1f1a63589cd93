"""What a run leaves in a workspace is for its owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def test_nothing_in_a_workspace_is_open_to_others_after_a_run(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        (tmp_path / "t.py").write_text("print(1)\n")
        workspace = Workspace.create(tmp_path / "ws")
        workspace.start_engine()
        run_id = workspace.runs.submit(tmp_path / "t.py", env_vars={"API_KEY": "hidden"})
        wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal())
        assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
        workspace.close()  # so that nothing is written, and no file has a name for a moment only
        found = {path: stat.S_IMODE(path.lstat().st_mode) for path in workspace.path.rglob("*")}
    finally:
        os.umask(before)
    # What the script itself wrote, and its source, have the permissions that it chose; they lie in a closed folder.
    ours = {path: mode for path, mode in found.items() if "snapshot" not in path.parts and not path.is_symlink()}
    assert {str(path.relative_to(workspace.path)) for path, mode in ours.items() if mode & 0o077} == set()
