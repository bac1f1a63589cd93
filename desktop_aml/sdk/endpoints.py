"""Calls about endpoints, which Azure ML calls webservices."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.registry import Endpoint
from desktop_aml.sdk.body import CallBody

if TYPE_CHECKING:
    from desktop_aml.workspace.computes import Place
    from desktop_aml.workspace.workspace import Workspace

_LOG_BYTES: Final = 4 << 20


def deploy(workspace: Workspace, body: CallBody) -> object:
    """Begin to serve a model; the answer says where, when that is not where the code asked for."""
    place = _place(workspace, body)
    endpoint = workspace.endpoints.deploy(
        body.text("model_name", ""),
        name=body.text("name"),
        version=body.whole("model_version", 0),
        port=body.whole("port", 0),
        auth_enabled=body.flag("auth_enabled"),
        overwrite=body.flag("overwrite"),
        description=body.text("description", ""),
        tags=body.labels("tags"),
        properties=body.labels("properties"),
        keys=body.texts("keys"),
        entry_script=body.text("entry_script", ""),
        source_directory=body.text("source_directory", "") or None,
        environment=body.text("environment", ""),
        target=place.target if place else "local",
        more_models=body.texts("more_models"),
        env_vars=body.labels("env_vars"),
        scoring_timeout_ms=body.whole("scoring_timeout_ms", 0),
    )
    return {**describe(endpoint), "notes": [place.note] if place and place.note else []}


def _place(workspace: Workspace, body: CallBody) -> Place | None:
    """Return where a container that the code asks for can be; None when it asks for none."""
    if not body.flag("use_docker"):
        return None
    return workspace.computes.place_of("", in_container=True, environment=body.text("environment"))


def redeploy(workspace: Workspace, body: CallBody) -> object:
    """Serve another model, or with another scoring script, under the same name, port and keys."""
    old = workspace.endpoints.get(body.text("name"))
    place = _place(workspace, body)
    auth = body.flag("auth_enabled") if body.has("auth_enabled") else old.auth_enabled
    endpoint = workspace.endpoints.deploy(
        body.text("model_name", "") or old.model_name,
        name=old.name,
        version=body.whole("model_version", 0) if body.has("model_name") else old.model_version,
        port=body.whole("port", 0) or old.port,
        auth_enabled=auth,
        overwrite=True,
        description=old.description,
        tags=old.tags,
        properties=old.properties,
        entry_script=body.text("entry_script", ""),
        source_directory=body.text("source_directory", "") or None,
        environment=body.text("environment", ""),
        target=place.target if place else old.target,
        network=old.network,
        more_models=body.texts("more_models"),
        env_vars=body.labels("env_vars"),
    )
    return describe(endpoint)


def reload(workspace: Workspace, body: CallBody) -> object:
    """Start the endpoint again, with its scoring script as it is now."""
    name = body.text("name")
    if workspace.endpoints.get(name).entry_script:
        return describe(workspace.endpoints.reload(name))
    return redeploy(workspace, body)


def get(workspace: Workspace, body: CallBody) -> object:
    """Return one endpoint."""
    return describe(workspace.endpoints.get(body.text("name")))


def list_all(workspace: Workspace, _: CallBody) -> object:
    """Return every endpoint."""
    return [describe(endpoint) for endpoint in workspace.endpoints.list()]


def update(workspace: Workspace, body: CallBody) -> object:
    """Change what is written about an endpoint."""
    endpoint = workspace.endpoints.update(
        body.text("name"),
        description=body.text("description", "") if body.has("description") else None,
        tags=body.labels("tags") if body.has("tags") else None,
        properties=body.labels("properties"),
    )
    return describe(endpoint)


def delete(workspace: Workspace, body: CallBody) -> object:
    """Stop serving and forget the endpoint; return once it is gone."""
    name = body.text("name")
    workspace.endpoints.delete(name)
    workspace.endpoints.wait_for_state(name, None)
    return None


def keys(workspace: Workspace, body: CallBody) -> object:
    """Return the two keys of an endpoint."""
    found = workspace.endpoints.keys(body.text("name"))
    return [found.primary, found.secondary]


def set_key(workspace: Workspace, body: CallBody) -> object:
    """Replace one of the keys; the endpoint starts again with it."""
    workspace.endpoints.set_key(body.text("name"), primary=body.flag("primary", default=True), key=body.text("key", ""))
    return None


def log(workspace: Workspace, body: CallBody) -> object:
    """Return the end of the log of an endpoint."""
    return workspace.endpoints.log(body.text("name"), -_LOG_BYTES, _LOG_BYTES).data.decode("utf-8", "replace")


def describe(endpoint: Endpoint) -> dict[str, object]:
    """Return one endpoint."""
    return {
        "name": endpoint.name,
        "model_name": endpoint.model_name,
        "model_version": endpoint.model_version,
        "models": list(endpoint.models),
        "entry_script": endpoint.entry_script,
        "state": str(endpoint.state),
        "created_at": endpoint.created_at,
        "port": endpoint.port,
        "scoring_uri": endpoint.scoring_uri,
        "swagger_uri": endpoint.swagger_uri,
        "auth_enabled": endpoint.auth_enabled,
        "error": endpoint.error,
        "details": endpoint.details,
        "tags": endpoint.tags,
        "properties": endpoint.properties,
        "description": endpoint.description,
    }


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "endpoints.deploy": deploy,
        "endpoints.redeploy": redeploy,
        "endpoints.get": get,
        "endpoints.list": list_all,
        "endpoints.update": update,
        "endpoints.delete": delete,
        "endpoints.keys": keys,
        "endpoints.set_key": set_key,
        "endpoints.log": log,
        "endpoints.reload": reload,
    }
)
