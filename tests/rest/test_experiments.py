"""Experiments over MLflow's REST API."""

from __future__ import annotations

import pytest

from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.rest.conftest import Client


def test_the_default_experiment_is_there(client: Client) -> None:
    for wrong, code in (("abc", "INVALID_PARAMETER_VALUE"), ("77", "RESOURCE_DOES_NOT_EXIST")):
        assert client.get("/experiments/get", experiment_id=wrong).code == code
        assert client.post("/runs/create", experiment_id=wrong).code == code
    found = client.get("/experiments/get", experiment_id="0").json["experiment"]
    assert (found["name"], found["lifecycle_stage"]) == ("Default", "active")
    for name in ("Default", "default"):
        assert client.get("/experiments/get-by-name", experiment_name=name).json["experiment"]["experiment_id"] == "0"


@pytest.mark.parametrize("name", ["iris", "my exp/one", "ünicode", "x" * 500])
def test_an_experiment_of_any_name_keeps_its_identifier(client: Client, workspace: Workspace, name: str) -> None:
    missing = client.get("/experiments/get-by-name", experiment_name=name)
    assert (missing.status, missing.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    made = client.post("/experiments/create", name=name, tags=[{"key": "a", "value": "b"}]).json["experiment_id"]
    run_id = client.new_run(made)
    assert workspace.runs.get(run_id).summary.experiment == name
    found = client.get("/experiments/get-by-name", experiment_name=name).json["experiment"]
    assert (found["experiment_id"], found["tags"]) == (made, [{"key": "a", "value": "b"}])
    assert client.run(run_id)["info"]["experiment_id"] == made
    again = client.post("/experiments/create", name=name)
    assert (again.status, again.code) == (400, "RESOURCE_ALREADY_EXISTS")


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 501, " x"])
def test_a_name_that_cannot_be_is_refused(client: Client, name: str) -> None:
    assert client.post("/experiments/create", name=name).code == "INVALID_PARAMETER_VALUE"


def test_a_renamed_experiment_takes_its_runs_along(client: Client, workspace: Workspace) -> None:
    made = client.post("/experiments/create", name="old").json["experiment_id"]
    run_id = client.new_run(made)
    assert client.post("/experiments/update", experiment_id=made, new_name="new one").json == {}
    assert client.get("/experiments/get", experiment_id=made).json["experiment"]["name"] == "new one"
    assert client.run(run_id)["info"]["experiment_id"] == made
    wait_until(lambda: workspace.runs.get(run_id).summary.experiment == "new one")
    assert client.run(run_id)["info"]["experiment_id"] == made


def test_a_name_that_a_renamed_experiment_left_is_free_at_once(client: Client, workspace: Workspace) -> None:
    made = client.post("/experiments/create", name="old").json["experiment_id"]
    going, ended = client.new_run(made), client.new_run(made)
    client.post("/runs/update", run_id=ended, status="FINISHED")
    for name in ("new", "old", "new"):
        assert client.post("/experiments/update", experiment_id=made, new_name=name).json == {}
        assert [workspace.runs.get(one).summary.experiment for one in (going, ended)] == [name, name]
    other = client.post("/experiments/create", name="old").json["experiment_id"]
    assert other != made
    assert {client.run(one)["info"]["experiment_id"] for one in (going, ended)} == {made}


def test_the_trash_and_tags(client: Client) -> None:
    made = client.post("/experiments/create", name="e").json["experiment_id"]
    client.post("/experiments/set-experiment-tag", experiment_id=made, key="k", value="v")
    client.post("/experiments/delete", experiment_id=made)
    assert client.get("/experiments/get", experiment_id=made).json["experiment"]["lifecycle_stage"] == "deleted"
    assert client.post("/runs/create", experiment_id=made).status == 400

    def names(view: str) -> list[str]:
        found = client.post("/experiments/search", view_type=view, max_results=100).json["experiments"]
        return [one["name"] for one in found]

    assert names("ACTIVE_ONLY") == ["Default"]
    assert names("DELETED_ONLY") == ["e"]
    client.post("/experiments/restore", experiment_id=made)
    assert sorted(names("ALL")) == ["Default", "e"]
    tags = client.get("/experiments/get", experiment_id=made).json["experiment"]["tags"]
    assert tags == [{"key": "k", "value": "v"}]


def test_runs_go_into_the_trash_with_their_experiment(client: Client, workspace: Workspace) -> None:
    made = client.post("/experiments/create", name="e").json["experiment_id"]
    run = client.new_run(made)
    client.post("/runs/update", run_id=run, status="FINISHED")
    for word, stage in (("delete", "deleted"), ("restore", "active")):
        client.post(f"/experiments/{word}", experiment_id=made)
        assert client.run(run)["info"]["lifecycle_stage"] == stage
        assert (workspace.runs.get(run).summary.deleted_at is None) == (stage == "active")
        assert ("e" in [one.name for one in workspace.experiments.list()]) == (stage == "active")


def test_pages_follow_one_another(client: Client) -> None:
    for number in range(4):
        client.post("/experiments/create", name=f"e{number}")
    first = client.post("/experiments/search", max_results=3).json
    second = client.post("/experiments/search", max_results=3, page_token=first["next_page_token"]).json
    names = [one["name"] for one in (*first["experiments"], *second["experiments"])]
    assert sorted(names) == ["Default", "e0", "e1", "e2", "e3"]
    assert "next_page_token" not in second
    assert client.post("/experiments/search", max_results=3, page_token="?").code == "INVALID_PARAMETER_VALUE"


def test_experiments_are_filtered_and_ordered(client: Client) -> None:
    for name in ("a", "c", "b"):
        client.post("/experiments/create", name=name, tags=[{"key": "k", "value": name}])

    def names(text: str, *order: str) -> list[str]:
        found = client.post("/experiments/search", filter=text, order_by=list(order), max_results=9)
        return [one["name"] for one in found.json["experiments"]]

    assert names("name != 'Default'", "name ASC") == ["a", "b", "c"]
    assert names("name ILIKE '%DEF%'") == ["Default"]
    assert names("tags.k = 'a'") == ["a"]
    assert names("creation_time > 0", "name DESC")[0] == "c"
    refused = client.post("/experiments/search", filter="nothing = 'x'", max_results=9)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "column 1" in refused.json["message"]


@pytest.mark.parametrize(
    ("place", "status"),
    [("", 200), ("./mine", 200), ("/srv/mine", 200), ("file:///srv/mine", 200), ("mlflow-artifacts:/x", 200),
     ("s3://bucket/x", 400), ("GS://bucket", 400), ("https://somewhere.example/x", 400), ("dbfs://x", 400)],
)  # fmt: skip
def test_files_that_are_to_lie_elsewhere_are_refused(client: Client, place: str, status: int) -> None:
    answer = client.post("/experiments/create", name="e", artifact_location=place)
    assert answer.status == status
    if status == 400:
        assert "in the workspace. Leave artifact_location out." in answer.json["message"]
        return
    made = client.get("/experiments/get-by-name", experiment_name="e").json["experiment"]
    assert made["artifact_location"] == f"mlflow-artifacts:/{made['experiment_id']}"


def test_an_experiment_in_the_trash_is_not_renamed(client: Client) -> None:
    made = client.post("/experiments/create", name="gone").json["experiment_id"]
    client.post("/experiments/delete", experiment_id=made)
    refused = client.post("/experiments/update", experiment_id=made, new_name="other")
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert "must be in the 'active' state" in refused.json["message"]
