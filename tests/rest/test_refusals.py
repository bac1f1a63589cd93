"""What a request lacks or has of another kind is refused in MLflow's words, before anything is done."""

from __future__ import annotations

import pytest

from desktop_aml.rest import schemas
from desktop_aml.rest.errors import RestError
from tests.rest.conftest import API, Client

POINT = {"run_id": "r", "key": "m", "value": 1, "timestamp": 5, "step": 0}


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/experiments/create", {}, "Missing value for required parameter 'name'."),
        ("/experiments/create", {"name": 7}, "Invalid value 7 for parameter 'name' supplied"),
        ("/experiments/create", {"name": "x", "tags": "5"}, "Invalid value \"5\" for parameter 'tags' supplied"),
        (
            "/experiments/create",
            {"name": "x", "artifact_location": 9.5},
            "Invalid value 9.5 for parameter 'artifact_lo",
        ),
        ("/experiments/set-experiment-tag", {"experiment_id": 3, "key": "k"}, "Invalid value 3 for parameter 'experim"),
        ("/runs/log-metric", POINT | {"run_id": None}, "Missing value for required parameter 'run_id'."),
        ("/runs/log-metric", POINT | {"key": 7}, "Invalid value 7 for parameter 'key' supplied"),
        ("/runs/log-metric", POINT | {"step": "foo"}, "Invalid value \"foo\" for parameter 'step' supplied"),
        ("/runs/log-metric", POINT | {"timestamp": None}, "Missing value for required parameter 'timestamp'."),
        ("/runs/log-metric", POINT | {"value": None}, "Missing value for required parameter 'value'."),
        ("/runs/set-tag", {"run_id": "r", "key": "k", "value": 4}, "Invalid value 4 for parameter 'value' supplied"),
        ("/runs/log-batch", {"run_id": "r", "params": "p"}, "Invalid value \"p\" for parameter 'params' supplied"),
        ("/runs/log-batch", {"run_id": "r", "tags": [{}]}, "Missing value for required parameter 'tags[0].key'."),
        (
            "/runs/log-batch",
            {"run_id": "r", "metrics": [POINT, {"key": "m", "value": 1}]},
            "Missing value for required parameter 'metrics[1].timestamp'.",
        ),
        (
            "/runs/log-batch",
            {"run_id": "r", "metrics": [POINT, POINT | {"value": "x"}]},
            "Invalid value \"x\" for parameter 'metrics[1].value' supplied",
        ),
        ("/experiments/create", {"name": "x" * 501}, "'name' exceeds the maximum length of 500 characters"),
        ("/registered-models/alias", {"name": "m", "alias": "a"}, "Missing value for required parameter 'version'."),
        ("/logged-models/search", {}, "Missing value for required parameter 'experiment_ids'."),
    ],
)
def test_what_is_missing_or_of_another_kind_is_named(client: Client, path: str, body: dict, words: str) -> None:
    refused = client.post(path, **body)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert refused.json["message"].startswith(words)


def test_numbers_may_be_written_as_text_and_a_query_is_all_text(client: Client) -> None:
    run_id = client.new_run()
    body = {"run_uuid": run_id, "key": "m", "value": "0.5", "timestamp": "5", "step": "3"}
    assert client.post("/runs/log-metric", **body).status == 200
    found = client.get("/metrics/get-history", run_id=run_id, metric_key="m", max_results="1").json["metrics"]
    assert found == [{"key": "m", "value": 0.5, "timestamp": 5, "step": 3}]
    refused = client.get("/metrics/get-history", run_id=run_id, metric_key="m", max_results="few")
    assert refused.json["message"].startswith("Invalid value \"few\" for parameter 'max_results' supplied")


@pytest.mark.parametrize("value", [True, "1e", 1.5, 1 << 63, [1], {}, "9" * 5000, float("inf"), float("nan")])
def test_what_is_no_whole_number_of_64_bits_is_none(value: object) -> None:
    with pytest.raises(RestError):
        schemas.check({"step": value}, schemas.read("step#"), is_query=False)


