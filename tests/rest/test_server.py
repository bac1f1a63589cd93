"""Nobody gets past the guard: every route wants the token, this computer's name, and no foreign page."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from desktop_aml.rest import routes
from desktop_aml.rest.server import TrackingServer
from desktop_aml.workspace.tracking.tracker import Tracker
from tests.rest.conftest import FILES, TOKEN, Client

EVERY = [(method, one.path.replace("{", "").replace("}", "")) for one in routes.ROUTES for method in one.methods]


@pytest.mark.parametrize("prefix", ["/api/", "/ajax-api/"])
def test_every_route_refuses_who_has_no_token_or_another_one(client: Client, prefix: str) -> None:
    addresses = [*EVERY, ("GET", f"{FILES}/0/r/artifacts/x"), ("PUT", f"{FILES}/0/r/artifacts/x")]
    for method, path in addresses:
        for header in ("", "Bearer wrong", "Bearer", f"Token {TOKEN}", f"bearer {TOKEN}x", "Basic eDp5"):
            answer = client.send(method, path.replace("/api/", prefix, 1), headers={"Authorization": header})
            assert (answer.status, answer.code) == (401, "UNAUTHENTICATED"), (method, path, header)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Host": "localhost.:80"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/health", "/version", "/api/2.0/mlflow/experiments/search"])
def test_other_hosts_and_foreign_pages_are_refused_on_every_route(client: Client, path: str, headers: dict) -> None:
    answer = client.send("GET", path, headers=headers)
    assert answer.status in {403, 421}
    assert b"experiments" not in answer.body


def test_the_token_may_come_as_the_password_of_basic(client: Client) -> None:
    import base64

    words = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()
    assert (
        client.send("GET", "/api/2.0/mlflow/experiments/search", headers={"Authorization": f"Basic {words}"}).status
        == 200
    )


def test_a_browser_that_follows_the_address_of_a_page_is_told_where_runs_are_shown(client: Client) -> None:
    told = client.send("GET", "/", headers={"Authorization": "", "Accept": "text/html"})
    assert (told.status, told.headers["content-type"]) == (200, "text/plain")
    assert b"desktop-aml run list" in told.body
    assert client.send("POST", "/", {}).code == "ENDPOINT_NOT_FOUND"


def test_health_tells_nothing_and_needs_nothing(client: Client) -> None:
    assert client.send("GET", "/health", headers={"Authorization": ""}).body == b"OK"


def test_what_is_no_route_is_not_found(client: Client) -> None:
    for method, path in (
        ("PUT", "/"),
        ("GET", "/api/2.0/mlflow/runs"),
        ("GET", "/graphql"),
        ("PUT", "/api/2.0/mlflow/runs/get"),
    ):
        answer = client.send(method, path)
        assert (answer.status, answer.code) == (404, "ENDPOINT_NOT_FOUND")


def raw(client: Client, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
        return found


@pytest.mark.parametrize(
    "more",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: gzip\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"Content-Length: 99\r\n\r\n{}",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 5\r\n\r\n{nan}",
        b"X : a\r\nContent-Length: 2\r\n\r\n{}",
        b"no header at all\r\nContent-Length: 2\r\n\r\n{}",
        b"Content-Length: +2\r\n\r\nGET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
)
def test_a_body_that_is_told_in_two_ways_or_torn_is_refused(client: Client, more: bytes) -> None:
    head = b"POST /api/2.0/mlflow/experiments/search HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
    answer = raw(client, head % TOKEN.encode() + more)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    ("request_line", "more", "status"),
    [
        (b"OPTIONS /health HTTP/1.1", b"", 501),
        (b"GET /health HTTP/2.0", b"", 505),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", b"", 414),
        (b"GET /health HTTP/1.1", b"X: " + b"a" * 70_000 + b"\r\n", 431),
    ],
)
def test_what_is_no_request_is_refused_in_the_form_of_all_refusals(
    client: Client, request_line: bytes, more: bytes, status: int
) -> None:
    answer = raw(client, request_line + b"\r\nHost: 127.0.0.1\r\n" + more + b"\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["error_code"] == "BAD_REQUEST"


def test_an_answer_to_head_has_no_body(client: Client) -> None:
    assert raw(client, b"HEAD /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").endswith(b"\r\n\r\n")


def test_a_refused_body_is_not_taken_for_the_next_request(client: Client) -> None:
    smuggled = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    head = b"POST /api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
    answer = raw(client, head + smuggled)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_server_that_sleeps_ends_at_once_when_it_is_asked_to(tracker: Tracker) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    made = TrackingServer(listener, tracker, TOKEN)
    thread = threading.Thread(target=made.serve_forever, args=(3600.0,))
    thread.start()
    assert Client(made.port).send("GET", "/health").body == b"OK"
    made.stop()
    thread.join(10)
    assert not thread.is_alive()
    made.server_close()
