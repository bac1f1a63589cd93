"""What versions of a model take and give, for its page: as their files say, else as the endpoint that serves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.registry import Endpoint, ModelVersion
from desktop_aml.domain.summaries.model_signatures import ModelSignature

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_SHOWN: Final = 12


def signatures(
    workspace: Workspace, versions: Sequence[ModelVersion], endpoints: Sequence[Endpoint]
) -> dict[int, ModelSignature]:
    """Return what is known of each version, by its number. Reads files: not for the thread of the window."""
    served = {(one.model_name, one.model_version): one.name for one in endpoints}
    found = {}
    for model in versions:
        said = workspace.models.signature(model.name, model.version)
        endpoint = served.get((model.name, model.version), "")
        found[model.version] = said if said.inputs or said.outputs or not endpoint else _asked(workspace, endpoint)
    return found


def _asked(workspace: Workspace, endpoint: str) -> ModelSignature:
    try:
        schema = workspace.endpoints.schema(endpoint)
    except DesktopAMLError:
        # It went meanwhile, or its file is damaged: its own page says so.
        return ModelSignature()
    return ModelSignature(tuple((one.name, str(one.type)) for one in schema.columns) if schema is not None else ())


def column_words(columns: Sequence[tuple[str, str]]) -> str:
    """Return columns as a line of text."""
    words = [f"{name}: {kind}" if name and kind else name or kind for name, kind in columns[:_SHOWN]]
    more = [f"… ({len(columns)})"] if len(columns) > _SHOWN else []
    return ", ".join((*filter(None, words), *more))
