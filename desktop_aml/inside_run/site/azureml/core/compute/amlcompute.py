"""`AmlCompute`: a cluster; here the name of a pool of this computer."""

import os

from azureml._service import call, moment, not_used
from azureml.core.compute.compute import (
    _ERRORS,
    _KINDS,
    ComputeTarget,
    ComputeTargetProvisioningConfiguration,
    _seconds,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from typing import Any, List

    from azureml._objects import WorkspaceLike


class ScaleSettings(object):
    """How many nodes an `AmlCompute` was asked to have."""

    def __init__(self, minimum_node_count: int, maximum_node_count: int, idle_seconds_before_scaledown: int) -> None:
        self.minimum_node_count = minimum_node_count
        self.maximum_node_count = maximum_node_count
        self.idle_seconds_before_scaledown = idle_seconds_before_scaledown


class AmlComputeStatus(object):
    """How an `AmlCompute` stands."""

    def __init__(self, found: "dict[str, Any]") -> None:
        # A name alone has no nodes; behind it may be a cluster that has.
        nodes = found.get("nodes") or {}
        self.current_node_count = nodes.get("current", found["min_nodes"])
        self.target_node_count = nodes.get("target", found["min_nodes"])
        self.allocation_state = "Steady" if self.current_node_count == self.target_node_count else "Resizing"
        self._counts = {name: nodes.get(name, 0) for name in ("preparing", "running", "idle")}
        self.provisioning_state = "Succeeded"
        self.creation_time = moment(found["created_at"])
        self.vm_size = found["vm_size"]
        self.errors = [nodes["fault"]] if nodes.get("fault") else None
        self.scale_settings = ScaleSettings(found["min_nodes"], found["max_nodes"], found["idle_seconds"])

    def serialize(self) -> "dict[str, Any]":
        """Return the status as a dict."""
        scale = self.scale_settings
        return {
            "currentNodeCount": self.current_node_count,
            "targetNodeCount": self.target_node_count,
            "nodeStateCounts": {"{}NodeCount".format(name): count for name, count in sorted(self._counts.items())},
            "allocationState": self.allocation_state,
            "provisioningState": self.provisioning_state,
            "creationTime": self.creation_time,
            "errors": self.errors,
            "scaleSettings": {
                "minNodeCount": scale.minimum_node_count,
                "maxNodeCount": scale.maximum_node_count,
                "nodeIdleTimeBeforeScaleDown": "PT{}S".format(scale.idle_seconds_before_scaledown),
            },
            "vmPriority": "Dedicated",
            "vmSize": self.vm_size,
        }


class AmlCompute(ComputeTarget):
    """A cluster: here the name of a pool of this computer."""

    _compute_type = "AmlCompute"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        vm_priority: str = "dedicated",
        min_nodes: int = 0,
        max_nodes: "int | None" = None,
        idle_seconds_before_scaledown: "float | timedelta" = 1800,
        admin_username: "str | None" = None,
        admin_user_password: "str | None" = None,
        admin_user_ssh_key: "str | None" = None,
        vnet_resourcegroup_name: "str | None" = None,
        vnet_name: "str | None" = None,
        subnet_name: "str | None" = None,
        tags: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        remote_login_port_public_access: str = "NotSpecified",
        identity_type: "str | None" = None,
        identity_id: "str | None" = None,
        location: "str | None" = None,
        enable_node_public_ip: bool = True,
    ) -> "ComputeTargetProvisioningConfiguration":
        """Return what a new cluster is to be like; only its name and the numbers of nodes are kept."""
        not_used(
            "AmlCompute.provisioning_configuration",
            admin_username=admin_username,
            admin_user_password=admin_user_password,
            admin_user_ssh_key=admin_user_ssh_key,
            vnet_resourcegroup_name=vnet_resourcegroup_name,
            vnet_name=vnet_name,
            subnet_name=subnet_name,
            identity_type=identity_type,
            identity_id=identity_id,
        )
        return ComputeTargetProvisioningConfiguration(
            "AmlCompute",
            vm_size,
            min_nodes,
            max_nodes or max(1, min_nodes),
            idle_seconds_before_scaledown,
            tags,
            vm_priority=vm_priority,
            description=description,
            location=location,
        )

    @property
    def scale_settings(self) -> "ScaleSettings":
        """How many nodes it was asked to have."""
        return ScaleSettings(self._found["min_nodes"], self._found["max_nodes"], self._found["idle_seconds"])

    vm_priority = "dedicated"

    @property
    def status(self) -> "AmlComputeStatus":
        """How the cluster stands: an object with ``serialize()``."""
        return AmlComputeStatus(self._found)

    def get_status(self) -> "AmlComputeStatus":
        """Return how the cluster stands: an object with ``serialize()``."""
        self.refresh_state()
        return self.status

    def update(
        self,
        min_nodes: "int | None" = None,
        max_nodes: "int | None" = None,
        idle_seconds_before_scaledown: "float | timedelta | None" = None,
    ) -> None:
        """Change how many runs the pool was made for."""
        self._found = call(
            "computes.update",
            self._workspace,
            _ERRORS,
            name=self.name,
            min_nodes=min_nodes,
            max_nodes=max_nodes,
            idle_seconds=None
            if idle_seconds_before_scaledown is None
            else int(_seconds(idle_seconds_before_scaledown)),
        )

    def list_nodes(self) -> "List[Any]":
        """Return the nodes: none, runs are processes of this computer."""
        return []

    def wait_for_completion(  # type: ignore[override]  # Azure ML's own
        self,
        show_output: bool = False,
        min_node_count: "int | None" = None,
        timeout_in_minutes: float = 25,
        is_delete_operation: bool = False,
    ) -> None:
        """Return at once: there is nothing to wait for."""
        if show_output and not is_delete_operation:
            print(
                "Succeeded\nAmlCompute wait for completion finished\n\nMinimum number of nodes requested have been "
                "provisioned"
            )

    def get_active_runs(
        self, type: "str | None" = None, tags: "Any" = None, properties: "Any" = None, status: "str | None" = None
    ) -> "Iterator[Any]":
        """Return a generator over the runs for this pool that have not ended."""
        from azureml.core.run import Run

        over = ("Completed", "Failed", "Canceled")
        found = Run.list_by_compute(self, type, tags, properties, status)
        return (run for run in found if run.status not in over)

    @staticmethod
    def supported_vmsizes(workspace: "WorkspaceLike | None", location: "str | None" = None) -> "List[dict[str, Any]]":
        """Return this computer as the only size."""
        return [{"name": "LOCAL", "vCPUs": os.cpu_count(), "gpus": 0}]


AmlComputeProvisioningConfiguration = ComputeTargetProvisioningConfiguration
"""The name of what `AmlCompute.provisioning_configuration` returns."""

_KINDS["AmlCompute"] = AmlCompute
