"""Runs that go to a cluster of the workspace, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput
from desktop_aml.domain.events import Event, PreparationProgressed
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.targets import TlsFiles
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.workspace import Workspace
from tests.clusters import lend
from tests.conftest import wait_until

ANY_TLS = TlsFiles(ca=__file__, certificate=__file__, key=__file__)
LOGS = (
    "import os\nfrom azureml.core import Run\nrun = Run.get_context()\nrun.log('accuracy', 0.5)\n"
    "os.makedirs('outputs', exist_ok=True)\nopen('outputs/model.txt', 'w').write('trained')\nprint('done')\n"
)


@pytest.fixture
def workspace(tmp_path: Path, marked_processes: object) -> Workspace:
    """A workspace whose engine the test starts."""
    return Workspace.create(tmp_path / "workspace", "test")


def ended(workspace: Workspace, run_id: str) -> RunState:
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    return workspace.runs.get(run_id).summary.state


def test_the_record_of_a_run_there_is_that_of_a_local_run(
    workspace: Workspace, shared_cluster: Path, write_script: Callable[..., Path]
) -> None:
    events: list[Event] = []
    with workspace:
        workspace.start_engine(events.append)
        lend(workspace, "pool", shared_cluster)
        script = write_script(LOGS)
        there, here = (workspace.runs.submit(script, target=target) for target in ("pool", "local"))
        assert [ended(workspace, run_id) for run_id in (there, here)] == [RunState.COMPLETED] * 2
        found = [workspace.runs.get(run_id) for run_id in (there, here)]
        assert [one.summary.target for one in found] == ["pool", "local"]
        assert [dict(one.summary.summary) for one in found] == [{"accuracy": 0.5}] * 2
        hashes = [{(file.path, file.sha256) for file in workspace.runs.files.list(run_id)} for run_id in (there, here)]
        assert {path for path, _ in hashes[0]} == {path for path, _ in hashes[1]}
        assert {one for one in hashes[0] if "model" in one[0]} == {one for one in hashes[1] if "model" in one[0]}
        said = [one for one in events if isinstance(one, PreparationProgressed) and one.stage == "Scaling"]
        assert {one.run_id for one in said} == {there}
        assert any("of 2 nodes" in one.message for one in said)
        control = Path(found[0].run_directory) / "logs" / "control_log.txt"
        assert "Scaling: " in control.read_text()


def test_what_only_the_code_names_is_no_data_of_a_run_that_may_travel(
    workspace: Workspace, shared_cluster: Path, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ClusterExecutor, "travels", lambda _: True)
    named, given = (workspace.path.parent / name for name in ("named.csv", "given.csv"))
    for path in (named, given):
        path.write_text("1\n")
    with workspace:
        workspace.start_engine()
        lend(workspace, "lab", shared_cluster)
        run_id = workspace.runs.submit(write_script(f"path = {str(named)!r}\n"), arguments=[str(given)], target="lab")
        assert ended(workspace, run_id) is RunState.COMPLETED
        assert [one.path for one in workspace.runs.data.list(run_id)] == [str(given)]


def test_azure_names_lead_to_a_cluster_and_tell_how_it_stands(workspace: Workspace, shared_cluster: Path) -> None:
    with workspace:
        lend(workspace, "pool", shared_cluster)
        workspace.computes.put("cpu-cluster", ComputeRecord(kind="AmlCompute", created_at=1.0, max_nodes=4))
        workspace.computes.map("cpu-cluster", "pool")
        assert workspace.computes.place_of("cpu-cluster").target == "pool"
        assert workspace.computes.place_of("pool").target == "pool"
        assert workspace.computes.behind("cpu-cluster") == "pool"
        wait_until(lambda: workspace.computes.state("pool").nodes == 1, "the node that stays")
        with pytest.raises(InvalidInput, match="is a cluster"):
            workspace.computes.map("pool", "local")
        with pytest.raises(InvalidInput, match="no target “nowhere”"):
            workspace.computes.map("cpu-cluster", "nowhere")
        with pytest.raises(Conflict, match="“cpu-cluster” leads to “pool”"):
            workspace.computes.delete("pool")


@pytest.mark.parametrize(
    ("address", "tls"),
    [
        ("tcp://10.0.0.1:8786", TlsFiles()),
        ("tcp://head.example:8786", ANY_TLS),
        ("tls://head.example:8786", TlsFiles()),
        ("tls://head.example:8786", TlsFiles(ca=__file__)),
        ("tcp://127.0.0.1.evil.example:8786", TlsFiles()),
        ("tcp://localhost:0", TlsFiles()),
        ("ucx://127.0.0.1:8786", TlsFiles()),
        ("inproc://127.0.0.1/1/2", TlsFiles()),
        ("tcp://127.0.0.1:8786 --x", TlsFiles()),
        ("tcp://user@127.0.0.1:8786", TlsFiles()),
    ],
)
def test_an_address_where_others_could_send_code_is_refused(workspace: Workspace, address: str, tls: TlsFiles) -> None:
    with workspace, pytest.raises(InvalidInput):
        workspace.computes.create("far", address=address, tls=tls)
    assert workspace.computes.list() == {}


def test_a_record_that_others_wrote_is_checked_before_it_is_used(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    record = ComputeRecord(kind="Dask", created_at=1.0, address="tcp://10.0.0.1:8786", runs_on="far")
    workspace.computes.put("far", record)
    with workspace:
        workspace.start_engine()
        with pytest.raises(InvalidInput, match="no target “far”"):
            workspace.runs.submit(write_script("pass"), target="far")


@pytest.mark.parametrize("numbers", [{"min_nodes": 3, "max_nodes": 2}, {"max_nodes": 0}, {"idle_s": -1}])
def test_numbers_that_make_no_cluster_are_refused(workspace: Workspace, numbers: dict[str, int]) -> None:
    with workspace, pytest.raises(InvalidInput):
        workspace.computes.create("pool", **numbers)


def test_a_cluster_with_runs_that_are_not_over_stays(
    workspace: Workspace, shared_cluster: Path, write_script: Callable[..., Path]
) -> None:
    with workspace:
        workspace.start_engine()
        lend(workspace, "pool", shared_cluster)
        run_id = workspace.runs.submit(write_script("import time\nwhile True: time.sleep(60)"), target="pool")
        with pytest.raises(Conflict, match="runs that are not over"):
            workspace.computes.delete("pool")
        workspace.runs.cancel(run_id)
        assert ended(workspace, run_id) is RunState.CANCELED
