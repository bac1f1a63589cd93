"""The kinds of compute target beside `AmlCompute`."""

from azureml._service import not_used, refused
from azureml.core.compute.compute import _KINDS, ComputeTarget, ComputeTargetProvisioningConfiguration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class ComputeInstance(ComputeTarget):
    """A virtual machine of one user: here a name for this computer."""

    _compute_type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(
        vm_size: str = "",
        ssh_public_access: bool = False,
        admin_user_ssh_public_key: "str | None" = None,
        vnet_resourcegroup_name: "str | None" = None,
        vnet_name: "str | None" = None,
        subnet_name: "str | None" = None,
        tags: "dict[str, Any] | None" = None,
        description: "str | None" = None,
        assigned_user_object_id: "str | None" = None,
        assigned_user_tenant_id: "str | None" = None,
    ) -> "ComputeTargetProvisioningConfiguration":
        """Return what a new machine is to be like; only its name is kept."""
        not_used(
            "ComputeInstance.provisioning_configuration",
            ssh_public_access=ssh_public_access,
            vnet_name=vnet_name,
            assigned_user_object_id=assigned_user_object_id,
        )
        return ComputeTargetProvisioningConfiguration("ComputeInstance", vm_size, tags=tags, description=description)

    def start(self, wait_for_completion: bool = False, show_output: bool = False) -> None:
        """Do nothing: this computer is running."""

    def stop(self, wait_for_completion: bool = False, show_output: bool = False) -> "NoReturn":
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
    def provisioning_configuration(
        agent_count: "int | None" = None,
        vm_size: "str | None" = None,
        ssl_cname: "str | None" = None,
        ssl_cert_pem_file: "str | None" = None,
        ssl_key_pem_file: "str | None" = None,
        location: "str | None" = None,
        vnet_resourcegroup_name: "str | None" = None,
        vnet_name: "str | None" = None,
        subnet_name: "str | None" = None,
        service_cidr: "str | None" = None,
        dns_service_ip: "str | None" = None,
        docker_bridge_cidr: "str | None" = None,
        cluster_purpose: "str | None" = None,
        load_balancer_type: "str | None" = None,
        load_balancer_subnet: "str | None" = None,
    ) -> "ComputeTargetProvisioningConfiguration":
        """Return what a new cluster is to be like; only its name is kept."""
        not_used(
            "AksCompute.provisioning_configuration",
            ssl_cname=ssl_cname,
            vnet_name=vnet_name,
            service_cidr=service_cidr,
            cluster_purpose=cluster_purpose,
            load_balancer_type=load_balancer_type,
        )
        return ComputeTargetProvisioningConfiguration("AKS", vm_size or "", 0, agent_count or 1, location=location)

    @staticmethod
    def attach_configuration(
        resource_group: "str | None" = None,
        cluster_name: "str | None" = None,
        resource_id: "str | None" = None,
        cluster_purpose: "str | None" = None,
        load_balancer_type: "str | None" = None,
        load_balancer_subnet: "str | None" = None,
    ) -> "NoReturn":
        """Refuse: there is nothing to attach to."""
        raise refused("AksCompute.attach_configuration()", "Use AksCompute.provisioning_configuration.")

    agent_count = property(lambda self: self._found["max_nodes"])


class _Refused(ComputeTarget):
    """A kind of target that has no counterpart on one computer."""

    @classmethod
    def attach_configuration(cls, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse: there is nothing to attach to."""
        raise refused("{}.attach_configuration()".format(cls.__name__), "Use target='local'.")

    provisioning_configuration = attach_configuration


class RemoteCompute(_Refused):
    """Another machine: not offered."""


class DsvmCompute(_Refused):
    """A data science virtual machine: not offered."""


class DatabricksCompute(_Refused):
    """Databricks: not offered."""


class AdlaCompute(_Refused):
    """Data Lake Analytics: not offered."""


class BatchCompute(_Refused):
    """Batch: not offered."""


class DataFactoryCompute(_Refused):
    """Data Factory: not offered."""


class HDInsightCompute(_Refused):
    """HDInsight: not offered."""


class KubernetesCompute(_Refused):
    """A Kubernetes cluster for runs: not offered."""


class SynapseCompute(_Refused):
    """Synapse: not offered."""


_KINDS.update({"ComputeInstance": ComputeInstance, "AKS": AksCompute})
