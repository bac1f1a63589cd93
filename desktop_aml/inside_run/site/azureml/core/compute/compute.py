"""`ComputeTarget`: the name of a place, whatever kind of target the code asked for."""

from azureml._service import call, labels, moment, note, refused
from azureml.exceptions import ComputeTargetException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn

    from azureml._objects import WorkspaceLike


_ERRORS: "dict[str, type[Exception]]" = {"*": ComputeTargetException}
_KINDS: "dict[str, type[ComputeTarget]]" = {}


class ComputeTargetProvisioningConfiguration(object):
    """What a new compute target is to be like."""

    def __init__(
        self,
        kind: str,
        vm_size: str = "",
        min_nodes: int = 0,
        max_nodes: int = 1,
        idle_seconds: "Any" = 1800,
        tags: "dict[str, Any] | None" = None,
        **more: "Any",
    ) -> None:
        self.compute_type = kind
        self.vm_size = vm_size
        self.min_nodes = min_nodes
        self.max_nodes = max_nodes
        self.idle_seconds_before_scaledown = idle_seconds
        self.tags = tags
        for name, value in more.items():
            setattr(self, name, value)

    def validate_configuration(self) -> None:
        """Check the numbers.

        Raises
        ------
        ComputeTargetException
            When there are fewer nodes at most than at least.
        """
        if self.min_nodes < 0 or (self.max_nodes or 1) < max(1, self.min_nodes):
            raise ComputeTargetException(
                "min_nodes is {} and max_nodes {}: it takes 0 <= min_nodes <= max_nodes.".format(
                    self.min_nodes, self.max_nodes
                )
            )


class ComputeTarget(object):
    """A compute target of a workspace by name.

    Raises
    ------
    ComputeTargetException
        When the workspace has none of this name: scripts then create it.
    """

    _compute_type: "str | None" = None

    def __new__(
        cls, workspace: "WorkspaceLike | None" = None, name: "str | None" = None, **kwargs: "Any"
    ) -> "ComputeTarget":
        """Return the target as an object of its own kind."""
        if cls is ComputeTarget and workspace is not None and name:
            found = call("computes.get", workspace, _ERRORS, name=name)
            made = object.__new__(_KINDS.get(found["kind"], ComputeTarget))
            made._found = found
            return made
        return object.__new__(cls)

    def __init__(self, workspace: "WorkspaceLike", name: str, **kwargs: "Any") -> None:
        self._workspace = workspace
        if not hasattr(self, "_found"):
            self._found = call("computes.get", workspace, _ERRORS, name=name)

    @classmethod
    def _of(cls, workspace: "WorkspaceLike", found: "dict[str, Any]") -> "ComputeTarget":
        made = object.__new__(_KINDS.get(found["kind"], ComputeTarget))
        made._workspace, made._found = workspace, found
        return made

    @staticmethod
    def create(
        workspace: "WorkspaceLike", name: str, provisioning_configuration: "ComputeTargetProvisioningConfiguration"
    ) -> "ComputeTarget":
        """Keep a compute target of this name and return it, ready at once."""
        provisioning_configuration.validate_configuration()
        asked = provisioning_configuration
        found = call(
            "computes.create",
            workspace,
            _ERRORS,
            name=name,
            kind=asked.compute_type,
            vm_size=asked.vm_size or "",
            min_nodes=int(asked.min_nodes or 0),
            max_nodes=int(asked.max_nodes or 1),
            idle_seconds=int(_seconds(asked.idle_seconds_before_scaledown)),
            tags=labels("tags", asked.tags),
        )
        if found["runs_on"] == "local":
            note("the compute target '{}' is a name on this computer: its runs execute here.".format(name))
        else:
            note("runs for the compute target '{}' execute in '{}'.".format(name, found["runs_on"]))
        return ComputeTarget._of(workspace, found)

    @staticmethod
    def attach(workspace: "Any", name: "Any", attach_configuration: "Any") -> "NoReturn":
        """Refuse: there is nothing to attach to."""
        raise refused("ComputeTarget.attach()", "Use ComputeTarget.create, or target='local'.")

    @staticmethod
    def list(workspace: "WorkspaceLike") -> "List[ComputeTarget]":
        """Return the compute targets of a workspace."""
        return [ComputeTarget._of(workspace, found) for found in call("computes.list", workspace)]

    # Who it is.

    @property
    def workspace(self) -> "WorkspaceLike":
        """The workspace that the target belongs to."""
        return self._workspace

    @property
    def name(self) -> str:
        """Name of the target."""
        found: str = self._found["name"]
        return found

    @property
    def type(self) -> str:
        """Azure's name of the kind of target, such as ``"AmlCompute"``."""
        found: str = self._found["kind"]
        return found

    @property
    def vm_size(self) -> str:
        """What was asked for; without effect."""
        found: str = self._found["vm_size"]
        return found

    @property
    def tags(self) -> "dict[str, str]":
        """Tags of the target."""
        return dict(self._found["tags"])

    @property
    def provisioning_state(self) -> str:
        """``"Succeeded"``."""
        return "Succeeded"

    provisioning_errors: "List[Any] | None" = None
    cluster_resource_id: "str | None" = None
    location = "local"
    is_attached = False

    def get_status(self) -> "Any":
        """Return ``"Succeeded"``, as text or as an object with ``serialize()``."""
        return self.provisioning_state

    def refresh_state(self) -> None:
        """Read again what other code may have changed."""
        self._found = call("computes.get", self._workspace, _ERRORS, name=self.name)

    def wait_for_completion(self, show_output: bool = False, is_delete_operation: bool = False) -> None:
        """Return at once: there is nothing to wait for."""
        if show_output and not is_delete_operation:
            print('Succeeded\nProvisioning operation finished, operation "Succeeded"')

    def delete(self) -> None:
        """Forget the name."""
        call("computes.delete", self._workspace, _ERRORS, name=self.name)

    detach = delete

    def serialize(self) -> "dict[str, Any]":
        """Return what is known of the target as a dict."""
        return {
            "name": self.name,
            "computeType": self.type,
            "computeLocation": self.location,
            "provisioningState": self.provisioning_state,
            "createdOn": moment(self._found["created_at"]),
            "tags": self.tags,
            "properties": {
                "vmSize": self.vm_size,
                "scaleSettings": {
                    "minNodeCount": self._found["min_nodes"],
                    "maxNodeCount": self._found["max_nodes"],
                    "nodeIdleTimeBeforeScaleDown": "PT{}S".format(self._found["idle_seconds"]),
                },
                "runsOn": self._found["runs_on"],
            },
        }

    def __repr__(self) -> str:
        return "{}(workspace={!r}, name={}, id=None, type={}, provisioning_state={}, location={}, tags={})".format(
            type(self).__name__,
            self._workspace,
            self.name,
            self.type,
            self.provisioning_state,
            self.location,
            self.tags,
        )


def _seconds(value: "Any") -> float:
    return value.total_seconds() if hasattr(value, "total_seconds") else value or 0
