"""The kinds of compute target beside `AmlCompute`."""

from azureml._service import not_used, refused
from azureml.core.compute.compute import _KINDS, ComputeTarget, ComputeTargetProvisioningConfiguration


class ComputeInstance(ComputeTarget):
    """A virtual machine of one user: here a name for this computer."""

    _compute_type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(vm_size="", ssh_public_access=False, tags=None, description=None, **kwargs):
        """Return what a new machine is to be like; only its name is kept."""
        not_used("ComputeInstance.provisioning_configuration", **kwargs)
        return ComputeTargetProvisioningConfiguration("ComputeInstance", vm_size, tags=tags, description=description)

    def start(self, wait_for_completion=False, show_output=False):
        """Do nothing: this computer is running."""

    def stop(self, wait_for_completion=False, show_output=False):
        """Refuse: a script does not switch this computer off."""
        raise refused("ComputeInstance.stop()", "There is nothing to stop and nothing to pay for.")

    restart = start


class AksCompute(ComputeTarget):
    """A Kubernetes cluster for web services: here a name; services run on this computer."""

    _compute_type = "AKS"

    class ClusterPurpose(object):
        """What a cluster is for."""

        FAST_PROD = "FastProd"
        DENSE_PROD = "DenseProd"
        DEV_TEST = "DevTest"

    @staticmethod
    def provisioning_configuration(agent_count=None, vm_size=None, location=None, tags=None, **kwargs):
        """Return what a new cluster is to be like; only its name is kept."""
        not_used("AksCompute.provisioning_configuration", **kwargs)
        return ComputeTargetProvisioningConfiguration(
            "AKS", vm_size or "", 0, agent_count or 1, tags=tags, location=location
        )

    @staticmethod
    def attach_configuration(resource_group=None, cluster_name=None, resource_id=None, **kwargs):
        """Refuse: there is nothing to attach to."""
        raise refused("AksCompute.attach_configuration()", "Use AksCompute.provisioning_configuration.")

    agent_count = property(lambda self: self._found["max_nodes"])


class _Refused(ComputeTarget):
    """A kind of target that has no counterpart on one computer."""

    @classmethod
    def attach_configuration(cls, *args, **kwargs):
        """Refuse: there is nothing to attach to."""
        raise refused("{}.attach_configuration()".format(cls.__name__), "Use target='local'.")

    provisioning_configuration = attach_configuration


class RemoteCompute(_Refused):
    """Another machine: not offered."""


class DsvmCompute(_Refused):
    """A data science virtual machine: not offered."""


class DatabricksCompute(_Refused):
    """Databricks: not offered."""


_KINDS.update({"ComputeInstance": ComputeInstance, "AKS": AksCompute})
