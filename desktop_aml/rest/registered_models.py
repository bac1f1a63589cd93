"""Routes about registered models: the registry of the workspace."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from desktop_aml.domain.filters import matches
from desktop_aml.domain.filters.clauses import parsed, parsed_order
from desktop_aml.rest import messages
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import RestError
from desktop_aml.rest.limits import LONGEST_OF_REGISTRY, checked_tag
from desktop_aml.rest.model_versions import version_message
from desktop_aml.rest.paging import paged
from desktop_aml.workspace.tracking.registry import RegisteredModel, stage_named

_PROMPT: Final = "mlflow.prompt.is_prompt"
_BY_TIME: Final = re.compile(r"\s*(?:attributes?\.)?(?:timestamp|last_updated_timestamp)(?=\s|$)", re.IGNORECASE)


def model_message(one: RegisteredModel) -> messages.Message:
    """Return a registered model with the newest version of each stage, its tags and aliases."""
    record = one.record
    return {
        "name": one.name,
        "creation_timestamp": round(record.created_at * 1000),
        "last_updated_timestamp": round(record.updated_at * 1000),
        "description": record.description,
        "latest_versions": [version_message(one, version) for version in one.latest()],
        "tags": messages.pairs(record.tags),
        "aliases": [{"alias": alias, "version": str(version)} for alias, version in record.aliases.items()],
    }


def create(asked: Asked) -> messages.Message:
    """Make a model."""
    arguments = asked.arguments
    tags = dict(arguments.pairs("tags"))
    if tags.get(_PROMPT) == "true":
        raise RestError("NOT_IMPLEMENTED", "Desktop AML keeps no prompts: keep them beside the script, or log them.")
    made = asked.tracker.registry.create(arguments.text("name"), arguments.text("description", ""), tags)
    return _answer(made)


def get(asked: Asked) -> messages.Message:
    """Return a model."""
    return _answer(asked.tracker.registry.get(asked.arguments.text("name")))


def search(asked: Asked) -> messages.Message:
    """Return the models that a filter asks for, by name."""
    clauses = parsed(asked.arguments.text("filter", ""), "registered model")
    found = [one for one in asked.tracker.registry.all() if matches(clauses, partial(_value, one))]
    for term in reversed(asked.arguments.texts("order_by")):
        ordering = parsed_order(_BY_TIME.sub("name", term), "registered model")
        key = _changed_at if _BY_TIME.match(term) else _name
        found.sort(key=key, reverse=ordering.descending)
    page, token = paged(found, asked.arguments, default=100, most=1000)
    return {"registered_models": [model_message(one) for one in page], **token}


def _changed_at(one: RegisteredModel) -> float:
    return one.record.updated_at


def _name(one: RegisteredModel) -> str:
    return one.name


def _value(one: RegisteredModel, wanted: tuple[str, str]) -> str | float | None:
    entity, key = wanted
    if entity == "tag":
        # MLflow's client asks that a model is no prompt; one that says nothing of it is none.
        return one.record.tags.get(key, "false" if key == _PROMPT else None)
    return one.name


def latest(asked: Asked) -> messages.Message:
    """Return the newest version of each stage."""
    model = asked.tracker.registry.get(asked.arguments.text("name"))
    stages = [stage_named(one) for one in asked.arguments.texts("stages")]
    return {"model_versions": [version_message(model, one) for one in model.latest(stages)]}


def update(asked: Asked) -> messages.Message:
    """Describe a model."""
    arguments = asked.arguments
    return _answer(asked.tracker.registry.change(arguments.text("name"), description=arguments.text("description", "")))


def rename(asked: Asked) -> messages.Message:
    """Give a model another name."""
    return _answer(asked.tracker.registry.rename(asked.arguments.text("name"), asked.arguments.text("new_name")))


def delete(asked: Asked) -> messages.Message:
    """Remove a model with its versions."""
    asked.tracker.registry.delete(asked.arguments.text("name"))
    return {}


def set_tag(asked: Asked) -> messages.Message:
    """Give a tag of a registered model a value, in place of the one it had."""
    arguments = asked.arguments
    tags = dict([checked_tag(arguments, longest=LONGEST_OF_REGISTRY)])
    asked.tracker.registry.change(arguments.text("name"), tags=tags)
    return {}


def delete_tag(asked: Asked) -> messages.Message:
    """Remove a tag."""
    asked.tracker.registry.change(asked.arguments.text("name"), remove_tag=asked.arguments.text("key"))
    return {}


def set_alias(asked: Asked) -> messages.Message:
    """Let an alias mean a version."""
    arguments = asked.arguments
    asked.tracker.registry.set_alias(arguments.text("name"), arguments.text("alias"), arguments.version())
    return {}


def delete_alias(asked: Asked) -> messages.Message:
    """Forget an alias."""
    asked.tracker.registry.change(asked.arguments.text("name"), remove_alias=asked.arguments.text("alias"))
    return {}


def get_alias(asked: Asked) -> messages.Message:
    """Return the version that an alias means."""
    found = asked.tracker.registry.aliased(asked.arguments.text("name"), asked.arguments.text("alias"))
    return {"model_version": version_message(*found)}


def _answer(one: RegisteredModel) -> messages.Message:
    return {"registered_model": model_message(one)}
