"""Which Docker engine is meant, and whether it sees this computer's files."""

from __future__ import annotations

import ipaddress
import os
import socket
from typing import Final
from urllib.parse import urlsplit

from desktop_aml.docker_access import contexts
from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.values import dataclass

_BY_CONTEXT: Final = "context://"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a Docker engine listens.

    Parameters
    ----------
    host : str
        Such as ``ssh://me@server``; empty for this computer's own engine.
    context : str
        Docker context that the host, and the certificates for it, come from; empty for none.
    """

    host: str = ""
    context: str = ""

    def __str__(self) -> str:
        """Return the text that `find` finds the same engine by, whatever is chosen by then."""
        return self.host if self.host and not self.context else f"{_BY_CONTEXT}{self.context or contexts.DEFAULT}"

    def name(self) -> str:
        """Return what people call the engine; empty for the one of this computer."""
        return f"{self.host} (Docker context “{self.context}”)" if self.context else self.host

    def is_elsewhere(self) -> bool:
        """Whether the engine is on another computer, as far as the address tells."""
        scheme, _, _ = self.host.partition("://")
        return scheme == "ssh" or (scheme in {"tcp", "http", "https"} and not _is_loopback(self.host))

    def copies(self, sharing: FileSharing) -> bool:
        """Whether files are copied to this engine rather than mounted."""
        return self.is_elsewhere() if sharing is FileSharing.AUTO else sharing is FileSharing.COPY


def find(wanted: str = "") -> Address:
    """Return the engine that is meant.

    Parameters
    ----------
    wanted : str
        A host, or ``context://NAME``. Empty: what ``DOCKER_HOST`` says, else the context that ``DOCKER_CONTEXT``
        names, else the chosen Docker context, else this computer's own engine.

    Raises
    ------
    MissingOnComputer
        When there is no such context.
    """
    host = wanted or os.environ.get("DOCKER_HOST", "")
    if host and not host.startswith(_BY_CONTEXT):
        return Address(host)
    name = host.removeprefix(_BY_CONTEXT) or os.environ.get("DOCKER_CONTEXT", "") or contexts.chosen()
    if name == contexts.DEFAULT:
        return Address()
    return Address(contexts.read(name).host, name)


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(host).hostname or ""
        return name in {"localhost", socket.gethostname()} or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
