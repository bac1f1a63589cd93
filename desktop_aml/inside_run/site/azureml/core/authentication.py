"""Authentication of the Azure ML SDK: everything is this user's on this computer, so each way in succeeds.

Passwords and tokens that a script gives are dropped at once: nothing is kept and nothing is sent.
"""

from azureml._service import note
from azureml.exceptions import AuthenticationException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "AbstractAuthentication",
    "ArmTokenAuthentication",
    "AuthenticationException",
    "AzureCliAuthentication",
    "InteractiveLoginAuthentication",
    "MsiAuthentication",
    "ServicePrincipalAuthentication",
    "TokenAuthentication",
]


class AbstractAuthentication(object):
    """Says who a script is: this computer's user."""

    def get_authentication_header(self) -> "dict[str, str]":
        """Return an HTTP header that says nothing; the services of a workspace here have keys of their own."""
        return {"Authorization": "Bearer not-needed"}

    def get_token(self, *scopes: str, **kwargs: "Any") -> "NoReturn":
        """Refuse: there is no service that would know a token."""
        raise AuthenticationException("There are no tokens on this computer: nothing here asks for one.")

    @staticmethod
    def _accepted() -> None:
        note("no sign-in is needed: the workspace is on this computer. What the script gave was not kept.")


class InteractiveLoginAuthentication(AbstractAuthentication):
    """Signs in a person. Here nobody is asked."""

    def __init__(self, force: bool = False, tenant_id: "str | None" = None, cloud: "str | None" = None) -> None:
        self._accepted()


class AzureCliAuthentication(AbstractAuthentication):
    """Signs in with the Azure command line."""

    def __init__(self, cloud: "str | None" = None) -> None:
        self._accepted()


class ServicePrincipalAuthentication(AbstractAuthentication):
    """Signs in a program. The password is not looked at."""

    def __init__(
        self,
        tenant_id: str,
        service_principal_id: str,
        service_principal_password: str,
        cloud: str = "AzureCloud",
        _enable_caching: bool = True,
    ) -> None:
        self._accepted()


class MsiAuthentication(AbstractAuthentication):
    """Signs in a computer of Azure."""

    def __init__(self, identity_config: "Any" = None, cloud: str = "AzureCloud") -> None:
        self._accepted()


class TokenAuthentication(AbstractAuthentication):
    """Signs in with tokens of the script's own; it is never asked for one."""

    def __init__(self, get_token_for_audience: "Any", cloud: str = "AzureCloud") -> None:
        self._accepted()


class ArmTokenAuthentication(AbstractAuthentication):
    """Signs in with a token."""

    def __init__(self, arm_access_token: str, cloud: str = "AzureCloud") -> None:
        self._accepted()
