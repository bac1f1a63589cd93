"""Files that a client sends in parts: joined in their order or not at all, and nothing of them is left elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker
from tests.rest.conftest import TOKEN, Answer, Client
from tests.rest.test_artifacts import ESCAPES, folder_of, http_quoted

MPU = "/api/2.0/mlflow-artifacts/mpu"


class Upload:
    """Does with an upload what MLflow's client does."""

    def __init__(self, client: Client, run_id: str, folder: str, count: int) -> None:
        self.client, self.place = client, f"0/{run_id}/artifacts{quote(folder)}"
        self.begun = self.ask("create", num_parts=count)
        self.id = self.begun.json["upload_id"]

    def ask(self, what: str, **more: object) -> Answer:
        return self.client.send("POST", f"{MPU}/{what}/{self.place}", {"path": "/somewhere/big file+1.bin", **more})

    def send(self, number: int, data: bytes) -> dict[str, object]:
        told = self.begun.json["credentials"][number - 1]
        path = told["url"].removeprefix(f"http://127.0.0.1:{self.client.port}")
        assert path != told["url"]
        answer = self.client.send("PUT", path, data, {"Content-Type": "", **told["headers"]})
        assert answer.status == 200
        return {"part_number": number, "etag": answer.headers["etag"], "url": told["url"]}

    def complete(self, parts: list[dict[str, object]]) -> Answer:
        return self.ask("complete", upload_id=self.id, parts=parts)


def left_in(workspace: Workspace, run_id: str) -> list[Path]:
    return list((folder_of(workspace, run_id) / "uploads.partial").glob("**/*"))


def test_parts_become_one_file_whatever_came_first(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    upload = Upload(client, run_id, "/a dir", 3)
    sent = {number: upload.send(number, data) for number, data in ((3, b"end"), (1, b"a" * 70_000), (2, b"old"))}
    sent[2] = upload.send(2, b"b" * 9)
    assert client.get_file(run_id, "a dir/big file+1.bin").status == 404
    for _ in range(2):  # a client whose answer was lost asks again
        assert upload.complete([sent[1], sent[2], sent[3]]).json == {}
    assert client.get_file(run_id, "a dir/big file+1.bin").body == b"a" * 70_000 + b"b" * 9 + b"end"
    assert left_in(workspace, run_id) == []


def test_parts_that_are_missing_or_others_or_out_of_order_make_no_file(client: Client) -> None:
    run_id = client.new_run()
    upload = Upload(client, run_id, "", 2)
    first, second = upload.send(1, b"1"), upload.send(2, b"2")
    for wrong in (
        [first],
        [second, first],
        [first, first],
        [first, {**second, "etag": first["etag"]}],
        [first, {**second, "etag": "../x"}],
        [first, second, {**second, "part_number": 3}],
    ):
        refused = upload.complete(wrong)
        assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
        assert client.get_file(run_id, "big file+1.bin").status == 404
    assert upload.complete([first, second]).status == 200
    assert client.get_file(run_id, "big file+1.bin").body == b"12"


def test_a_client_that_fetches_a_file_in_parts_is_told_from_where(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "a dir/f", b"0123456789")
    told = client.send("GET", f"/api/2.0/mlflow-artifacts/presigned/0/{run_id}/artifacts/a%20dir/f").json
    path = told["url"].removeprefix(f"http://127.0.0.1:{client.port}")
    assert (told["file_size"], told["headers"]) == (10, {"Authorization": f"Bearer {TOKEN}"})
    assert client.send("GET", path, headers={"Range": "bytes=4-6"}).body == b"456"
    missing = client.send("GET", f"/api/2.0/mlflow-artifacts/presigned/0/{run_id}/artifacts/a%20dir")
    assert (missing.status, missing.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_an_upload_that_is_given_up_leaves_nothing_and_takes_no_more(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    upload = Upload(client, run_id, "", 2)
    first = upload.send(1, b"1")
    assert upload.ask("abort", upload_id=upload.id).json == {}
    assert left_in(workspace, run_id) == []
    ended = upload.complete([first])
    assert (ended.status, ended.code) == (404, "RESOURCE_DOES_NOT_EXIST")
    path = str(first["url"]).removeprefix(f"http://127.0.0.1:{client.port}")
    assert client.send("PUT", path, b"late").status == 404


def test_a_server_that_ends_gives_up_what_has_no_end(client: Client, tracker: Tracker, workspace: Workspace) -> None:
    run_id = client.new_run()
    Upload(client, run_id, "", 2).send(1, b"1")
    assert left_in(workspace, run_id) != []
    tracker.parts.close()
    assert left_in(workspace, run_id) == []


def test_a_part_needs_the_token_and_its_own_upload(client: Client) -> None:
    run_id = client.new_run()
    upload = Upload(client, run_id, "", 1)
    path = upload.begun.json["credentials"][0]["url"].removeprefix(f"http://127.0.0.1:{client.port}")
    assert upload.begun.json["credentials"][0]["headers"] == {"Authorization": f"Bearer {TOKEN}"}
    assert client.send("PUT", path, b"x", {"Authorization": ""}).status == 401
    assert client.send("PUT", path, b"x", {"Host": "evil.example"}).status == 421
    for changed, status in (
        (path.replace("part_number=1", "part_number=2"), 400),
        (path.replace("part_number=1", "part_number=../1"), 400),
        (path.replace("&part_number=1", ""), 400),
        (path.replace(upload.id, "../../x-1"), 404),
        (path.replace(run_id, client.new_run()), 404),
        (path.replace("big", "other"), 404),
    ):
        assert changed != path
        assert client.send("PUT", changed, b"x").status == status
    assert upload.ask("create", num_parts=10_001).status == 400


def test_no_spelling_of_a_folder_leads_out_of_the_outputs(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    for folder in (f"/{http_quoted(one)}" for one in ESCAPES if not one.endswith("/.")):
        place = f"{MPU}/create/0/{run_id}/artifacts{folder}"
        assert client.send("POST", place, {"path": "x", "num_parts": 1}).status in {400, 404}, folder
    for name in ("..", "a\\b", "a/", ""):
        place = f"{MPU}/create/0/{run_id}/artifacts"
        assert client.send("POST", place, {"path": name, "num_parts": 1}).status == 400, name
    assert left_in(workspace, run_id) == []
