"""What a run is given beside its arguments: variables, and of a container folders and ports."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.jobs import CONTAINER
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace
from tests.far_engine import free_port
from tests.journeys.test_docker_kills import use_base_image
from tests.ui.submit.test_script_runner import DEADLINE_MS, drop, run_it, settle

SERVES_ONCE = """
import http.server, os

def waits_for_a_reader():
    server.handle_request()

print(os.environ["WORDS"], open("/data/words.txt").read(), flush=True)
server = http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler)
open("outputs/listens", "w").close()
waits_for_a_reader()
"""


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


@pytest.fixture
def docked(docker_host: str) -> None:
    """Have the workspace's engine, which reads its settings when it starts, use the tests' Docker engine and base."""
    use_base_image()


def test_a_run_of_the_form_has_its_variable_its_folder_and_its_port_in_a_container(
    docked: None,
    runner: ScriptRunner,
    bridge: Bridge,
    workspace: Workspace,
    qtbot,
    write_script: Callable[..., Path],
    tmp_path: Path,
) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "words.txt").write_text("from outside")
    drop(runner.zone, write_script(SERVES_ONCE))
    settle(bridge, qtbot)
    settings, port = runner.settings, free_port()
    settings.target.set_value("docker")
    settings.variables.setText("'WORDS=two words'")
    settings.folders.setText(f"{tmp_path}/shown:/data:ro")
    settings.ports.setText(f"{port}:8000")
    settle(bridge, qtbot)
    assert runner.can_run(), runner.reason.text()
    run_id = run_it(runner, bridge, qtbot)
    run = Path(workspace.runs.get(run_id).run_directory)
    listens = run / "snapshot" / "outputs" / "listens"
    qtbot.waitUntil(lambda: listens.exists() or workspace.runs.state(run_id).is_terminal(), timeout=DEADLINE_MS)
    assert any("waits_for_a_reader" in one.text for one in workspace.runs.queue.stacks(run_id))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        assert b"train.py" in answer.read()
    qtbot.waitUntil(lambda: workspace.runs.state(run_id).is_terminal(), timeout=DEADLINE_MS)
    assert workspace.runs.state(run_id) is RunState.COMPLETED
    assert (run / "logs" / "std_log.txt").read_text().startswith("two words from outside\n")
