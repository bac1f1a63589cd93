"""The kinds of compute target beside `AmlCompute`."""

from azureml._service import not_used, refused
from azureml.core.compute.compute import _KINDS, ComputeTarget, ComputeTargetProvisioningConfiguration


class ComputeInstance(ComputeTarget):
    """A virtual machine of one user: here a name for this computer."""

    _compute_type = "ComputeInstance"

    @staticmethod
    def provisioning_configuration(
        vm_size="",
        ssh_public_access=False,
        admin_user_ssh_public_key=None,
        vnet_resourcegroup_name=None,
        vnet_name=None,
        subnet_name=None,
        tags=None,
        description=None,
        assigned_user_object_id=None,
        assigned_user_tenant_id=None,
    ):
        """Return what a new machine is to be like; only its name is kept."""
        not_used(
            "ComputeInstance.provisioning_configuration",
            ssh_public_access=ssh_public_access,
            vnet_name=vnet_name,
            assigned_user_object_id=assigned_user_object_id,
        )
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
    def provisioning_configuration(
        agent_count=None,
        vm_size=None,
        ssl_cname=None,
        ssl_cert_pem_file=None,
        ssl_key_pem_file=None,
        location=None,
        vnet_resourcegroup_name=None,
        vnet_name=None,
        subnet_name=None,
        service_cidr=None,
        dns_service_ip=None,
        docker_bridge_cidr=None,
        cluster_purpose=None,
        load_balancer_type=None,
        load_balancer_subnet=None,
    ):
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
        resource_group=None,
        cluster_name=None,
        resource_id=None,
        cluster_purpose=None,
        load_balancer_type=None,
        load_balancer_subnet=None,
    ):
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
