"""Routes about experiments."""

from __future__ import annotations

from functools import partial
from typing import Final

from desktop_aml.domain.filters import matches
from desktop_aml.domain.filters.clauses import parsed, parsed_order
from desktop_aml.rest import messages
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, MISSING, RestError
from desktop_aml.rest.limits import checked_experiment, checked_tag
from desktop_aml.rest.paging import paged
from desktop_aml.workspace.tracking.experiments import shown_name
from desktop_aml.workspace.tracking.values import LIFECYCLE, DocumentKind, TrackedExperiment

_LONGEST_TAG: Final = 20_000
_HERE: Final = frozenset({"file", "mlflow-artifacts"})
"""Schemes of places that a client may name for files: what it puts there lies with its runs."""


def get_by_name(asked: Asked) -> messages.Message:
    """Return the experiment of a name; a script that asks for one means to put its run into it."""
    name = asked.arguments.text("experiment_name")
    found = asked.tracker.experiments.named(name)
    if found is None:
        raise RestError(MISSING, f"Could not find experiment with name '{name[:500]}'")
    if found.deleted_at is None:
        asked.tracker.choose_experiment(found.name)
    return {"experiment": messages.experiment(found)}


def create(asked: Asked) -> messages.Message:
    """Make an experiment; the files of its runs lie with them, in the workspace.

    A place on this computer is passed over: the files are there all the same. Elsewhere they would be looked for.
    """
    name, place = asked.arguments.text("name"), asked.arguments.text("artifact_location", "")
    scheme, mark, _ = place.partition("://")
    if mark and scheme.lower() not in _HERE:
        raise RestError(
            INVALID,
            f"The files of an experiment cannot lie at '{place[:200]}': Desktop AML keeps the files of runs in the "
            "workspace. Leave artifact_location out.",
        )
    made = asked.tracker.experiments.create(checked_experiment(name), dict(asked.arguments.pairs("tags")))
    asked.tracker.choose_experiment(made.name)
    return {"experiment_id": made.id}


def get(asked: Asked) -> messages.Message:
    """Return an experiment."""
    return {"experiment": messages.experiment(asked.tracker.experiments.get(asked.arguments.text("experiment_id")))}


def search(asked: Asked) -> messages.Message:
    """Return the experiments that a filter asks for, newest first where no order is given."""
    arguments = asked.arguments
    clauses = parsed(arguments.text("filter", ""), "experiment")
    view = arguments.text("view_type", "")
    found = [
        one for one in asked.tracker.experiments.all() if _is_in(one, view) and matches(clauses, partial(_value, one))
    ]
    found.sort(key=lambda one: (-one.created_at, one.id))
    for term in reversed(arguments.texts("order_by")):
        order = parsed_order(term, "experiment")
        found.sort(key=partial(_sortable, (order.entity, order.key)), reverse=order.descending)
    page, token = paged(found, arguments, default=1000, most=50_000)
    return {"experiments": [messages.experiment(one) for one in page], **token}


def _sortable(wanted: tuple[str, str], one: TrackedExperiment) -> tuple[bool, float, str]:
    value = _value(one, wanted)
    return value is None, value if isinstance(value, float) else 0.0, value if isinstance(value, str) else ""


def _value(one: TrackedExperiment, wanted: tuple[str, str]) -> str | float | None:
    entity, key = wanted
    if entity == "tag":
        return one.tags.get(key)
    known: dict[str, str | float] = {
        "name": shown_name(one.name),
        "experiment_id": one.id,
        "creation_time": float(round(one.created_at * 1000)),
        "last_update_time": float(round(one.updated_at * 1000)),
    }
    return known.get(key)


def _is_in(one: TrackedExperiment, view: str) -> bool:
    return view == "ALL" or (one.deleted_at is not None) == (view == "DELETED_ONLY")


def delete(asked: Asked) -> messages.Message:
    """Put an experiment into the trash."""
    return _put(asked, deleted=True)


def restore(asked: Asked) -> messages.Message:
    """Take an experiment out of the trash."""
    return _put(asked, deleted=False)


def _put(asked: Asked, *, deleted: bool) -> messages.Message:
    """Put an experiment into the trash or take it out, and the runs that are in it."""
    found = asked.tracker.experiments.get(asked.arguments.text("experiment_id"))
    asked.tracker.experiments.change(found.id, deleted=deleted)
    stage = {"stage": "deleted" if deleted else "active"}
    for run_id in asked.tracker.workspace.experiments.run_ids(found.name):
        asked.tracker.log(run_id, documents={(DocumentKind.RUN, LIFECYCLE): stage})
    asked.tracker.settle()
    return {}


def update(asked: Asked) -> messages.Message:
    """Rename an experiment; its runs go with it."""
    asked.tracker.rename_experiment(_active(asked).id, checked_experiment(asked.arguments.text("new_name")))
    return {}


def set_tag(asked: Asked) -> messages.Message:
    """Give a tag of an experiment a value, in place of the one it had."""
    arguments: Arguments = asked.arguments
    key, value = checked_tag(arguments, longest=_LONGEST_TAG)
    asked.tracker.experiments.change(_active(asked).id, tags={key: value})
    return {}


def delete_tag(asked: Asked) -> messages.Message:
    """Remove a tag."""
    experiment, key = _active(asked), asked.arguments.text("key")
    if key not in experiment.tags:
        raise RestError(MISSING, f"No tag with name: {key[:250]} in experiment with id {experiment.id}")
    asked.tracker.experiments.change(experiment.id, remove_tag=key)
    return {}


def _active(asked: Asked) -> TrackedExperiment:
    """Return the experiment that is meant, once it is known that it may be changed."""
    found = asked.tracker.experiments.get(asked.arguments.text("experiment_id"))
    if found.deleted_at is not None:
        raise RestError(INVALID, f"The experiment {found.id} must be in the 'active' state. Current state is deleted.")
    return found
