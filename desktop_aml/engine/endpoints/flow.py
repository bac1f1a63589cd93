"""Endpoints: deployed, watched, started again when their front dies, stopped, removed.

A front is a detached process of its own: the engine finds it again by the state file in the endpoint's folder.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from desktop_aml.domain.environments import THIS_PYTHON, BuildPlace
from desktop_aml.domain.errors import BuildCanceled, Conflict, DesktopAMLError, DiskFull, InvalidInput, NotFound
from desktop_aml.domain.events import EndpointChanged
from desktop_aml.domain.names import check_endpoint_name
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion, split_label
from desktop_aml.domain.requests import DeployModel, Done, Reply, SetEndpointKey, UpdateEndpoint
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.builds import Builds, Chosen
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.endpoints import interpreter as endpoint_python
from desktop_aml.engine.endpoints import pending as deploying
from desktop_aml.engine.endpoints.deployment import Deployment, configure, servable
from desktop_aml.engine.endpoints.life import Life
from desktop_aml.engine.registry.model_modules import script_of
from desktop_aml.engine.registry.model_sample import data_of, sample_of
from desktop_aml.serving import config, front_process
from desktop_aml.store import registry

_log = logging.getLogger(__name__)
_SERVING, _STOPPED = "serving", "stopped"
_PLACES = {"local": BuildPlace.LOCAL, "docker": BuildPlace.IMAGE}
_MAX_RESTARTS = 3
_RESTART_WINDOW_S = 60.0


class EndpointFlow:
    """The endpoints of one workspace."""

    def __init__(self, desk: Desk, builds: Builds) -> None:
        self._desk = desk
        self._builds = builds
        self._lives: dict[str, Life] = {}

    def recover(self) -> None:
        """Take up the endpoints of an earlier engine; the next `look` finds what became of them."""
        endpoints = self._desk.folder.root / "endpoints"
        self._desk.later(lambda: front_process.finish_removals(endpoints), lambda _: None)
        for endpoint in registry.endpoints(self._desk.db):
            self._lives[endpoint.name] = Life()
            request = deploying.read(self._desk.folder, endpoint.name)
            if request is not None:
                self._deploy_again(request)

    def _deploy_again(self, request: DeployModel) -> None:
        """Begin anew what an earlier engine did not finish."""
        with boundary(self._desk.folder.root, partial(self._fail, request.name)), self._desk.commit():
            self.deploy(replace(request, overwrite=True))

    # Requests, each inside a commit.

    def deploy(self, request: DeployModel) -> Reply:
        """Begin to serve a model.

        Raises
        ------
        Conflict
            When the name is taken and the request does not say to overwrite.
        NotFound
            When there is no such model, or no such environment.
        """
        check_endpoint_name(request.name)
        if not 0 <= request.port <= 65535:
            raise InvalidInput(f"{request.port} is not a port.", "Choose one from 1024 to 65535, or 0 for a free one.")
        if request.target not in _PLACES:
            raise InvalidInput(f"“{request.target}” is no place to serve.", f"There are {', '.join(_PLACES)}.")
        models = self._models_of(request)
        exists = request.name in self._lives
        if exists:
            self._kept(request.name)
        if exists and not request.overwrite:
            raise Conflict(
                f"There is an endpoint “{request.name}” already.", "Choose another name, or deploy with overwrite."
            )
        chosen = self._builds.choose(request.environment, _PLACES[request.target]) if request.environment else None
        endpoint = Endpoint(
            name=request.name,
            model_name=models[0].name if models else "",
            model_version=models[0].version if models else 0,
            state=EndpointState.TRANSITIONING,
            created_at=self._desk.now(),
            port=request.port,
            auth_enabled=request.auth_enabled,
            tags=dict(request.tags),
            description=request.description,
            properties=dict(request.properties),
            models=tuple(model.label for model in models) if request.entry_script else (),
            entry_script=request.entry_script,
            target=request.target,
            network=request.network,
            source_directory=request.source_directory,
            only_script=request.only_script,
            environment=chosen.label if chosen else "",
        )
        deployment = Deployment(
            endpoint,
            models,
            self._keys_for(request),
            request.source if request.entry_script else "",
            dict(request.env_vars),
            request.scoring_timeout_ms,
            sample_of(self._desk, models),
            data_of(self._desk, models),
            "" if request.entry_script else script_of(self._desk, models),
        )
        registry.put_endpoint(self._desk.db, endpoint, wanted=_SERVING)
        deploying.note(self._desk.folder, replace(request, model_version=endpoint.model_version))
        life = self._lives[request.name] = self._lives.get(request.name, Life()).followed_by_another()
        self._announce(endpoint)
        self._desk.afterwards(lambda: self._prepare(deployment, life))
        return Done(name=endpoint.name, version=endpoint.model_version)

    def _models_of(self, request: DeployModel) -> tuple[ModelVersion, ...]:
        db = self._desk.db
        if not request.entry_script:
            return (servable(registry.get_model(db, request.model_name, request.model_version)),)
        labels = [f"{request.model_name}:{request.model_version}", *request.more_models]
        named = [label for label in labels if not label.startswith(":")]
        if any(version and not version.isdigit() for _, _, version in (label.partition(":") for label in named)):
            raise InvalidInput("A model is named as name or name:version.", "Write, for example, iris:2.")
        return tuple(servable(registry.get_model(db, *split_label(label))) for label in named)

    def _keys_for(self, request: DeployModel) -> tuple[str, str]:
        known = config.find_config(self._desk.folder.endpoint(request.name))
        given = (*(request.keys or (known.keys if known else ()))[:2], "", "")
        return given[0] or secrets.token_urlsafe(), given[1] or secrets.token_urlsafe()

    def update(self, request: UpdateEndpoint) -> None:
        """Change what is written about an endpoint."""
        endpoint = registry.get_endpoint(self._desk.db, request.name)
        changed = replace(
            endpoint,
            description=endpoint.description if request.description is None else request.description,
            tags=endpoint.tags if request.tags is None else dict(request.tags),
            properties={**endpoint.properties, **request.properties},
        )
        registry.put_endpoint(self._desk.db, changed, wanted=registry.wanted_state(self._desk.db, request.name))
        self._announce(changed)

    def set_key(self, request: SetEndpointKey) -> None:
        """Replace one of the keys and start the front again with it.

        Raises
        ------
        Conflict
            While the endpoint is being started or stopped, or when it was never deployed whole.
        """
        name, folder = request.name, self._desk.folder.endpoint(request.name)
        endpoint = self._kept(name)
        life = self._lives.setdefault(name, Life())
        if life.busy:
            raise Conflict(f"The endpoint “{name}” is being started or stopped.", "Wait until it is healthy.")
        known, key = config.find_config(folder), request.key or secrets.token_urlsafe()
        if known is None:
            raise Conflict(f"The endpoint “{name}” was never deployed whole and has no keys.", "Deploy it again.")
        keys = (key, known.keys[1]) if request.primary else (known.keys[0], key)
        changed = msgspec.structs.replace(known, keys=keys, port=endpoint.port or known.port)

        def replace_key() -> None:
            if not life.is_dropped:
                config.write_config(folder, changed)
                if registry.wanted_state(self._desk.db, name) == _SERVING:
                    with self._desk.commit():
                        self.start(name)

        if registry.wanted_state(self._desk.db, name) == _SERVING:
            self._announce(registry.set_endpoint_state(self._desk.db, endpoint, EndpointState.TRANSITIONING))
        self._stop_front(name, replace_key)

    def stop(self, name: str) -> None:
        """Stop serving."""
        endpoint = self._kept(name)
        registry.put_endpoint(self._desk.db, endpoint, wanted=_STOPPED)
        deploying.forget(self._desk.folder, name)

        def stopped() -> None:
            if registry.wanted_state(self._desk.db, name) == _STOPPED:  # and not to serve again meanwhile
                self._set(name, EndpointState.STOPPED)

        self._stop_front(name, stopped)

    def start(self, name: str) -> None:
        """Serve again."""
        db, endpoint = self._desk.db, self._kept(name)
        registry.put_endpoint(db, endpoint, wanted=_SERVING)
        self._announce(registry.set_endpoint_state(db, endpoint, EndpointState.TRANSITIONING, error="", details=""))
        life = self._lives.setdefault(name, Life())
        life.busy, life.is_held, life.restarts = True, False, []
        self._desk.afterwards(lambda: self._spawn(name, life))

    def _kept(self, name: str) -> Endpoint:
        """Return an endpoint that is not about to be deleted."""
        endpoint = registry.get_endpoint(self._desk.db, name)
        if registry.wanted_state(self._desk.db, name) == registry.DELETED:
            raise Conflict(f"The endpoint “{name}” is being deleted.", "Deploy it again once it is gone.")
        return endpoint

    def delete(self, name: str) -> None:
        """Stop serving and forget the endpoint. What this engine does not come to do of it is done by the next."""
        endpoint = registry.get_endpoint(self._desk.db, name)
        registry.put_endpoint(self._desk.db, endpoint, wanted=registry.DELETED)
        deploying.forget(self._desk.folder, name)
        folder = self._desk.folder.endpoint(name)
        life = self._lives.setdefault(name, Life())
        life.drop()

        def removed(result: Failed | None) -> None:
            if isinstance(result, Failed):
                life.busy = False
                self._fail(name, result.error)
                return
            with self._desk.commit():
                registry.delete_endpoint(self._desk.db, name)
                self._desk.announce(EndpointChanged(name, None))
            self._lives.pop(name, None)

        self._end(life, lambda: life.remove(folder), removed)

    # Starting and stopping fronts.

    def _prepare(self, deployment: Deployment, life: Life) -> None:
        try:
            chosen = self._builds.choose(deployment.environment or THIS_PYTHON)
        except NotFound as error:
            self._prepared(deployment, life, Failed(error))
            return
        cancel = life.cancel
        self._builds.need(chosen, cancel)

        def begin() -> None:
            self._desk.later(lambda: self._make_ready(deployment, life, chosen), done)

        def done(result: config.EndpointConfig | Failed) -> None:
            error = result.error if isinstance(result, Failed) else None
            if isinstance(error, DiskFull) and not cancel.is_set():
                self._desk.put_off_longer(begin, error, life.waits, cancel.is_set)
                life.waits += 1
                return
            self._builds.needed_no_more(chosen, cancel, error, life.built)
            self._prepared(deployment, life, result)

        begin()

    def _make_ready(self, deployment: Deployment, life: Life, chosen: Chosen) -> config.EndpointConfig:
        folder, place = self._desk.folder.endpoint(deployment.endpoint.name), _PLACES[deployment.endpoint.target]
        try:
            life.built = built = self._builds.make_ready(chosen, lambda _: None, life.cancel, place)
            # A worker that loads its model without bytecode takes three times as long, and competes with the compiler.
            self._builds.finish(built, life.cancel)
        finally:
            # What served before under this name goes on while the environment is built, and not a moment longer.
            if not life.is_dropped:
                life.stop_front(folder)
        with life.turn:
            if life.is_dropped:
                raise BuildCanceled("The endpoint was deleted, or deployed anew.")
            return configure(self._desk.folder, deployment, built)

    def _prepared(self, deployment: Deployment, life: Life, result: config.EndpointConfig | Failed) -> None:
        name = deployment.endpoint.name
        if life.is_dropped:
            return
        if isinstance(result, Failed):
            life.busy = False
            self._fail(name, result.error)
            return
        config.write_config(self._desk.folder.endpoint(name), result)
        deploying.forget(self._desk.folder, name)
        if registry.wanted_state(self._desk.db, name) == _SERVING:
            self._spawn(name, life)
        else:
            life.busy = False

    def _spawn(self, name: str, life: Life) -> None:
        folder = self._desk.folder.endpoint(name)
        cancel = threading.Event()

        def started(result: Failed | None) -> None:
            life.busy = False
            error = result.error if result is not None else None
            if gone is not None:
                self._builds.needed_no_more(gone, cancel, error, life.built)
            if error is not None and not life.is_dropped:
                self._fail(name, error)

        gone = endpoint_python.missing(self._desk, self._builds, name)
        if gone is not None:
            self._builds.need(gone, cancel)

        def work() -> None:
            if gone is not None:
                life.built = endpoint_python.make_ready(self._builds, folder, gone, cancel)
            life.spawn_front(folder)

        self._desk.later(work, started)

    def _stop_front(self, name: str, then: Callable[[], None]) -> None:
        folder = self._desk.folder.endpoint(name)
        life = self._lives.setdefault(name, Life())

        def stopped(result: Failed | None) -> None:
            life.busy = False
            if isinstance(result, Failed):
                self._fail(name, result.error)
            else:
                then()

        self._end(life, lambda: life.stop_front(folder), stopped)

    def _end(self, life: Life, work: Callable[[], None], then: Callable[[Failed | None], None]) -> None:
        life.busy, life.is_held = True, True
        self._desk.afterwards(lambda: self._desk.later(work, then))

    # Watching.

    def are_settled(self) -> bool:
        """Whether no endpoint is being started or stopped."""
        return not any(life.busy for life in self._lives.values()) and not any(
            endpoint.state is EndpointState.TRANSITIONING for endpoint in registry.endpoints(self._desk.db)
        )

    def look(self) -> None:
        """Compare every endpoint with what its front says."""
        for endpoint in registry.endpoints(self._desk.db):
            life = self._lives.setdefault(endpoint.name, Life())
            if not life.busy:
                with boundary(self._desk.folder.root, partial(self._fail, endpoint.name)):
                    self._see_to(endpoint, life)

    def _see_to(self, endpoint: Endpoint, life: Life) -> None:
        wanted = registry.wanted_state(self._desk.db, endpoint.name)
        if wanted == _SERVING:
            self._look_at(endpoint, life)
        # What an engine was to do that has died meanwhile:
        elif wanted == registry.DELETED:
            if not life.is_dropped:
                self.delete(endpoint.name)
        elif endpoint.state not in (EndpointState.STOPPED, EndpointState.FAILED):
            self.stop(endpoint.name)

    def _look_at(self, endpoint: Endpoint, life: Life) -> None:
        front = front_process.read_state(self._desk.folder.endpoint(endpoint.name))
        if front is None or front.lost or front.state is EndpointState.STOPPED:
            self._revive(endpoint, life)
            return
        seen = front.seen_of(endpoint)
        if seen != endpoint:
            with self._desk.commit():
                registry.put_endpoint(self._desk.db, seen, wanted=_SERVING)
                self._announce(seen)

    def _revive(self, endpoint: Endpoint, life: Life) -> None:
        now = self._desk.now()
        life.restarts = [at for at in life.restarts if now - at < _RESTART_WINDOW_S]
        if endpoint.state is EndpointState.FAILED:
            return
        if len(life.restarts) >= _MAX_RESTARTS:
            words = f"The server of “{endpoint.name}” ended {_MAX_RESTARTS} times within a minute."
            self._set(endpoint.name, EndpointState.FAILED, DesktopAMLError(words, "Look at its log, then start it."))
            return
        _log.warning("The server of the endpoint %s is gone; it is started again.", endpoint.name)
        life.restarts.append(now)
        life.busy = True
        if endpoint.state is not EndpointState.TRANSITIONING:
            self._set(endpoint.name, EndpointState.TRANSITIONING)
        self._spawn(endpoint.name, life)

    def _fail(self, name: str, error: Exception) -> None:
        """Say why an endpoint does not serve, and leave it so until somebody asks for something else."""
        self._set(name, EndpointState.FAILED, self._desk.in_words(error))
        deploying.forget(self._desk.folder, name)

    def _set(self, name: str, state: EndpointState, error: DesktopAMLError | None = None) -> None:
        with self._desk.commit():
            try:
                endpoint = registry.get_endpoint(self._desk.db, name)
            except NotFound:
                return
            uris = {} if state is EndpointState.HEALTHY else {"scoring_uri": "", "swagger_uri": ""}
            words, details = (str(error), error.details) if error else ("", "")
            changed = registry.set_endpoint_state(self._desk.db, endpoint, state, error=words, details=details, **uris)
            self._announce(changed)

    def _announce(self, endpoint: Endpoint) -> None:
        self._desk.announce(EndpointChanged(endpoint.name, endpoint.state, endpoint.error))
