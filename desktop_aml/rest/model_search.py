"""Searching logged models: by their metrics, on certain data sets, too, and in the order that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from desktop_aml.domain.filters import matches
from desktop_aml.domain.filters.clauses import Clause, parsed
from desktop_aml.rest import schemas
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, RestError
from desktop_aml.workspace.tracking.models import LoggedModel

Value = str | float
Points = Sequence[Mapping[str, object]]
PointsOf = Callable[[str], Points]


def found_by(asked: Asked) -> list[LoggedModel]:
    """Return the models of some experiments that a filter asks for; without an order the newest come first.

    Raises
    ------
    RestError
        When data set or order cannot be read.
    """
    arguments, tracker = asked.arguments, asked.tracker
    wanted = set(arguments.texts("experiment_ids"))
    names = {one.name for one in tracker.experiments.all() if one.id in wanted}
    clauses = parsed(arguments.text("filter", ""), "logged model")
    datasets = [_dataset(one) for one in arguments.parts("datasets")]
    if any("dataset_name" not in one for one in datasets):
        raise RestError(INVALID, "`dataset_name` in the `datasets` clause must be specified.")

    @cache
    def points_of(model_id: str) -> Points:
        return [one for one in tracker.model_metrics(model_id) if isinstance(one, dict)]

    found = [
        one for one in tracker.all_models() if one.experiment in names and _is_meant(one, clauses, datasets, points_of)
    ]
    for order in reversed(list(arguments.parts("order_by"))):
        found = _sorted(found, _value_by(order, points_of), "ascending" in order.values and not order.flag("ascending"))
    return found


def _sorted(
    models: Sequence[LoggedModel], value: Callable[[LoggedModel], Value | None], is_descending: bool
) -> list[LoggedModel]:
    """Return models by a value of theirs, those without any at the end in both directions."""
    values = [(found, one) for one in models if (found := value(one)) is not None]
    values.sort(key=_first, reverse=is_descending)
    return [one for _, one in values] + [one for one in models if value(one) is None]


def _first(pair: tuple[Value, LoggedModel]) -> tuple[float, str]:
    value = pair[0]
    return (0.0, value) if isinstance(value, str) else (value, "")


def _dataset(one: Arguments) -> dict[str, str]:
    given = {name: one.text(name, "") for name in ("dataset_name", "dataset_digest")}
    return {name: text for name, text in given.items() if text}


def _is_meant(
    model: LoggedModel, clauses: Sequence[Clause], datasets: Sequence[Mapping[str, str]], points_of: PointsOf
) -> bool:
    """Whether a model meets all clauses: of a metric any of its points may, on any of the data sets."""
    by_metric = [one for one in clauses if one.entity == "metric"]
    if not matches([one for one in clauses if one.entity != "metric"], partial(value_of, model)):
        return False
    if not by_metric and not datasets:
        return True
    points = [
        one
        for one in points_of(model.model_id)
        if not datasets or any(dataset.items() <= one.items() for dataset in datasets)
    ]
    if not by_metric:
        return bool(points)
    return all(any(_meets(point, clause) for point in points) for clause in by_metric)


def _meets(point: Mapping[str, object], clause: Clause) -> bool:
    return point["key"] == clause.key and matches([clause], lambda _: _number(point))


def _number(point: Mapping[str, object]) -> float | None:
    return schemas.number(point["value"])


def _value_by(order: Arguments, points_of: PointsOf) -> Callable[[LoggedModel], str | float | None]:
    """Return what a term of an order sorts by; of a metric it is the last point, on a data set where one is named."""
    field = order.text("field_name")
    entity, dot, key = field.partition(".")
    if not dot:
        if field not in _ORDERED:
            raise RestError(INVALID, f"Invalid order by field name: {field[:200]}")
        return lambda model: value_of(model, ("attribute", field))
    if entity != "metrics":
        raise RestError(INVALID, f"Invalid order by field name: {field[:200]}. Only metrics are supported.")
    dataset = _dataset(order)

    def last(model: LoggedModel) -> float | None:
        points = [one for one in points_of(model.model_id) if one["key"] == key and dataset.items() <= one.items()]
        return _number(max(points, key=_moment)) if points else None

    return last


def _moment(point: Mapping[str, object]) -> tuple[int, int]:
    return schemas.whole(point.get("timestamp")) or 0, schemas.whole(point.get("step")) or 0


def value_of(model: LoggedModel, wanted: tuple[str, str]) -> str | float | None:
    """Return a tag, a parameter or an attribute of a model; None when it has none of the name."""
    entity, key = wanted
    if entity == "tag":
        return model.tags.get(key)
    if entity == "param":
        return model.params.get(key)
    read = _ORDERED.get(key)
    return None if read is None else read(model)


_ORDERED: Mapping[str, Callable[[LoggedModel], str | float]] = {
    "name": lambda one: one.name,
    "model_id": lambda one: one.model_id,
    "model_type": lambda one: one.model_type,
    "status": lambda one: one.status.removeprefix("LOGGED_MODEL_"),
    "source_run_id": lambda one: one.run_id,
    "creation_timestamp": lambda one: one.created_ms,
    "creation_time": lambda one: one.created_ms,
    "creation_timestamp_ms": lambda one: one.created_ms,
    "last_updated_timestamp": lambda one: one.updated_ms,
    "last_updated_time": lambda one: one.updated_ms,
    "last_updated_timestamp_ms": lambda one: one.updated_ms,
}
