"""The registry over MLflow's REST API: what either side registers is the same row."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.workspace import Workspace
from tests.rest.conftest import FILES, Answer, Client


def logged(client: Client) -> str:
    run_id = client.new_run()
    for name, data in (("MLmodel", b"flavors: {}\n"), ("model.pkl", b"pickled"), ("sub/more.txt", b"more")):
        client.put_file(run_id, f"model/{name}", data)
    return run_id


def registered(client: Client, name: str = "iris", **more: object) -> dict:
    run_id = logged(client)
    client.post("/registered-models/create", name=name)
    return client.post("/model-versions/create", name=name, source=f"runs:/{run_id}/model", **more).json[
        "model_version"
    ]


def test_a_version_of_mlflow_is_a_version_of_the_workspace(client: Client, workspace: Workspace) -> None:
    tags = [{"key": "a", "value": "b"}]
    version = registered(client, description="first", tags=tags)
    assert (version["version"], version["status"], version["current_stage"]) == ("1", "READY", "None")
    row = workspace.models.get("iris", 1)
    assert (row.description, row.tags, row.run_id) == ("first", {"a": "b"}, version["run_id"])
    assert {one.path for one in row.files} == {
        "outputs/model/MLmodel",
        "outputs/model/model.pkl",
        "outputs/model/sub/more.txt",
    }
    again = client.post("/registered-models/create", name="iris")
    assert (again.status, again.code) == (400, "RESOURCE_ALREADY_EXISTS")


def test_a_version_of_the_workspace_is_a_version_of_mlflow(client: Client, workspace: Workspace) -> None:
    workspace.models.register("own", run_id=logged(client), path="outputs/model/model.pkl", tags={"x": "1"})
    model = client.get("/registered-models/get", name="own").json["registered_model"]
    assert [one["version"] for one in model["latest_versions"]] == ["1"]
    found = client.get("/model-versions/get", name="own", version="1").json["model_version"]
    assert found["tags"] == [{"key": "x", "value": "1"}]


def test_the_files_of_a_version_are_read_whatever_became_of_its_run(client: Client, workspace: Workspace) -> None:
    version = registered(client)
    run_id = version["run_id"]
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    uri = client.get("/model-versions/get-download-uri", name="iris", version=1).json["artifact_uri"]
    root = uri.removeprefix("mlflow-artifacts:/")
    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    listed = client.send("GET", f"{proxy}?path={root}").json["files"]
    assert listed == [
        {"path": "MLmodel", "is_dir": False, "file_size": 12},
        {"path": "model.pkl", "is_dir": False, "file_size": 7},
        {"path": "sub", "is_dir": True},
    ]
    assert client.send("GET", f"{proxy}/{root}/sub/more.txt").body == b"more"
    assert client.send("GET", f"{proxy}/{root}/../../x").status == 400
    for method in ("PUT", "DELETE"):
        assert client.send(method, f"{proxy}/{root}/model.pkl", b"other").status in {400, 404}
    assert client.send("GET", f"{proxy}/{root}/model.pkl").body == b"pickled"


@pytest.mark.parametrize(
    "source",
    [
        "/etc",
        "file:///etc/passwd",
        "../..",
        "s3://bucket/../../x",
        "s3://bucket/%252e%252e/x",
        "runs:/{0}/../../x",
        "runs:/{0}/%2e%2e/x",
        "mlflow-artifacts:/0/{0}/artifacts/../../x",
        "mlflow-artifacts://other/0/{0}/artifacts/model",
        "models:/nobody/1",
        "models:/m-00000000000000000000000000000000",
        "",
    ],
)
def test_no_file_of_this_computer_becomes_a_version_and_nothing_of_another_server(
    client: Client, workspace: Workspace, source: str
) -> None:
    run_id = logged(client)
    client.post("/registered-models/create", name="iris")
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    answer = client.post("/model-versions/create", name="iris", source=source.format(run_id), tags=tags)
    assert answer.status in {400, 404}
    assert workspace.models.versions("iris") == ()


def test_an_alias_means_one_version_and_moves(client: Client) -> None:
    registered(client)
    registered(client)
    for version in ("1", "2"):
        client.post("/registered-models/alias", name="iris", alias="champion", version=version)
        found = client.get("/registered-models/alias", name="iris", alias="champion").json["model_version"]
        assert (found["version"], found["aliases"]) == (version, ["champion"])
    for bad in ("v1", "latest", "a b", "", "x" * 256):
        assert client.post("/registered-models/alias", name="iris", alias=bad, version="1").status == 400
    assert client.post("/registered-models/alias", name="iris", alias="ok", version="9").status == 404
    client.send("DELETE", "/api/2.0/mlflow/model-versions/delete", {"name": "iris", "version": "2"})
    gone = client.get("/registered-models/alias", name="iris", alias="champion")
    assert (gone.status, gone.code) == (400, "INVALID_PARAMETER_VALUE")
    assert registered(client)["version"] == "3"


def test_stages_archive_the_others_when_asked(client: Client) -> None:
    registered(client)
    registered(client)
    for version in ("1", "2"):
        body = {"name": "iris", "version": version, "stage": "production", "archive_existing_versions": True}
        moved = client.post("/model-versions/transition-stage", **body).json["model_version"]
        assert moved["current_stage"] == "Production"
    newest = client.post("/registered-models/get-latest-versions", name="iris").json["model_versions"]
    assert {one["version"]: one["current_stage"] for one in newest} == {"1": "Archived", "2": "Production"}
    assert client.post("/model-versions/transition-stage", name="iris", version="1", stage="Live").status == 400


def test_models_are_described_labelled_searched_and_removed(client: Client, workspace: Workspace) -> None:
    registered(client)
    client.post("/registered-models/create", name="empty", tags=[{"key": "team", "value": "x"}])
    api = "/api/2.0/mlflow"
    client.send("PATCH", f"{api}/registered-models/update", {"name": "iris", "description": "words"})
    client.send("PATCH", f"{api}/model-versions/update", {"name": "iris", "version": "1", "description": "v"})
    client.post("/registered-models/set-tag", name="iris", key="k", value="1")
    client.post("/model-versions/set-tag", name="iris", version="1", key="k", value="2")
    assert workspace.models.get("iris", 1).tags == {"k": "2"}
    assert workspace.models.get("iris", 1).description == "v"

    def names(text: str) -> list[str]:
        found = client.get("/registered-models/search", filter=text).json["registered_models"]
        return [one["name"] for one in found]

    assert names("tag.`mlflow.prompt.is_prompt` != 'true'") == ["empty", "iris"]
    assert names("name LIKE 'ir%'") == ["iris"]
    assert names("tags.team = 'x'") == ["empty"]
    found = client.get("/model-versions/search", filter="name = 'iris' AND tags.k = '2'").json["model_versions"]
    assert [one["version"] for one in found] == ["1"]
    client.send("DELETE", f"{api}/model-versions/delete-tag", {"name": "iris", "version": "1", "key": "k"})
    client.send("DELETE", f"{api}/registered-models/delete-tag", {"name": "iris", "key": "k"})
    assert client.get("/registered-models/get", name="iris").json["registered_model"]["tags"] == []
    client.send("DELETE", f"{api}/registered-models/delete", {"name": "iris"})
    assert workspace.models.versions("iris") == workspace.models.trash() == ()
    assert client.get("/registered-models/get", name="iris").code == "RESOURCE_DOES_NOT_EXIST"
    # What was recorded of iris:1 never comes to mean another model.
    assert registered(client)["version"] == "2"


def test_a_renamed_model_keeps_what_it_had_and_leaves_its_name_free(client: Client, workspace: Workspace) -> None:
    for _ in range(3):
        registered(client, "iris model", tags=[{"key": "a", "value": "b"}])
    client.send("DELETE", "/api/2.0/mlflow/model-versions/delete", {"name": "iris model", "version": "2"})
    client.post("/registered-models/set-tag", name="iris model", key="team", value="x")
    client.post("/registered-models/alias", name="iris model", alias="best", version="1")
    client.post("/registered-models/create", name="taken")

    def rename(name: str, new_name: str) -> Answer:
        return client.post("/registered-models/rename", name=name, new_name=new_name)

    assert rename("iris model", "taken").code == "RESOURCE_ALREADY_EXISTS"
    assert rename("none", "other").code == "RESOURCE_DOES_NOT_EXIST"
    assert rename("iris model", "a/b").code == "INVALID_PARAMETER_VALUE"
    assert rename("iris model", "iris model").json["registered_model"]["name"] == "iris model"
    model = rename("iris model", "Iris 2.0 new").json["registered_model"]
    assert (model["name"], model["tags"]) == ("Iris 2.0 new", [{"key": "team", "value": "x"}])
    assert model["aliases"] == [{"alias": "best", "version": "1"}]
    assert [one.version for one in workspace.models.versions("Iris 2.0 new")] == [3, 1]
    assert workspace.models.get("Iris 2.0 new", 3).tags == {"a": "b"}
    assert client.get("/registered-models/get", name="iris model").code == "RESOURCE_DOES_NOT_EXIST"
    uri = client.get("/model-versions/get-download-uri", name="Iris 2.0 new", version=3).json["artifact_uri"]
    assert uri == "mlflow-artifacts:/registry/Iris 2.0 new/3/artifacts"
    listed = client.send("GET", f"{FILES}?path={quote(uri.removeprefix('mlflow-artifacts:/'))}")
    assert {"path": "MLmodel", "is_dir": False, "file_size": 12} in listed.json["files"]
    assert rename("taken", "empty one").json["registered_model"]["name"] == "empty one"
    # What was recorded of iris model:3 never comes to mean another model.
    assert registered(client, "iris model")["version"] == "4"
    assert registered(client, "Iris 2.0 new")["version"] == "4"


def test_a_model_that_is_served_keeps_its_name(client: Client, workspace: Workspace) -> None:
    registered(client, "served")
    workspace.endpoints.deploy("served", name="serves")
    refused = client.post("/registered-models/rename", name="served", new_name="other")
    assert (refused.status, "Delete the endpoint first." in refused.json["message"]) == (400, True)
    models = client.get("/registered-models/search").json["registered_models"]
    assert [one["name"] for one in models] == ["served"]


def test_a_version_is_copied_and_a_logged_model_registered(client: Client, workspace: Workspace) -> None:
    registered(client)
    client.post("/registered-models/create", name="copy")
    copied = client.post("/model-versions/create", name="copy", source="models:/iris/1").json["model_version"]
    assert copied["source"] == "models:/iris/1"
    assert workspace.models.get("copy", 1).files == workspace.models.get("iris", 1).files
    run_id = client.new_run()
    model = client.post("/logged-models", experiment_id="0", name="m", source_run_id=run_id).json["model"]["info"]
    root = model["artifact_uri"].removeprefix("mlflow-artifacts:/")
    assert client.send("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/MLmodel", b"x").status == 200
    body = {"name": "copy", "source": f"models:/{model['model_id']}", "model_id": model["model_id"]}
    version = client.post("/model-versions/create", **body).json["model_version"]
    assert (version["version"], version["run_id"], version["model_id"]) == ("2", run_id, model["model_id"])


def test_a_version_keeps_the_run_that_was_named_though_it_is_not_in_the_workspace(client: Client) -> None:
    client.post("/registered-models/create", name="far")
    more = {"name": "far", "source": "runs:/of_another/model", "run_id": "of_another"}
    made = client.post("/model-versions/create", **more).json["model_version"]
    assert made["run_id"] == "of_another"
    found = client.get("/model-versions/search", filter="run_id = 'of_another'").json["model_versions"]
    assert [one["version"] for one in found] == ["1"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("/tmp", "To use a local path as a model version"),
        ("file:///tmp", "To use a local path as a model version"),
        ("s3://bucket/%2e%2e/x", "If supplying a source as an http, https,"),
        ("mlflow-artifacts://host:9000/models/artifact%00", "If supplying a source as an http, https,"),
        ("mlflow-artifacts:/models", "Name a run (runs:/ID/PATH)"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_what_can_be(client: Client, source: str, words: str) -> None:
    client.post("/registered-models/create", name="m")
    refused = client.post("/model-versions/create", name="m", source=source)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert words in refused.json["message"]


@pytest.mark.parametrize("source", ["s3://bucket/model", "runs:/0123456789abcdef/model", "dbfs:/x"])
def test_a_version_whose_files_lie_elsewhere_is_kept_by_its_address(
    client: Client, workspace: Workspace, source: str, tmp_path: Path
) -> None:
    client.post("/registered-models/create", name="far")
    version = client.post("/model-versions/create", name="far", source=source).json["model_version"]
    assert (version["version"], version["source"], version["status"]) == ("1", source, "READY")
    uri = client.get("/model-versions/get-download-uri", name="far", version=1).json["artifact_uri"]
    assert uri == source
    client.post("/registered-models/alias", name="far", alias="champion", version="1")
    assert client.get("/registered-models/alias", name="far", alias="champion").status == 200
    row = workspace.models.get("far", 1)
    assert (row.path, row.files, row.run_id) == (source, (), "")
    with pytest.raises(Conflict, match="not in this workspace"):
        workspace.endpoints.deploy("far", name="far-service")
    with pytest.raises(NotFound, match="lie elsewhere"):
        workspace.models.download("far", 1, tmp_path)
