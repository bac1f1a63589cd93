"""The registry as MLflow knows it: models with versions, aliases, stages and tags. A version is the workspace's row.

What MLflow says of a model beyond its versions is a document of its own beside the database; versions, their tags and
descriptions are the engine's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import msgspec

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.names import check_model_name
from desktop_aml.domain.registry import ModelVersion, is_elsewhere
from desktop_aml.domain.runs import EXTERNAL
from desktop_aml.domain.summaries.promotion import STAGE
from desktop_aml.store import registry, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.model.promotion import PromotionRules
from desktop_aml.workspace.tracking.artifacts import checked
from desktop_aml.workspace.tracking.model_records import (
    STAGES,
    ModelRecord,
    VersionRecord,
    check_alias,
    records_of_models,
)
from desktop_aml.workspace.tracking.models import LoggedModel
from desktop_aml.workspace.workspace import Workspace

_OF_RUN: Final = re.compile(r"mlflow-artifacts:/{1,3}[\w-]+/(?P<run>[\w.-]+)/artifacts(?:/(?P<path>.+))?")
_OF_MODEL: Final = re.compile(
    r"(?:mlflow-artifacts:/{1,3}[\w-]+/models/|models:/)(?P<model>m-[0-9a-f]{32})(?:/artifacts)?/?"
)
_RUNS: Final = re.compile(r"runs:/(?P<run>[\w.-]+)/(?P<path>.+)")
_MODELS: Final = re.compile(r"models:/(?P<name>[^/@]+)(?:/(?P<version>\d+)|@(?P<alias>[\w-]+))")


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One model of the registry; `versions` are newest first."""

    name: str
    record: ModelRecord
    versions: tuple[ModelVersion, ...]

    def stage_of(self, version: int) -> str:
        """Return the stage of a version."""
        return self.said_of(version).stage

    def said_of(self, version: int) -> VersionRecord:
        """Return what MLflow says of a version."""
        return self.record.versions.get(str(version), VersionRecord())

    def aliases_of(self, version: int) -> list[str]:
        """Return the aliases of a version."""
        return [alias for alias, target in self.record.aliases.items() if target == version]

    def latest(self, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """Return the newest version of each stage."""
        found: dict[str, ModelVersion] = {}
        for one in self.versions:
            found.setdefault(self.stage_of(one.version), one)
        return [one for stage, one in found.items() if not stages or stage in stages]


class Registry:
    """The registry of one workspace. Its methods may ask the engine, which takes some milliseconds."""

    def __init__(
        self, workspace: Workspace, folder: WorkspaceFolder, db: Database, logged: Callable[[str], LoggedModel]
    ) -> None:
        self._workspace = workspace
        self._db = db
        self._logged = logged
        self._records = records_of_models(folder)
        self._rules = PromotionRules(db, folder)

    # Models.

    def get(self, name: str) -> RegisteredModel:
        """Return a model.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        versions = registry.model_versions(self._db, name)
        record = self._record(name)
        if record is None and not versions:
            raise NotFound(f"Registered Model with name={name[:200]} not found")
        if record is None:
            record = ModelRecord(created_at=versions[-1].created_at, updated_at=versions[0].created_at)
        kept = {
            alias: version for alias, version in record.aliases.items() if any(version == v.version for v in versions)
        }
        return RegisteredModel(name, msgspec.structs.replace(record, aliases=kept), versions)

    def all(self) -> list[RegisteredModel]:
        """Return every model, by name."""
        names = {one.name for one in registry.models(self._db)} | set(self._records.names())
        return [self.get(name) for name in sorted(names)]

    def create(self, name: str, description: str, tags: dict[str, str]) -> RegisteredModel:
        """Make a model without versions.

        Raises
        ------
        Conflict
            When there is one of this name.
        """
        check_model_name(name)
        if self._record(name) is not None or registry.model_versions(self._db, name):
            raise Conflict(f"Registered Model (name={name}) already exists.")
        now = time.time()
        self._records.put(name, ModelRecord(created_at=now, updated_at=now, description=description, tags=tags))
        return self.get(name)

    def change(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tag: str = "",
        aliases: Mapping[str, int] | None = None,
        remove_alias: str = "",
        versions: Mapping[str, VersionRecord] | None = None,
    ) -> RegisteredModel:
        """Keep what changed about a model."""
        old = self.get(name).record
        record = msgspec.structs.replace(
            old,
            updated_at=time.time(),
            description=old.description if description is None else description,
            tags={key: value for key, value in {**old.tags, **(tags or {})}.items() if key != remove_tag},
            aliases={key: one for key, one in {**old.aliases, **(aliases or {})}.items() if key != remove_alias},
            versions={**old.versions, **(versions or {})},
        )
        self._records.put(name, record)
        return self.get(name)

    def rename(self, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name.

        Raises
        ------
        Conflict
            When there is one of the new name, or an endpoint serves it.
        """
        self.get(name)
        check_model_name(new_name)
        if new_name == name:
            return self.get(name)
        if self._record(new_name) is not None or registry.model_versions(self._db, new_name):
            raise Conflict(f"Registered Model (name={new_name}) already exists.")
        self._workspace.models.rename(name, new_name)
        return self.get(new_name)

    def delete(self, name: str) -> None:
        """Remove a model with all of its versions."""
        for one in self.get(name).versions:
            # For good: these clients know no way back, and may give the name away at once.
            self._workspace.models.delete(name, one.version, forever=True)
        self._records.remove(name)

    # Versions.

    def version(self, name: str, version: int) -> tuple[RegisteredModel, ModelVersion]:
        """Return a model and one of its versions.

        Raises
        ------
        NotFound
            When there is no such version.
        """
        with suppress(NotFound):
            model = self.get(name)
            for one in model.versions:
                if one.version == version:
                    return model, one
        raise NotFound(f"Model Version (name={name}, version={version}) not found")

    def register(
        self,
        name: str,
        source: str,
        *,
        description: str = "",
        tags: Mapping[str, str],
        run_id: str = "",
        run_link: str = "",
    ) -> tuple[RegisteredModel, ModelVersion]:
        """Register what a client names as the next version of a model.

        What lies elsewhere (``s3://…``, a run that is not in this workspace) is not fetched: the version has no files,
        and its run is the one that the client named.

        Raises
        ------
        InvalidInput
            When `source` is no place of this workspace, nor an address elsewhere.
        """
        self.get(name)
        found_run, path, model_id = self._place_of(source)
        if found_run and runs.is_over(self._db, found_run) is None:  # there is no such run
            found_run, path = "", source
        made = self._workspace.models.register(
            name,
            run_id=found_run,
            path=path,
            description=description,
            tags=dict(tags),
            environment=self._environment_of(found_run) if found_run else "",
        )
        said = VersionRecord(
            source=source,
            run_id="" if found_run else run_id,
            run_link=run_link,
            model_id=model_id,
            updated_at=time.time(),
        )
        self.change(name, versions={str(made.version): said})
        return self.version(name, made.version)

    def update_version(
        self,
        name: str,
        version: int,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tag: str = "",
    ) -> tuple[RegisteredModel, ModelVersion]:
        """Describe and label a version."""
        self.version(name, version)
        self._workspace.models.update(
            name, version, description=description, tags=tags, remove_tags=(remove_tag,) if remove_tag else ()
        )
        return self._touched(name, version)

    def move(
        self, name: str, version: int, stage: str, *, archive_others: bool
    ) -> tuple[RegisteredModel, ModelVersion]:
        """Put a version into a stage; the others of that stage may go to the archive.

        Raises
        ------
        InvalidInput
            When there is no such stage, or the version does not keep the rule before it.
        """
        wanted = stage_named(stage)
        model, _ = self.version(name, version)
        if archive_others and wanted not in {"Staging", "Production"}:
            raise InvalidInput("Model version transition cannot archive existing model versions for this stage.")
        if model.stage_of(version) != wanted:
            self._rules.demand(name, version, f"{STAGE}{wanted}")
        changed = {str(version): self._staged(model, version, wanted)}
        if archive_others:
            others = [one.version for one in model.versions if one.version != version]
            changed |= {
                str(one): self._staged(model, one, "Archived") for one in others if model.stage_of(one) == wanted
            }
        self.change(name, versions=changed)
        return self.version(name, version)

    def delete_version(self, name: str, version: int) -> None:
        """Remove a version and its aliases; its number is not given again."""
        model, _ = self.version(name, version)
        self._workspace.models.delete(name, version, forever=True)
        record = msgspec.structs.replace(
            model.record,
            updated_at=time.time(),
            aliases={alias: one for alias, one in model.record.aliases.items() if one != version},
            versions={key: one for key, one in model.record.versions.items() if key != str(version)},
        )
        self._records.put(name, record)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Let an alias mean a version.

        Raises
        ------
        InvalidInput
            When it cannot be an alias, or the version does not keep the rule before it.
        """
        check_alias(alias)
        self.version(name, version)
        self._rules.demand(name, version, alias)
        self.change(name, aliases={alias: version})

    def aliased(self, name: str, alias: str) -> tuple[RegisteredModel, ModelVersion]:
        """Return the version that an alias means.

        Raises
        ------
        InvalidInput
            When there is no such alias: MLflow's client branches on that.
        """
        version = self.get(name).record.aliases.get(alias)
        if version is None:
            raise InvalidInput(f"Registered model alias {alias[:100]} not found.")
        return self.version(name, version)

    def _environment_of(self, run_id: str) -> str:
        """Return the environment of the script that recorded a run as its child; empty for a run with its own."""
        summary = runs.get(self._db, run_id).summary
        if summary.target != EXTERNAL:
            return ""
        while summary.parent and summary.target == EXTERNAL:
            summary = runs.get(self._db, summary.parent).summary
        return "" if summary.target == EXTERNAL else summary.environment

    def _record(self, name: str) -> ModelRecord | None:
        try:
            check_model_name(name)
        except InvalidInput:
            if set(name) & set("/:"):
                raise  # no model of MLflow's has such a name either
            return None
        return self._records.get(name)

    def _touched(self, name: str, version: int) -> tuple[RegisteredModel, ModelVersion]:
        model = self.get(name)
        said = msgspec.structs.replace(model.said_of(version), updated_at=time.time())
        # What is written about a version is no change of its model.
        self._records.put(
            name, msgspec.structs.replace(model.record, versions={**model.record.versions, str(version): said})
        )
        return self.version(name, version)

    def _staged(self, model: RegisteredModel, version: int, stage: str) -> VersionRecord:
        return msgspec.structs.replace(model.said_of(version), stage=stage, updated_at=time.time())

    def _place_of(self, source: str) -> tuple[str, str, str]:
        """Return run, path among its files and logged model of what a client names."""
        if (found := _OF_MODEL.fullmatch(source)) is not None:
            model = self._logged(found["model"])
            return model.run_id, f"outputs/{model.place}", model.model_id
        for kind in (_OF_RUN, _RUNS):
            if (found := kind.fullmatch(source)) is not None:
                inside = checked(found["path"] or "")
                return found["run"], f"outputs/{inside}" if inside else "outputs", ""
        if (found := _MODELS.fullmatch(source)) is not None:
            model_of, version = (
                self.aliased(found["name"], found["alias"])
                if found["alias"]
                else self.version(found["name"], int(found["version"]))
            )
            return version.run_id, version.path, model_of.said_of(version.version).model_id
        # An address of this server's own kind that was not understood above is a slip, or a trick.
        is_ours = source.lower().startswith(("mlflow-artifacts:", "models:", "runs:"))
        plain = unquote(unquote(source))
        is_upward = ".." in plain or "\0" in plain
        if is_elsewhere(source) and not is_ours and not is_upward:
            return "", source, ""
        words = "Name a run (runs:/ID/PATH), a logged model or a version (models:/NAME/1) of this workspace."
        if is_upward:
            words = "If supplying a source as an http, https, s3 or mlflow-artifacts address, leave out '..' and NUL."
        elif not is_elsewhere(source):
            words = (
                "To use a local path as a model version, log its files with a run first (mlflow.log_artifacts), and "
                "name runs:/ID/PATH."
            )
        raise InvalidInput(f"Invalid model version source: '{source[:200]}'.", words)


def stage_named(text: str) -> str:
    """Return the stage that a text means, in whatever letters.

    Raises
    ------
    InvalidInput
        When there is no such stage.
    """
    found = {one.lower(): one for one in STAGES}.get(text.lower())
    if found is None:
        raise InvalidInput(f"Invalid Model Version stage: {text[:50]}. Value must be one of {', '.join(STAGES)}.")
    return found
