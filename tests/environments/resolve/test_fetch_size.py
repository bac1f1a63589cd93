"""What the first use of an environment fetches is known before, or it is said why not; nobody's code is run for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from desktop_aml import resources
from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import IndexUnreachable
from desktop_aml.environments.spec import conda_channels
from tests.environments.bench import Bench

KIND = "application/vnd.pypi.simple.v1+json"


def listing(name: str, file: Path, size: dict[str, int]) -> bytes:
    listed = {"filename": file.name, "url": file.as_uri(), "hashes": {}, **size}
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": [listed]}).encode()


@pytest.fixture
def pages(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """What an index answers for each name, in the way of today's, which tells sizes; it may be changed."""
    held: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = held.get(self.path.strip("/"))
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", KIND)
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{served.server_port}")
        yield held
        served.shutdown()


def ask(bench: Bench, text: str, kind: EnvironmentKind = EnvironmentKind.PIP) -> FetchSize:
    return bench.service.fetch_size(kind, text)


def test_the_size_is_that_of_all_packages_that_would_be_fetched(bench: Bench, pages: dict[str, bytes]):
    inner = bench.index.add_wheel("inner", "1.0", data=b"x" * 4000)
    outer = bench.index.add_wheel("outer", "1.0", ("inner",), data=b"y" * 9000)
    pages["inner"] = listing("inner", inner, {"size": 4321})
    pages["outer"] = listing("outer", outer, {"size": 98765})
    assert ask(bench, "outer\n") == FetchSize(4321 + 98765, 2)
    conda = "channels: [nowhere]\ndependencies:\n  - pip:\n    - outer\n"
    found = ask(bench, conda, EnvironmentKind.CONDA)
    assert found.size_bytes == 4321 + 98765
    assert "PyPI" in found.why


def test_an_index_that_tells_no_sizes_leaves_it_unknown(bench: Bench, pages: dict[str, bytes]):
    pages["lonely"] = listing("lonely", bench.index.add_wheel("lonely", "1.0"), {})
    assert ask(bench, "lonely\n") == FetchSize(None, 1, "the package index does not tell")


def test_what_is_built_fetches_nothing(bench: Bench):
    bench.make()
    assert ask(bench, "app==1.0\n") == FetchSize(0)
    # Channels that cannot be reached have PyPI stand in for them; the build is there all the same.
    conda = "channels: [nowhere]\ndependencies:\n  - python=3.11\n  - pip:\n    - app==1.0\n"
    bench.make(conda, kind=EnvironmentKind.CONDA)
    assert ask(bench, conda, EnvironmentKind.CONDA) == FetchSize(0)


def test_no_code_of_a_package_is_run_to_know_its_size(bench: Bench, tmp_path: Path):
    proof = tmp_path / "was-run"
    bench.index.add_source("hostile", "1.0", f"open({str(proof)!r}, 'w').close()\n")
    assert ask(bench, "hostile\n").size_bytes is None
    assert not proof.exists()


def test_an_index_that_cannot_be_reached_is_not_taken_for_one_that_lacks_a_package(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    assert ask(bench, "no-such-thing\n") == FetchSize(None, why="the package index lacks one of them")
    assert ask(bench, "python:3.11-slim\n", EnvironmentKind.IMAGE).why.startswith("Docker tells it")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    assert ask(bench, "no-such-thing\n") == FetchSize(None, why="the package index cannot be reached")


def test_the_first_sample_without_a_network_says_before_and_after_that_its_packages_must_be_fetched(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setattr(conda_channels, "_HOST", "http://127.0.0.1:9")
    text = resources.path("samples", "iris", "environment.yml").read_text("utf-8")
    assert ask(bench, text, EnvironmentKind.CONDA) == FetchSize(None, why="the package index cannot be reached")
    with pytest.raises(IndexUnreachable) as caught:
        bench.make(text, kind=EnvironmentKind.CONDA)
    assert "there is no package" not in caught.value.message
    assert "Connect to the network" in caught.value.hint
