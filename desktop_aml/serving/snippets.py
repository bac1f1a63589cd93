"""Calls of an endpoint to copy and run as they are: one for a shell, one for Python's standard library."""

from __future__ import annotations

import json
import shlex

from desktop_aml.serving.schema import ModelSchema
from desktop_aml.serving.script_requests import ScriptDescription

Inputs = ModelSchema | ScriptDescription


def curl_call(uri: str, schema: Inputs | None, key: str = "") -> str:
    """Return a curl command that scores an example row.

    Parameters
    ----------
    schema : ModelSchema, ScriptDescription or None
        Gives the body; None before the model was loaded.
    key : str
        Key of the endpoint; empty when it needs none.
    """
    lines = [f"curl --fail-with-body {shlex.quote(uri)}", "-H 'Content-Type: application/json'"]
    if key:
        lines.append(f"-H {shlex.quote(f'Authorization: Bearer {key}')}")
    lines.append(f"--data {shlex.quote(_body(schema))}")
    return " \\\n  ".join(lines)


def python_call(uri: str, schema: Inputs | None, key: str = "") -> str:
    """Return a Python program that scores an example row and prints the answer."""
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return "\n".join(
        (
            "import json",
            "import urllib.request",
            "",
            f"body = {json.loads(_body(schema))!r}",
            "request = urllib.request.Request(",
            f"    {uri!r},",
            "    data=json.dumps(body).encode(),",
            f"    headers={headers!r},",
            ")",
            "with urllib.request.urlopen(request, timeout=60) as response:",
            "    print(json.load(response))",
            "",
        )
    )


def _body(schema: Inputs | None) -> str:
    return json.dumps(schema.example if schema else {"data": [[0.0]]})
