"""What runs take of the disk: three runs of a folder of 50 MB that each leave 5 MB, then deleted.

Prints the most that the workspace took while a run went on, what it takes afterwards, and their ratios to the folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from submit import wait

RUNS = 3
FOLDER_BYTES = 50_000_000
OUTPUT_BYTES = 5_000_000
SCRIPT = """
import os, subprocess, sys
with open("outputs/result.bin", "wb") as out:
    out.write(os.urandom({output_bytes}))
print(subprocess.check_output(["du", "-s", "--block-size=1", sys.argv[1]], text=True).split()[0])
"""


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="benchmark-"))
    os.environ["DESKTOP_AML_HOME"] = str(home / "user")
    from desktop_aml.workspace import Workspace

    source = home / "source"
    source.mkdir()
    (source / "script.py").write_text(SCRIPT.format(output_bytes=OUTPUT_BYTES))
    (source / "data.bin").write_bytes(os.urandom(FOLDER_BYTES))
    workspace = Workspace.create(home / "workspace")
    workspace.start_engine()
    runs, most = [], 0
    try:
        for _ in range(RUNS):
            run_id = workspace.runs.submit(source / "script.py", arguments=[str(workspace.path)])
            wait(workspace, run_id)
            most = max(most, int(workspace.runs.files.read_log(run_id).data))
            runs.append(run_id)
        after, freed = taken(workspace.path), workspace.runs.space(runs)
        for run_id in runs:
            workspace.runs.delete(run_id)
        left = taken(workspace.path)
    finally:
        workspace.close()
    print(f"while a run goes on     {words(most)}")
    print(f"after {RUNS} runs            {words(after)} (bar: 1.5 and the outputs)")
    print(f"said to become free     {words(freed)}")
    print(f"after deleting them     {words(left)}")


def taken(folder: Path) -> int:
    """Return the room that a folder takes, in bytes."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def words(size_bytes: int) -> str:
    """Return a size beside its ratio to the folder's."""
    return f"{size_bytes / 1e6:6.1f} MB, {size_bytes / FOLDER_BYTES:.2f} of the folder"


if __name__ == "__main__":
    main()
