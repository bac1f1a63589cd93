"""Registering models: from a run's artifacts, from a run that still goes on, or from a file on this computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.events import ModelDeleted, ModelRegistered
from desktop_aml.domain.names import check_model_name
from desktop_aml.domain.organising.requests import OrganiseModel, RenameModel
from desktop_aml.domain.registry import Framework, ModelVersion, ResourceConfiguration, is_elsewhere
from desktop_aml.domain.requests import DeleteModel, RegisterModel, UpdateModel
from desktop_aml.domain.runs import Artifact, RunDetail
from desktop_aml.domain.summaries.model_signatures import flavors_of
from desktop_aml.domain.summaries.results import is_result, likeliest_first
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.builds import Chosen
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.registry.described import description
from desktop_aml.run_folder import collect
from desktop_aml.store import environments, registry, runs
from desktop_aml.store.holding import Hold

_SCIKIT_LEARN = "scikit-learn"


class ModelFlow:
    """The models of one workspace.

    Parameters
    ----------
    choose : callable
        Returns the environment that a name means; raises `NotFound`.
    """

    def __init__(self, desk: Desk, choose: Callable[[str], Chosen]) -> None:
        self._desk = desk
        self._choose = choose

    def register(self, request: RegisterModel, then: Callable[[ModelVersion | Failed], None]) -> None:
        """Register the next version of a model; `then` gets it inside the commit that stores it.

        Raises
        ------
        InvalidInput
            When the name breaks the rule, or neither a run nor a file is given.
        NotFound
            When the run holds no such files, or there is no such environment.
        """
        check_model_name(request.name)
        for noun, amount in (("cores", request.cpu), ("GB of memory", request.memory_in_gb)):
            if amount is not None and not amount > 0:
                raise InvalidInput(f"A model cannot be given {amount:g} {noun}.", "Give more than 0, or leave it out.")
        if request.environment:
            # The version that is meant today: the model shall be loaded in the same one for good.
            request = replace(request, environment=self._choose(request.environment).label)
        detail = runs.get(self._desk.db, request.run_id) if request.run_id else None
        if detail is not None and detail.summary.state.is_terminal():
            artifacts = self._artifacts(request)
            work = partial(_verified, self._desk, artifacts)
        elif not request.run_id and not request.file and is_elsewhere(request.path):
            work = partial(_verified, self._desk, ())
        else:
            work = partial(self._copied_in, request)

        def held() -> tuple[tuple[Artifact, ...], object, Hold]:
            hold = self._desk.blobs.use()
            try:
                files = work()
                return files, description(self._desk.blobs, files), hold
            except BaseException:
                # Whatever ends it: what stays held is never cleaned away again.
                hold.close()
                raise

        def done(result: tuple[tuple[Artifact, ...], object, Hold] | Failed) -> None:
            if isinstance(result, Failed):
                then(result)
                return
            files, described, hold = result
            # Held until the model is stored, or cannot be.
            with boundary(self._desk.folder.root, lambda error: then(Failed(self._desk.in_words(error)))):
                self._keep(request, detail, files, described, then)
            hold.close()

        self._desk.later(held, done)

    def _artifacts(self, request: RegisterModel) -> tuple[Artifact, ...]:
        everything = runs.artifacts(self._desk.db, request.run_id)
        found = tuple(artifact for artifact in everything if collect.is_meant(artifact.path, request.path))
        if not found:
            raise _no_such_artifact(request, [artifact.path for artifact in everything])
        return found

    def _copied_in(self, request: RegisterModel) -> tuple[Artifact, ...]:
        """Keep the files that are meant; slow, as a folder of any size is looked through."""
        added = [(path, *self._desk.blobs.add(source)) for path, source in self._sources(request)]
        self._desk.blobs.flush()
        return tuple(Artifact(path, size, digest) for path, digest, size in added)

    def _sources(self, request: RegisterModel) -> list[tuple[str, Path]]:
        if request.run_id:
            folder = self._desk.folder.run(request.run_id)
            found = collect.resolve(folder, request.path)
            if not found:
                raise _no_such_artifact(request, list(collect.candidates(folder)))
            return found
        path = Path(request.file)
        if not request.file or not path.is_absolute():
            raise InvalidInput("A model is registered from a run or from a file.", "Give a run and a path, or a file.")
        if path.is_dir():
            inside = [(file.relative_to(path.parent).as_posix(), file) for file in sorted(path.rglob("*"))]
            return [(name, file) for name, file in inside if file.is_file() and not file.is_symlink()]
        if not path.is_file():
            raise NotFound(f"There is no file or folder “{path}”.", "Check the path.")
        return [(path.name, path)]

    def _keep(
        self,
        request: RegisterModel,
        detail: RunDetail | None,
        files: tuple[Artifact, ...],
        described: object,
        then: Callable[[ModelVersion | Failed], None],
    ) -> None:
        lock = environments.load_lock(self._desk.db, detail.lock_hash) if detail else None
        framework, framework_version = _framework(lock, files, flavors_of(described))
        if request.framework not in ("", framework):
            framework, framework_version = request.framework, ""
        with self._desk.commit():
            model = ModelVersion(
                name=request.name,
                version=registry.next_version(self._desk.db, request.name),
                created_at=self._desk.now(),
                run_id=request.run_id,
                path=request.path or Path(request.file).name,
                framework=framework,
                framework_version=request.framework_version or framework_version,
                description=request.description,
                tags=dict(request.tags),
                properties=dict(request.properties),
                resources=ResourceConfiguration(request.cpu, request.memory_in_gb),
                files=files,
                environment=request.environment or _environment(detail),
            )
            registry.insert_model(self._desk.db, model)
            self._desk.announce(ModelRegistered(model.name, model.version))
            then(model)

    def change(self, request: UpdateModel | RenameModel | OrganiseModel | DeleteModel) -> None:
        """Carry out what changes models that are there. Call inside a commit."""
        match request:
            case UpdateModel():
                self.update(request)
            case RenameModel():
                self.rename(request)
            case OrganiseModel():
                self.organise(request)
            case DeleteModel():
                self.delete(request)

    def update(self, request: UpdateModel) -> None:
        """Change what is written about a version of a model. Call inside a commit.

        Raises
        ------
        Conflict
            When a property has another value already.
        """
        model = registry.get_model(self._desk.db, request.name, request.version)
        for key, value in request.properties.items():
            if model.properties.get(key, value) != value:
                raise Conflict(
                    f"The property “{key}” of the model {model.label} is “{model.properties[key]}” and stays so.",
                    "Properties are written once; use a tag for what may change.",
                )
        kept = {key: value for key, value in model.tags.items() if key not in request.remove_tags}
        changed = replace(
            model,
            description=model.description if request.description is None else request.description,
            tags={**kept, **request.tags},
            properties={**model.properties, **request.properties},
        )
        registry.update_model(self._desk.db, changed)
        self._desk.announce(ModelRegistered(changed.name, changed.version))

    def rename(self, request: RenameModel) -> None:
        """Give a model another name. Call inside a commit.

        Raises
        ------
        NotFound
            When there is no such model.
        Conflict
            When there is one of the new name, or an endpoint serves a version.
        """
        check_model_name(request.new_name)
        if registry.is_taken(self._desk.db, request.new_name):
            hint = "Choose another name; a model in the trash keeps its own until it is removed for good."
            raise Conflict(f"There is a model “{request.new_name}” already.", hint)
        versions = registry.rename_model(self._desk.db, request.name, request.new_name)
        for version in versions:
            self._desk.announce(ModelDeleted(request.name, version))
            self._desk.announce(ModelRegistered(request.new_name, version))

    def organise(self, request: OrganiseModel) -> None:
        """Put one version of a model into the trash, or take it out. Call inside a commit.

        Raises
        ------
        NotFound
            When there is no such version where it is looked for.
        Conflict
            When an endpoint uses it.
        """
        db, name, version = self._desk.db, request.name, request.version
        if request.deleted:
            model = registry.get_model(db, name, version)
            registry.refuse_used(db, name, model.version)
            registry.update_model(db, replace(model, deleted_at=self._desk.now()))
            self._desk.announce(ModelDeleted(name, model.version))
            return
        model = registry.kept_model(db, name, version)
        if model.deleted_at is None:
            words = f"The model “{model.label}” is not in the trash."
            raise NotFound(words, "List what is there with: desktop-aml model list --trash")
        registry.update_model(db, replace(model, deleted_at=None))
        self._desk.announce(ModelRegistered(name, version))

    def delete(self, request: DeleteModel) -> None:
        """Remove one version of a model for good. Call inside a commit."""
        registry.delete_model(self._desk.db, request.name, request.version)
        self._desk.announce(ModelDeleted(request.name, request.version))


def _verified(desk: Desk, files: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """Return the files of a run after looking whether each is still what the run left."""
    for file in files:
        desk.blobs.verified(file.sha256)
    return files


def _no_such_artifact(request: RegisterModel, paths: list[str]) -> NotFound:
    models = sorted(filter(is_result, paths), key=likeliest_first)
    if models:
        hint = f"The run left: {', '.join(models[:6])}{'…' if len(models) > 6 else ''}"
    elif request.path.strip("./") == "outputs":
        hint = "The script left nothing in ./outputs: have it write its model there, as “outputs/model.joblib”."
    else:
        hint = (
            "The script left no file. What it writes into its folder is kept, best in ./outputs; not what it only read."
        )
    return NotFound(f"The run “{request.run_id}” holds no “{request.path}”.", hint)


def _framework(
    lock: EnvironmentLock | None, files: tuple[Artifact, ...], flavors: Mapping[str, Mapping[str, object]]
) -> tuple[str, str]:
    """Return the framework of a model and its version: what its own description says, else what its files look like."""
    in_lock = (lock.version_of(_SCIKIT_LEARN) or "") if lock else ""
    if flavors:
        said = flavors.get("sklearn")
        return (Framework.SCIKITLEARN, str(said.get("sklearn_version") or in_lock)) if said else (Framework.CUSTOM, "")
    looks_like_it = {Path(file.path).suffix for file in files} & {".joblib", ".pkl", ".pickle", ".skops"}
    return (Framework.SCIKITLEARN, in_lock) if looks_like_it and (lock is None or in_lock) else (Framework.CUSTOM, "")


def _environment(detail: RunDetail | None) -> str:
    return detail.summary.environment if detail else ""