def test_nothing_is_added_to_a_run_in_the_trash(client: Client) -> None:
    run_id = client.new_run()
    client.post("/runs/set-tag", run_id=run_id, key="t", value="1")
    client.post("/runs/delete", run_id=run_id)
    for path, body in (
        ("/runs/log-metric", {"key": "m", "value": 1, "timestamp": 5}),
        ("/runs/log-parameter", {"key": "p", "value": "1"}),
        ("/runs/log-batch", {"tags": [{"key": "t", "value": "2"}]}),
        ("/runs/set-tag", {"key": "t", "value": "2"}),
        ("/runs/delete-tag", {"key": "t"}),
        ("/runs/update", {"run_name": "other"}),
    ):
        refused = client.post(path, run_id=run_id, **body)
        assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
        assert refused.json["message"].startswith(f"The run {run_id} must be in the 'active' state.")
    client.post("/runs/restore", run_id=run_id)
    assert client.post("/runs/set-tag", run_id=run_id, key="t", value="3").status == 200
    assert {"key": "t", "value": "3"} in client.run(run_id)["data"]["tags"]


@pytest.mark.parametrize("body", [b'"{\\"name\\": \\"twice\\"}"', b'{"name": "twice", "unknown": [1]}'])
def test_a_body_written_twice_and_unknown_fields_are_understood(client: Client, body: bytes) -> None:
    made = client.send("POST", f"{API}/experiments/create", body)
    assert (
        client.get("/experiments/get", experiment_id=made.json["experiment_id"]).json["experiment"]["name"] == "twice"
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_that_does_not_say_that_it_is_json_is_refused(client: Client, kind: str) -> None:
    refused = client.send("POST", f"{API}/experiments/create", b'{"name": "x"}', {"Content-Type": kind})
    assert (refused.status, refused.code) == (400, "BAD_REQUEST")
    said = {"Content-Type": "application/json; charset=utf-8"}
    assert client.send("POST", f"{API}/experiments/create", b'{"name": "x"}', said).status == 200


@pytest.mark.parametrize(
    ("name", "code"), [("My model (1)", "RESOURCE_DOES_NOT_EXIST"), ("a/b", "INVALID_PARAMETER_VALUE")]
)
def test_a_model_of_a_name_that_none_can_have_here_is_not_found(client: Client, name: str, code: str) -> None:
    assert client.get("/registered-models/get", name=name).code == code
    assert client.get("/model-versions/get", name=name, version="1").code == code
    assert client.post("/registered-models/create", name=name).code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    ("size", "words"), [(0, "It must be a positive integer"), (50_001, "It must be at most 50000")]
)
def test_a_page_has_a_size_that_can_be(client: Client, size: int, words: str) -> None:
    refused = client.post("/runs/search", experiment_ids=["0"], max_results=size)
    assert refused.json["message"].startswith(f"Invalid value {size} for parameter 'max_results' supplied")
    assert refused.json["message"].endswith(words)


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "/api/3.0/mlflow/traces", "keeps no traces."),
        ("GET", f"{API}/traces", "keeps no traces."),
        ("POST", "/api/3.0/mlflow/datasets/create", "keeps no evaluation data sets; those of runs are logged with"),
        ("GET", f"{API}/webhooks", "keeps no webhooks."),
        ("GET", f"{API}/runs/nothing", "There is no route GET '/api/2.0/mlflow/runs/nothing' here."),
    ],
)
def test_what_is_not_kept_is_named(client: Client, method: str, path: str, words: str) -> None:
    refused = client.send(method, path, {} if method == "POST" else None)
    assert (refused.status, refused.code) == (404, "ENDPOINT_NOT_FOUND")
    assert words in refused.json["message"]


def test_a_prompt_is_no_model(client: Client) -> None:
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    refused = client.post("/registered-models/create", name="hello", tags=tags)
    assert (refused.status, refused.code) == (501, "NOT_IMPLEMENTED")
    assert "keeps no prompts" in refused.json["message"]
    assert client.get("/registered-models/get", name="hello").status == 404


def test_a_stage_that_is_none_is_refused_when_versions_are_asked_for(client: Client) -> None:
    client.post("/registered-models/create", name="m")
    refused = client.post("/registered-models/get-latest-versions", name="m", stages=["Prod"])
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert client.post("/registered-models/get-latest-versions", name="m", stages=["production"]).status == 200
