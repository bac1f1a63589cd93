"""Seeing: everything that can be read of a workspace, quickly, without an engine."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from desktop_aml.domain.environments import BuildState, EnvironmentLock, EnvironmentSummary, EnvironmentVersion
from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.domain.inside_paths import inside, part
from desktop_aml.domain.metrics import RunMetrics
from desktop_aml.domain.names import as_it_was
from desktop_aml.domain.registry import Endpoint, EndpointKeys, ModelVersion
from desktop_aml.domain.runs import Artifact, LogChunk, RunDetail, RunQuery, RunState, RunSummary
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.environments import curated
from desktop_aml.run_folder import collect, snapshot
from desktop_aml.serving import config, schema, script_requests, snippets
from desktop_aml.store import environments, experiments, metrics, registry, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder, WorkspaceIdentity
from desktop_aml.store.run_view import RunView
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.endpoint_states import as_it_is


@dataclass(frozen=True, slots=True)
class ExperimentSummary:
    """One experiment. `last_run_at` is Unix time in seconds."""

    name: str
    run_count: int
    last_run_at: float | None


@dataclass(frozen=True, slots=True)
class EndpointCalls:
    """How to call an endpoint, to copy.

    Parameters
    ----------
    body_file : str
        The file that the calls take their body from, where nothing says what the endpoint takes; else empty.
    """

    curl: str
    python: str
    body_file: str = ""


class Reading:
    """The reading half of a workspace. Each thread reads through a connection of its own."""

    def __init__(self, folder: WorkspaceFolder) -> None:
        self._folder = folder
        self._local = threading.local()
        self._connections: list[Database] = []
        self._connections_lock = threading.Lock()

    @property
    def path(self) -> Path:
        """The workspace's folder."""
        return self._folder.root

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self._folder.name()

    def identity(self) -> WorkspaceIdentity:
        """Return the workspace's name and what else Azure ML calls it by."""
        return self._folder.identity()

    def created_at(self) -> float:
        """Return when the workspace was made, as Unix time in seconds."""
        return self._folder.config.stat().st_mtime

    @property
    def _db(self) -> Database:
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = Database(self._folder.database, read_only=True)
            with self._connections_lock:
                self._connections.append(db)
        return db

    def _close_connections(self) -> None:
        with self._connections_lock:
            for db in self._connections:
                db.close()
            self._connections.clear()
        self._local = threading.local()

    # Runs.

    def experiments(self) -> tuple[ExperimentSummary, ...]:
        """Return every experiment, by name."""
        return tuple(ExperimentSummary(*row) for row in experiments.summaries(self._db))

    def run_view(self) -> RunView:
        """Return a view for a table of very many runs; the caller closes it."""
        return RunView(self._folder.database)

    def runs(self, query: RunQuery | None = None, offset: int = 0, limit: int = 200) -> tuple[RunSummary, ...]:
        """Return a page of the runs that a query asks for; newest first without one."""
        view = self.run_view()
        try:
            found = view.apply(query or RunQuery())
            return tuple(summary for summary in view.page(found.token, offset, limit) if summary is not None)
        finally:
            view.close()

    def count_runs(self, query: RunQuery | None = None) -> int:
        """Return how many runs a query asks for."""
        view = self.run_view()
        try:
            return view.apply(query or RunQuery()).count
        finally:
            view.close()

    def state_counts(self, experiment: str | None = None) -> dict[RunState, int]:
        """Return how many runs are in each state."""
        return runs.state_counts(self._db, experiment)

    def active_runs(self) -> tuple[RunSummary, ...]:
        """Return the runs that are queued or under way, oldest first."""
        states = [state for state in RunState if not state.is_terminal()]
        return tuple(runs.get(self._db, run_id).summary for run_id, _ in runs.in_states(self._db, states))

    def children(self, wanted: str) -> tuple[RunSummary, ...]:
        """Return the runs that a run started as its children, oldest first; `wanted` as for `find_run`."""
        return runs.children(self._db, self.find_run(wanted))

    def reported_failure(self, wanted: str) -> collect.ReportedFailure | None:
        """Return what the code of a run said with ``Run.fail``, or None."""
        return collect.reported_failure(self._folder.run(self.find_run(wanted)))

    def find_run(self, wanted: str) -> str:
        """Return the id that an id, the beginning of one, a display name or ``latest`` means."""
        return runs.find(self._db, wanted)

    def run(self, wanted: str) -> RunDetail:
        """Return everything about one run; `wanted` as for `find_run`."""
        run_id = self.find_run(wanted)
        return replace(runs.get(self._db, run_id), run_directory=str(self._folder.run(run_id)))

    def metrics(self, wanted: str) -> RunMetrics:
        """Return everything a run logged."""
        return metrics.read(self._db, self.find_run(wanted))

    def artifacts(self, wanted: str) -> tuple[Artifact, ...]:
        """Return the files that a run left behind; while it goes on, those it has written so far."""
        run_id = self.find_run(wanted)
        kept = runs.artifacts(self._db, run_id)
        if kept or runs.state_of(self._db, run_id).is_terminal():
            return kept
        found = collect.candidates(self._folder.run(run_id))
        return tuple(Artifact(path, size) for path, file in sorted(found.items()) if (size := _size(file)) is not None)

    def artifact_path(self, wanted: str, path: str) -> Path:
        """Return a file to read the artifact `path` of a run from.

        Raises
        ------
        NotFound
            When the run has no such artifact.
        """
        run_id = self.find_run(wanted)
        kept = next((artifact for artifact in runs.artifacts(self._db, run_id) if artifact.path == path), None)
        if kept is not None:
            return self._folder.blobs.path_of(kept.sha256)
        found = collect.candidates(self._folder.run(run_id)).get(path)
        if found is None:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        return found

    def download(self, wanted: str, path: str, to: Path) -> tuple[Path, ...]:
        """Copy an artifact, a folder of artifacts, or all of them (`path` empty) into the folder `to`."""
        run_id = self.find_run(wanted)
        prefix = path.strip("/")
        chosen = [
            artifact
            for artifact in self.artifacts(run_id)
            if not prefix or artifact.path == prefix or artifact.path.startswith(prefix + "/")
        ]
        if not chosen:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        return tuple(self._copy_out(run_id, artifact, inside(to, as_it_was(artifact.path))) for artifact in chosen)

    def _copy_out(self, run_id: str, artifact: Artifact, target: Path) -> Path:
        try:
            if artifact.sha256:
                self._folder.blobs.copy_out(artifact.sha256, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.artifact_path(run_id, artifact.path), target)
        except OSError as error:
            raise StorageError(f"“{target}” cannot be written: {error.strerror}.", "Choose another folder.") from error
        return target

    def snapshot_files(self, wanted: str) -> tuple[Artifact, ...]:
        """Return the files of the code that a run executes."""
        return snapshot.manifest(self._folder.run(self.find_run(wanted)))

    def snapshot_path(self, wanted: str, path: str) -> Path:
        """Return a file to read one of `snapshot_files` from, as it was submitted."""
        for file in self.snapshot_files(wanted):
            if file.path == path:
                return self._folder.blobs.path_of(file.sha256)
        raise NotFound(f"The run's code holds no “{path}”.")

    def log_path(self, wanted: str) -> Path:
        """Return the file that a run's output goes to; it may not exist yet."""
        return self._folder.run(self.find_run(wanted)) / "logs" / "std_log.txt"

    def read_log(self, wanted: str, offset: int = 0, limit: int = 1 << 20) -> LogChunk:
        """Return a part of what a run printed. A negative `offset` counts from the end."""
        return read_chunk(self.log_path(wanted), offset, limit)

    # Environments.

    def environments(self) -> tuple[EnvironmentSummary, ...]:
        """Return the newest version of each environment: the registered ones, then the curated ones."""
        used = tuple(self._marked(one) for one in environments.summaries(self._db))
        names = {one.name for one in used}
        unused = (curated.summary(one) for one in curated.catalogue().values() if one.name not in names)
        return (*sorted(used, key=lambda one: one.curated), *unused)

    def _marked(self, one: EnvironmentSummary) -> EnvironmentSummary:
        # A build is its engine's: without one nothing is being built, whatever was written down last.
        left = one.state is BuildState.BUILDING and owner_of(self._folder.owner_lock) is None
        state = BuildState.NOT_BUILT if left else one.state
        return replace(one, curated=curated.is_curated(one.name), state=state)

    def environment(self, name: str, version: int = 0) -> EnvironmentVersion:
        """Return one version of an environment; 0 is the newest."""
        own = self._unused(name, version)
        if own is not None:
            return own
        try:
            return environments.get(self._db, name, version)
        except NotFound as error:
            raise curated.explain_missing(error, name) from None

    def _unused(self, name: str, version: int = 0) -> EnvironmentVersion | None:
        """Return a curated environment that this workspace has not used yet."""
        own = curated.get(name, version)
        return None if own is None or environments.versions(self._db, name) else own

    def environment_versions(self, name: str) -> tuple[EnvironmentVersion, ...]:
        """Return every version of an environment, newest first."""
        own = self._unused(name)
        return (own,) if own is not None else environments.versions(self._db, name)

    def environment_summary(self, name: str, version: int = 0) -> EnvironmentSummary:
        """Return how one version stands."""
        own = self._unused(name, version)
        return curated.summary(own) if own is not None else self._marked(environments.summary(self._db, name, version))

    def environment_lock(self, name: str, version: int = 0) -> EnvironmentLock | None:
        """Return what a version resolved to, or None when it was never built."""
        return None if self._unused(name, version) is not None else environments.lock_of(self._db, name, version)

    def run_lock(self, wanted: str) -> EnvironmentLock | None:
        """Return the exact packages that a run used, or None before it was prepared."""
        return environments.load_lock(self._db, self.run(wanted).lock_hash)

    def build_log(self, name: str, version: int = 0) -> str:
        """Return the log of the last build of a version, here or as an image; empty when there was none."""
        found = self.environment(name, version)
        logs = [log for log in self._folder.environment(found.name, found.version).glob("*build.log") if log.is_file()]
        logs.sort(key=lambda log: log.stat().st_mtime)
        return logs[-1].read_text("utf-8", "replace") if logs else ""

    # Models and endpoints.

    def models(self) -> tuple[ModelVersion, ...]:
        """Return the newest version of each model."""
        return registry.models(self._db)

    def model_versions(self, name: str) -> tuple[ModelVersion, ...]:
        """Return every version of a model, newest first."""
        return registry.model_versions(self._db, name)

    def model(self, name: str, version: int = 0) -> ModelVersion:
        """Return one version of a model; 0 is the newest."""
        return registry.get_model(self._db, name, version)

    def download_model(self, name: str, version: int, to: Path) -> tuple[Path, ...]:
        """Copy the verified files of a model into the folder `to`."""
        model = self.model(name, version)
        targets = []
        for file in model.files:
            target = part(to, Path(file.path).name) if len(model.files) == 1 else inside(to, file.path)
            try:
                self._folder.blobs.copy_out(file.sha256, target)
            except OSError as error:
                raise StorageError(
                    f"“{target}” cannot be written: {error.strerror}.", "Choose another folder."
                ) from error
            targets.append(target)
        return tuple(targets)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return every endpoint, in the state that it is in now."""
        return tuple(as_it_is(self._db, self._folder, endpoint) for endpoint in registry.endpoints(self._db))

    def endpoint(self, name: str) -> Endpoint:
        """Return one endpoint, in the state that it is in now."""
        return as_it_is(self._db, self._folder, registry.get_endpoint(self._db, name))

    def endpoint_keys(self, name: str) -> EndpointKeys:
        """Return the two keys of an endpoint."""
        self.endpoint(name)
        keys = config.read_config(self._folder.endpoint(name)).keys
        return EndpointKeys(keys[0], keys[1])

    def endpoint_schema(self, name: str) -> schema.ModelSchema | None:
        """Return the inputs and outputs of an endpoint, or None until its model was loaded."""
        self.endpoint(name)
        return config.read_struct(self._folder.endpoint(name) / config.SCHEMA_FILE, schema.ModelSchema)

    def endpoint_example(self, name: str) -> object:
        """Return a body that an endpoint's scoring script takes; None until its ``init()`` ended, or without one."""
        self.endpoint(name)
        found = script_requests.read_script(self._folder.endpoint(name))
        return None if found is None else found.example

    def endpoint_calls(self, name: str) -> EndpointCalls:
        """Return calls of an endpoint to copy."""
        endpoint = self.endpoint(name)
        found = self.endpoint_schema(name) or script_requests.read_script(self._folder.endpoint(name))
        key = self.endpoint_keys(name).primary if endpoint.auth_enabled else ""
        return EndpointCalls(
            snippets.curl_call(endpoint.scoring_uri, found, key),
            snippets.python_call(endpoint.scoring_uri, found, key),
            snippets.BODY_FILE if snippets.needs_file(found) else "",
        )

    def endpoint_log(self, name: str, offset: int = 0, limit: int = 1 << 20) -> LogChunk:
        """Return a part of the log of an endpoint. A negative `offset` counts from the end."""
        self.endpoint(name)
        return read_chunk(self._folder.endpoint(name) / config.LOG_FILE, offset, limit)

    def disk_usage(self) -> int:
        """Return the size of everything in the workspace's folder, in bytes. Slow for large ones."""
        return sum(_size(path) or 0 for path in self._folder.root.rglob("*") if not path.is_symlink())


def _size(path: Path) -> int | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size


def read_chunk(path: Path, offset: int, limit: int) -> LogChunk:
    """Return a part of a file that may still grow. A negative `offset` counts from the end."""
    try:
        with open_regular(path) as stream:
            total = os.fstat(stream.fileno()).st_size
            start = max(0, total + offset) if offset < 0 else min(offset, total)
            stream.seek(start)
            data = stream.read(limit)
    except FileNotFoundError:
        return LogChunk(b"", 0, 0)
    except OSError as error:
        raise StorageError(f"“{path}” cannot be read: {error.strerror}.") from error
    return LogChunk(data, start + len(data), max(total, start + len(data)))
