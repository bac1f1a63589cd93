"""Endpoints: models and scoring scripts that are served on this computer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import InvalidInput, ScoringError
from desktop_aml.domain.registry import Endpoint, EndpointKeys, EndpointState
from desktop_aml.domain.requests import (
    DeleteEndpoint,
    DeployModel,
    SetEndpointKey,
    StartEndpoint,
    StopEndpoint,
    UpdateEndpoint,
)
from desktop_aml.domain.runs import LogChunk
from desktop_aml.domain.summaries.endpoint_use import EndpointUse
from desktop_aml.serving import config, front_process, schema, script_requests, snippets
from desktop_aml.serving.use import read_use
from desktop_aml.store import registry
from desktop_aml.workspace.chunks import read_chunk
from desktop_aml.workspace.endpoint import scoring_source
from desktop_aml.workspace.endpoint.file_scoring import FileScoring, ScoredFile
from desktop_aml.workspace.endpoint.states import as_it_is, is_gone
from desktop_aml.workspace.service import Service

_POLL_S: Final = 0.02


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


@dataclass(frozen=True, slots=True)
class BodyExample:
    """What a request to a scoring script may begin with.

    Parameters
    ----------
    body : object
        As JSON means it; None where nobody knows.
    is_models : bool
        Whether it is the sample of the model, which the script may want in another form.
    """

    body: object = None
    is_models: bool = False


class Endpoints(Service):
    """The endpoints of a workspace.

    Examples
    --------
    >>> endpoint = workspace.endpoints.deploy(name="doubler", entry_script=scoring_script)
    >>> print(workspace.endpoints.wait("doubler", timeout_s=60).state)
    Healthy
    >>> workspace.endpoints.score("doubler", {"data": [1, 2]})
    [2, 4]
    >>> workspace.endpoints.delete("doubler")
    """

    def list(self) -> tuple[Endpoint, ...]:
        """Return every endpoint, in the state that it is in now."""
        return tuple(as_it_is(self._db, self._folder, endpoint) for endpoint in registry.endpoints(self._db))

    def get(self, name: str) -> Endpoint:
        """Return one endpoint, in the state that it is in now.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        return as_it_is(self._db, self._folder, registry.get_endpoint(self._db, name))

    def deploy(
        self,
        model_name: str = "",
        *,
        name: str,
        version: int = 0,
        port: int = 0,
        auth_enabled: bool = False,
        overwrite: bool = False,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        keys: Sequence[str] = (),
        entry_script: Path | str = "",
        source_directory: Path | str | None = None,
        environment: str = "",
        target: str = "local",
        network: bool = False,
        more_models: Sequence[str] = (),
        env_vars: Mapping[str, str] | None = None,
        scoring_timeout_ms: int = 0,
    ) -> Endpoint:
        """Begin to serve a model, with or without a scoring script; watch it by events or `wait`.

        Parameters
        ----------
        model_name, version : str, int
            The model, 0 for its newest version; may be empty for a scoring script that needs none.
        keys : sequence of str
            Primary and secondary key. Empty keeps those of the endpoint that is replaced.
        entry_script : Path or str
            Scoring script with ``init()`` and ``run()``; empty serves the model with no code.
        source_directory : Path or str, optional
            Folder that is copied for the script, which lies in it; without one the script alone is copied.
        environment : str
            ``name`` or ``name:version`` of what the endpoint runs in; empty is the first model's own environment.
        target : str
            ``"local"`` for a process of this computer, or ``"docker"`` for a container that can write nothing but its
            scratch folder.
        network : bool
            Whether the model may use the network; without it there is none, where the system allows that.
        more_models : sequence of str
            ``name`` or ``name:version`` of further models that the script finds under ``AZUREML_MODEL_DIR``.
        env_vars : mapping of str
            Environment variables for the script.
        scoring_timeout_ms : int
            How long one answer may take; 0 is one minute.

        Raises
        ------
        NotFound
            When there is no such model, environment, script or folder.
        Conflict
            When the name is taken and `overwrite` is not given.
        """
        self._client.check_trust()
        with scoring_source.taken(self._folder, name, entry_script, source_directory) as source:
            request = DeployModel(
                name=name,
                model_name=model_name,
                model_version=version,
                port=port,
                auth_enabled=auth_enabled,
                overwrite=overwrite,
                description=description,
                tags=dict(tags or {}),
                properties=dict(properties or {}),
                keys=tuple(keys),
                more_models=tuple(more_models),
                entry_script=source.entry_script,
                source=source.mark,
                source_directory=source.directory,
                only_script=bool(entry_script) and not source_directory,
                environment=environment,
                target=target,
                network=network,
                env_vars=dict(env_vars or {}),
                scoring_timeout_ms=scoring_timeout_ms,
            )
            return self.get(self._client.ask(request).name)

    def reload(self, name: str) -> Endpoint:
        """Copy the scoring script again from where it came, and start the endpoint with it.

        Raises
        ------
        InvalidInput
            When the endpoint has no scoring script.
        """
        old = self.get(name)
        if not old.entry_script:
            raise InvalidInput(
                f"The endpoint “{name}” has no scoring script to read again.", "Deploy another version of its model."
            )
        known = config.read_config(self._folder.endpoint(name))
        source = Path(old.source_directory)
        return self.deploy(
            old.model_name,
            name=name,
            version=old.model_version,
            port=old.port,
            auth_enabled=old.auth_enabled,
            overwrite=True,
            description=old.description,
            tags=old.tags,
            properties=old.properties,
            entry_script=source / old.entry_script if old.only_script else old.entry_script,
            source_directory=None if old.only_script else source,
            environment=old.environment,
            target=old.target,
            network=old.network,
            more_models=old.models[1:],
            env_vars=known.script.env_vars if known.script else None,
            scoring_timeout_ms=known.scoring_timeout_ms,
        )

    def score(self, name: str, payload: object, timeout_s: float = 60.0) -> object:
        """Send rows to an endpoint and return its answer. One whose process is gone is started again first.

        Parameters
        ----------
        name : str
            The endpoint.
        payload : object
            JSON values: ``{"data": rows}`` with a row for each answer and a value for each column of `schema`, or
            whatever its scoring script takes.
        timeout_s : float
            How long to wait for the answer, in seconds.

        Returns
        -------
        object
            JSON values: for a model with no code a list with one answer a row.

        Raises
        ------
        ScoringError
            When it does not serve, or refuses the rows: the message names the column at fault.
        """
        self._client.check_trust()  # rows go to the address that the workspace names
        endpoint = self.get(name)
        if is_gone(endpoint) or endpoint.state is EndpointState.TRANSITIONING:
            self._client.hand_over()
            endpoint = self.wait(name)
        if not endpoint.scoring_uri or endpoint.state in {EndpointState.FAILED, EndpointState.STOPPED}:
            raise ScoringError(
                f"The endpoint “{name}” does not serve: it is {endpoint.state}. {endpoint.error}".strip(),
                f"Start it with: desktop-aml endpoint start {name}"
                if endpoint.state is EndpointState.STOPPED
                else f"Its log tells more: desktop-aml endpoint log {name}",
            )
        key = self.keys(name).primary if endpoint.auth_enabled else None
        from desktop_aml.serving import client  # Imported here: most commands score nothing.

        return client.score(endpoint.scoring_uri, payload, key=key, timeout_s=timeout_s)

    def score_file(
        self, name: str, path: Path, out: Path, *, method: str = "", told: Callable[[int], object] = lambda _: None
    ) -> ScoredFile:
        """Score the rows of a CSV file, and write them with their answers into `out`; see `FileScoring.score`."""
        found = self.schema(name)
        if found is None:
            raise ScoringError(
                f"The endpoint “{name}” does not say what a row holds: a scoring script reads what it likes.",
                "Send what its run() reads as JSON.",
            )
        return FileScoring(lambda payload: self.score(name, payload), found, method).score(path, out, told)

    def wait(self, name: str, timeout_s: float = 120.0) -> Endpoint:
        """Return the endpoint once it is healthy or has failed, or as it is after `timeout_s`.

        Parameters
        ----------
        name : str
            The endpoint.
        timeout_s : float
            How long to wait, in seconds.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        deadline = time.monotonic() + timeout_s
        while is_gone(endpoint := self.get(name)) or endpoint.state is EndpointState.TRANSITIONING:
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
        return endpoint

    def wait_for_state(self, name: str, state: EndpointState | None, timeout_s: float = 30.0) -> None:
        """Wait until an endpoint is in a state, or gone (None)."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = next((endpoint for endpoint in self.list() if endpoint.name == name), None)
            if (found.state if found else None) == state:
                return
            time.sleep(_POLL_S)

    def start(self, name: str) -> None:
        """Serve again."""
        self._client.ask(StartEndpoint(name=name))

    def stop(self, name: str) -> None:
        """Stop serving; the endpoint stays."""
        self._client.ask(StopEndpoint(name=name))

    def delete(self, name: str) -> None:
        """Stop serving and forget the endpoint."""
        self._client.ask(DeleteEndpoint(name=name))
        self._client.free_room()

    def update(
        self,
        name: str,
        *,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """Change what is written about an endpoint; it goes on serving.

        Parameters
        ----------
        name : str
            The endpoint.
        description : str, optional
            None leaves it as it is.
        tags : mapping of str, optional
            In place of all there are; None leaves them as they are.
        properties : mapping of str, optional
            Added, or changed.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        self._client.ask(
            UpdateEndpoint(
                name=name,
                description=description,
                tags=None if tags is None else dict(tags),
                properties=dict(properties or {}),
            )
        )
        return self.get(name)

    def keys(self, name: str) -> EndpointKeys:
        """Return the two keys of an endpoint."""
        self.get(name)
        keys = config.read_config(self._folder.endpoint(name)).keys
        return EndpointKeys(keys[0], keys[1])

    def set_key(self, name: str, *, primary: bool = True, key: str = "") -> None:
        """Replace one of the keys; the endpoint starts again with it. No `key` makes a new one."""
        self._client.ask(SetEndpointKey(name=name, primary=primary, key=key))

    def schema(self, name: str) -> schema.ModelSchema | None:
        """Return the inputs and outputs of an endpoint, or None until its model was loaded."""
        self.get(name)
        return config.read_struct(self._folder.endpoint(name) / config.SCHEMA_FILE, schema.ModelSchema)

    def example(self, name: str) -> BodyExample | None:
        """Return what a request to a scoring script may begin with; None until its ``init()`` ended, or without one."""
        self.get(name)
        folder = self._folder.endpoint(name)
        found = script_requests.read_script(folder)
        if found is None:
            return None
        if found.example is not None:
            return BodyExample(found.example)
        sample = config.read_config(folder).sample_input
        rows, names = schema.read_sample(Path(sample)) if sample else ((), ())
        if not rows:
            return BodyExample()
        columns = {"columns": list(names)} if names else {}
        return BodyExample({**columns, "data": list(rows[:1])}, is_models=True)

    def use(self, name: str) -> EndpointUse | None:
        """Return what an endpoint that serves was asked since it began to, and how long it took; None if not known."""
        found = self.get(name)
        return read_use(self._folder.endpoint(name)) if found.scoring_uri else None

    def memory(self, name: str) -> int | None:
        """Return what an endpoint that serves here holds of the memory; None in a container, or where it is unknown."""
        is_here = self.get(name).target == "local"
        return front_process.memory_of(self._folder.endpoint(name)) if is_here else None

    def calls(self, name: str) -> EndpointCalls:
        """Return calls of an endpoint to copy."""
        endpoint = self.get(name)
        found = self.schema(name) or script_requests.read_script(self._folder.endpoint(name))
        key = self.keys(name).primary if endpoint.auth_enabled else ""
        return EndpointCalls(
            snippets.curl_call(endpoint.scoring_uri, found, key),
            snippets.python_call(endpoint.scoring_uri, found, key),
            snippets.BODY_FILE if snippets.needs_file(found) else "",
        )

    def log(self, name: str, offset: int = 0, limit: int = 1 << 20) -> LogChunk:
        """Return a part of the log of an endpoint. A negative `offset` counts from the end."""
        self.get(name)
        return read_chunk(self._folder.endpoint(name) / config.LOG_FILE, offset, limit)
