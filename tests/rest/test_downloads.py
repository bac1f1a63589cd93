"""Files by one request with a query: a run's, a version's, and an upload of that kind."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.rest.conftest import FILES, Answer, Client

UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact"


def asked(client: Client, place: str, **query: object) -> Answer:
    return client.send("GET", f"{place}?{urlencode(query)}")


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("MLmodel", "text/plain", "attachment; filename=MLmodel"),
        ("a.pkl", "application/octet-stream", "attachment; filename=a.pkl"),
        ("plot+1.png", "image/png", "attachment; filename=plot+1.png"),
        ("page.html", "text/html", "attachment; filename=page.html"),
        ('é "x".json', "text/plain", "attachment; filename=\"___x_.json\"; filename*=UTF-8''%C3%A9%20%22x%22.json"),
    ],
)
def test_a_file_is_sent_as_one_to_keep_with_its_name_and_kind(
    client: Client, name: str, kind: str, disposition: str
) -> None:
    run_id = client.new_run()
    client.put_file(run_id, f"sub/{name}", b"data")
    for got in (
        asked(client, "/get-artifact", run_id=run_id, path=f"sub/{name}"),
        asked(client, "/get-artifact", run_uuid=run_id, path=f"sub/{name}"),
        client.get_file(run_id, f"sub/{name}"),
    ):
        assert (got.status, got.body) == (200, b"data")
        told = [got.headers[one] for one in ("content-type", "content-disposition", "x-content-type-options")]
        assert told == [kind, disposition, "nosniff"]


def test_a_file_of_a_version_is_sent_by_name_and_version(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "model/MLmodel", b"flavors: {}\n")
    client.post("/registered-models/create", name="iris")
    client.post("/model-versions/create", name="iris", source=f"runs:/{run_id}/model")
    assert (
        asked(client, "/model-versions/get-artifact", name="iris", version=1, path="MLmodel").body == b"flavors: {}\n"
    )
    missing = asked(client, "/model-versions/get-artifact", name="iris", version=1, path="other")
    assert (missing.status, missing.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    wrong = asked(client, "/model-versions/get-artifact", name="iris", version="first", path="MLmodel")
    assert wrong.json["message"] == "Parameter 'version' must be an integer, got 'first'."


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "a\x00b", "a//b"])
def test_no_path_of_a_query_leads_out(client: Client, path: str) -> None:
    run_id = client.new_run()
    for refused in (
        asked(client, "/get-artifact", run_id=run_id, path=path),
        asked(client, "/model-versions/get-artifact", name="none", version=1, path=path),
        client.get("/artifacts/list", run_id=run_id, path=path),
        client.send("POST", f"{UPLOAD}?{urlencode({'run_uuid': run_id, 'path': path})}", b"data"),
    ):
        assert (refused.status, refused.json) == (
            400,
            {"error_code": "INVALID_PARAMETER_VALUE", "message": "Invalid path"},
        )


def test_one_request_uploads_a_file_when_it_says_all(client: Client) -> None:
    run_id = client.new_run()
    for query, body, words in (
        ({}, b"x", "Request must specify run_uuid."),
        ({"run_uuid": run_id}, b"x", "Request must specify path."),
        ({"run_uuid": run_id, "path": "a.txt"}, None, "Request must specify data."),
    ):
        refused = client.send("POST", f"{UPLOAD}?{urlencode(query)}", body)
        assert (refused.status, refused.json["message"]) == (400, words)
    query = urlencode({"run_uuid": run_id, "path": "sub/a.txt"})
    assert client.send("POST", f"{UPLOAD}?{query}", b"hello").status == 200
    assert asked(client, "/get-artifact", run_id=run_id, path="sub/a.txt").body == b"hello"
    listed = client.get("/artifacts/list", run_id=run_id, path=".").json["files"]
    assert listed == [{"path": "sub", "is_dir": True}]
    # A client that fetches all files asks for "." and goes on from there.
    for path, names in ((".", ["sub"]), ("./sub", ["a.txt"]), ("..", None), ("./..", None), ("./../x", None)):
        query = urlencode({"path": f"0/{run_id}/artifacts/{path}"})
        got = client.send("GET", f"{FILES}?{query}")
        assert [one["path"] for one in got.json["files"]] == names if names else got.status == 400
