"""Which datasets a run took in and which it left, read from what it was given and what its script assigned."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from desktop_aml.domain.datasets import DatasetUse, DatasetVersion
from desktop_aml.domain.errors import DesktopAMLError, NotFound
from desktop_aml.engine.registry.output_datasets import OutputDataset
from desktop_aml.inside_run.site.desktop_aml_run import dataset_variables as names
from desktop_aml.store import datasets, runs
from desktop_aml.store.database import Database

_MODES = ("direct", "mount", "download")


def uses(db: Database, run_id: str) -> tuple[DatasetUse, ...]:
    """Return the datasets of a run: its inputs in the order that it has them, then its outputs.

    Raises
    ------
    NotFound
        When there is no such run.
    """
    given = runs.attempt_of(db, run_id)[2]
    properties = runs.get(db, run_id).properties
    return (*_inputs(db, given), *_assigned(db, properties), *_outputs(db, given))


def _inputs(db: Database, given: Mapping[str, str]) -> Iterator[DatasetUse]:
    ids = dict(_pairs(given.get(names.INPUT_IDS, "")))
    for name, mode in _pairs(given.get(names.INPUTS, "")):
        value = given.get(name, "")
        if mode in _MODES:
            path = "" if mode == "direct" else value
            yield DatasetUse(name, mode, _known(db, ids.get(name) or (value if mode == "direct" else "")), path)


def _assigned(db: Database, properties: Mapping[str, str]) -> Iterator[DatasetUse]:
    for key, identifier in properties.items():
        if key.startswith(names.TAKEN):
            yield DatasetUse(key.removeprefix(names.TAKEN), "direct", _known(db, identifier))


def _outputs(db: Database, given: Mapping[str, str]) -> Iterator[DatasetUse]:
    for name in filter(None, given.get(names.OUTPUTS, "").split(",")):
        registered = _registered(db, given.get(names.REGISTERED_OUTPUT + name, ""))
        yield DatasetUse(name, "output", registered, given.get(name, ""))


def _registered(db: Database, text: str) -> DatasetVersion | None:
    """Return what an output became; the folder in its definition is this run's own."""
    with contextlib.suppress(DesktopAMLError):
        wanted = OutputDataset.read(text)
        found = datasets.versions(db, wanted.name)
        return next((one for one in found if one.definition == wanted.definition), None)
    return None


def _known(db: Database, identifier: str) -> DatasetVersion | None:
    try:
        return datasets.get_by_id(db, identifier) if identifier else None
    except NotFound:
        return None


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for entry in filter(None, text.split(",")):
        name, _, value = entry.partition(":")
        yield name, value
