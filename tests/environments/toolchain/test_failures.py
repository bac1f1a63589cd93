"""What uv prints becomes the user's words."""

from __future__ import annotations

import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import DiskFull, PreparationError
from desktop_aml.environments.spec.parsing import parse
from desktop_aml.environments.toolchain.failures import explain
from tests.environments.bench import Bench

SPEC = parse("pandas\nscikit-lern\nnumpy==1.10\nscikit-learn==1.3.0\n", EnvironmentKind.PIP)
HEAD = "error: No solution found when resolving dependencies\n  cause: "


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (
            HEAD + "Because scikit-lern was not found in the package registry and you require scikit-lern, we can "
            "conclude that your requirements are unsatisfiable.\n",
            ("Line 2", "scikit-lern", "no package"),
        ),
        (
            HEAD + "Because there is no version of numpy==1.10 and you require numpy==1.10, we can conclude that your "
            "requirements are unsatisfiable.\n",
            ("Line 3", "numpy==1.10", "no version"),
        ),
        (
            HEAD + "Because scikit-learn==1.3.0 depends on numpy>=1.17.3 and you require scikit-learn==1.3.0, we can "
            "conclude that you require numpy>=1.17.3.\n         And because you require numpy==1.10, we can conclude "
            "that your requirements are unsatisfiable.\n",
            ("Line 4", "scikit-learn==1.3.0 depends on numpy>=1.17.3", "together"),
        ),
        (
            (
                "error: Failed to fetch: https://pypi.org/simple/pandas/\n  cause: client error (Connect)\n"
                "  cause: dns error\n"
            ),
            ("could not be reached",),
        ),
        (
            "error: Failed to install: x.whl\n  cause: failed to copy: No space left on device (os error 28)\n",
            ("disk is full",),
        ),
        (
            "error: Failed to download `pandas==2.0`\n  cause: Hash mismatch for `pandas==2.0`\n",
            ("hash differs", "pandas==2.0"),
        ),
        (
            "error: Failed to build `pandas==0.1`\n  cause: The build backend returned an error\n",
            ("Line 1", "could not be built"),
        ),
        ("", ("could not be resolved",)),
        (
            HEAD + "Because pandas was not found in the cache and you require pandas, we can conclude that your "
            "requirements are unsatisfiable.\n\nhint: Packages were unavailable because the network was disabled.\n",
            ("could not be reached",),
        ),
        (
            HEAD + "Because pandas was not found in the package registry and you require pandas, we can conclude that "
            "your requirements are unsatisfiable.\n\nhint: An index URL (x) could not be queried due to a lack of "
            "valid authentication credentials (401 Unauthorized)\n",
            ("answered 401 Unauthorized",),
        ),
        (
            "error: Failed to fetch: x\n  cause: HTTP status client error (407 Proxy Authentication Required) for x\n",
            ("answered 407 Proxy Authentication Required",),
        ),
        (
            "error: Failed to initialize cache at `/x`\n  cause: failed to create directory `/x`: Permission denied\n",
            ("downloaded packages are kept cannot be used", "/x"),
        ),
        (
            'error: Could not acquire lock\n  cause: Permission denied (os error 13) at path "/x/.tmp"\n',
            ("downloaded packages are kept cannot be used", "/x/.tmp"),
        ),
        ("error: Something odd\n  cause: of pandas\n", ("could not be resolved", "Something odd")),
    ],
)
def test_a_failure_says_what_where_and_why(printed: str, words: tuple[str, ...]):
    error = explain(printed, SPEC)
    for word in words:
        assert word in error.message
    assert error.hint
    assert error.details == printed


