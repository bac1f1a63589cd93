"""The artifact proxy: bytes go among the run's outputs and come back, and no spelling leads anywhere else."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

import pytest

from desktop_aml.rest.server import _Handler
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.rest.conftest import FILES, TOKEN, Client

# The classes of MLflow's own advisories: climbing, absolute, backslash, drive, encoded once and twice, query, fragment.
ESCAPES = [
    "../secret",
    "a/../../secret",
    "..",
    "/etc/passwd",
    "//etc/passwd",
    "a//b",
    "./a",
    "a/.",
    "..\\secret",
    "a\\..\\..\\secret",
    "C:/Windows/win.ini",
    "c:secret",
    "a\x00b",
    "a\nb",
    "%2e%2e/secret/..",
    "../secret?x=1",
    "../secret#x",
    "x" * 1001,
]


def folder_of(workspace: Workspace, run_id: str) -> Path:
    return Path(workspace.runs.get(run_id).run_directory)


def test_a_file_comes_back_as_it_was_and_lies_among_the_outputs(client: Client, workspace: Workspace) -> None:
    run_id, data = client.new_run(), bytes(range(256)) * 5000
    for path in ("model.bin", "a dir/im+step+1.png", "ü/ñ %41.txt", "empty"):
        sent = b"" if path == "empty" else data
        assert client.put_file(run_id, path, sent).json == {}
        assert client.get_file(run_id, path).body == sent
    assert (folder_of(workspace, run_id) / "uploads/outputs/a dir/im+step+1.png").read_bytes() == data
    assert client.put_file(run_id, "model.bin", b"other").status == 200
    assert client.get_file(run_id, "model.bin").body == b"other"
    client.post("/runs/update", run_id=run_id, status="FINISHED")
    wait_until(lambda: workspace.runs.state(run_id).is_terminal())
    assert client.get_file(run_id, "model.bin").body == b"other"
    assert "outputs/ü/ñ %41.txt" in {one.path for one in workspace.runs.files.list(run_id)}


def test_chunks_are_taken_as_clients_send_empty_and_streamed_files(client: Client) -> None:
    run_id = client.new_run()
    for chunks in ([], [b"a" * 70_000, b"b"]):
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
        path = f"{FILES}/0/{run_id}/artifacts/streamed"
        connection.request("PUT", path, iter(chunks), {"Authorization": f"Bearer {TOKEN}"}, encode_chunked=True)
        assert connection.getresponse().status == 200
        connection.close()
        assert client.get_file(run_id, "streamed").body == b"".join(chunks)


def test_files_of_a_logged_model_are_listed_with_the_model_alone(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "own/x.txt", b"1")
    made = client.post("/logged-models", experiment_id="0", name="best model", source_run_id=run_id).json["model"]
    of_model = f"0/models/{made['info']['model_id']}/artifacts"
    assert client.send("PUT", f"{FILES}/{of_model}/data/MLmodel", b"flavors").status == 200

    def listed(path: str) -> list[str]:
        proxied = client.send("GET", f"{FILES}?path=0/{run_id}/artifacts/{path}").json.get("files", [])
        of_run = client.get("/artifacts/list", run_id=run_id, path=path).json["files"]
        assert [one["path"].rpartition("/")[2] for one in of_run] == [one["path"] for one in proxied]
        return [one["path"] for one in proxied]

    assert (listed(""), listed("own")) == (["own"], ["x.txt"])
    assert (listed("best_model"), listed("best_model/data")) == ([], [])
    assert client.send("GET", f"{FILES}?path={of_model}/data").json["files"][0]["path"] == "MLmodel"
    assert client.get_file(run_id, "best_model/data/MLmodel").body == b"flavors"
    client.send("DELETE", f"/api/2.0/mlflow/logged-models/{made['info']['model_id']}")
    assert listed("best_model/data") == ["MLmodel"]


def test_listings_are_relative_and_empty_where_nothing_is(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "d/sub/x.txt", b"12345")
    client.put_file(run_id, "d/y.txt", b"1")
    listed = client.send("GET", f"{FILES}?path=0/{run_id}/artifacts/d").json["files"]
    assert listed == [{"path": "sub", "is_dir": True}, {"path": "y.txt", "is_dir": False, "file_size": 1}]
    assert client.send("GET", f"{FILES}?path=0/{run_id}/artifacts/none").json == {}
    assert client.send("GET", f"{FILES}?path=0/{run_id}/artifacts/d/y.txt").json == {}
    of_run = client.get("/artifacts/list", run_id=run_id, path="d").json
    assert [one["path"] for one in of_run["files"]] == ["d/sub", "d/y.txt"]
    missing = client.get_file(run_id, "d")
    assert (missing.status, missing.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_part_of_a_file_can_be_asked_for(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "f", b"0123456789")
    for words, part in (("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-3", b"789")):
        answer = client.get_file(run_id, "f", Range=words)
        assert (answer.status, answer.body) == (206, part)
    assert client.get_file(run_id, "f", Range="bytes=50-").body == b"0123456789"


def own_files(folder: Path) -> set[Path]:
    """Return the files of a run, but for its journal and for what the engine is just writing anew."""
    found = (one for one in folder.rglob("*") if one.is_file() and "journal" not in one.parts)
    return {one for one in found if one.suffix != ".new"}


@pytest.mark.parametrize("path", ESCAPES)
def test_no_spelling_leads_out_of_the_outputs(client: Client, workspace: Workspace, path: str) -> None:
    run_id = client.new_run()
    folder = folder_of(workspace, run_id)
    (folder / "uploads").mkdir(exist_ok=True)
    before = own_files(folder)
    (folder / "uploads" / "secret").write_text("private words")
    for method in ("PUT", "GET", "DELETE"):
        answer = client.send(
            method, f"{FILES}/0/{run_id}/artifacts/" + http_quoted(path), b"x" if method == "PUT" else None
        )
        assert answer.status in {400, 404}, method
        assert b"private words" not in answer.body
    assert client.get("/artifacts/list", run_id=run_id, path=path).status == 400
    assert (folder / "uploads" / "secret").read_text() == "private words"
    after = own_files(folder)
    assert after - before <= {folder / "uploads" / "secret", *folder.glob("attempts/**/*"), *folder.glob("*.json")}


def http_quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="")


def test_twice_encoded_dots_are_a_plain_name(client: Client, workspace: Workspace) -> None:
    run_id = client.new_run()
    assert client.send("PUT", f"{FILES}/0/{run_id}/artifacts/%252e%252e%252fx", b"1").status == 200
    assert (folder_of(workspace, run_id) / "uploads/outputs/%2e%2e%2fx").read_bytes() == b"1"


@pytest.mark.parametrize("place", ["0/../0/{0}/artifacts/x", "{0}/artifacts/x", "0/{0}/x", "", "0/{0}/artifacts"])
def test_only_the_paths_of_runs_and_models_are_taken(client: Client, place: str) -> None:
    answer = client.send("PUT", f"{FILES}/" + http_quoted(place.format(client.new_run())), b"x")
    assert answer.status in {400, 404}


def test_links_are_not_followed_out_of_the_folder(client: Client, workspace: Workspace, tmp_path: Path) -> None:
    run_id = client.new_run()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.txt").write_text("private words")
    root = folder_of(workspace, run_id) / "uploads" / "outputs"
    root.mkdir(parents=True)
    (root / "dir").symlink_to(outside)
    (root / "file").symlink_to(outside / "kept.txt")
    for path in ("dir/kept.txt", "file"):
        assert client.get_file(run_id, path).status == 404
    assert client.put_file(run_id, "dir/new.txt", b"x").status == 400
    assert client.send("DELETE", f"{FILES}/0/{run_id}/artifacts/dir").status == 400
    assert sorted(one.name for one in outside.iterdir()) == ["kept.txt"]
    assert client.send("GET", f"{FILES}?path=0/{run_id}/artifacts/dir").json == {}


def test_a_client_says_nowhere_where_its_files_lie(client: Client, tmp_path: Path) -> None:
    created = client.post("/experiments/create", name="e", artifact_location=str(tmp_path)).json["experiment_id"]
    found = client.get("/experiments/get", experiment_id=created).json["experiment"]
    assert found["artifact_location"] == f"mlflow-artifacts:/{created}"
    run_id = client.new_run(created, tags=[{"key": "mlflow.artifactLocation", "value": str(tmp_path)}])
    assert client.run(run_id)["info"]["artifact_uri"] == f"mlflow-artifacts:/{created}/{run_id}/artifacts"


def test_a_torn_upload_leaves_what_was_there(client: Client) -> None:
    import socket

    run_id = client.new_run()
    client.put_file(run_id, "f", b"whole")
    with socket.create_connection(("127.0.0.1", client.port)) as connection:
        head = f"PUT {FILES}/0/{run_id}/artifacts/f HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
        connection.sendall((head + "Content-Length: 100\r\n\r\npart").encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    assert client.get_file(run_id, "f").body == b"whole"


def test_a_path_that_no_file_can_have_gets_an_answer_and_the_connection_goes_on(client: Client) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "a.txt", b"1")
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for method, path in [
        ("DELETE", f"{FILES}/0/{run_id}/artifacts/a.txt/b"),
        ("DELETE", f"{FILES}/0/{run_id}/artifacts/{'x' * 300}"),
        ("GET", f"/api/2.0/mlflow/artifacts/list?run_id={run_id}&path={'x' * 300}"),
    ]:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        assert (reply.status, "written" in reply.read().decode()) == (400, True), path
    connection.request("GET", f"{FILES}/0/{run_id}/artifacts/a.txt", headers=headers)
    assert connection.getresponse().read() == b"1"
    connection.close()


def test_a_file_that_grows_while_it_is_sent_spoils_no_later_answer(
    client: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = client.new_run()
    client.put_file(run_id, "log.txt", b"12345")
    place = folder_of(workspace, run_id) / "uploads/outputs/log.txt"
    measured = _Handler._range

    def grown(self: _Handler, size: int) -> tuple[int, int]:
        place.write_bytes(b"1234567890")
        return measured(self, size)

    monkeypatch.setattr(_Handler, "_range", grown)
    asked = f"GET {FILES}/0/{run_id}/artifacts/log.txt HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(f"{asked}Authorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")
    assert b"Content-Length: 5" in head
    assert body == b"12345"
