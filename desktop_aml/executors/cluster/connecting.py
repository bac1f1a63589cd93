"""The client of a cluster's scheduler, or in words why there can be none and what would help."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.own_security import security_of

if TYPE_CHECKING:
    from distributed import Client, Security

CONNECT_S: Final = 10.0
_ALL_S: Final = 12.0
"""Dask counts until somebody takes the call; what takes it and says nothing would be waited for without an end."""

_CLOSE_S: Final = 1.0
_VERSION_S: Final = 3.0


class Unusable(Exception):
    """A scheduler cannot be called with what is known of it; the text says why."""


async def client_of(address: str, security: Security | None) -> Client:
    """Return a client of the scheduler at an address.

    Raises
    ------
    Exception
        Whatever Dask says, for `why_not`.
    """
    from distributed import Client

    client: Any = Client(address, asynchronous=True, security=security, set_as_default=False, timeout=CONNECT_S)
    try:
        found: Client = await asyncio.wait_for(client, _ALL_S)
    except BaseException:
        with suppress(Exception):
            await client.close(_CLOSE_S)
        raise
    return found


async def why_not(error: BaseException, spec: ClusterSpec) -> str:
    """Return in words why a scheduler was not reached."""
    if not spec.address or isinstance(error, Unusable):
        return str(error).rstrip(".") or type(error).__name__
    for one in _causes(error):
        if isinstance(one, socket.gaierror):
            return f"no computer is known as “{urlsplit(spec.address).hostname}” ({one.strerror})"
        if isinstance(one, ConnectionRefusedError):
            return "nobody listens there (connection refused)"
        if isinstance(one, ssl.SSLError):
            return _why_no_tls(one, spec)
    if any(isinstance(one, MemoryError) for one in _causes(error)):
        # What it said was taken for the length of a message.
        return "what listens there is no Dask scheduler"
    # Dask's own word for it has no class of its own.
    if any(isinstance(one, TimeoutError) for one in _causes(error)) or str(error).startswith("Timed out"):
        return (
            f"there was no answer for {CONNECT_S:g} s: it stands still, its computer is away, or what listens there is"
            " no Dask scheduler"
        )
    theirs, ours = await _version_at(spec), _own_version()
    if theirs and theirs != ours:
        return f"it is “distributed” {theirs}, and here is {ours}: both must be of one version"
    if spec.address.startswith("tcp:") and any(isinstance(one, ConnectionResetError) for one in _causes(error)):
        return "it hung up at once; where it wants TLS, its address begins with tls://"
    return str(error).rstrip(".") or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _why_no_tls(error: ssl.SSLError, spec: ClusterSpec) -> str:
    reason = error.reason or str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not signed by that in “{spec.tls.ca}” ({error.verify_message})"
    if "ALERT" in reason:
        return f"it does not accept the certificate in “{spec.tls.certificate}” ({reason})"
    return f"what listens there does not speak TLS ({reason})"


def _own_version() -> str:
    import distributed

    return str(distributed.__version__)


async def _version_at(spec: ClusterSpec) -> str:
    """Return the version of a scheduler that speaks, though it is not understood; empty when it does not tell."""
    from distributed.core import rpc

    tls = spec.tls
    try:
        secrets = security_of(tls.ca, tls.certificate, tls.key).get_connection_args("client") if tls.ca else {}
        far: Any = rpc(spec.address, connection_args=secrets, timeout=_VERSION_S)
        async with far:
            said = await asyncio.wait_for(far.versions(), _VERSION_S)
            return str(said["packages"]["distributed"])
    except Exception:  # noqa: BLE001 - the fault that is told is the one before
        return ""
