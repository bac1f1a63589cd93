"""Calls of an endpoint to copy and run as they are: one for a shell, one for Python's standard library."""

from __future__ import annotations

import json
import shlex
from typing import Final

from desktop_aml.serving.schema import ModelSchema
from desktop_aml.serving.script_requests import ScriptDescription

BODY_FILE: Final = "request.json"
"""Where a call takes its body from when nobody knows what the scoring script takes."""

Inputs = ModelSchema | ScriptDescription


def curl_call(uri: str, schema: Inputs | None, key: str = "") -> str:
    """Return a curl command that scores an example row.

    Parameters
    ----------
    schema : ModelSchema, ScriptDescription or None
        Gives the body; None before the model was loaded. Where nothing says what is taken, the body is a file's.
    key : str
        Key of the endpoint; empty when it needs none.
    """
    lines = [f"curl --fail-with-body {shlex.quote(uri)}", "-H 'Content-Type: application/json'"]
    if key:
        lines.append(f"-H {shlex.quote(f'Authorization: Bearer {key}')}")
    body = _body(schema)
    lines.append(f"--data {shlex.quote(body)}" if body else f"--data @{BODY_FILE}")
    return " \\\n  ".join(lines)


def python_call(uri: str, schema: Inputs | None, key: str = "") -> str:
    """Return a Python program that scores an example row and prints the answer."""
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = _body(schema)
    return "\n".join(
        (
            "import json",
            "import urllib.request",
            "",
            f"body = {json.loads(body)!r}" if body else f"body = json.load(open({BODY_FILE!r}))",
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


def needs_file(schema: Inputs | None) -> bool:
    """Whether the calls take their body from `BODY_FILE`, which whoever calls writes."""
    return not _body(schema)


def _body(schema: Inputs | None) -> str:
    """Return an example that is answered; empty where none is known."""
    example = schema.example if schema is not None else None
    return "" if example is None else json.dumps(example)
