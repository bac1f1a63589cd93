"""What is said of an endpoint's network: in its log, and where its lack may be why loading failed."""

from __future__ import annotations

import re
from typing import Final

_WANTS_NETWORK: Final = re.compile(
    r"Network is unreachable|Temporary failure in name resolution|Name or service not known|\[Errno (101|-2|-3)\]"
)


def hint(details: str, *, has_network: bool) -> str:
    """Return how a model gets the network, where the traceback of its loading shows that it looked for one."""
    if has_network or not _WANTS_NETWORK.search(details):
        return ""
    return " The endpoint has no network: deploy it again with --network when it needs one."
