"""Telemetry of the Azure ML SDK: there is none here, whatever a script sets."""

import sys

from azureml._lazy import provide as _provide

_provide(__name__, {})


def set_diagnostics_collection(
    send_diagnostics: bool = True, verbosity: int = 20, reason: str = "", path: "str | None" = None
) -> None:  # noqa: ARG001 - Azure ML's signature
    """Accept the wish and send nothing: Desktop AML never does."""
    if send_diagnostics:
        sys.stdout.write("Diagnostics are never sent by Desktop AML; everything stays on this computer.\n")
