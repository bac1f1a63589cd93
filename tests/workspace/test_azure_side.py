"""Where runs for Azure's compute targets execute on this computer."""

from __future__ import annotations

import pytest

from desktop_aml.domain.errors import NotFound
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.azure_records import ComputeRecord


def test_every_name_is_this_computer_until_it_is_mapped(workspace: Workspace) -> None:
    assert [workspace.place_of(name).target for name in ("", "local", "never-made")] == ["local", "local", "local"]
    workspace.put_compute("cpu", ComputeRecord(kind="AmlCompute", created_at=1.0, vm_size="D2"))
    assert workspace.place_of("cpu").target == "local"
    workspace.map_compute("cpu", "docker")
    assert workspace.place_of("cpu").target == "docker"
    assert "D2 has no effect" in workspace.place_of("cpu").note
    assert workspace.compute("cpu").vm_size == "D2"


def test_a_name_can_be_mapped_before_code_makes_it(workspace: Workspace) -> None:
    workspace.map_compute("later", "docker")
    assert workspace.place_of("later").target == "docker"


def test_a_target_that_is_not_there_is_named_with_those_that_are(workspace: Workspace) -> None:
    workspace.map_compute("one", "local")
    with pytest.raises(NotFound, match=r"no compute target “two”.*There is: one"):
        workspace.compute("two")
    workspace.delete_compute("one")
    assert workspace.computes() == {}
