"""What a run is given beside its arguments: variables, and of a container folders and ports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.jobs import CONTAINER
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace
from tests.ui.submit.test_script_runner import DEADLINE_MS, drop, run_it, settle


def test_variables_folders_and_ports_are_given_as_on_the_command_line(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path], tmp_path: Path
) -> None:
    drop(runner.zone, write_script("import os\nprint(os.environ['SEED'], os.environ['WORDS'])\n"))
    settle(bridge, qtbot)
    settings = runner.settings
    assert not settings.form.isRowVisible(settings.folders)
    settings.variables.setText("SEED")
    assert "“SEED” is no variable" in runner.reason.text()
    assert not runner.can_run()
    settings.variables.setText("SEED=7 'WORDS=two words'")
    assert runner.can_run()
    run_id = run_it(runner, bridge, qtbot)
    qtbot.waitUntil(lambda: workspace.runs.state(run_id).is_terminal(), timeout=DEADLINE_MS)
    log = Path(workspace.runs.get(run_id).run_directory) / "logs" / "std_log.txt"
    assert log.read_text() == "7 two words\n"
    settings.target.set_value("docker")
    assert settings.form.isRowVisible(settings.folders)
    for folders, ports, fault in (
        (f"{tmp_path}:data", "", "is no volume"),
        (f"{tmp_path}/none:/data", "", "There is no folder"),
        ("'open", "", "A quote is not closed"),
        ("", "http", "is no port"),
    ):
        settings.folders.setText(folders)
        settings.ports.setText(ports)
        assert fault in settings.fault()
    settings.folders.setText(f"{tmp_path}:/data:ro")
    settings.ports.setText("8000 8080:80")
    asked = json.loads(settings.env_vars()[CONTAINER])
    assert asked["volumes"] == [{"source": str(tmp_path), "path": "/data", "read_only": True}]
    assert [(one["host"], one["container"]) for one in asked["ports"]] == [(0, 8000), (8080, 80)]
