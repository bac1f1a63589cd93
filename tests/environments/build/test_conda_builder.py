"""Environments from a channel of conda, for real, from a channel in a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import (
    BuildCanceled,
    ChannelsUnreachable,
    DesktopAMLError,
    InvalidInput,
    MissingOnComputer,
    PreparationError,
)
from desktop_aml.domain.lock_export import LockFormat, export
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.environments.spec.conda_channels import why_unreachable
from desktop_aml.environments.spec.parsing import check
from tests.environments.bench import Bench
from tests.environments.conda_channel import PYTHON, LocalChannel

CONDA = EnvironmentKind.CONDA


@pytest.fixture
def channel(bench: Bench, tmp_path: Path) -> LocalChannel:
    made = LocalChannel(tmp_path / "channel")
    made.add_python()
    made.add("app", "1.0", "lib >=1")
    made.add("lib", "1.0")
    made.add("lib", "1.5")
    made.index()
    return made


def yaml(channel: str, *lines: str) -> str:
    return f"channels:\n  - {channel}\ndependencies:\n" + "".join(f"  {line}\n" for line in lines)


def run_in(built: BuiltEnvironment, code: str) -> str:
    return subprocess.check_output([built.python, "-c", code], text=True, cwd="/").strip()


def make(bench: Bench, text: str, report: Callable[[BuildProgress], None] = lambda _: None) -> BuiltEnvironment:
    return bench.make(text, kind=CONDA, report=report)


# What is built


def test_a_channel_that_can_be_reached_is_used_and_the_user_is_told_why(bench: Bench, channel: LocalChannel):
    steps: list[BuildProgress] = []
    built = make(bench, yaml(channel.uri, "- app"), steps.append)
    assert (built.lock.builder, built.lock.python_version) == ("conda", PYTHON)
    assert built.lock.chosen_because == f"The specification names channels of conda: {channel.uri}."
    assert any(built.lock.chosen_because in step.message for step in steps)
    assert f"Builder: conda. {built.lock.chosen_because}" in bench.log.read_text()
    assert run_in(built, "import app, lib; print(app.VERSION, lib.VERSION)") == "1.0 1.5"
    assert not any("PyPI" in note for note in built.lock.notes)


def test_the_pip_list_is_installed_beside_what_conda_brings_and_leaves_that_alone(bench: Bench, channel: LocalChannel):
    bench.index.add_wheel("piped", "1.0", ("lib>=1",))
    built = make(bench, yaml(channel.uri, "- lib=1.0", "- pip:", "  - piped", "  - azureml-defaults"))
    assert run_in(built, "import piped, lib; print(piped.VERSION, lib.VERSION)") == "1.0 1.0"
    assert [(one.name, bool(one.url)) for one in built.lock.packages] == [
        ("lib", True),
        ("python", True),
        ("piped", False),
    ]
    assert "piped==1.0" in built.lock.text
    assert "lib==" not in built.lock.text
    assert any("azureml-defaults" in note for note in built.lock.notes)
    prefix = Path(built.python).parents[1]
    assert list(prefix.glob("lib/python*/site-packages/piped.py"))


def test_the_channels_python_is_one_for_which_the_pip_list_is_ready_made(bench: Bench, channel: LocalChannel):
    other = next(one for one in find_all() if (3, 8) <= one.version[:2] < sys.version_info[:2])
    channel.add_python(other.version_text, Path(other.path))
    channel.index()
    minor = f"3{other.version[1]}"
    bench.index.add_wheel("old", "1.0", tag=f"cp{minor}-cp{minor}-linux_x86_64")
    bench.index.add_source("old", "1.0", "raise RuntimeError('nothing is built here')\n")
    built = make(bench, yaml(channel.uri, "- lib", "- pip:", "  - old==1.0"))
    assert built.lock.python_version == other.version_text
    assert any("is ready-made" in note or "ready-made (a wheel)" in note for note in built.lock.notes)
    named = yaml(channel.uri, f"- python={PYTHON}", "- lib", "- pip:", "  - old==1.0")
    with pytest.raises(PreparationError, match="Line 7"):
        make(bench, named)


def test_old_packages_of_conda_are_kept_from_what_they_cannot_bear(bench: Bench, channel: LocalChannel):
    for version in ("1.23.5", "1.24.0"):
        channel.add("numpy", version)
    channel.add("scikit-learn", "0.22.1", "numpy")
    channel.index()
    built = make(bench, yaml(channel.uri, "- scikit-learn=0.22.1"))
    assert built.lock.version_of("numpy") == "1.23.5"
    assert any("scikit-learn 0.22.1 needs numpy<1.24" in note for note in built.lock.notes)
    own = make(bench, yaml(channel.uri, "- scikit-learn=0.22.1", "- numpy=1.24"))
    assert own.lock.version_of("numpy") == "1.24.0"


def test_a_conflict_between_conda_and_pip_is_explained(bench: Bench, channel: LocalChannel):
    bench.index.add_wheel("piped", "1.0", ("lib>=2",))
    with pytest.raises(PreparationError) as raised:
        make(bench, yaml(channel.uri, "- lib=1.0", "- pip:", "  - piped"))
    assert raised.value.message.startswith("Line 6:") or raised.value.message.startswith("Line 4:")
    assert "lib" in raised.value.message


def test_a_lock_of_conda_is_exported_as_an_explicit_list_and_as_yaml(bench: Bench, channel: LocalChannel):
    built = make(bench, yaml(channel.uri, "- lib=1.0"))
    lines = export(built.lock, "mine:1", LockFormat.CONDA_EXPLICIT).splitlines()
    assert lines[1] == "@EXPLICIT"
    assert [line.partition("#sha256:")[0] for line in lines[2:]] == [one.url for one in built.lock.packages]
    assert all(len(line.partition("#sha256:")[2]) == 64 for line in lines[2:])
    text = export(built.lock, "mine:1", LockFormat.YAML)
    assert f"  - {channel.uri}\n" in text
    assert "  - lib=1.0=0\n" in text
    assert run_in(make(bench, text), "import lib; print(lib.VERSION)") == "1.0"


def test_what_only_conda_can_say_is_built_by_conda(bench: Bench, channel: LocalChannel):
    text = yaml(channel.uri, "- lib[version='1.0']", "- app 1.0|2.0")
    assert [problem for problem in check(text, CONDA) if problem.severity == "error"] == []
    assert run_in(make(bench, text), "import lib; print(lib.VERSION)") == "1.0"


def test_another_patch_release_of_python_stands_in_as_the_settings_say(bench: Bench, channel: LocalChannel):
    minor = PYTHON.rpartition(".")[0]
    text = yaml(channel.uri, f"- python={minor}.99", "- lib")
    built = make(bench, text)
    assert any(f"python={minor}.99" in note and PYTHON in note for note in built.lock.notes)
    bench.service.policy = PythonPinPolicy.EXACT
    with pytest.raises(PreparationError, match="Line 4:"):
        make(bench, text)


def test_a_folder_that_conda_made_is_an_existing_python(bench: Bench, channel: LocalChannel):
    prefix = Path(make(bench, yaml(channel.uri, "- app")).python).parents[1]
    built = bench.make(f"{prefix}\n", kind=EnvironmentKind.EXISTING)
    assert built.python == str(prefix / "bin" / "python")
    assert built.lock.version_of("app") == "1.0"


# Errors


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("- appp", "the channels have no package “appp”"),
        ("- app=9.9", "app 9.9"),
        ("- app\n  - lib<1", "lib"),
    ],
)
def test_what_cannot_be_solved_is_named_with_its_line_and_the_solvers_reason(
    bench: Bench, channel: LocalChannel, entry: str, words: str
):
    with pytest.raises(PreparationError) as raised:
        make(bench, yaml(channel.uri, entry))
    assert raised.value.message.startswith("Line ")
    assert words in raised.value.message
    assert raised.value.details
    assert bench.log.read_text().count("SolverError") == 1


# Which builder


@pytest.mark.timing
def test_channels_out_of_reach_fall_back_to_pypi_after_saying_so_and_quickly(bench: Bench):
    text = yaml("http://127.0.0.1:9/forge", "- app=1.0", "- lib")
    steps: list[BuildProgress] = []
    started = time.monotonic()
    built = make(bench, text, steps.append)
    assert time.monotonic() - started < 10
    assert built.lock.builder == "uv"
    assert "because http://127.0.0.1:9/forge cannot be reached" in built.lock.chosen_because
    said = next(i for i, step in enumerate(steps) if "cannot be reached" in step.message)
    assert said < next(i for i, step in enumerate(steps) if step.stage == "Resolving")
    assert any("Installed from PyPI instead of conda" in note for note in built.lock.notes)


def test_a_stand_in_that_is_built_stays_and_another_build_tries_the_channels_again(bench: Bench, channel: LocalChannel):
    away = channel.root.rename(channel.root.with_name("away"))
    text = yaml(channel.uri, "- app")
    first = make(bench, text)
    assert first.lock.builder == "uv"
    away.rename(channel.root)
    assert make(bench, text) == first
    (bench.builds / first.key / "ready.json").unlink()
    assert make(bench, text).lock.builder == "conda"


@pytest.mark.timing
def test_what_pypi_cannot_replace_is_not_replaced(bench: Bench):
    started = time.monotonic()
    with pytest.raises(ChannelsUnreachable, match=r"Line 4: .*r-base.*cannot be reached"):
        make(bench, yaml("file:///nowhere/channel", "- r-base"))
    assert time.monotonic() - started < 3
    assert bench.leftovers() == []


def test_a_built_environment_of_conda_needs_no_network(bench: Bench, channel: LocalChannel):
    text = yaml(channel.uri, "- app")
    built = make(bench, text)
    channel.vanish()
    assert make(bench, text) == built


class Silent(BaseHTTPRequestHandler):
    """Accepts and never answers."""

    goes_on = threading.Event()

    def do_HEAD(self) -> None:
        self.goes_on.wait(30)

    def log_message(self, *words: object) -> None:
        pass


@pytest.mark.timing
def test_a_channel_that_does_not_answer_costs_no_more_than_the_limit():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        started = time.monotonic()
        address = f"http://127.0.0.1:{server.server_port}/forge"
        why = why_unreachable((address, "file:///nowhere"), 0.3)
        assert time.monotonic() - started < 2
        assert why.startswith(f"{address} cannot be reached (")
    finally:
        Silent.goes_on.set()
        server.shutdown()
        server.server_close()


def test_the_user_chooses_the_builder(bench: Bench, channel: LocalChannel):
    text = yaml(channel.uri, "- app")
    bench.service.prefer(CONDA, text, "uv")
    built = make(bench, text)
    assert (built.lock.builder, built.lock.chosen_because) == ("uv", "You chose it.")
    bench.service.prefer(CONDA, text, "conda")
    assert make(bench, text).lock.builder == "conda"
    bench.service.prefer(CONDA, text, "")
    assert make(bench, text).lock.chosen_because.startswith("The specification names")


@pytest.mark.parametrize(
    ("kind", "text", "builder", "words"),
    [
        (EnvironmentKind.PIP, "app\n", "conda", "Only a conda specification"),
        (CONDA, "dependencies:\n  - app\n", "mamba", "no builder “mamba”"),
        (CONDA, "channels:\n  - x\ndependencies:\n  - r-base\n", "uv", "Line 4"),
    ],
)
def test_a_builder_that_cannot_do_it_is_refused(
    bench: Bench, kind: EnvironmentKind, text: str, builder: str, words: str
):
    with pytest.raises(InvalidInput, match=words):
        bench.service.prefer(kind, text, builder)


def test_conda_that_the_user_chose_is_not_replaced(bench: Bench):
    text = yaml("file:///nowhere/channel", "- app")
    bench.service.prefer(CONDA, text, "conda")
    with pytest.raises(ChannelsUnreachable):
        make(bench, text)
    assert [name for name in bench.leftovers() if not name.startswith(("choices", "conda"))] == []


# What a specification may name


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("https://user:secret@example.org/x", "password"),
        ("https://example.org/t/token/x", "password"),
        ("http://example.org/x", "not encrypted"),
        ("ftp://example.org/x", "not a channel"),
        ("'-e x'", "not a channel"),
        ("'a\\nb'", "not a channel"),
        ("[a, b]", "one word"),
    ],
)
def test_a_channel_that_cannot_be_trusted_is_refused_with_its_line(channel: str, words: str):
    (problem,) = [one for one in check(yaml(channel, "- app"), CONDA) if one.severity == "error"]
    assert words in problem.message
    assert problem.line == 2


def test_an_address_as_a_channel_is_used_with_a_note():
    (problem,) = check(yaml("https://example.org/forge", "- numpy"), CONDA)
    assert (problem.severity, problem.line) == ("note", 2)
    assert check(yaml("conda-forge", "- numpy=1.19=py36_0"), CONDA) == ()


# Cancelling


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.3, 0.5])
def test_a_build_of_conda_cancelled_at_any_moment_leaves_nothing(bench: Bench, channel: LocalChannel, moment: float):
    for number in range(20):
        channel.add(f"filler{number}", "1.0", data="x" * 10_000)
    channel.index()
    text = yaml(channel.uri, *(f"- filler{number}" for number in range(20)))
    cancel = threading.Event()
    timer = threading.Timer(moment, cancel.set)
    timer.start()
    try:
        bench.make(text, kind=CONDA, cancel=cancel)
    except BuildCanceled:
        assert [
            path
            for path in [*bench.builds.iterdir(), *bench.builds.glob("locks/*")]
            if path.suffix in {".building", ".resolving", ".work"}
        ] == []
        assert [path for path in bench.builds.iterdir() if len(path.name) == 64] == []
    except DesktopAMLError as error:
        raise AssertionError(error) from error
    finally:
        timer.join()
    assert run_in(make(bench, text), "import filler7; print(filler7.VERSION)") == "1.0"


def test_a_python_that_only_the_channels_have_is_taken_from_them_once_they_answer(bench: Bench, channel: LocalChannel):
    channel.add_python("3.99.1")
    channel.index()
    away = channel.root.rename(channel.root.with_name("away"))
    text = yaml(channel.uri, "- python=3.99")
    with pytest.raises(MissingOnComputer, match=r"python=3\.99"):
        make(bench, text)
    away.rename(channel.root)
    assert make(bench, text).lock.python_version == "3.99.1"
