"""Secrets that Azure ML code keeps in a workspace."""

from __future__ import annotations

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import check_thing_name
from desktop_aml.store import azure_records
from desktop_aml.store.azure_records import SecretRecord
from desktop_aml.workspace.service import Service


class Secrets(Service):
    """The secrets of a workspace, each in a file that only its user can read.

    Examples
    --------
    >>> workspace.secrets.set("token", "0815")
    >>> workspace.secrets.get("token")
    '0815'
    """

    def set(self, name: str, value: str) -> None:
        """Keep a secret, in a file that only this user can read."""
        azure_records.secrets(self._folder).put(check_thing_name(name, "secret"), SecretRecord(value=value))

    def get(self, name: str) -> str | None:
        """Return a secret, or None when there is none of this name."""
        found = azure_records.secrets(self._folder).get(name)
        return found.value if found else None

    def names(self) -> tuple[str, ...]:
        """Return the names of the secrets, sorted."""
        return azure_records.secrets(self._folder).names()

    def delete(self, name: str) -> None:
        """Forget a secret.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        if not azure_records.secrets(self._folder).remove(name):
            raise NotFound(f"There is no secret “{name}” in this workspace.")
