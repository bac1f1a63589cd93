"""Calls about the secrets of a workspace."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.sdk.body import CallBody

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace

METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "secrets.set": lambda workspace, body: workspace.secrets.set(body.text("name"), body.text("value")),
        "secrets.get": lambda workspace, body: workspace.secrets.get(body.text("name")),
        "secrets.delete": lambda workspace, body: workspace.secrets.delete(body.text("name")),
        "secrets.list": lambda workspace, _: list(workspace.secrets.names()),
    }
)
