"""A script that speaks to the tracking server of its run, whatever is killed meanwhile; it needs no MLflow."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until, words_of

SPEAKER = """
import json, os, sys, time, urllib.request

URI, RUN = os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_RUN_ID"]

def call(method, path, **body):
    request = urllib.request.Request(URI + "/api/2.0/mlflow" + path, json.dumps(body).encode() if body else None,
        {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"], "Content-Type": "application/json"},
        method=method)
    for _ in range(100):
        try:
            return json.load(urllib.request.urlopen(request, timeout=20))
        except (ConnectionError, urllib.error.URLError) as error:
            if getattr(error, "code", None): raise RuntimeError(error.read())
            time.sleep(0.02)
    raise SystemExit("no server")

def log(step):
    call("POST", "/runs/log-metric", run_id=RUN, key="loss", value=step / 2, timestamp=1000 + step, step=step)
"""


def test_a_run_is_one_record_of_what_script_and_client_say(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    script = write_script(
        SPEAKER
        + "from azureml.core.run import Run\n"
        + "Run.get_context().log('own', 7)\n"
        + "call('POST', '/runs/log-parameter', run_id=RUN, key='C', value='1.0')\n"
        + "call('POST', '/runs/set-tag', run_id=RUN, key='team', value='x')\n"
        + "log(1)\n"
        + "assert os.environ['MLFLOW_EXPERIMENT_NAME'] == 'one'\n"
        + "found = call('GET', '/runs/get?run_id=' + RUN)['run']\n"
        + "assert {m['key'] for m in found['data']['metrics']} >= {'loss'}, found\n"
        + "call('POST', '/runs/update', run_id=RUN, status='FINISHED', end_time=5)\n"
        + "print(call('GET', '/runs/get?run_id=' + RUN)['run']['info']['status'])\n"
        + "raise SystemExit(3)\n"
    )
    run_id = workspace.runs.submit(script, experiment="one", arguments=("--C", "2"))
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    found = workspace.runs.get(run_id)
    assert b"FINISHED" in workspace.runs.files.read_log(run_id).data
    assert found.summary.state is RunState.FAILED  # a client's FINISHED does not hide the exit code
    assert found.outcome is not None
    assert found.outcome.exit_code == 3
    assert {curve.name for curve in workspace.runs.metrics(run_id).curves} == {"own", "loss"}
    assert found.tags == {"team": "x"}
    assert [(one.text, one.source.value) for one in found.parameters] == [("2", "argument"), ("1.0", "logged")]


def test_a_run_that_never_speaks_to_its_server_waits_for_nobody_at_its_end(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    run_id = workspace.runs.submit(write_script("import os\nassert os.environ['MLFLOW_TRACKING_URI']\n"))
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert workspace.runs.state(run_id) is RunState.COMPLETED
    said = (workspace.path / "runs" / run_id / "logs" / "launcher.log").read_text()
    assert "outlived" not in said
    assert said.count("\n") == 1


def test_no_point_that_was_acknowledged_is_lost_when_the_server_is_killed(
    workspace: Workspace, write_script: Callable[..., Path], marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    script = write_script(SPEAKER + "for step in range(60):\n    log(step)\n    time.sleep(0.02)\n")
    run_id = workspace.runs.submit(script)

    def servers() -> list[psutil.Process]:
        return [one for one in marked_processes() if "desktop_aml.rest" in words_of(one)]

    killed: set[int] = set()
    for _ in range(2):
        wait_until(
            lambda: [one for one in servers() if one.pid not in killed] or workspace.runs.state(run_id).is_terminal()
        )
        for one in servers():
            killed.add(one.pid)
            os.kill(one.pid, signal.SIGKILL)
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert len(killed) == 2
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(run_id).data
    points = next(curve for curve in workspace.runs.metrics(run_id).curves if curve.name == "loss").points
    assert [point.step for point in points] == list(range(60))
    assert servers() == []


def test_a_script_that_is_killed_is_not_running_for_ever_and_leaves_no_server(
    workspace: Workspace, write_script: Callable[..., Path], marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    script = write_script(
        SPEAKER
        + "child = call('POST', '/runs/create', experiment_id='0', start_time=1)['run']['info']['run_id']\n"
        + "call('POST', '/runs/update', run_id=RUN, status='RUNNING')\nlog(0)\n"
        + "os.kill(os.getpid(), 9)\n"
    )
    run_id = workspace.runs.submit(script)
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert workspace.runs.state(run_id) is RunState.FAILED
    (child,) = workspace.runs.children(run_id)
    wait_until(lambda: workspace.runs.state(child.id).is_terminal())
    assert workspace.runs.state(child.id) is RunState.FAILED
    assert [one for one in marked_processes() if "desktop_aml.rest" in words_of(one)] == []


def test_a_script_that_chooses_an_experiment_takes_its_own_run_there(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    # The calls of `mlflow.set_experiment` and `mlflow.start_run`, in their order.
    script = write_script(
        SPEAKER
        + "made = call('POST', '/experiments/create', name='my exp/1')['experiment_id']\n"
        + "assert call('GET', '/runs/get?run_id=' + RUN)['run']['info']['experiment_id'] == made\n"
        + "call('POST', '/runs/update', run_id=RUN, status='RUNNING')\n"
        + "found = call('POST', '/runs/search', experiment_ids=[made])['runs']\n"
        + "assert [one['info']['run_id'] for one in found] == [RUN], found\n"
    )
    run_id = workspace.runs.submit(script, experiment="asked")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert workspace.runs.files.read_log(run_id).data == b""
    assert workspace.runs.get(run_id).summary.experiment == "my exp/1"


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_DIR"])
def test_a_server_that_the_user_named_stays_the_one(
    workspace: Workspace, write_script: Callable[..., Path], name: str
) -> None:
    script = write_script("import os, json\nprint(json.dumps({k: v for k, v in os.environ.items() if 'MLFLOW' in k}))")
    run_id = workspace.runs.submit(script, env_vars={name: "http://somewhere"})
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert json.loads(workspace.runs.files.read_log(run_id).data) == {name: "http://somewhere"}
