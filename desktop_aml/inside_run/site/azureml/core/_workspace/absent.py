"""What a workspace in Azure has, and one on this computer has not: empty, or refused with what to do instead."""

from azureml._service import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class AbsentParts(object):
    """The part of a `Workspace` that only means something in Azure."""

    @staticmethod
    def setup() -> "NoReturn":
        """Refuse: it asks questions about Azure."""
        raise refused("Workspace.setup()", "Use Workspace.create(name) or `desktop-aml workspace create PATH`.")

    @property
    def sku(self) -> str:
        """``"basic"``."""
        return "basic"

    @property
    def tags(self) -> "dict[str, str]":
        """Tags of the workspace: none here."""
        return {}

    @property
    def discovery_url(self) -> str:
        """There is no service to discover: empty."""
        return ""

    @property
    def service_context(self) -> "NoReturn":
        """Refuse: there is no service."""
        raise refused("Workspace.service_context", "Nothing here speaks to a service.")

    @property
    def images(self) -> "dict[str, Any]":
        """Images by name: none here."""
        return {}

    @property
    def linked_services(self) -> "dict[str, Any]":
        """Services of Azure that are linked, by name: none here."""
        return {}

    @property
    def private_endpoints(self) -> "dict[str, Any]":
        """Private endpoints by name: none here."""
        return {}

    def sync_keys(self, no_wait: bool = False) -> None:
        """Do nothing: there are no keys of services that could have changed."""

    def diagnose_workspace(self, diagnose_parameters: object) -> "NoReturn":
        """Refuse: there is nothing remote to diagnose."""
        raise refused("Workspace.diagnose_workspace()", "Use `desktop-aml doctor`.")
