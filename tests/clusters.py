"""A cluster of this computer's workers that tests share: starting one for each would take a second and more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.link import Link
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.compute_executors import cluster_home as cluster_home_of

CLUSTER = ClusterSpec(name="shared", min_nodes=1, max_nodes=2, idle_s=1.0)


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of a cluster that is up, and that no test ends: it bears no test's mark."""
    from tests.conftest import wait_until

    home = tmp_path_factory.mktemp("cluster") / "home"
    link = Link(CLUSTER, home)
    with pytest.MonkeyPatch.context() as changed:
        changed.delenv("TEST_MARK", raising=False)
        assert link.wait_until_up(150).state.is_up, link.fault()
    yield home
    link.tell({"do": "end"})
    wait_until(lambda: not (home / "door").exists(), "the end of the cluster")
    link.close()


@pytest.fixture
def cluster_home(shared_cluster: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the places of the contract suite use the shared cluster."""
    monkeypatch.setenv("TEST_CLUSTER", os.fspath(shared_cluster))
    return shared_cluster


def lend(workspace: Workspace, name: str, shared: Path) -> None:
    """Add the shared cluster to a workspace as a compute."""
    workspace.computes.create(
        name, min_nodes=CLUSTER.min_nodes, max_nodes=CLUSTER.max_nodes, idle_s=int(CLUSTER.idle_s)
    )
    home = cluster_home_of(WorkspaceFolder(workspace.path), name)
    home.parent.mkdir(parents=True, exist_ok=True)
    home.symlink_to(shared)
