"""Docker contexts, as its command line stores them.

Read here and not by Docker's library, which finds none of them as long as there is no ``config.json`` beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.values import dataclass

if TYPE_CHECKING:
    from docker.tls import TLSConfig

DEFAULT: Final = "default"
"""Name of the context that is no context: this computer's own engine."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a context says of its engine.

    Parameters
    ----------
    certificates : Path
        Folder with the certificates for it; it need not be there.
    """

    host: str
    certificates: Path
    skips_verification: bool

    def tls(self) -> TLSConfig | None:
        """Return the certificates to use, None when there are none."""
        from docker.tls import TLSConfig

        authority, own, key = (self.certificates / f"{name}.pem" for name in ("ca", "cert", "key"))
        has_own = own.is_file() and key.is_file()
        if not has_own and not authority.is_file():
            return None
        return TLSConfig(
            client_cert=(str(own), str(key)) if has_own else None,
            ca_cert=str(authority) if authority.is_file() else None,
            verify=not self.skips_verification,
        )


def chosen() -> str:
    """Return the name of the context that ``docker context use`` chose."""
    try:
        values = json.loads((_folder() / "config.json").read_bytes())
        return str(values.get("currentContext") or DEFAULT)
    except (OSError, ValueError, AttributeError):
        return DEFAULT


def read(name: str) -> Context:
    """Return a context.

    Raises
    ------
    MissingOnComputer
        When there is none of that name.
    """
    identifier = hashlib.sha256(name.encode()).hexdigest()
    contexts = _folder() / "contexts"
    try:
        endpoint = json.loads((contexts / "meta" / identifier / "meta.json").read_bytes())["Endpoints"]["docker"]
        host, skips = str(endpoint.get("Host") or ""), bool(endpoint.get("SkipTLSVerify"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MissingOnComputer(
            f"The Docker context “{name}” does not exist or cannot be read.",
            "See which there are with: docker context ls. Then choose one: docker context use NAME",
            details=repr(error),
        ) from error
    return Context(host, contexts / "tls" / identifier / "docker", skips)


def _folder() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
