"""Registering datasets: the rule of versions, and the manifests beside the database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion, dataset_id
from desktop_aml.domain.errors import CONCERNS_ALL, Conflict, DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.events import DatasetChanged
from desktop_aml.domain.names import check_dataset_name
from desktop_aml.domain.requests import Done, RegisterDataset, UnregisterDataset, UpdateDataset
from desktop_aml.domain.runs import Artifact
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.registry import output_datasets
from desktop_aml.engine.registry.output_datasets import Measured, OutputDataset
from desktop_aml.store import datasets

_log = logging.getLogger(__name__)


class DatasetFlow:
    """The datasets of one workspace. Call inside a commit."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, request: RegisterDataset) -> Done:
        """Keep a dataset and, when it has a name, make it that name's next version.

        The same definition over the same bytes as the newest version changes nothing.

        Raises
        ------
        Conflict
            When the name means another dataset and no new version is wanted.
        """
        if request.kind not in set(DatasetKind):
            raise InvalidInput(f"“{request.kind}” is no kind of dataset.")
        files = tuple(Artifact(*file) for file in request.files)
        identifier = self._id_of(request.definition, files)
        kind, now = DatasetKind(request.kind), self._desk.now()
        dataset = DatasetVersion("", 0, identifier, kind, now, request.definition, files=files)
        datasets.save(self._desk.db, dataset)
        if not request.name:
            return Done(name=identifier)
        check_dataset_name(request.name)
        latest = self._latest(request.name)
        if latest is not None and identifier in (latest.id, self._id_of(latest.definition, latest.files)):
            return Done(name=latest.name, version=latest.version, changed=False)
        kept = self._desk.db.portable.kept_json
        is_another = latest is not None and kept(latest.definition) != kept(request.definition)
        if is_another and not request.create_new_version:
            raise Conflict(
                f"There is another dataset named “{request.name}” in this workspace already.",
                "Register it with create_new_version=True, or under another name.",
            )
        named = replace(
            dataset,
            name=request.name,
            version=datasets.next_version(self._desk.db, request.name),
            description=request.description,
            tags=request.tags,
        )
        datasets.insert_version(self._desk.db, named)
        self._changed(named)
        return Done(name=named.name, version=named.version)

    def _id_of(self, definition: str, files: tuple[Artifact, ...]) -> str:
        """Return an identifier that a dataset keeps when the workspace moves."""
        portable = self._desk.db.portable
        kept = tuple(replace(file, path=portable.kept(file.path)) for file in files)
        return dataset_id(portable.kept_json(definition), kept)

    def update(self, request: UpdateDataset) -> None:
        """Change what is written about a version."""
        old = datasets.get(self._desk.db, request.name, request.version)
        description = old.description if request.description is None else request.description
        tags = old.tags if request.tags is None else request.tags
        datasets.update_version(self._desk.db, old.name, old.version, description=description, tags=tags)
        self._changed(replace(old, description=description, tags=tags))

    def unregister(self, request: UnregisterDataset) -> None:
        """Forget a name.

        Raises
        ------
        NotFound
            When there is none.
        """
        if not datasets.forget_name(self._desk.db, request.name):
            raise NotFound(f"There is no dataset “{request.name}” in this workspace.")
        self._desk.announce(DatasetChanged(request.name, 0))

    def keep_outputs(self, run_id: str, done: Callable[[], None]) -> None:
        """Register the folders that a completed run was to leave as datasets, all in one commit; `done` is part of it.

        What cannot be registered is noted in the log. A second time, after a crash, the same files make no version.
        """
        wanted = output_datasets.wanted(self._desk.db, run_id)
        self._desk.later(
            lambda: [(one, one.measure_or_fail()) for one in wanted],
            lambda result: self._measured(run_id, result, done),
        )

    def _measured(
        self,
        run_id: str,
        result: list[tuple[OutputDataset, tuple[Measured, ...] | DesktopAMLError]] | Failed,
        done: Callable[[], None],
    ) -> None:
        with self._desk.commit():
            if isinstance(result, Failed):
                _log.warning("The output datasets of %s could not be registered: %s", run_id, result.error)
                result = []
            for output, files in result:
                error = files if isinstance(files, DesktopAMLError) else self._register_output(output, files)
                if error is not None:
                    _log.warning("The output dataset %s could not be registered: %s", output.name, error)
            done()

    def _register_output(self, output: OutputDataset, files: tuple[Measured, ...]) -> DesktopAMLError | None:
        try:
            with self._desk.db.savepoint():
                self.register(output.request(files))
        except CONCERNS_ALL:
            raise
        except DesktopAMLError as error:
            return error
        return None

    def _latest(self, name: str) -> DatasetVersion | None:
        found = datasets.versions(self._desk.db, name)
        return found[0] if found else None

    def _changed(self, dataset: DatasetVersion) -> None:
        self._desk.announce(DatasetChanged(dataset.name, dataset.version))
