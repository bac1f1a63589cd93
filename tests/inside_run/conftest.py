"""Every Python found on this computer, and a run folder."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inside_run.run_folder import RunFolder
from tests.old_pythons import pythons_of
from tests.one_thread import ONE_THREAD

SITE = Path(__file__).resolve().parents[2] / "desktop_aml" / "inside_run" / "site"
OLDEST = (3, 6)


@functools.cache
def interpreters() -> dict[str, str]:
    """Return one interpreter of each version from 3.6 on: version -> path."""
    found = [Path(sys.executable), *pythons_of("3")]
    on_path = [shutil.which(f"python3.{minor}") for minor in range(6, 15)]
    found.extend(Path(path) for path in on_path if path is not None and "shims" not in path)
    versions: dict[str, str] = {}
    for path in found:
        asked = subprocess.run(
            [path, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
        )
        version = asked.stdout.strip()
        if asked.returncode == 0 and tuple(map(int, version.split("."))) >= OLDEST:
            versions.setdefault(version, str(path))
    return versions


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for `python` on each interpreter, and what asks for `edge_python` on the oldest and the newest."""
    found = sorted(interpreters().items(), key=lambda item: [int(part) for part in item[0].split(".")])
    for fixture, chosen in (("python", dict(found)), ("edge_python", dict([found[0], found[-1]]))):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, chosen.values(), ids=chosen)


@pytest.fixture
def run_folder(tmp_path: Path) -> RunFolder:
    """Return a new run folder."""
    path = tmp_path / "run 😀"
    for name in ("snapshot/outputs", "snapshot/logs", "logs", "journal", "uploads", "requests"):
        (path / name).mkdir(parents=True)
    manifest = {
        "summary": {"display_name": "calm_owl", "number": 7, "parent": ""},
        "tags": {"team": "blue"},
        "properties": {"commit": "abc"},
    }
    (path / "run.json").write_text(json.dumps(manifest))
    env_vars = {
        **ONE_THREAD,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SITE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "AZUREML_RUN_ID": "exp_1700000000_abcd",
        "AZUREML_ARM_PROJECT_NAME": "exp",
        "DESKTOP_AML_RUN_DIR": str(path),
    }
    return RunFolder(path, env_vars)


@pytest.fixture
def answered(run_folder: RunFolder) -> Callable[..., None]:
    """Return what answers the next request of a script, as the engine would."""

    def answer(reply: dict[str, object]) -> dict[str, object] | None:
        for request in (run_folder.path / "requests").glob("*.json"):
            if ".reply." not in request.name:
                temporary = request.with_suffix(".tmp")
                temporary.write_text(json.dumps(reply))
                asked: dict[str, object] = json.loads(request.read_text())
                temporary.replace(request.with_suffix(".reply.json"))
                return asked
        return None

    return answer
