"""`ComputeTarget`: the name of a place, whatever kind of target the code asked for."""

from azureml._service import call, labels, moment, note, refused
from azureml.exceptions import ComputeTargetException

_ERRORS = {"*": ComputeTargetException}
_KINDS = {}


class ComputeTargetProvisioningConfiguration(object):
    """What a new compute target is to be like."""

    def __init__(self, kind, vm_size="", min_nodes=0, max_nodes=1, idle_seconds=1800, tags=None, **more):
        self.compute_type = kind
        self.vm_size = vm_size
        self.min_nodes = min_nodes
        self.max_nodes = max_nodes
        self.idle_seconds_before_scaledown = idle_seconds
        self.tags = tags
        for name, value in more.items():
            setattr(self, name, value)

    def validate_configuration(self):
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

    _compute_type = None

    def __new__(cls, workspace=None, name=None, **kwargs):
        """Return the target as an object of its own kind."""
        if cls is ComputeTarget and workspace is not None and name:
            found = call("computes.get", workspace, _ERRORS, name=name)
            made = object.__new__(_KINDS.get(found["kind"], ComputeTarget))
            made._found = found
            return made
        return object.__new__(cls)

    def __init__(self, workspace, name, **kwargs):
        self._workspace = workspace
        if not hasattr(self, "_found"):
            self._found = call("computes.get", workspace, _ERRORS, name=name)

    @classmethod
    def _of(cls, workspace, found):
        made = object.__new__(_KINDS.get(found["kind"], ComputeTarget))
        made._workspace, made._found = workspace, found
        return made

    @staticmethod
    def create(workspace, name, provisioning_configuration):
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
    def attach(workspace, name, attach_configuration):
        """Refuse: there is nothing to attach to."""
        raise refused("ComputeTarget.attach()", "Use ComputeTarget.create, or target='local'.")

    @staticmethod
    def list(workspace):
        """Return the compute targets of a workspace."""
        return [ComputeTarget._of(workspace, found) for found in call("computes.list", workspace)]

    # Who it is.

    @property
    def workspace(self):
        """The workspace that the target belongs to."""
        return self._workspace

    @property
    def name(self):
        """Name of the target."""
        return self._found["name"]

    @property
    def type(self):
        """Azure's name of the kind of target, such as ``"AmlCompute"``."""
        return self._found["kind"]

    @property
    def vm_size(self):
        """What was asked for; without effect."""
        return self._found["vm_size"]

    @property
    def tags(self):
        """Tags of the target."""
        return dict(self._found["tags"])

    @property
    def provisioning_state(self):
        """``"Succeeded"``."""
        return "Succeeded"

    provisioning_errors = None
    cluster_resource_id = None
    location = "local"
    is_attached = False

    def get_status(self):
        """Return ``"Succeeded"``, as text or as an object with ``serialize()``."""
        return self.provisioning_state

    def refresh_state(self):
        """Read again what other code may have changed."""
        self._found = call("computes.get", self._workspace, _ERRORS, name=self.name)

    def wait_for_completion(self, show_output=False, is_delete_operation=False):
        """Return at once: there is nothing to wait for."""
        if show_output and not is_delete_operation:
            print('Succeeded\nProvisioning operation finished, operation "Succeeded"')

    def delete(self):
        """Forget the name."""
        call("computes.delete", self._workspace, _ERRORS, name=self.name)

    detach = delete

    def serialize(self):
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

    def __repr__(self):
        return "{}(workspace={!r}, name={}, id=None, type={}, provisioning_state={}, location={}, tags={})".format(
            type(self).__name__,
            self._workspace,
            self.name,
            self.type,
            self.provisioning_state,
            self.location,
            self.tags,
        )


def _seconds(value):
    return value.total_seconds() if hasattr(value, "total_seconds") else value or 0
