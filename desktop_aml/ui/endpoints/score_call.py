"""What a scoring request is, in JSON and as calls to copy. Pure functions of values."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

KEY_PLACEHOLDER = "YOUR_KEY"
"""Stands for the key in copied calls: keys are not for shell histories and notebooks."""

BODY_FILE = "request.json"
"""Where a call takes its body from when the form holds none."""


def cell_text(value: object) -> str:
    """Return a value as it is typed into a field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def request_text(
    rows: Sequence[Sequence[object]],
    method: str,
    default_method: str,
    *,
    pretty: bool = False,
    names: Sequence[str] = (),
) -> str:
    """Return the JSON body for rows; the method is named only when it is not the endpoint's own.

    With `names`, each row says which column a value is of.
    """
    data = [dict(zip(names, row, strict=True)) if names else list(row) for row in rows]
    body: dict[str, object] = {"data": data}
    if method and method != default_method:
        body["method"] = method
    if not pretty:
        return json.dumps(body, ensure_ascii=False)
    lines = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in body["data"])  # type: ignore[attr-defined]
    ending = f',\n  "method": {json.dumps(method)}' if "method" in body else ""
    return f'{{\n  "data": [\n    {lines}\n  ]{ending}\n}}'


def curl_call(uri: str, body: str, *, auth_enabled: bool) -> str:
    """Return a command for a shell that sends `body`."""
    headers = ["Content-Type: application/json"]
    if auth_enabled:
        headers.append(f"Authorization: Bearer {KEY_PLACEHOLDER}")
    lines = [f"curl {shlex.quote(uri)}", *(f"-H {shlex.quote(header)}" for header in headers)]
    data = shlex.quote(body) if body.strip() else f"@{BODY_FILE}"
    return " \\\n  ".join([*lines, f"--data {data}"])


def python_call(uri: str, body: str, *, auth_enabled: bool) -> str:
    """Return a Python program that sends `body` with the standard library alone."""
    headers = '{"Content-Type": "application/json"'
    headers += f', "Authorization": "Bearer {KEY_PLACEHOLDER}"}}' if auth_enabled else "}"
    return (
        "import json\n"
        "from urllib.request import Request, urlopen\n\n"
        f"body = {repr(body) if body.strip() else f'open({BODY_FILE!r}).read()'}\n"
        f"request = Request({uri!r}, body.encode(), {headers})\n"
        "with urlopen(request) as response:\n"
        "    print(json.load(response))\n"
    )


def pretty_answer(answer: object) -> str:
    """Return an answer as JSON with one row a line."""
    if isinstance(answer, dict):
        parts = [f"  {json.dumps(key)}: {_lines(value, '  ')}" for key, value in answer.items()]
        return "{\n" + ",\n".join(parts) + "\n}"
    return _lines(answer, "")


def _lines(value: object, indent: str) -> str:
    if isinstance(value, list) and value and any(isinstance(item, list | dict) for item in value):
        rows = f",\n{indent}  ".join(json.dumps(item, ensure_ascii=False) for item in value)
        return f"[\n{indent}  {rows}\n{indent}]"
    return json.dumps(value, ensure_ascii=False)
