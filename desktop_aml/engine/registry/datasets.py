"""Registering datasets: the rule of versions, and the manifests beside the database."""

from __future__ import annotations

import logging
from dataclasses import replace

from desktop_aml.domain.datasets import DatasetKind, DatasetVersion, dataset_id
from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.events import DatasetChanged
from desktop_aml.domain.names import check_dataset_name
from desktop_aml.domain.requests import Done, RegisterDataset, UnregisterDataset, UpdateDataset
from desktop_aml.domain.runs import Artifact
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.registry.output_datasets import Measured, OutputDataset
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import REGISTERED_OUTPUT
from desktop_aml.run_folder import manifests
from desktop_aml.store import datasets, runs

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
        numbers = [one.version for one in datasets.versions(self._desk.db, request.name)]
        if not datasets.forget_name(self._desk.db, request.name):
            raise NotFound(f"There is no dataset “{request.name}” in this workspace.")
        kept = [self._desk.folder.dataset(request.name, number) / "dataset.json" for number in numbers]
        for path in kept:
            self._desk.afterwards(lambda path=path: path.unlink(missing_ok=True))  # type: ignore[misc]
        self._desk.announce(DatasetChanged(request.name, 0))

    def keep_outputs(self, run_id: str) -> None:
        """Register the folders that a completed run was to leave as datasets; what cannot be is noted on its log."""
        wanted = [
            OutputDataset.read(text)
            for name, text in runs.attempt_of(self._desk.db, run_id)[2].items()
            if name.startswith(REGISTERED_OUTPUT)
        ]
        for output in wanted:
            self._desk.later(output.measure, lambda result, output=output: self._measured(output, result))  # type: ignore[misc]

    def _measured(self, output: OutputDataset, files: tuple[Measured, ...] | Failed) -> None:
        if isinstance(files, Failed):
            _log.warning("The output dataset %s could not be registered: %s", output.name, files.error)
            return
        try:
            with self._desk.commit():
                self.register(output.request(files))
        except DesktopAMLError as error:
            _log.warning("The output dataset %s could not be registered: %s", output.name, error)

    def _latest(self, name: str) -> DatasetVersion | None:
        found = datasets.versions(self._desk.db, name)
        return found[0] if found else None

    def _changed(self, dataset: DatasetVersion) -> None:
        manifests.write_dataset(self._desk.folder.dataset(dataset.name, dataset.version), dataset)
        self._desk.announce(DatasetChanged(dataset.name, dataset.version))
