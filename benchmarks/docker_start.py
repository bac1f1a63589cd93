"""A run of ``pass`` in Docker with a cached image, against ``docker run`` of the same: seconds from asking to the end.

Both sides take turns. A run is submitted to an engine that is up, as it is from the window. Without a Docker engine
there is nothing to measure. DESKTOP_AML_BASE_IMAGE names another base image than the usual one.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from desktop_aml import docker_access
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.owner import owner_of
from desktop_aml.workspace import Workspace

ROUNDS = 10
BASE_IMAGE = os.environ.get("DESKTOP_AML_BASE_IMAGE", "python:{version}-slim")
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


class NotMeasured(Exception):
    """A run in Docker did not complete; the text says why."""


def finish(workspace: Workspace, script: Path) -> float:
    started = time.perf_counter()
    run_id = workspace.submit(script, experiment="start", environment="tiny", target="docker")
    while not workspace.run(run_id).summary.state.is_terminal():
        time.sleep(0.005)
    took = time.perf_counter() - started
    run = workspace.run(run_id)
    if run.summary.state is not RunState.COMPLETED:
        raise NotMeasured(run.summary.error)
    return took


def plain(image: str) -> float:
    started = time.perf_counter()
    words = ["docker", "run", "--rm", image, "/opt/environment/bin/python", "-c", "pass"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure(root: Path) -> None:
    os.environ["DESKTOP_AML_HOME"] = str(root / "home")
    (root / "home/config").mkdir(parents=True)
    (root / "home/config/settings.json").write_text(json.dumps({"docker_base_image": BASE_IMAGE}))
    (root / "source").mkdir()
    script = root / "source/train.py"
    script.write_text("pass\n")
    workspace = Workspace.create(root / "workspace")
    engine = subprocess.Popen([sys.executable, "-m", "desktop_aml", "engine", "--workspace", str(workspace.path)])
    while owner_of(workspace.path / "engine.lock") is None:
        time.sleep(0.01)
    try:
        workspace.register_environment("tiny", f"dependencies:\n  - python={PYTHON}\n")
        first = finish(workspace, script)
        image = workspace.run(workspace.runs()[0].id).properties["desktop_aml.image"]
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(plain(image))
            ours.append(finish(workspace, script))
    finally:
        engine.terminate()
        engine.wait()
        workspace.close()
    own, other = statistics.median(ours), statistics.median(theirs)
    print(f"first run, with the build of its image: {first:.2f} s")
    print(f"docker run: {other:.2f} s   run in Docker: {own:.2f} s   over: {own - other:.2f} s   (medians of {ROUNDS})")
    print(f"limit 2.5 s over: {'kept' if own - other <= 2.5 else 'MISSED'}")


def main() -> None:
    try:
        docker_access.connect().close()
    except MissingOnComputer as error:
        print(f"not measured: {error.message}")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            measure(Path(folder))
        except NotMeasured as error:
            print(f"not measured: {error}")


if __name__ == "__main__":
    main()
