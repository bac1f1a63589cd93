"""Runs over MLflow's REST API: what is logged comes back, at once and from the workspace."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker
from tests.conftest import wait_until
from tests.rest.conftest import Client


def test_a_run_begins_with_what_its_client_said(client: Client) -> None:
    tags = [{"key": "mlflow.user", "value": "ann"}, {"key": "team", "value": "a b"}]
    info = client.post(
        "/runs/create", experiment_id="0", run_name="first", start_time=123, user_id="ann", tags=tags
    ).json["run"]["info"]
    run = client.run(info["run_id"])
    assert run["info"] == info
    assert (info["run_name"], info["status"], info["start_time"], info["user_id"]) == ("first", "RUNNING", 123, "ann")
    assert info["run_uuid"] == info["run_id"]
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/{info['run_id']}/artifacts"
    assert {"key": "mlflow.runName", "value": "first"} in run["data"]["tags"]
    assert {"key": "team", "value": "a b"} in run["data"]["tags"]


def test_what_is_acknowledged_is_read_at_once_and_found_in_the_workspace(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    for step, value in enumerate((1.0, "NaN", "Infinity", "-Infinity", 0.5)):
        sent = client.post("/runs/log-metric", run_id=run_id, key="loss", value=value, timestamp=5 + step, step=step)
        assert (sent.status, sent.json) == (200, {})
    client.post("/runs/log-parameter", run_id=run_id, key="C", value="1.50")
    client.post("/runs/set-tag", run_id=run_id, key="team", value="x")
    points = client.get("/metrics/get-history", run_id=run_id, metric_key="loss").json["metrics"]
    assert [one["value"] for one in points] == [1.0, "NaN", "Infinity", "-Infinity", 0.5]
    assert [(one["timestamp"], one["step"]) for one in points] == [(5, 0), (6, 1), (7, 2), (8, 3), (9, 4)]
    assert client.run(run_id)["data"]["metrics"] == [{"key": "loss", "value": 0.5, "timestamp": 9, "step": 4}]
    wait_until(
        lambda: (
            len(workspace.runs.metrics(run_id).curves[:1]) and len(workspace.runs.metrics(run_id).curves[0].points) == 5
        )
    )
    values = [point.value for point in workspace.runs.metrics(run_id).curves[0].points]
    assert values[2:] == [math.inf, -math.inf, 0.5]
    wait_until(lambda: workspace.runs.get(run_id).tags.get("team") == "x")
    assert [(one.name, one.text, one.value) for one in workspace.runs.get(run_id).parameters] == [("C", "1.50", 1.5)]
    assert client.get("/metrics/get-history", run_id=run_id, metric_key="loss").json["metrics"] == points


def test_the_last_metric_is_the_one_with_the_greatest_step(client: Client) -> None:
    run_id = client.new_run()
    for step, value in ((2, 0.2), (0, 0.9), (2, 0.3)):
        client.post("/runs/log-metric", run_id=run_id, key="m", value=value, timestamp=7, step=step)
    assert client.run(run_id)["data"]["metrics"][0]["value"] == 0.3


def test_the_same_point_tried_again_is_one_point(client: Client) -> None:
    run_id = client.new_run()
    for _ in range(3):
        client.post("/runs/log-metric", run_id=run_id, key="m", value="NaN", timestamp=7, step=1)
    assert len(client.get("/metrics/get-history", run_id=run_id, metric_key="m").json["metrics"]) == 1


def test_a_parameter_is_written_once(client: Client) -> None:
    run_id = client.new_run()
    for _ in range(2):
        assert client.post("/runs/log-parameter", run_id=run_id, key="C", value="1").status == 200
    refused = client.post("/runs/log-parameter", run_id=run_id, key="C", value="2")
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "Changing param values is not allowed" in refused.json["message"]
    assert client.run(run_id)["data"]["params"] == [{"key": "C", "value": "1"}]


def test_another_value_in_the_run_of_the_script_names_its_other_processes(client: Client, tracker: Tracker) -> None:
    tracker.own_run, other = client.new_run(), client.new_run()
    said = {}
    for run_id in (tracker.own_run, other):
        client.post("/runs/log-parameter", run_id=run_id, key="C", value="1")
        said[run_id] = client.post("/runs/log-parameter", run_id=run_id, key="C", value="2").json["message"]
    assert "takes MLFLOW_RUN_ID out of os.environ" in said[tracker.own_run]
    assert said[other].endswith("Attempted logging new value '2'.")


def test_a_batch_is_kept_whole_or_not_at_all(client: Client) -> None:
    run_id = client.new_run()
    client.post("/runs/log-parameter", run_id=run_id, key="C", value="1")
    metrics = [{"key": "m", "value": 1.0, "timestamp": 1, "step": 0}]
    params = [{"key": "new", "value": "1"}, {"key": "C", "value": "2"}]
    assert client.post("/runs/log-batch", run_id=run_id, metrics=metrics, params=params).status == 400
    data = client.run(run_id)["data"]
    assert (data["metrics"], data["params"]) == ([], [{"key": "C", "value": "1"}])
    assert client.post("/runs/log-batch", run_id=run_id, metrics=metrics, params=params[:1]).json == {}
    assert len(client.run(run_id)["data"]["params"]) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/runs/log-metric", {"key": "m", "value": "much"}),
        ("/runs/log-metric", {"key": "m", "value": 1, "timestamp": 1, "step": 1 << 63}),
        ("/runs/log-metric", {"key": "m", "value": 1, "timestamp": -1}),
        ("/runs/log-metric", {"key": "../m", "value": 1, "timestamp": 1}),
        ("/runs/log-metric", {"key": "m\n", "value": 1, "timestamp": 1}),
        ("/runs/log-metric", {"key": "a//b", "value": 1, "timestamp": 1}),
        ("/runs/log-parameter", {"key": "a/", "value": "x"}),
        ("/runs/set-tag", {"key": "./a", "value": "x"}),
        ("/runs/log-batch", {"params": [{"key": "p", "value": "1"}] * 2}),
        ("/runs/log-parameter", {"key": "k" * 251, "value": "x"}),
        ("/runs/log-parameter", {"key": "p", "value": "\ud800"}),
        ("/runs/set-tag", {"key": "", "value": "x"}),
        ("/runs/log-batch", {"metrics": [{"key": "m", "value": 1.0}] * 1001}),
        ("/runs/log-batch", {"params": [{"key": f"p{n}", "value": "1"} for n in range(101)]}),
        ("/runs/log-batch", {"metrics": "many"}),
        ("/runs/update", {"status": "DONE"}),
    ],
)
def test_what_mlflow_refuses_is_refused_in_its_words(client: Client, path: str, body: dict) -> None:
    refused = client.post(path, run_id=client.new_run(), **body)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")


def test_a_run_that_is_not_there_is_missing(client: Client) -> None:
    for answer in (
        client.get("/runs/get", run_id="nobody"),
        client.post("/runs/log-metric", run_id="nobody", key="m", value=1, timestamp=1),
        client.get("/metrics/get-history", run_id="nobody", metric_key="m"),
        client.post("/runs/create", experiment_id="77"),
    ):
        assert (answer.status, answer.code) == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize(
    ("status", "state"),
    [("FINISHED", RunState.COMPLETED), ("FAILED", RunState.FAILED), ("KILLED", RunState.FAILED)],
)
def test_a_run_ends_as_its_client_says(client: Client, workspace: Workspace, status: str, state: RunState) -> None:
    run_id = client.new_run()
    client.post("/runs/log-metric", run_id=run_id, key="m", value=1.0, timestamp=1)
    info = client.post("/runs/update", run_id=run_id, status=status, end_time=5000).json["run_info"]
    assert (info["status"], info["end_time"]) == (status, 5000)
    wait_until(lambda: workspace.runs.state(run_id) is state)
    again = client.run(run_id)
    assert (again["info"]["status"], again["info"]["end_time"]) == (status, 5000)
    assert again["data"]["metrics"][0]["value"] == 1.0


def test_what_is_added_to_a_run_that_ended_is_kept(client: Client, workspace: Workspace, tracker: Tracker) -> None:
    run_id = client.new_run()
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    client.post("/runs/log-metric", run_id=run_id, key="late", value=2.0, timestamp=1)
    client.put_file(run_id, "late.txt", b"late")
    assert client.run(run_id)["data"]["metrics"][0]["key"] == "late"
    tracker.settle()
    wait_until(lambda: any(one.path == "outputs/late.txt" for one in workspace.runs.files.list(run_id)))
    assert [curve.name for curve in workspace.runs.metrics(run_id).curves] == ["late"]


def test_a_run_whose_process_is_gone_does_not_run_for_ever(tracker: Tracker, workspace: Workspace) -> None:
    import subprocess
    import sys

    from desktop_aml.workspace.tracking.values import NewRun

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        run = tracker.create(NewRun("default", "", {}, None, process.pid))
        assert run.status == "RUNNING"
        process.kill()
    wait_until(lambda: tracker.run(run.run_id).status == "FAILED")
    wait_until(lambda: workspace.runs.state(run.run_id) is RunState.FAILED)


def test_who_began_a_run_is_told_without_a_tag_that_nobody_set(client: Client) -> None:
    run = client.run(client.new_run(user_id="ada", run_name="r"))
    assert run["info"]["user_id"] == "ada"
    assert run["data"]["tags"] == [{"key": "mlflow.runName", "value": "r"}]
    found = client.post("/runs/search", experiment_ids=["0"], filter="user_id = 'ada'").json["runs"]
    assert [one["info"]["run_id"] for one in found] == [run["info"]["run_id"]]


def test_a_run_that_is_named_twice_in_different_words_is_refused(client: Client) -> None:
    tags = [{"key": "mlflow.runName", "value": "b"}]
    more = {"experiment_id": "0", "start_time": 1, "run_name": "a", "tags": tags}
    refused = client.post("/runs/create", **more)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "run_name='a', mlflow.runName='b'" in refused.json["message"]


def test_a_data_set_that_is_noted_again_stays_as_it_was_noted_first(client: Client) -> None:
    run_id, dataset = client.new_run(), {"name": "n", "digest": "d", "source_type": "s", "source": "x"}
    for value in ("first", "second"):
        tags = [{"key": "k", "value": value}]
        client.post("/runs/log-inputs", run_id=run_id, datasets=[{"tags": tags, "dataset": dataset}])
    (kept,) = client.run(run_id)["inputs"]["dataset_inputs"]
    assert kept["tags"] == [{"key": "k", "value": "first"}]


def test_a_nested_run_is_a_child_in_the_workspace(client: Client, workspace: Workspace) -> None:
    parent = client.new_run(run_name="parent")
    child = client.new_run(tags=[{"key": "mlflow.parentRunId", "value": parent}])
    assert [one.id for one in workspace.runs.children(parent)] == [child]


def test_names_tags_and_the_trash(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run(run_name="old")
    client.post("/runs/set-tag", run_id=run_id, key="mlflow.runName", value="by tag")
    assert client.run(run_id)["info"]["run_name"] == "by tag"
    client.post("/runs/update", run_id=run_id, run_name="by update")
    assert {"key": "mlflow.runName", "value": "by update"} in client.run(run_id)["data"]["tags"]
    wait_until(lambda: workspace.runs.get(run_id).summary.display_name == "by update")
    client.post("/runs/set-tag", run_id=run_id, key="t", value="1")
    assert client.post("/runs/delete-tag", run_id=run_id, key="t").json == {}
    assert client.post("/runs/delete-tag", run_id=run_id, key="t").code == "RESOURCE_DOES_NOT_EXIST"
    client.post("/runs/delete", run_id=run_id)
    assert client.run(run_id)["info"]["lifecycle_stage"] == "deleted"
    client.post("/runs/restore", run_id=run_id)
    assert client.run(run_id)["info"]["lifecycle_stage"] == "active"


def test_inputs_outputs_and_logged_models_belong_to_their_run(client: Client) -> None:
    run_id = client.new_run()
    dataset = {"name": "iris", "digest": "abc", "source_type": "local", "source": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "train"}]
    client.post("/runs/log-inputs", run_id=run_id, datasets=[{"tags": tags, "dataset": dataset}])
    model = client.post("/logged-models", experiment_id="0", name="my model", source_run_id=run_id).json["model"][
        "info"
    ]
    client.post("/runs/outputs", run_id=run_id, models=[{"model_id": model["model_id"], "step": 3}])
    point = {"key": "acc", "value": 1.0, "timestamp": 1, "step": 0, "model_id": model["model_id"]}
    for _ in range(2):
        client.post("/runs/log-batch", run_id=run_id, metrics=[point])
    run = client.run(run_id)
    assert run["inputs"]["dataset_inputs"] == [{"tags": tags, "dataset": dataset}]
    assert run["outputs"]["model_outputs"] == [{"model_id": model["model_id"], "step": 3}]
    assert len(client.get("/metrics/get-history", run_id=run_id, metric_key="acc").json["metrics"]) == 1
    path = f"/logged-models/{model['model_id']}"
    ready = client.send("PATCH", f"/api/2.0/mlflow{path}", {"status": "LOGGED_MODEL_READY"}).json["model"]
    assert ready["info"]["status"] == "LOGGED_MODEL_READY"
    assert ready["data"]["metrics"] == [{**point, "run_id": run_id, "value": 1}]
    found = client.post("/logged-models/search", experiment_ids=["0"], filter="name = 'my model'").json["models"]
    assert [one["info"]["model_id"] for one in found] == [model["model_id"]]
    assert client.post("/logged-models/search", experiment_ids=["0"], filter="name = 'x'").json["models"] == []


def test_deleting_a_run_in_the_workspace_makes_it_missing(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    workspace.runs.delete(run_id)
    assert client.get("/runs/get", run_id=run_id).status == 404
    assert client.post("/runs/log-metric", run_id=run_id, key="m", value=1, timestamp=1).status == 404


def test_a_run_that_ended_is_resumed_and_ended_again(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    for status in ("RUNNING", "FAILED"):
        assert client.post("/runs/update", run_id=run_id, status=status).status == 200
        assert client.run(run_id)["info"]["status"] == status


def test_a_resumed_run_whose_client_is_gone_is_as_it_was(
    client: Client, tracker: Tracker, workspace: Workspace
) -> None:
    run_id = client.new_run()
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        tracker.resumed.note(tracker.run(run_id), "RUNNING", process.pid)
        assert client.run(run_id)["info"]["status"] == "RUNNING"
        process.communicate(b"\n")
    assert client.run(run_id)["info"]["status"] == "FINISHED"


def test_a_long_value_is_cut_where_mlflow_cuts_it(client: Client) -> None:
    run_id = client.new_run(tags=[{"key": "first", "value": "t" * 9000}])
    assert client.post("/runs/log-parameter", run_id=run_id, key="p", value="x" * 7000).status == 200
    assert client.post("/runs/log-batch", run_id=run_id, params=[{"key": "q", "value": "y" * 6001}]).status == 200
    assert client.post("/runs/set-tag", run_id=run_id, key="t", value="z" * 8001).status == 200
    data = client.run(run_id)["data"]
    assert {one["key"]: one["value"] for one in data["params"]} == {"p": "x" * 6000, "q": "y" * 6000}
    tags = {one["key"]: one["value"] for one in data["tags"]}
    assert (tags["first"], tags["t"]) == ("t" * 8000, "z" * 8000)
    # Logged again, it is the same value.
    assert client.post("/runs/log-parameter", run_id=run_id, key="p", value="x" * 7000).status == 200


def test_runs_are_found_by_where_their_files_are(client: Client) -> None:
    made = client.post("/experiments/create", name="e").json["experiment_id"]
    first, second = client.new_run(made), client.new_run()

    def found(text: str, **more: object) -> list[str]:
        body = {"experiment_ids": [made, "0"], "filter": text, **more}
        return [one["info"]["run_id"] for one in client.post("/runs/search", **body).json["runs"]]

    uri = client.run(first)["info"]["artifact_uri"]
    assert found(f"attributes.artifact_uri = '{uri}'") == [first]
    assert found(f"artifact_uri LIKE '%/{second}/artifacts'") == [second]
    by_place = sorted((first, second), key=lambda one: client.run(one)["info"]["artifact_uri"])
    assert found("", order_by=["artifact_uri"]) == by_place
