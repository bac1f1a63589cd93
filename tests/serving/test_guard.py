"""Every route passes the same guard, and a hostile client gets words, not a crash."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import time

import numpy as np
import pytest

from desktop_aml.serving.app import ROUTES
from desktop_aml.serving.connection import HEAD_TIMEOUT_S, MAX_TARGET_BYTES
from desktop_aml.serving.guard import Guard, Refusal
from tests.serving.inline import Inline, constant

GOOD = b'{"data": [[5.1, 3.5, 1.4, 0.2]]}'
ALL_ROUTES = [(path, method) for path, route in ROUTES.items() for method in route.methods]
BAD_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "10.evil.example",
    "127.0.0.1.evil.example:{port}",
    "localhost.evil:{port}",
    "localhost:1",
    "127.0.0.1:0{port}",
    "",
    "0.0.0.0:{port}",
    "2130706433:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "localhost.:{port}",
    "LOCALHOST:{port}",
    "user@localhost:{port}",
    "127.1:{port}",
    "127.0.0.1:{port}:{port}",
]


def request(path: str, method: str = "POST", host: str = "localhost", body: bytes = GOOD, *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *more]
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body if method == "POST" else b"")


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize(("path", "method"), ALL_ROUTES)
def test_every_route_refuses_foreign_hosts_and_pages(endpoint, path, method):
    for host in BAD_HOSTS:
        answer = endpoint.raw(request(path, method, host.format(port=endpoint.port)))
        assert statuses(answer) == [421], host
    for host in ("127.0.0.1", "localhost", "[::1]"):
        for name in (host, f"{host}:{endpoint.port}"):
            expected = 400 if (path, method) == ("/score", "GET") else 200  # scoring by GET without data
            assert statuses(endpoint.raw(request(path, method, name))) == [expected]
    foreign = ("https://evil.example", "null", "http://localhost:9999", f"https://localhost:{endpoint.port}", "")
    for origin in foreign:
        answer = endpoint.raw(request(path, method, "localhost", GOOD, f"Origin: {origin}"))
        assert statuses(answer) == [403], origin
        assert b"access-control" not in answer.lower()
    for site in ("cross-site", "same-site"):
        assert statuses(endpoint.raw(request(path, method, "localhost", GOOD, f"Sec-Fetch-Site: {site}"))) == [403]
    own = f"Origin: http://localhost:{endpoint.port}"
    assert statuses(endpoint.raw(request(path, method, "localhost", GOOD, own))) != [403]


@pytest.mark.parametrize(("path", "method"), ALL_ROUTES)
def test_a_missing_or_doubled_host_is_refused(endpoint, path, method):
    without = request(path, method).replace(b"Host: localhost\r\n", b"")
    assert statuses(endpoint.raw(without)) == [400]
    assert statuses(endpoint.raw(request(path, method, "localhost", GOOD, "Host: localhost"))) == [400]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/swagger.json"])
def test_other_methods_are_405(endpoint, path, method):
    assert statuses(endpoint.raw(request(path, method))) == [405]


@pytest.mark.parametrize("path", ["/nothing", "//score", "/score/", "/SCORE", "/%73core", "/score%00", "/../score"])
def test_other_paths_are_404(endpoint, path):
    assert statuses(endpoint.raw(request(path))) == [404]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Bearer wrong",
        "Bearer ",
        "Bearer",
        "first-key",
        "Basic first-key",
        "Bearer  first-key",
        "Bearer first-key ext",
        "Bearer FIRST-KEY",
        "Bearer " + "x" * 8000,
        "Bearer schl\xfcssel",
    ],
)
def test_scoring_wants_the_key(locked, given):
    more = [] if given is None else [f"Authorization: {given}"]
    answer = locked.raw(request("/score", "POST", "localhost", GOOD, *more))
    assert statuses(answer) == [401]
    assert b"www-authenticate: bearer" in answer.lower()
    assert statuses(locked.raw(request("/nothing", "GET", "localhost", GOOD, *more))) == [401]
    assert "first-key" not in locked.log
    assert "wrong" not in locked.log


def test_either_key_opens_and_health_needs_none(locked):
    for key in ("first-key", "second-key"):
        assert locked.post(json.loads(GOOD), Authorization=f"Bearer {key}").status == 200
    assert locked.ask("GET", "/").status == 200
    assert locked.ask("GET", "/swagger.json").status == 200
    assert "first-key" not in locked.log
    twice = request("/score", "POST", "localhost", GOOD, "Authorization: Bearer first-key", "Authorization: Bearer x")
    assert statuses(locked.raw(twice)) == [400]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"   ", "it is empty"),
        (b"{", "not valid JSON"),
        (b'{"data": [[1,2,3,4],]}', "trailing comma in array (byte"),
        (b'\xef\xbb\xbf{"data": [[1,2,3,4]]}', "byte order mark"),
        (b'{"data": [[1,2,3,4]]} {}', "trailing characters"),
        (b'{"data": [[NaN,2,3,4]]}', "NaN is no JSON number; send null"),
        (b'{"data": [[-Infinity,2,3,4]]}', "Infinity is no JSON number"),
        (b'{"data": [[1e999,2,3,4]]}', "out of range"),
        (b'{"data": [[' + b"9" * 5000 + b",2,3,4]]}", "out of range"),
        (b'{"data": [[1,2,3,4]], "data": [[1,2,3,4]]}', "“data” twice"),
        (b'{"data": [[1,2,3,4]], "d\\u0061ta": [[1,2,3,4]]}', "“data” twice"),
        (b'{"data": [{"a": 1, "a": 2}]}', "“a” twice"),
        (b'{"data": "\xff\xfe"}', "not UTF-8 text (byte 10)"),
        ('{"data": [[1]]}'.encode("utf-16"), "JSON"),
        (b"[" * 1_000_000, "nested deeper"),
        (b'{"data": ' + b"[" * 100 + b"]" * 100 + b"}", "nested deeper"),
        (b'{"data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", "nested deeper"),
        (b"null", "must be an object"),
        (b'"text"', "must be an object"),
        (b"/* */ {}", "not valid JSON"),
        (b"{'data': 1}", "not valid JSON"),
        (b'{"data": [["\\ud800",2,3,4]]}', "not valid JSON"),
        (b'{"' + b"k" * 100_000 + b'": 1, "data": []}', "Unknown parameter"),
    ],
)
def test_hostile_bodies_are_400_in_words(endpoint, body, words):
    answer = endpoint.post(body)
    assert answer.status == 400
    assert words in answer.message
    assert len(answer.message) < 400


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=utf-16",
        "application/jsonx",
    ],
)
def test_other_types_are_415(endpoint, kind):
    assert endpoint.ask("POST", "/score", GOOD, {"Content-Type": kind}).status == 415


def test_encoded_bodies_are_415(endpoint):
    assert endpoint.post(GOOD, **{"Content-Encoding": "gzip"}).status == 415


HEAD = b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (HEAD + b"Content-Length: 32\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
        (HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", {400, 501}),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", {400, 501}),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", {400}),
        (HEAD + b"Content-Length: -1\r\n\r\n", {400}),
        (HEAD + b"Content-Length: 1e3\r\n\r\n", {400}),
        (HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", {400, 413}),
        (HEAD + b"Content-Length: 107374182400\r\n\r\n", {413}),
        (HEAD + b"\r\n", {411}),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        (HEAD + b"Content-Length : 2\r\n\r\n{}", {400}),
        (HEAD + b" folded: x\r\nContent-Length: 2\r\n\r\n{}", {400}),
        (HEAD + b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}", {400}),
        (HEAD + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n", {431}),
        (HEAD + b"".join(b"X-%d: 1\r\n" % i for i in range(1000)) + b"\r\n", {431}),
        (HEAD + b"x-request-id: " + b"a" * 101 + b"\r\nContent-Length: 2\r\n\r\n{}", {431}),
        (b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", {414, 431}),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", {400, 505}),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
        (b"GET /\r\n\r\n", {400, 505}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", {400}),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    ],
)
def test_broken_requests_get_one_refusal_and_the_connection_ends(endpoint, data, expected):
    # A good request behind the broken one must never be answered: that is how requests are smuggled.
    found = statuses(endpoint.raw(data + request("/score")))
    assert len(found) == 1
    assert found[0] in expected
    assert endpoint.ask("GET", "/").status == 200


def test_a_body_that_grows_past_the_limit_is_cut_off(deploy):
    endpoint = deploy(constant(), max_body_bytes=1000)
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"64\r\n" + b" " * 100 + b"\r\n") * 50
    assert statuses(endpoint.raw(chunked)) == [413]
    small = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GOOD) + GOOD + b"\r\n0\r\n\r\n"
    assert statuses(endpoint.raw(small)) == [200]


def test_a_thousand_pipelined_requests_are_answered_in_order(endpoint, classifier):
    bodies = [b'{"data": [[%d, 3, 1, 0]], "method": "decision_function"}' % (i % 7) for i in range(1000)]
    answer = endpoint.raw(b"".join(request("/score", body=body) for body in bodies))
    parts = [part.partition(b"\r\n\r\n")[2] for part in answer.split(b"HTTP/1.1 ")[1:]]
    expected = [classifier.decision_function([[i, 3, 1, 0]]).tolist() for i in range(7)]
    # The last bit of a product depends on how the memory happens to lie in each process.
    np.testing.assert_allclose([json.loads(part) for part in parts], [expected[i % 7] for i in range(1000)], rtol=1e-13)


def test_good_and_bad_requests_may_be_mixed_in_one_connection(endpoint):
    mixed = [request("/score"), request("/nothing", "GET"), request("/score", body=b'{"data": []}'), request("/score")]
    assert statuses(endpoint.raw(b"".join(mixed))) == [200, 404, 400, 200]


def test_a_request_may_arrive_byte_by_byte(endpoint):
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as wire:
        for byte in request("/score"):
            wire.send(bytes([byte]))
        assert wire.recv(100).startswith(b"HTTP/1.1 200")


def test_expect_100_is_answered_before_the_body(endpoint):
    head, body = request("/score", "POST", "localhost", GOOD, "Expect: 100-continue").split(b"\r\n\r\n", 1)
    with socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) as wire:
        wire.sendall(head + b"\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 100")
        wire.sendall(body)
        assert wire.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.timing
def test_a_slow_head_is_cut_off_and_others_are_served(endpoint):
    wires = [socket.create_connection(("127.0.0.1", endpoint.port), timeout=HEAD_TIMEOUT_S + 5) for _ in range(20)]
    for wire in wires:
        wire.sendall(b"POST /score HTTP/1.1\r\nHost: loc")
    started = time.monotonic()
    assert endpoint.ask("GET", "/").status == 200
    assert time.monotonic() - started < 2
    for wire in wires:
        assert wire.recv(1000).startswith(b"HTTP/1.1 408")
        wire.close()
    assert time.monotonic() - started < HEAD_TIMEOUT_S + 3


def test_who_sends_next_to_nothing_keeps_nobody_out(deploy):
    endpoint = deploy(constant(), max_connections=5)
    with contextlib.ExitStack() as held:
        for sent in (b"", b"POST /score HT", request("/", "GET")) * 5:
            wire = held.enter_context(socket.create_connection(("127.0.0.1", endpoint.port), timeout=10))
            wire.sendall(sent)
            if sent.endswith(b"\r\n\r\n"):
                assert wire.recv(100).startswith(b"HTTP/1.1 200")
        for _ in range(3):
            assert statuses(endpoint.raw(request("/", "GET"))) == [200]


def test_too_many_who_wait_for_an_answer_are_turned_away_at_once(deploy, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    waits = f"open({str(gate)!r}).read()"
    code = f"class Model:\n    def predict(self, rows):\n        {waits}\n        return [1 for _ in rows]\n"
    endpoint = deploy(Inline(code), max_connections=5)
    wires = [socket.create_connection(("127.0.0.1", endpoint.port), timeout=10) for _ in range(5)]
    for wire in wires:
        wire.sendall(request("/score", "POST", "localhost", GOOD, "Expect: 100-continue"))
        assert wire.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert statuses(endpoint.raw(request("/", "GET"))) == [503]
    gate.rename(tmp_path / "open")
    gate.touch()
    (tmp_path / "open").write_text("")
    for wire in wires:
        assert wire.recv(100).startswith(b"HTTP/1.1 200")
        wire.close()


def test_clients_that_leave_do_no_harm(endpoint):
    for _ in range(60):
        wire = socket.create_connection(("127.0.0.1", endpoint.port), timeout=10)
        wire.sendall(request("/score") * 3)
        wire.close()
    assert endpoint.post(json.loads(GOOD)).status == 200


def test_the_address_limit_is_below_the_head_limit():
    guard = Guard(80, ROUTES, (), 100)
    with pytest.raises(Refusal) as caught:
        guard.check("GET", b"/" + b"a" * MAX_TARGET_BYTES, {b"host": b"localhost"}, b"")
    assert caught.value.status == 404
