"""In which order the registry is told, when its parts changed, and models that are logged outside of any run."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.rest.conftest import API, FILES, Client


@pytest.fixture
def registered(client: Client) -> Client:
    """Have models a, b and c, a version of each, then a second of a; c was described last."""
    run_id = client.new_run()
    client.put_file(run_id, "m/MLmodel", b"flavors: {}\n")
    for name in ("b", "a", "c", "a"):
        client.post("/registered-models/create", name=name)
        client.post("/model-versions/create", name=name, source=f"runs:/{run_id}/m")
    client.send("PATCH", f"{API}/model-versions/update", {"name": "c", "version": "1", "description": "words"})
    return client


def versions(client: Client, *order: str) -> str:
    found = client.get("/model-versions/search", order_by=order).json["model_versions"]
    return " ".join(one["name"] + one["version"] for one in found)


def test_versions_come_in_the_order_that_is_asked_for(registered: Client) -> None:
    assert versions(registered) == "c1 a2 a1 b1"
    assert versions(registered, "name") == "a2 a1 b1 c1"
    assert versions(registered, "name DESC") == "c1 b1 a2 a1"
    assert versions(registered, "version_number DESC") == "a2 a1 b1 c1"
    assert versions(registered, "version_number ASC", "name DESC") == "c1 b1 a1 a2"
    assert versions(registered, "creation_timestamp") == "b1 a1 c1 a2"
    assert registered.get("/model-versions/search", order_by="size").code == "INVALID_PARAMETER_VALUE"


def test_models_come_in_the_order_that_is_asked_for(registered: Client) -> None:
    def models(*order: str) -> str:
        found = registered.get("/registered-models/search", order_by=order).json["registered_models"]
        return " ".join(one["name"] for one in found)

    assert (models(), models("name DESC")) == ("a b c", "c b a")
    assert models("last_updated_timestamp") == models("timestamp ASC", "name") == "b c a"
    assert registered.get("/registered-models/search", order_by="size").code == "INVALID_PARAMETER_VALUE"


def test_what_is_written_about_a_version_changes_the_version_alone(registered: Client) -> None:
    def changed(path: str, **query: object) -> int:
        (found,) = registered.send("GET", f"{API}{path}?{urlencode(query)}").json.values()
        return found["last_updated_timestamp"]

    model, version = changed("/registered-models/get", name="c"), changed("/model-versions/get", name="c", version=1)
    body = {"name": "c", "version": "1", "description": "more"}
    registered.send("PATCH", f"{API}/model-versions/update", body)
    assert changed("/registered-models/get", name="c") == model
    assert changed("/model-versions/get", name="c", version=1) > version
    missing = registered.get("/model-versions/get", name="nobody", version="1")
    assert missing.json["message"] == "Model Version (name=nobody, version=1) not found"


def test_a_model_logged_outside_of_a_run_gets_one_that_ends_with_it(client: Client, workspace: Workspace) -> None:
    model = client.post("/logged-models", experiment_id="0", name="alone").json["model"]["info"]
    root = model["artifact_uri"].removeprefix("mlflow-artifacts:/")
    assert client.send("PUT", f"{FILES}/{root}/MLmodel", b"flavors: {}\n").status == 200
    assert client.run(model["source_run_id"])["info"]["status"] == "RUNNING"
    client.send("PATCH", f"{API}/logged-models/{model['model_id']}", {"status": "LOGGED_MODEL_READY"})
    assert client.run(model["source_run_id"])["info"]["status"] == "FINISHED"
    wait_until(lambda: workspace.runs.state(model["source_run_id"]) is RunState.COMPLETED)
    client.post("/registered-models/create", name="alone")
    body = {"name": "alone", "source": f"models:/{model['model_id']}", "model_id": model["model_id"]}
    assert client.post("/model-versions/create", **body).json["model_version"]["run_id"] == model["source_run_id"]
    assert [one.path for one in workspace.models.get("alone", 1).files] == ["outputs/alone/MLmodel"]


def test_tags_of_an_experiment_in_the_trash_stay_as_they_are(client: Client) -> None:
    experiment = client.post("/experiments/create", name="old", tags=[{"key": "a", "value": "1"}]).json["experiment_id"]
    gone = client.post("/experiments/delete-experiment-tag", experiment_id=experiment, key="b")
    assert (gone.status, gone.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    bad = client.post("/experiments/set-experiment-tag", experiment_id=experiment, key="../a", value="1")
    assert bad.code == "INVALID_PARAMETER_VALUE"
    client.post("/experiments/delete", experiment_id=experiment)
    for act in ("set-experiment-tag", "delete-experiment-tag"):
        refused = client.post(f"/experiments/{act}", experiment_id=experiment, key="a", value="2")
        assert refused.json["message"].startswith(f"The experiment {experiment} must be in the 'active' state.")
