"""What was submitted, as a file with runs holds it: no secret goes out in it, and no reach beyond its run comes in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from desktop_aml.domain.jobs import CONTAINER
from desktop_aml.domain.secret_words import masked_arguments, masked_variables
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import INPUT_PLACES

_BEYOND: Final = frozenset({"volumes", "ports"})


def masked(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request or manifest without what looks like a password: the file goes to others."""
    return _changed(body, _masked)


def within_its_run(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request or manifest of somebody else's that names no file of this computer for a container to show.

    Nor does it open a port: whoever runs it again, or has more of a sweep, has not seen what it names.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError
        When it is not what one looks like.
    """
    return _changed(body, _within)


def _changed(body: Mapping[str, Any], change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    found = {**body, **change(body)}
    if found.get("sweep"):
        # A sweep holds what its trials are submitted with.
        stored = json.loads(found["sweep"]["body"])
        stored["template"] = {**stored["template"], **change(stored["template"])}
        found["sweep"] = {**found["sweep"], "body": json.dumps(stored)}
    return found


def _masked(asked: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {key: masked_arguments(asked[key]) for key in ("arguments", "command") if key in asked}
    if "env_vars" in asked:
        shown["env_vars"] = masked_variables(asked["env_vars"])
    return shown


def _within(asked: Mapping[str, Any]) -> dict[str, Any]:
    if "env_vars" not in asked:
        return {}
    env_vars = {str(name): str(value) for name, value in asked["env_vars"].items() if name != INPUT_PLACES}
    options = env_vars.pop(CONTAINER, "")
    with suppress(ValueError, AttributeError):  # what is none asks for nothing
        env_vars[CONTAINER] = json.dumps({key: one for key, one in json.loads(options).items() if key not in _BEYOND})
    return {"env_vars": env_vars}
