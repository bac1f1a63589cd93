"""Who may speak to a cluster that is started here: whoever can read a folder of this user's alone.

Dask runs whatever code it is sent, and a port of this computer is open to all of its users. So scheduler, workers and
clients prove to each other that they hold a key that was made for this cluster and is gone with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.system.files import write_new

if TYPE_CHECKING:
    from distributed import Security

CERTIFICATE: Final = "cluster.pem"
KEY: Final = "cluster.key"


def make_keys(home: Path) -> None:
    """Make a new key and its certificate in `home`."""
    from distributed import Security

    made = Security.temporary()
    for name, text in ((KEY, made.tls_client_key), (CERTIFICATE, made.tls_client_cert)):
        write_new(home / name, text.encode())


def security_in(home: Path) -> Security:
    """Return Dask's own word for the keys in `home`."""
    return security_of(*(str(home / name) for name in (CERTIFICATE, CERTIFICATE, KEY)))


def security_of(ca: str, certificate: str, key: str) -> Security:
    """Return Dask's own word for three files; the last two may be empty."""
    from distributed import Security

    return Security(
        require_encryption=True,
        tls_ca_file=ca,
        **{
            f"tls_{role}_{part}": path
            for role in ("scheduler", "worker", "client")
            for part, path in (("cert", certificate), ("key", key))
            if path
        },
    )


def variables_of(ca: str, certificate: str, key: str) -> dict[str, str]:
    """Return what has Dask in a script use three files, the last two of which may be empty."""
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    found = {f"{prefix}CA_FILE": ca, f"{prefix}CLIENT__CERT": certificate, f"{prefix}CLIENT__KEY": key}
    return {name: path for name, path in found.items() if path}
