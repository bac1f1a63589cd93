"""Why a build failed, in the user's terms: the line of the specification, and the resolver's own reason."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import IndexUnreachable, NoRoomForEnvironment, NotForThisPython, PreparationError

if TYPE_CHECKING:
    from desktop_aml.environments.spec.parsing import Specification

_NETWORK: Final = re.compile(
    r"error sending request|dns error|failed to lookup|Connection refused|network is unreachable|Could not connect"
    r"|Network connectivity is disabled|operation timed out|tcp connect error|tunnel error|Request failed after"
    r"|the network was disabled|was not found in the cache|HTTP status (?:client|server) error"
    r"|lack of valid authentication credentials|returned a \d{3} ",
    re.IGNORECASE,
)
_ANSWERED: Final = re.compile(r"(?:error|credentials) \((\d{3} [^)]+)\)|returned a (\d{3} [A-Z]\w+)")
_CACHE: Final = re.compile(
    r"Failed to initialize cache|Failed to (?:read|write|open)[^\n]* cache\b"
    r"|Could not acquire lock|Could not create temporary file|Failed to deserialize cache entry"
)
_NO_SPACE: Final = re.compile(r"No space left on device|os error 28\b|Disk quota exceeded|os error 122\b")
_NOT_FOUND: Final = re.compile(
    r"Because ([\w.\-]+) was not found|there (?:is|are) no versions? of ([\w.\-]+?)(?:[=<>!~\s]|$)"
)
_PYTHON: Final = re.compile(r"Python|\bwheels?\b")
_REASON_LINES: Final = 12


def is_network(printed: str) -> bool:
    """Return whether a tool failed because it could not reach a server."""
    return _NETWORK.search(printed) is not None


def is_no_space(printed: str) -> bool:
    """Return whether a tool failed because the disk is full."""
    return _NO_SPACE.search(printed) is not None


def is_missing(printed: str) -> bool:
    """Return whether a resolver found no package of a name, or no version of one: its index may be the wrong one."""
    found = _NOT_FOUND.search(_reason(printed))
    return (
        found is not None
        and not is_network(printed)
        and ("was not found" in found[0] or "there are no versions of" in found[0])
    )


def wrong_index(error: PreparationError) -> PreparationError:
    """Return the error for an index that has not even pip, in place of the one for a package that it lacks."""
    return PreparationError(
        f"{error.message.rstrip('.')}, and the package index has not even pip: it may not be the index that is meant,"
        " or something stands before it.",
        "Check the spelling, the address of the index (UV_DEFAULT_INDEX, uv.toml, pip.conf), and whether this network"
        " asks for a sign-in.",
        details=error.details,
    )


def no_room(printed: str) -> NoRoomForEnvironment:
    """Return the error for a resolver or installer that printed that a disk is full."""
    return NoRoomForEnvironment(
        "The disk is full: the environment could not be installed.",
        "Free some space. What waits for the environment goes on by itself; a build that was asked for is asked again.",
        details=printed,
    )


def explain(printed: str, spec: Specification) -> PreparationError:
    """Return the error for what a failed resolver or installer printed."""
    if is_no_space(printed):
        return no_room(printed)
    reason = _reason(printed)
    if _CACHE.search(printed):
        return PreparationError(
            f"The folder in which downloaded packages are kept cannot be used. {reason}",
            "Check the owner and the space of the folder that it names, or name another with UV_CACHE_DIR.",
            details=printed,
        )
    if is_network(printed):
        answered = _ANSWERED.search(printed)
        what = f"answered {answered[1] or answered[2]}" if answered else "could not be reached"
        return IndexUnreachable(
            f"The package index {what}, and this environment is not built on this computer yet.",
            "Connect to the network and build again; once built, it needs no network.",
            details=printed,
        )
    if "Hash mismatch" in printed:
        return PreparationError(
            f"A package is not the one that was locked: its hash differs. {reason}",
            "Try again; if it stays, the package index or a proxy altered the file.",
            details=printed,
        )
    line, package = _culprit(reason, spec)
    place = f"Line {line}: " if line else ""
    missing = _NOT_FOUND.search(reason)
    if missing is not None and "was not found" in missing[0]:
        return PreparationError(
            f"{place}there is no package “{package or missing[1]}”.",
            "Check the spelling, then build again.",
            details=printed,
        )
    if "Failed to build" in printed or "build backend" in printed:
        return NotForThisPython(
            f"{place}a package has no ready-made file for this Python and could not be built from source. {reason}",
            "Choose a version that has a wheel for this Python, or another Python.",
            details=printed,
        )
    if "Because" not in reason and "No solution" not in reason:
        # Whatever else went wrong is no conflict of versions.
        return PreparationError(
            f"{place}{'the' if place else 'The'} environment could not be resolved or installed. {reason}".strip(),
            "The build log holds the details.",
            details=printed,
        )
    kind = NotForThisPython if _PYTHON.search(reason) else PreparationError
    return kind(
        f"{place}the packages cannot be installed together. {reason}",
        "Change the versions that it names, then build again.",
        details=printed,
    )


def cannot_write(folder: Path, error: OSError) -> PreparationError:
    """Return the error for a builds folder that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoomForEnvironment(f"The disk is full: nothing can be written in “{folder}”.", "Free some space.")
    return PreparationError(
        f"The environment cannot be written in “{folder}”: {error.strerror or error}.",
        "Check the permissions and the space of that folder, or choose another in the settings.",
    )


def _reason(printed: str) -> str:
    # uv draws its reason as a tree; people read the words.
    lines = [re.sub(r"^[\s×╰├─▶│>]*(?:cause: )?", "", line).strip() for line in printed.splitlines()]
    # What it says before the reason, that there is no solution, is said already.
    starts = [i for i, line in enumerate(lines) if line.startswith("Because")]
    starts += [i for i, line in enumerate(lines) if line.startswith(("error", "No solution"))]
    start = starts[0] if starts else 0
    return " ".join(line for line in lines[start : start + _REASON_LINES] if line)[:1000]


def first_named(printed: str, names: Iterable[str]) -> str:
    """Return which of these packages the reason that a resolver printed names first; empty for none of them."""
    normal = _reason(printed).lower().replace("_", "-")
    named = [(at, name) for name in names if (at := _position(name, normal)) >= 0]
    return min(named)[1] if named else ""


def _culprit(reason: str, spec: Specification) -> tuple[int, str]:
    name = first_named(reason, (wanted.name for wanted in spec.requirements))
    return (spec.line_of(name), name) if name else (0, "")


def _position(name: str, text: str) -> int:
    found = re.search(rf"(?<![\w.\-]){re.escape(name)}(?![\w\-])", text)
    return found.start() if found else -1
