"""`Keyvault`: secrets of a workspace, in files of the workspace's folder that only this user can read."""

from azureml._service import call
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class Keyvault(object):
    """Secrets by name. They are not encrypted: the disk and the user's account protect them."""

    def __init__(self, workspace: "WorkspaceLike") -> None:
        self.workspace = workspace

    def set_secret(self, name: str, value: str) -> None:
        """Keep a secret, new or changed."""
        self.set_secrets({name: value})

    def set_secrets(self, secrets_batch: "dict[str, str]") -> None:
        """Keep several secrets: a dict of name to text."""
        for name, value in secrets_batch.items():
            if not isinstance(value, str):
                raise UserErrorException("The secret '{}' must be text.".format(name))
            call("secrets.set", self.workspace, name=name, value=value)

    def get_secret(self, name: str) -> "str | None":
        """Return a secret, or None when there is none of this name."""
        found: "str | None" = call("secrets.get", self.workspace, name=name)
        return found

    def get_secrets(self, secrets: "Iterable[str]") -> "dict[str, str | None]":
        """Return several secrets: a dict of name to text."""
        return {name: self.get_secret(name) for name in secrets}

    def delete_secret(self, name: str) -> None:
        """Remove a secret."""
        call("secrets.delete", self.workspace, name=name)

    def delete_secrets(self, secrets: "Iterable[str]") -> None:
        """Remove several secrets."""
        for name in secrets:
            self.delete_secret(name)

    def list_secrets(self) -> "list[dict[str, str]]":
        """Return the names of the secrets: a list of dicts with the key ``name``."""
        return [{"name": name} for name in call("secrets.list", self.workspace)]
