"""Linked services, such as Synapse: a workspace here has none, and none can be linked."""

from azureml._service import refused
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "KustoLinkedServiceConfiguration",
    "LinkedService",
    "LinkedServiceConfiguration",
    "SynapseWorkspaceLinkedServiceConfiguration",
]


class LinkedServiceConfiguration(object):
    """What a service is linked with; kept, and without effect."""


class SynapseWorkspaceLinkedServiceConfiguration(LinkedServiceConfiguration):
    """Which workspace of Synapse is meant."""

    def __init__(self, subscription_id: str, resource_group: str, name: str) -> None:
        self.subscription_id = subscription_id
        self.resource_group = resource_group
        self.name = name


class KustoLinkedServiceConfiguration(LinkedServiceConfiguration):
    """Which cluster of Kusto is meant."""

    def __init__(
        self,
        client_id: "str | None" = None,
        tenant_id: "str | None" = None,
        kusto_connection_string: "str | None" = None,
    ) -> None:
        self.client_id = client_id
        self.tenant_id = tenant_id
        self.kusto_connection_string = kusto_connection_string


class LinkedService(object):
    """A service of Azure that a workspace works with."""

    def __init__(self, workspace: "WorkspaceLike", name: str, **kwargs: "Any") -> None:
        raise UserErrorException("There is no linked service “{}” in a workspace of Desktop AML.".format(name))

    @staticmethod
    def get(workspace: "WorkspaceLike", name: str) -> "LinkedService":
        """Raise: there is none of any name."""
        return LinkedService(workspace, name)

    @staticmethod
    def list(workspace: "WorkspaceLike") -> "List[LinkedService]":
        """Return the linked services of a workspace: none."""
        return []

    @staticmethod
    def register(
        workspace: "WorkspaceLike", name: str, linked_service_config: "LinkedServiceConfiguration"
    ) -> "NoReturn":
        """Refuse: there is nothing to link to."""
        raise refused("LinkedService.register()", "Runs and data are on this computer.")
