"""What is said of an endpoint's network: in its log, and where its lack may be why loading failed."""

from __future__ import annotations

import re
from typing import Final

_WANTS_NETWORK: Final = re.compile(
    r"Network is unreachable|Temporary failure in name resolution|Name or service not known|\[Errno (101|-2|-3|-5)\]"
    r"|[Cc]ould not resolve host|unable to resolve host|No address associated with hostname|Name does not resolve"
)
_WANTS_NEIGHBOUR: Final = re.compile(r"Connection refused|\[Errno 111\]")


def hint(details: str, *, has_network: bool) -> str:
    """Return how a model gets the network, where the traceback of its loading shows that it looked for one."""
    if has_network:
        return ""
    if _WANTS_NETWORK.search(details):
        return " The endpoint has no network: deploy it again with --network when it needs one."
    if _WANTS_NEIGHBOUR.search(details):
        return (
            " The endpoint has no network, and a loopback of its own: a proxy or a service of this computer is reached"
            " when it is deployed again with --network."
        )
    return ""
