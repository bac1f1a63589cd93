"""Why conda's packages could not be solved or installed, in the user's terms: the line, and the solver's reason."""

from __future__ import annotations

import re
from typing import Final

from desktop_aml.domain.errors import ChannelsUnreachable, PreparationError
from desktop_aml.environments.build.conda_records import Answer
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.failures import is_network, is_no_space, no_room

_MISSING: Final = re.compile(r"No candidates were found for (\S+)([^\n]*?)\.?$", re.MULTILINE)
_NO_PYTHON: Final = re.compile(r"No candidates were found for python ")


def lacks_python(answer: Answer) -> bool:
    """Return whether no channel has the Python that was asked for."""
    return answer.error == "SolverError" and _NO_PYTHON.search(answer.message) is not None


def explain(answer: Answer, spec: Specification) -> PreparationError:
    """Return the error for what the solver or the installer said."""
    reason = " ".join(re.sub(r"^[\s×╰├─└│>]+", "", line).strip() for line in answer.message.splitlines()).strip()
    if is_no_space(answer.message):
        return no_room(answer.message)
    if answer.error in {"GatewayError", "FetchRepoDataError"} or is_network(answer.message):
        return ChannelsUnreachable(
            f"The channels of conda cannot be reached: {reason[:300]}",
            "Connect to the network and build again; once built, it needs no network.",
            details=answer.message,
        )
    line, name = _culprit(answer.message, spec)
    place = f"Line {line}: " if line else ""
    if answer.error == "InvalidMatchSpecError":
        return PreparationError(
            f"{place}conda cannot read a package: {reason}.", "Write name=version.", details=answer.message
        )
    missing = _MISSING.search(answer.message)
    if answer.error == "SolverError" and missing is not None and missing[2].strip() in {"", "*"}:
        return PreparationError(
            f"{place}the channels have no package “{missing[1]}”.",
            "Check the spelling, or name a channel that has it.",
            details=answer.message,
        )
    if answer.error == "SolverError":
        said = reason.removeprefix("Cannot solve the request because of: ")[:1000]
        return PreparationError(
            f"{place}the packages cannot be installed together. {said}",
            "Change the versions that it names, then build again.",
            details=answer.message,
        )
    return PreparationError(
        f"{place}“{name}” could not be installed: {reason[:300]}" if name else f"Installing failed: {reason[:300]}",
        "The build log holds the details.",
        details=answer.message,
    )


def _culprit(message: str, spec: Specification) -> tuple[int, str]:
    lower = message.lower()
    named = []
    for match in spec.matches:
        found = re.search(rf"(?<![\w.\-]){re.escape(match.name)}(?![\w\-])", lower)
        if found is not None:
            named.append((found.start(), match.line, match.name))
    return min(named)[1:] if named else (0, "")
