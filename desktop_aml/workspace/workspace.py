"""The façade: one workspace, and every act on what it holds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from desktop_aml.domain.environments import EnvironmentKind, EnvironmentSummary, EnvironmentVersion, SpecProblem
from desktop_aml.domain.errors import Conflict, NotFound, ScoringError
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion
from desktop_aml.domain.requests import (
    BuildEnvironment,
    CancelBuild,
    DeleteEndpoint,
    DeleteModel,
    RegisterEnvironment,
    RegisterModel,
    SetEndpointKey,
    StartEndpoint,
    StopEndpoint,
    UpdateEndpoint,
    UpdateModel,
)
from desktop_aml.environments import curated
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import trust
from desktop_aml.workspace.dataset_acts import DatasetActs
from desktop_aml.workspace.deploying import Deploying
from desktop_aml.workspace.endpoint_states import is_gone
from desktop_aml.workspace.environment_acts import EnvironmentActs
from desktop_aml.workspace.opening import check_readable
from desktop_aml.workspace.run_comparing import RunComparing

_POLL_S = 0.02
_FROM_FILE = "From "
"""Begins the description of an environment that was registered from a file; the file's path follows."""


class Workspace(EnvironmentActs, DatasetActs, RunComparing, Deploying):
    """One workspace: a folder with a ``config.json``, a database and everything that was made in it.

    Open one with `Workspace.open`, make one with `Workspace.create`. Acts are carried out by the engine that owns the
    workspace: the one that this process hosts, another process's, or a headless one that is started for it.
    """

    @classmethod
    def create(cls, path: Path | str, name: str = "", *, is_passing: bool = False) -> Self:
        """Make a workspace in a new or existing folder and open it.

        Parameters
        ----------
        is_passing : bool
            Whether it is for a demo or the sample: then no command means it without naming it.
        """
        folder = WorkspaceFolder(Path(path).expanduser().absolute())
        trust.refuse_strangers_folder(folder)
        folder.make(name, is_passing=is_passing)
        trust.trust(folder)
        return cls.open(folder.root)

    def answer(self, method: str, body: Mapping[str, Any]) -> object:
        """Carry out a call of Azure ML code and return its answer as a JSON value, see `calls.answer`."""
        from desktop_aml.workspace.sdk import calls

        return calls.answer(self, method, body)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open the workspace in a folder.

        Raises
        ------
        NotFound
            When the folder is not a workspace.
        StorageError
            When its database is damaged or cannot be read.
        """
        folder = WorkspaceFolder(Path(path).expanduser().absolute())
        check_readable(folder)
        return cls(folder)

    # Environments.

    def check_environment(self, text: str, kind: EnvironmentKind | None = None) -> tuple[SpecProblem, ...]:
        """Return what is wrong with a specification, and what a user should know of it."""
        from desktop_aml.environments.spec import parsing as spec

        return spec.check(text, kind or spec.detect_kind(text))

    def register_environment_file(self, path: Path, name: str = "") -> EnvironmentVersion:
        """Save a conda YAML, a requirements file with what its ``-r`` and ``-c`` lines name, or a project file.

        Parameters
        ----------
        name : str
            Empty: the name that the file gives itself, else the file's own, with that of its folder where a file of
            another folder has taken it.

        Raises
        ------
        InvalidSpec
            When the file is missing, is no text, or holds an error: with line and column.
        """
        from desktop_aml.environments.spec import files as spec_files

        text, kind = spec_files.read_spec_file(path)
        origin = _FROM_FILE + str(path.resolve())
        chosen = name or spec_files.own_name_of(text, path.name) or self._name_for(path, text, origin)
        return self.register_environment(chosen, text, kind, origin)

    def _name_for(self, path: Path, text: str, origin: str) -> str:
        """Return a name that no file of another folder has: files without a name are no versions of one another."""
        from desktop_aml.environments.spec import files as spec_files

        for wanted in spec_files.names_for(path):
            try:
                newest = self.environment(wanted)
            except NotFound:
                return wanted
            other = newest.description.removeprefix(_FROM_FILE)
            is_others = other != newest.description and newest.description != origin
            # A file that is no more was moved here, or is nobody's.
            if newest.text == text or not is_others or not Path(other).exists():
                return wanted
        raise AssertionError

    def register_environment(
        self, name: str, text: str, kind: EnvironmentKind | None = None, description: str = ""
    ) -> EnvironmentVersion:
        """Save a specification as the next version of `name`.

        Raises
        ------
        InvalidSpec
            When it holds an error, with line and column.
        """
        from desktop_aml.environments.spec import parsing as spec

        kind = kind or spec.detect_kind(text)
        if (fault := spec.fault_of(spec.check(text, kind))) is not None:
            raise fault
        done = self._ask(RegisterEnvironment(name=name, kind=kind, text=text, description=description))
        return self.environment(done.name, done.version)

    def clone_environment(self, name: str, new_name: str, version: int = 0) -> EnvironmentVersion:
        """Save a version of an environment, curated or not, as the first version of another one.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When there is a `new_name` already.
        """
        old = self.environment(name, version)
        if any(one.name == new_name for one in self.environments()):
            raise Conflict(f"There is an environment “{new_name}” already.", "Choose another name.")
        text = curated.with_name(old.text, new_name) if old.kind is EnvironmentKind.CONDA else old.text
        return self.register_environment(new_name, text, old.kind, f"Cloned from {old.label}")

    def build_environment(self, name: str, version: int = 0, *, builder: str = "") -> EnvironmentSummary:
        """Begin to build a version; watch it by events or `environment_summary`.

        Parameters
        ----------
        builder : str
            The builder to use for this text from now on: ``uv``, ``conda``, ``automatic``; empty changes nothing.

        Raises
        ------
        InvalidInput
            When that builder cannot build it.
        """
        done = self._ask(BuildEnvironment(name=name, version=version, builder=builder))
        return self.environment_summary(done.name, done.version)

    def cancel_build(self, name: str, version: int) -> None:
        """Stop a build."""
        self._ask(CancelBuild(name=name, version=version))

    # Models.

    def register_model(
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
        """Register the next version of a model from a run's artifact, or from a file on this computer."""
        request = RegisterModel(
            name=name,
            run_id=self.find_run(run_id) if run_id else "",
            path=path,
            file=str(Path(file).expanduser().absolute()) if file else "",
            framework=framework,
            framework_version=framework_version,
            description=description,
            tags=dict(tags or {}),
            properties=dict(properties or {}),
            cpu=cpu,
            memory_in_gb=memory_in_gb,
            environment=environment,
        )
        done = self._ask(request, timeout_s=600.0)
        return self.model(done.name, done.version)

    def update_model(
        self,
        name: str,
        version: int,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tags: Sequence[str] = (),
        properties: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        """Change what is written about one version of a model, add or change tags, remove tags, add properties."""
        self._ask(
            UpdateModel(
                name=name,
                version=version,
                description=description,
                tags=dict(tags or {}),
                remove_tags=tuple(remove_tags),
                properties=dict(properties or {}),
            )
        )
        return self.model(name, version)

    def delete_model(self, name: str, version: int) -> None:
        """Remove one version of a model."""
        self._ask(DeleteModel(name=name, version=version))
        self._after_deleting()

    # Endpoints.

    def update_endpoint(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """Change what is written about an endpoint; it goes on serving."""
        self._ask(
            UpdateEndpoint(
                name=name,
                description=description,
                tags=None if tags is None else dict(tags),
                properties=dict(properties or {}),
            )
        )
        return self.endpoint(name)

    def set_endpoint_key(self, name: str, *, primary: bool = True, key: str = "") -> None:
        """Replace one of the keys; the endpoint starts again with it. No `key` makes a new one."""
        self._ask(SetEndpointKey(name=name, primary=primary, key=key))

    def wait_for_endpoint(self, name: str, timeout_s: float = 120.0) -> Endpoint:
        """Return the endpoint once it is healthy or has failed, or as it is after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while is_gone(endpoint := self.endpoint(name)) or endpoint.state is EndpointState.TRANSITIONING:
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
        return endpoint

    def wait_for_state(self, name: str, state: EndpointState | None, timeout_s: float = 30.0) -> None:
        """Wait until an endpoint is in a state, or gone (None)."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = next((endpoint for endpoint in self.endpoints() if endpoint.name == name), None)
            if (found.state if found else None) == state:
                return
            time.sleep(_POLL_S)

    def stop_endpoint(self, name: str) -> None:
        """Stop serving; the endpoint stays."""
        self._ask(StopEndpoint(name=name))

    def start_endpoint(self, name: str) -> None:
        """Serve again."""
        self._ask(StartEndpoint(name=name))

    def delete_endpoint(self, name: str) -> None:
        """Stop serving and forget the endpoint."""
        self._ask(DeleteEndpoint(name=name))
        self._after_deleting()

    def score(self, name: str, payload: object, timeout_s: float = 60.0) -> object:
        """Send rows to an endpoint and return its answer. One whose process is gone is started again first.

        Raises
        ------
        ScoringError
            When it does not serve, or refuses the rows: the message names the column at fault.
        """
        self.check_trust()  # rows go to the address that the workspace names
        endpoint = self.endpoint(name)
        if is_gone(endpoint) or endpoint.state is EndpointState.TRANSITIONING:
            self.hand_over()
            endpoint = self.wait_for_endpoint(name)
        if not endpoint.scoring_uri or endpoint.state in {EndpointState.FAILED, EndpointState.STOPPED}:
            raise ScoringError(
                f"The endpoint “{name}” does not serve: it is {endpoint.state}. {endpoint.error}".strip(),
                f"Start it with: desktop-aml endpoint start {name}"
                if endpoint.state is EndpointState.STOPPED
                else f"Its log tells more: desktop-aml endpoint log {name}",
            )
        key = self.endpoint_keys(name).primary if endpoint.auth_enabled else None
        from desktop_aml.serving import client  # Imported here: most commands score nothing.

        return client.score(endpoint.scoring_uri, payload, key=key, timeout_s=timeout_s)
