"""Where runs for Azure's compute targets execute on this computer."""

from __future__ import annotations

import pytest

from desktop_aml.domain.errors import NotFound
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.workspace import Workspace


def test_every_name_is_this_computer_until_it_is_mapped(workspace: Workspace) -> None:
    assert [workspace.computes.place_of(name).target for name in ("", "local", "never-made")] == [
        "local",
        "local",
        "local",
    ]
    workspace.computes.put("cpu", ComputeRecord(kind="AmlCompute", created_at=1.0, vm_size="D2"))
    assert workspace.computes.place_of("cpu").target == "local"
    workspace.computes.map("cpu", "docker")
    assert workspace.computes.place_of("cpu").target == "docker"
    assert "D2 has no effect" in workspace.computes.place_of("cpu").note
    assert workspace.computes.get("cpu").vm_size == "D2"


def test_a_name_can_be_mapped_before_code_makes_it(workspace: Workspace) -> None:
    workspace.computes.map("later", "docker")
    assert workspace.computes.place_of("later").target == "docker"


def test_a_target_that_is_not_there_is_named_with_those_that_are(workspace: Workspace) -> None:
    workspace.computes.map("one", "local")
    with pytest.raises(NotFound, match=r"no compute target “two”.*There is: one"):
        workspace.computes.get("two")
    workspace.computes.delete("one")
    assert workspace.computes.list() == {}
