"""Models: trained ones, registered by name and version with the hashes of their files."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from desktop_aml.domain.errors import Conflict, NotFound, StorageError
from desktop_aml.domain.inside_paths import inside, part
from desktop_aml.domain.names import check_model_name
from desktop_aml.domain.organising.requests import OrganiseModel, RenameModel
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import DeleteModel, RegisterModel, UpdateModel
from desktop_aml.domain.summaries.model_signatures import ModelSignature
from desktop_aml.domain.summaries.promotion import STAGE
from desktop_aml.store import registry
from desktop_aml.store.side_files import SideFiles
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.model.signature import read_signature
from desktop_aml.workspace.service import Service
from desktop_aml.workspace.tracking.model_records import ModelRecord, VersionRecord, check_alias, records_of_models

if TYPE_CHECKING:
    from desktop_aml.workspace.model.promotion import PromotionRules

_REGISTER_TIMEOUT_S: Final = 600.0


class Models(Service):
    """The registered models of a workspace.

    Examples
    --------
    >>> run = workspace.runs.submit(script)
    >>> _ = workspace.runs.wait(run, timeout_s=60)
    >>> model = workspace.models.register("steps", run_id=run, path="outputs/model.txt", tags={"kind": "text"})
    >>> model.label, len(model.files), model.run_id == run
    ('steps:1', 1, True)
    >>> [path.read_text() for path in workspace.models.download("steps", 1, folder)]
    ['3']
    """

    def list(self) -> tuple[ModelVersion, ...]:
        """Return the newest version of each model."""
        return registry.models(self._db)

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        """Return every version of a model, newest first."""
        return registry.model_versions(self._db, name)

    def get(self, name: str, version: int = 0) -> ModelVersion:
        """Return one version of a model; 0 is the newest.

        Raises
        ------
        NotFound
            When there is no such model or version.
        """
        return registry.get_model(self._db, name, version)

    def register(
        self,
        name: str,
        *,
        run_id: str = "",
        path: str = "",
        file: Path | str = "",
        framework: str = "",
        framework_version: str = "",
        description: str = "",
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        cpu: float | None = None,
        memory_in_gb: float | None = None,
        environment: str = "",
    ) -> ModelVersion:
        """Register the next version of a model from a run's artifact, or from a file on this computer.

        Parameters
        ----------
        name : str
            The model's name; the version is the next free number.
        run_id, path : str
            A run, as for `Runs.find`, and the file or folder that it left, such as ``outputs/model.joblib``.
        file : Path or str
            In place of both: a file or folder of this computer.
        framework, framework_version : str
            Empty: found from the file.
        cpu : float, optional
            Share of the processor that an endpoint may use, in cores.
        memory_in_gb : float, optional
            Memory that an endpoint may use, in gigabytes.
        environment : str
            ``name:version`` that the model is loaded in; empty is that of its run.

        Returns
        -------
        ModelVersion
            With the SHA-256 of each file.

        Raises
        ------
        NotFound
            When there is no such run or file.
        InvalidInput
            When the name breaks a rule, or neither a run nor a file is given.
        """
        request = RegisterModel(
            name=name,
            run_id=self._client.find_run(run_id) if run_id else "",
            path=path,
            file=str(whole_path(file)) if file else "",
            framework=framework,
            framework_version=framework_version,
            description=description,
            tags=dict(tags or {}),
            properties=dict(properties or {}),
            cpu=cpu,
            memory_in_gb=memory_in_gb,
            environment=environment,
        )
        done = self._client.ask(request, timeout_s=600.0)
        return self.get(done.name, done.version)

    def update(
        self,
        name: str,
        version: int,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tags: Sequence[str] = (),
        properties: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        """Change what is written about one version of a model, add or change tags, remove tags, add properties.

        Raises
        ------
        NotFound
            When there is no such version.
        Conflict
            When it has one of the properties already, with another value.
        """
        self._client.ask(
            UpdateModel(
                name=name,
                version=version,
                description=description,
                tags=dict(tags or {}),
                remove_tags=tuple(remove_tags),
                properties=dict(properties or {}),
            )
        )
        return self.get(name, version)

    def download(self, name: str, version: int, to: Path | str) -> tuple[Path, ...]:
        """Copy the files of a model into the folder `to`, each checked by its hash, and return the copies.

        Raises
        ------
        NotFound
            When there is no such model or version.
        StorageError
            When a file is damaged, or the folder cannot be written.
        """
        model = self.get(name, version)
        if model.lies_elsewhere:
            raise NotFound(
                f"The files of the model {model.label} lie elsewhere: {model.path}", "Fetch them from there."
            )
        targets = []
        for file in model.files:
            target = part(Path(to), Path(file.path).name) if len(model.files) == 1 else inside(Path(to), file.path)
            try:
                self._folder.blobs.copy_out(file.sha256, target)
            except OSError as error:
                raise StorageError(
                    f"“{target}” cannot be written: {error.strerror}.", "Choose another folder."
                ) from error
            targets.append(target)
        return tuple(targets)

    def aliases(self, name: str = "") -> dict[str, dict[str, int]]:
        """Return the aliases of a model, or of all, by the name of the model: each with the version that it means."""
        names = (name,) if name else self._records().names()
        found = {}
        for one in names:
            there = {version.version for version in self.versions(one)}
            record = self._records().get(one)
            kept = {alias: version for alias, version in (record.aliases if record else {}).items() if version in there}
            if kept:
                found[one] = dict(sorted(kept.items()))
        return found

    def set_aliases(
        self, name: str, aliases: Mapping[str, int | None], *, force: bool = False
    ) -> dict[str, int | None]:
        """Let aliases mean versions, all of them or none. MLflow's clients set and read the same ones.

        Parameters
        ----------
        aliases : mapping of str to int or None
            The version that each means from now on; None removes it.
        force : bool
            Whether a version gets an alias although it does not keep the rule before it, see `rules`.

        Returns
        -------
        dict of str to int or None
            What takes it back.

        Raises
        ------
        NotFound
            When there is no such version.
        InvalidInput
            When a name cannot be an alias, or a version does not keep the rule before it.
        """
        from desktop_aml.workspace.model.promotion import record_of

        for alias, version in aliases.items():
            if version is not None:
                check_alias(alias)
                self.get(name, version)
        for alias, version in aliases.items():
            if version is not None:
                self.rules.demand(name, version, alias, force=force)
        record = record_of(self._db, self._records().get(name), name)
        before = {alias: record.aliases.get(alias) for alias in aliases}
        wanted = {**record.aliases, **aliases}
        kept = {alias: version for alias, version in wanted.items() if version is not None}
        self._records().put(name, msgspec.structs.replace(record, aliases=kept, updated_at=time.time()))
        return before

    def set_stage(self, name: str, version: int, stage: str, *, force: bool = False) -> str:
        """Put a version into one of MLflow's stages: None, Staging, Production or Archived; return that before.

        Raises
        ------
        NotFound
            When there is no such version.
        InvalidInput
            When there is no such stage, or the version does not keep the rule before it (see `force` of `set_aliases`).
        """
        from desktop_aml.workspace.model.promotion import record_of, target_of

        version = self.get(name, version).version
        target = target_of(f"{STAGE}{stage}")
        record = record_of(self._db, self._records().get(name), name)
        said = record.versions.get(str(version), VersionRecord())
        if said.stage == target.removeprefix(STAGE):
            return said.stage
        self.rules.demand(name, version, target, force=force)
        record, now = record_of(self._db, self._records().get(name), name), time.time()
        moved = msgspec.structs.replace(said, stage=target.removeprefix(STAGE), updated_at=now)
        versions = {**record.versions, str(version): moved}
        self._records().put(name, msgspec.structs.replace(record, versions=versions, updated_at=now))
        return said.stage

    def stage(self, name: str, version: int) -> str:
        """Return the stage of a version; ``"None"`` where it has none."""
        record = self._records().get(name)
        return record.versions.get(str(version), VersionRecord()).stage if record else "None"

    def _records(self) -> SideFiles[ModelRecord]:
        return records_of_models(self._folder)

    def signature(self, name: str, version: int = 0) -> ModelSignature:
        """Return what a version takes and gives, as its ``MLmodel`` file says; empty where it has none."""
        return read_signature(self._folder, self.get(name, version))

    @property
    def rules(self) -> PromotionRules:
        """The rules that stand before aliases and stages, and what came of checking them."""
        # Imported here, as above: most commands promote nothing.
        from desktop_aml.workspace.model.promotion import PromotionRules

        return PromotionRules(self._db, self._folder)

    def rename(self, name: str, new_name: str) -> None:
        """Give a model another name: its versions keep their numbers, aliases, stages, rules and checks.

        Raises
        ------
        NotFound
            When there is no such model.
        InvalidName
            When the new name breaks the rule.
        Conflict
            When there is a model of the new name, or an endpoint serves a version.
        """
        check_model_name(new_name)
        records, versions = self._records(), self.versions(name)
        record = records.get(name)
        if record is None and not versions:
            self.get(name)
        if records.get(new_name) is not None:
            raise Conflict(f"There is a model “{new_name}” already.", "Choose another name.")
        if record is not None:
            records.put(new_name, msgspec.structs.replace(record, updated_at=time.time()))
        try:
            if versions:
                self._client.ask(RenameModel(name=name, new_name=new_name))
        except BaseException:
            records.remove(new_name)
            raise
        records.remove(name)

    def delete(self, name: str, version: int, *, forever: bool = False) -> None:
        """Put one version of a model into the trash; its files stay, and `restore` takes it out.

        Parameters
        ----------
        forever : bool
            Remove it at once, or from the trash; its files go when nothing else has them.

        Raises
        ------
        NotFound
            When there is no such version.
        Conflict
            When an endpoint uses it.
        """
        if not forever:
            self._client.ask(OrganiseModel(name=name, version=version, deleted=True))
            return
        self._client.ask(DeleteModel(name=name, version=version))
        self._client.free_room()

    def restore(self, name: str, version: int) -> None:
        """Take one version of a model out of the trash, with the aliases that mean it.

        Raises
        ------
        NotFound
            When it is not there.
        """
        self._client.ask(OrganiseModel(name=name, version=version, deleted=False))

    def trash(self) -> tuple[ModelVersion, ...]:
        """Return the versions in the trash, by name and version."""
        return registry.models_in_trash(self._db)
