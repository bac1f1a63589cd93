"""Bad input and bad luck: each a clear message, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidSpec, ScoringError, StorageError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until, words_of

TRAIN = """
import joblib
from sklearn.linear_model import LogisticRegression
joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), "outputs/model.joblib")
"""


def finished(workspace: Workspace, script: Path) -> str:
    run_id = workspace.runs.submit(script)
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    return run_id


@pytest.fixture
def model(workspace: Workspace, tmp_path: Path) -> str:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/train.py").write_text(TRAIN)
    run_id = finished(workspace, tmp_path / "source/train.py")
    return workspace.models.register("good", run_id=run_id, path="outputs/model.joblib").name


def test_a_port_in_use_is_named_and_another_one_works(workspace: Workspace, model: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        workspace.endpoints.deploy(model, name="service", port=port)
        endpoint = workspace.endpoints.wait("service")
        assert endpoint.state is EndpointState.FAILED
        assert str(port) in endpoint.error
        with pytest.raises(ScoringError, match="does not serve: it is Failed"):
            workspace.endpoints.score("service", {"data": []})
    workspace.endpoints.deploy(model, name="service", overwrite=True)
    assert workspace.endpoints.wait("service").state is EndpointState.HEALTHY
    workspace.endpoints.delete("service")
    workspace.endpoints.wait_for_state("service", None)


@pytest.mark.parametrize("content", [b"", b"this is no model", b"\x80\x04garbage", b"PK\x03\x04zip?"])
def test_a_file_that_is_no_model_says_so_within_seconds(workspace: Workspace, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.joblib").write_bytes(content)
    workspace.models.register("odd", file=tmp_path / "odd.joblib")
    workspace.endpoints.deploy("odd", name="odd")
    endpoint = workspace.endpoints.wait("odd", 60)
    assert endpoint.state in {EndpointState.FAILED, EndpointState.UNHEALTHY}
    assert "odd.joblib" in endpoint.error
    assert "Traceback" not in endpoint.error
    workspace.endpoints.delete("odd")
    workspace.endpoints.wait_for_state("odd", None)


def test_an_endpoint_name_that_is_taken_is_refused(workspace: Workspace, model: str) -> None:
    workspace.endpoints.deploy(model, name="twice")
    with pytest.raises(Conflict, match="already"):
        workspace.endpoints.deploy(model, name="twice")
    workspace.endpoints.wait("twice")
    workspace.endpoints.delete("twice")
    workspace.endpoints.wait_for_state("twice", None)


@pytest.mark.parametrize(
    ("text", "line"),
    [("dependencies:\n  - numpy\n - bad", 3), ("dependencies:\n  - numpy\nunknown_key: 1\n", 3), ("name: [", 1)],
)
def test_invalid_yaml_names_its_line(workspace: Workspace, text: str, line: int) -> None:
    with pytest.raises(InvalidSpec) as caught:
        workspace.environments.register("broken", text)
    assert caught.value.line == line
    assert all(one.curated for one in workspace.environments.list())


GONE = "The folder of the run was removed while it went on."
OUTRAGES = {
    "removes its folder and goes on": ("shutil.rmtree(run)\ntime.sleep(600)", GONE),
    "removes its folder and ends": ("shutil.rmtree(run)", GONE),
    "moves its folder away": ("os.rename(run, run + '.moved')\ntime.sleep(600)", GONE),
    "removes its attempt": ("shutil.rmtree(run + '/attempts')\ntime.sleep(2)", ""),
    "removes where it works": ("shutil.rmtree(os.getcwd())", ""),
    "writes a record that is junk": ("open(run + '/attempts/1/exit.json', 'w').write('{')", None),
    "writes a record that is a lie": ("open(run + '/attempts/1/exit.json', 'w').write('{\"exit_code\": \"x\"}')", None),
    "puts a pipe where the record belongs": ("os.mkfifo(run + '/attempts/1/exit.json')", None),
    "puts a folder where the claim was": (
        "os.remove(run + '/attempts/1/claim.json')\nos.mkdir(run + '/attempts/1/claim.json')",
        None,
    ),
    "removes its journal and its log": ("shutil.rmtree(run + '/journal')\nshutil.rmtree(run + '/logs')", ""),
}


@pytest.mark.parametrize("outrage", OUTRAGES)
def test_a_script_that_breaks_its_own_run_breaks_no_other(
    workspace: Workspace, tmp_path: Path, marked_processes: Callable[[], list[psutil.Process]], outrage: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    act, words = OUTRAGES[outrage]
    (source / "bad.py").write_text(f"import os, shutil, time\nrun = os.environ['DESKTOP_AML_RUN_DIR']\n{act}\n")
    (source / "good.py").write_text("print('ok')\n")
    bad = workspace.runs.submit(source / "bad.py")
    good = [finished(workspace, source / "good.py") for _ in range(3)]
    assert [workspace.runs.get(run_id).summary.state for run_id in good] == [RunState.COMPLETED] * 3
    wait_until(lambda: workspace.runs.get(bad).summary.state.is_terminal(), "the end of the bad run", 90)
    ended = workspace.runs.get(bad).summary
    if words:
        assert (ended.state, words in ended.error) == (RunState.FAILED, True)
    elif words == "":
        assert ended.state is RunState.COMPLETED
    wait_until(lambda: not [one for one in marked_processes() if "bad.py" in " ".join(words_of(one))], "its processes")
    # What is left of it can be looked at.
    assert workspace.runs.files.read_log(bad).total_bytes >= 0
    workspace.runs.files.list(bad)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB; made with mount, so it needs root, as CI has."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(filler: Path) -> None:
    """Write until nothing fits any more."""
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while stream.write(b"x" * 65536):
            pass


def test_a_full_disk_is_said_and_heals(small_disk: Path, tmp_path: Path, marked_processes: object) -> None:
    workspace = Workspace.create(small_disk / "workspace")
    workspace.start_engine(answer=answers_of(workspace))
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.py").write_text("print('ok')")
    first = finished(workspace, source / "train.py")
    filler = small_disk / "filler"
    fill(filler)
    (source / "data.bin").write_bytes(b"y" * 200_000)
    with pytest.raises((StorageError, DesktopAMLError)) as caught:
        workspace.runs.submit(source / "train.py")
    assert caught.value.hint
    assert workspace.runs.get(first).summary.state is RunState.COMPLETED
    filler.unlink()
    second = finished(workspace, source / "train.py")
    assert workspace.runs.get(second).summary.state is RunState.COMPLETED
    workspace.close()
