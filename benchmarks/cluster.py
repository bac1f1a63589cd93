"""What a run on workers of this computer costs beyond a local one; the cluster is up, the environment is there.

Prints medians over several rounds, taken in turn, and their difference.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

ROUNDS = 15


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="benchmark-"))
    os.environ["DESKTOP_AML_HOME"] = str(home / "user")
    from desktop_aml.workspace import Workspace

    script = home / "source" / "script.py"
    script.parent.mkdir()
    script.write_text("pass\n")
    workspace = Workspace.create(home / "workspace")
    workspace.computes.create("pool", min_nodes=1, max_nodes=1, idle_s=2)
    workspace.start_engine()
    took: dict[str, list[float]] = {"local": [], "pool": []}
    for number in range(ROUNDS + 1):
        for target, seconds in took.items():
            start = time.perf_counter()
            run_id = workspace.runs.submit(script, target=target)
            while not (state := workspace.runs.get(run_id).summary.state).is_terminal():
                time.sleep(0.002)
            seconds.append(time.perf_counter() - start)
            assert state == "Completed", workspace.runs.get(run_id).summary.error
        if number == 0:
            print(f"the first run there, which starts the cluster: {took['pool'][0]:.2f} s")
            for seconds in took.values():
                seconds.clear()
    workspace.close()
    for target, seconds in took.items():
        print(f"{target:6} median {statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})")
    more = statistics.median(took["pool"]) - statistics.median(took["local"])
    print(f"more than a local run: {more:.3f} s (bar: 0.3 s)")


if __name__ == "__main__":
    main()