def test_a_cache_that_cannot_be_used_is_no_conflict_of_versions(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    (bench.root / "no-folder").write_text("")
    monkeypatch.setenv("UV_CACHE_DIR", str(bench.root / "no-folder"))
    with pytest.raises(PreparationError, match="downloaded packages are kept cannot be used") as caught:
        bench.make("app\n")
    assert "UV_CACHE_DIR" in caught.value.hint


def test_an_index_that_is_none_never_reads_as_a_misspelt_package_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", (bench.root / "nowhere").as_uri())
    with pytest.raises(PreparationError, match="has not even pip") as caught:
        bench.make("app\n")
    assert "UV_DEFAULT_INDEX" in caught.value.hint


def test_an_index_without_network_never_reads_as_a_misspelt_package(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(PreparationError, match="could not be reached"):
        bench.make("app\n")


def test_a_misspelt_package_on_a_real_index_is_told_as_such(bench: Bench):
    bench.index.add_wheel("pip", "1.0")
    with pytest.raises(PreparationError, match="there is no package “ap”") as caught:
        bench.make("ap\n")
    assert "pip" not in caught.value.message


# Real packages that are off


def test_a_withdrawn_version_is_used_only_where_it_is_named(bench: Bench):
    bench.index.yank("lib", "2.0")
    assert bench.make("app\n").lock.version_of("lib") == "1.0"
    assert bench.make("lib==2.0\n").lock.version_of("lib") == "2.0"


def test_a_wheel_for_another_platform_is_not_installed_and_says_so(bench: Bench):
    bench.index.add_wheel("elsewhere", "1.0", tag="cp311-cp311-win_amd64")
    with pytest.raises(PreparationError) as raised:
        bench.make("lib\nelsewhere\n")
    assert raised.value.message.startswith("Line 2:")
    assert "wheel" in raised.value.message or "platform" in raised.value.message
    assert bench.leftovers() == []


def test_packages_that_need_each_other_are_installed(bench: Bench):
    bench.index.add_wheel("left", "1.0", ("right",))
    bench.index.add_wheel("right", "1.0", ("left",))
    assert {one.name for one in bench.make("left\n").lock.packages} == {"left", "right"}


def test_pins_that_conflict_name_a_line_and_both_sides(bench: Bench):
    bench.index.add_wheel("other", "1.0", ("lib<2",))
    with pytest.raises(PreparationError) as raised:
        bench.make("lib==2.0\nother\n")
    assert raised.value.message.startswith("Line ")
    assert "other" in raised.value.message
    assert "lib" in raised.value.message


def test_a_file_that_was_cut_short_is_refused_and_leaves_nothing(bench: Bench):
    wheel = bench.index.add_wheel("cut", "1.0", data=b"x" * 50_000)
    wheel.write_bytes(wheel.read_bytes()[:30_000])
    with pytest.raises(PreparationError) as raised:
        bench.make("cut\n")
    assert raised.value.details
    assert bench.leftovers() == []


class Faltering(SimpleHTTPRequestHandler):
    """Serves an index in a folder; while `stalls` is set it never sends a wheel."""

    stalls = threading.Event()
    goes_on = threading.Event()

    def do_GET(self) -> None:
        if self.path.endswith(".whl") and self.stalls.is_set():
            self.goes_on.wait(30)
            return
        super().do_GET()

    def log_message(self, *words: object) -> None:
        pass


def test_a_network_that_is_lost_while_it_installs_is_named_and_the_next_build_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    handler = partial(Faltering, directory=str(bench.index.root))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    try:
        Faltering.stalls.set()
        with pytest.raises(PreparationError, match="could not be reached"):
            bench.make("app\n")
        assert bench.leftovers() == []
        Faltering.stalls.clear()
        assert bench.make("app\n").lock.version_of("app") == "1.0"
    finally:
        Faltering.goes_on.set()
        server.shutdown()
        server.server_close()


@pytest.mark.timing
def test_without_network_nothing_is_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    built = bench.make("lib\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    started = time.monotonic()
    assert bench.make("lib\n") == built
    assert time.monotonic() - started < 1.5
    started = time.monotonic()
    with pytest.raises(PreparationError, match="could not be reached"):
        bench.make("app\n")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("tree", [HEAD, "  × No solution found when resolving dependencies:\n  ╰─▶ "])
def test_a_conflict_is_told_from_its_reason_on(tree: str) -> None:
    printed = f"{tree}Because there is no version of lib==9 and you require lib==9, it is over.\n      And so on.\n"
    told = explain(printed, parse("lib==9\n", EnvironmentKind.PIP))
    reason = "Because there is no version of lib==9 and you require lib==9, it is over. And so on."
    assert told.message == f"Line 1: the packages cannot be installed together. {reason}"


@pytest.mark.parametrize("words", ["No space left on device", "(os error 28)", "Disk quota exceeded", "(os error 122)"])
def test_a_full_disk_is_something_to_wait_for(words: str):
    assert isinstance(explain(f"error: Failed to write\n  cause: {words}\n", SPEC), DiskFull)
    assert not isinstance(explain("error: x\n  cause: (os error 281)\n", SPEC), DiskFull)
