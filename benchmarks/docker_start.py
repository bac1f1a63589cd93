"""What a run in Docker costs beyond its container: `submit` of ``pass`` to Completed, beside ``docker run`` of it.

Needs a Docker engine with a base image; ``packaging/docker-engine.sh start`` and ``packaging/base-image/build.sh`` make
them. Without one it says so and measures nothing. Prints medians over several rounds, taken in turn.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from submit import report, run, timed, wait

ROUNDS = 7
BASE_IMAGE = "desktop-aml/base:{version}"


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="benchmark-"))
    os.environ["DESKTOP_AML_HOME"] = str(home / "user")
    (home / "user/config").mkdir(parents=True)
    (home / "user/config/settings.json").write_text(json.dumps({"docker_base_image": BASE_IMAGE}))
    from desktop_aml.domain.errors import DesktopAMLError
    from desktop_aml.workspace import Workspace

    script = home / "source" / "script.py"
    script.parent.mkdir()
    script.write_text("pass\n")
    workspace = Workspace.create(home / "workspace")
    workspace.environments.register("bare", "dependencies:\n  - python=3.11\n")
    workspace.start_engine()
    try:
        first = workspace.runs.submit(script, target="docker", environment="bare")
        wait(workspace, first)
        image = workspace.runs.get(first).properties.get("desktop_aml.image", "")
        if not image:
            print(f"nothing measured: {workspace.runs.get(first).summary.error}")
            return
        words = ["docker", "run", "--rm", image, "python3", "-c", "pass"]
        plain, submitted = [], []
        for _ in range(ROUNDS):
            plain.append(timed(lambda: run(words)))
            submitted.append(
                timed(lambda: wait(workspace, workspace.runs.submit(script, target="docker", environment="bare")))
            )
    except DesktopAMLError as error:
        print(f"nothing measured: {error}")
        return
    finally:
        workspace.close()
    print(f"docker run of pass      {report(plain)}")
    print(f"submit to Completed     {report(submitted)}")
    print(f"over docker run         {statistics.median(submitted) - statistics.median(plain):.3f} s (bar: 2.5 s)")


if __name__ == "__main__":
    main()
