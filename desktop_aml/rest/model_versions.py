"""Routes about versions of registered models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from desktop_aml.domain.filters import matches
from desktop_aml.domain.filters.clauses import Ordering, parsed, parsed_order
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.rest import messages
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.limits import LONGEST_OF_REGISTRY, checked_tag
from desktop_aml.rest.paging import paged
from desktop_aml.workspace.tracking.registry import RegisteredModel


def version_message(model: RegisteredModel, one: ModelVersion) -> messages.Message:
    """Return a version of a model."""
    said = model.said_of(one.version)
    found: messages.Message = {
        "name": model.name,
        "version": str(one.version),
        "creation_timestamp": round(one.created_at * 1000),
        "last_updated_timestamp": round(max(one.created_at, said.updated_at) * 1000),
        "current_stage": said.stage,
        "description": one.description,
        "source": said.source or files_uri(one),
        "run_id": one.run_id or said.run_id,
        "run_link": said.run_link,
        "status": "READY",
        "tags": messages.pairs(one.tags),
        "aliases": model.aliases_of(one.version),
    }
    if said.model_id:
        found["model_id"] = said.model_id
    return found


def files_uri(one: ModelVersion) -> str:
    """Return where the files of a version are read, whatever became of its run."""
    if one.lies_elsewhere:
        return one.path
    return f"mlflow-artifacts:/registry/{one.name}/{one.version}/artifacts"


def create(asked: Asked) -> messages.Message:
    """Register the next version of a model."""
    arguments = asked.arguments
    found = asked.tracker.register(
        arguments.text("name"),
        arguments.text("source"),
        description=arguments.text("description", ""),
        tags=dict(arguments.pairs("tags")),
        run_id=arguments.text("run_id", ""),
        run_link=arguments.text("run_link", ""),
    )
    return _answer(found)


def get(asked: Asked) -> messages.Message:
    """Return a version."""
    return _answer(asked.tracker.registry.version(*_named(asked.arguments)))


def search(asked: Asked) -> messages.Message:
    """Return the versions that a filter asks for; without an order, what changed last comes first."""
    clauses = parsed(asked.arguments.text("filter", ""), "model version")
    found = [
        (model, one)
        for model in asked.tracker.registry.all()
        for one in model.versions
        if matches(clauses, partial(_value, model, one))
    ]
    for ordering in reversed(_orderings(asked.arguments.texts("order_by"))):
        found.sort(key=partial(_sortable, ordering), reverse=ordering.descending)
    page, token = paged(found, asked.arguments, default=10_000, most=200_000)
    return {"model_versions": [version_message(*one) for one in page], **token}


def _orderings(terms: Sequence[str]) -> list[Ordering]:
    """Return what to sort by, first what counts most; what is the same by that is sorted by name, the newest first."""
    found = [parsed_order(one, "model version") for one in terms or ("last_updated_timestamp DESC",)]
    known = {one.key for one in found}
    rest = (Ordering("attribute", "name", descending=False), Ordering("attribute", "version_number", descending=True))
    return found + [one for one in rest if one.key not in known]


def _sortable(ordering: Ordering, pair: tuple[RegisteredModel, ModelVersion]) -> tuple[float, str]:
    value = _value(*pair, (ordering.entity, ordering.key))
    return (value, "") if isinstance(value, float | int) else (0.0, value or "")


def _value(model: RegisteredModel, one: ModelVersion, wanted: tuple[str, str]) -> str | float | None:
    entity, key = wanted
    if entity == "tag":
        return one.tags.get(key, "false" if key == "mlflow.prompt.is_prompt" else None)
    known: dict[str, str | float] = {
        "name": one.name,
        "version_number": one.version,
        "run_id": one.run_id or model.said_of(one.version).run_id,
        "source_path": model.said_of(one.version).source or files_uri(one),
        "creation_timestamp": round(one.created_at * 1000),
        "last_updated_timestamp": round(max(one.created_at, model.said_of(one.version).updated_at) * 1000),
    }
    return known.get(key)


def download_uri(asked: Asked) -> messages.Message:
    """Return where the files of a version are read."""
    _, one = asked.tracker.registry.version(*_named(asked.arguments))
    return {"artifact_uri": files_uri(one)}


def update(asked: Asked) -> messages.Message:
    """Describe a version."""
    text = asked.arguments.text("description", "")
    return _answer(asked.tracker.registry.update_version(*_named(asked.arguments), description=text))


def transition(asked: Asked) -> messages.Message:
    """Put a version into a stage."""
    arguments = asked.arguments
    return _answer(
        asked.tracker.registry.move(
            *_named(arguments), arguments.text("stage"), archive_others=arguments.flag("archive_existing_versions")
        )
    )


def delete(asked: Asked) -> messages.Message:
    """Remove a version."""
    asked.tracker.registry.delete_version(*_named(asked.arguments))
    return {}


def set_tag(asked: Asked) -> messages.Message:
    """Set a tag of a version."""
    arguments = asked.arguments
    tags = dict([checked_tag(arguments, longest=LONGEST_OF_REGISTRY)])
    asked.tracker.registry.update_version(*_named(arguments), tags=tags)
    return {}


def delete_tag(asked: Asked) -> messages.Message:
    """Remove a tag of a version."""
    asked.tracker.registry.update_version(*_named(asked.arguments), remove_tag=asked.arguments.text("key"))
    return {}


def _named(arguments: Arguments) -> tuple[str, int]:
    return arguments.text("name"), arguments.version()


def _answer(found: tuple[RegisteredModel, ModelVersion]) -> messages.Message:
    return {"model_version": version_message(*found)}
