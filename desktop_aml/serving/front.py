"""The front process of one endpoint: bind, start the model, tell the state, stop gracefully.

It must not load a model, touch the workspace's database, or listen anywhere but on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import logging.handlers
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.errors import Conflict, DesktopAMLError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving.app import App
from desktop_aml.serving.config import (
    CONFIG_FILE,
    LOCK_FILE,
    LOG_FILE,
    SCHEMA_FILE,
    SCRIPT_FILE,
    STATE_FILE,
    EndpointConfig,
    FrontState,
    lock_inode,
    read_config,
    read_struct,
    write_private,
    write_state,
)
from desktop_aml.serving.connection import Connection
from desktop_aml.serving.data_files import row_for
from desktop_aml.serving.model_process import Description, ModelProcess
from desktop_aml.serving.schema import ModelDescription, ModelSchema, build_schema, read_sample, showing
from desktop_aml.serving.script_requests import ScriptDescription
from desktop_aml.serving.use import WRITE_EVERY_S
from desktop_aml.system import locks
from desktop_aml.system.children import READ_AGAIN
from desktop_aml.system.processes import boot_id, start_time

LOG_BYTES: Final = 5 << 20
LOG_COPIES: Final = 2
WATCH_S: Final = 0.5
SUMMARY_S: Final = 60.0
GRACE_S: Final = 10.0

log = logging.getLogger(__name__)


def run(endpoint_dir: Path) -> int:
    """Serve the endpoint in `endpoint_dir` until told to stop; return the exit code."""
    os.umask(0o077)
    lock = _lock(endpoint_dir)
    if lock is None:
        return 0
    _log_to(endpoint_dir / LOG_FILE)
    try:
        config = read_config(endpoint_dir)
    except DesktopAMLError as error:
        log.warning("%s", error)
        return 1
    front = Front(endpoint_dir, config)
    with _runner() as runner:
        return runner.run(front.serve())


def _runner() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


def _lock(endpoint_dir: Path) -> int | None:
    """Return the descriptor of the lock that one front holds for life, or None when another has it."""
    descriptor = locks.open_lock(endpoint_dir / LOCK_FILE)
    if locks.try_lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _log_to(path: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_COPIES, encoding="utf-8", errors="backslashreplace"
    )
    form = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    form.converter = time.gmtime
    handler.setFormatter(form)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.raiseExceptions = False


class Front:
    """One endpoint being served."""

    def __init__(self, endpoint_dir: Path, config: EndpointConfig) -> None:
        self._dir = endpoint_dir
        self._config = config
        self._state = FrontState(
            nonce=config.nonce,
            state=EndpointState.TRANSITIONING,
            since=time.time(),
            pid=os.getpid(),
            start_time=start_time(os.getpid()),
            boot_id=boot_id(),
            lock_inode=lock_inode(endpoint_dir),
        )
        self._connections: set[Connection] = set()
        self._stop = asyncio.Event()
        self._exit_code = 0

    async def serve(self) -> int:
        """Serve until a signal or a fault ends it."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        try:
            listener = self._listen()
        except DesktopAMLError as error:
            self._tell(state=EndpointState.FAILED, error=str(error))
            return 1
        port = listener.getsockname()[1]
        base = f"http://{_in_uri(self._config.host)}:{port}"
        self._tell(port=port, scoring_uri=f"{base}/score", swagger_uri=f"{base}/swagger.json")
        self._model = ModelProcess(self._config, self._on_loaded, self._on_changed)
        self._app = App(self._config, self._model, f"{base}/score")
        self._guard = self._app.guard(port, self._config)
        loop.add_signal_handler(READ_AGAIN, self._reload)
        server = await loop.create_server(self._new_connection, sock=listener, backlog=512)
        log.info("Serving %s on %s", self._config.model, base)
        await self._model.start()
        watch = loop.create_task(self._watch())
        await self._stop.wait()
        server.close()
        await self._drain()
        watch.cancel()
        if not self._exit_code:
            self._tell(state=EndpointState.STOPPED, scoring_uri="", swagger_uri="", model_pid=0, error="", details="")
            log.info("Stopped.")
        return self._exit_code

    def _listen(self) -> socket.socket:
        """Bind the port asked for; when any will do, the one of the last time before a new one."""
        config = self._config
        if not config.port:
            before = read_struct(self._dir / STATE_FILE, FrontState)
            if before is not None and before.port:
                with contextlib.suppress(Conflict):
                    return bind(config.host, before.port)
        return bind(config.host, config.port)

    def _new_connection(self) -> Connection:
        app = self._app
        return Connection(lambda: self._guard, app.handle, app.refuse, self._connections, self._config.max_connections)

    def _tell(self, **changes: object) -> None:
        """Change the state and write it down."""
        state = msgspec.structs.replace(self._state, since=time.time(), **changes)
        self._state = state
        try:
            write_state(self._dir, state)
        except DesktopAMLError as error:
            log.warning("%s", error)
        if state.error:
            log.error("%s: %s", state.state, state.error)

    def _on_loaded(self, found: Description) -> None:
        """Begin to answer with the model or the scoring script that was loaded."""
        if isinstance(found, ScriptDescription):
            self._app.script = found
            self._keep(SCRIPT_FILE, found)
            log.info("The scoring script %s is ready in process %d.", found.script, found.pid)
        else:
            self._app.schema = self._schema_of(found)
            self._keep(SCHEMA_FILE, self._app.schema)
            log.info("Loaded a %s in process %d.", found.class_name, found.pid)
        self._app.state = EndpointState.HEALTHY
        for note in found.notes:
            log.warning("%s", note)
        self._log_network()
        self._tell(
            state=EndpointState.HEALTHY,
            error="",
            details="",
            notes=found.notes,
            model_pid=self._model.pid,
            open_network=self._model.open_network,
        )

    def _log_network(self) -> None:
        if self._config.network:
            log.info("The model may use the network, as it was deployed.")
        elif self._model.open_network:
            log.warning("The network could not be taken from the model: %s.", self._model.open_network)
        else:
            log.info("The model has no network.")

    def _schema_of(self, model: ModelDescription) -> ModelSchema:
        sample = read_sample(Path(self._config.sample_input)) if self._config.sample_input else ((), ())
        answers = read_sample(Path(self._config.sample_output)) if self._config.sample_output else ((), ())
        schema = build_schema(model, self._config.default_method, sample, answers[0])
        found = None if schema.sample else row_for(model, self._config.data_files)
        return schema if found is None else showing(schema, *found)

    def _keep(self, file: str, found: ModelSchema | ScriptDescription) -> None:
        """Write what was found for those who show the endpoint, and nothing of what was there before."""
        try:
            for name in (SCHEMA_FILE, SCRIPT_FILE):
                if name != file:
                    (self._dir / name).unlink(missing_ok=True)
            write_private(self._dir / file, msgspec.json.format(msgspec.json.encode(found)))
        except (DesktopAMLError, OSError) as error:
            log.warning("%s", error)

    def _on_changed(self, state: EndpointState, error: str, details: str) -> None:
        self._app.state = state
        self._tell(state=state, error=error, details=details, model_pid=0)
        if details:
            log.error("%s", details)
        if state is EndpointState.FAILED:
            self._exit_code = 3
            self._stop.set()

    def _reload(self) -> None:
        """Take new keys from ``endpoint.json``."""
        try:
            config = read_config(self._dir)
        except DesktopAMLError as error:
            log.warning("%s", error)
            return
        self._guard = self._app.guard(self._state.port, config)
        log.info("The keys were read again.")

    async def _watch(self) -> None:
        """Act on time limits, and stop when the endpoint's folder was removed."""
        loop = asyncio.get_running_loop()
        answered, summary_at, use_at = 0, loop.time() + SUMMARY_S, 0.0
        while True:
            await asyncio.sleep(WATCH_S)
            now = loop.time()
            self._model.watch(now)
            for connection in list(self._connections):
                connection.close_if_late(now)
            if now > use_at:
                # Where there is no room the figures are missing, nothing else.
                with contextlib.suppress(OSError):
                    self._app.use.write(self._dir)
                use_at = now + WRITE_EVERY_S
            if now > summary_at:
                total = self._app.use.total
                if total > answered:
                    log.info("%d requests answered, %d in all.", total - answered, total)
                answered, summary_at = total, now + SUMMARY_S
                if not (self._dir / CONFIG_FILE).exists():
                    self._stop.set()

    async def _drain(self) -> None:
        """Finish the requests that are here, then end the model's process."""
        until = time.monotonic() + GRACE_S
        while time.monotonic() < until:
            busy = [connection for connection in list(self._connections) if not connection.close_when_idle()]
            if not busy and not self._model.is_busy:
                break
            await asyncio.sleep(0.02)
        await self._model.stop(2.0)
        # One more turn, so that the last answers leave.
        await asyncio.sleep(0)


def _in_uri(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket on loopback.

    Raises
    ------
    Conflict
        The port is taken or may not be used.
    """
    if host not in ("127.0.0.1", "::1"):
        raise Conflict(f"The endpoint may only listen on 127.0.0.1 or ::1, not on “{host}”.")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Conflict(f"Port {port} on {host} is in use by another program.", "Choose another port.") from error
        raise Conflict(f"Port {port} on {host} cannot be used: {error.strerror}.", "Choose another port.") from error
    return listener


def main() -> int:
    """Take the endpoint's folder from the command line and serve it."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m desktop_aml.serving ENDPOINT_DIR\n")
        return 2
    with contextlib.suppress(KeyboardInterrupt):
        return run(Path(sys.argv[1]))
    return 130
