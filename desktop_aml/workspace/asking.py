"""Asking: requests handed to the engine that owns the workspace, wherever that is."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from desktop_aml.domain import errors
from desktop_aml.domain.errors import DesktopAMLError, EngineUnavailable, InvalidSpec
from desktop_aml.domain.events import Event
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.requests import Done, Refusal, Request
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.engine.host import EngineHost
from desktop_aml.settings import Settings, load
from desktop_aml.store import registry
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import trust, unseen_ends
from desktop_aml.workspace.endpoint_states import is_gone
from desktop_aml.workspace.run_files import RunFiles
from desktop_aml.workspace.trust import Verdict

_ASK_TIMEOUT_S = 30.0
_OWNER_TIMEOUT_S = 10.0
_POLL_S = 0.01
_START_TRIES = 2
_NAMED = 5


class Asking(RunFiles, ABC):
    """The half of a workspace that reaches the engine: this process's, another's, or a headless one it starts."""

    @abstractmethod
    def answer(self, method: str, body: Mapping[str, Any]) -> object:
        """Carry out a call of Azure ML code, see `desktop_aml.workspace.sdk.calls`."""

    def __init__(self, folder: WorkspaceFolder, settings: Settings | None = None) -> None:
        super().__init__(folder)
        self._settings = settings or load()
        self._host: EngineHost | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def host_engine(
        self, on_event: Callable[[Event], None] | None = None, *, kind: str = "window", until_idle: bool = False
    ) -> EngineHost:
        """Return what runs the engine in this process; the caller gives it a thread: ``run_forever(stop)``.

        Raises
        ------
        UntrustedWorkspace
            When nothing may run in this workspace.
        """
        self.check_trust()
        self._host = EngineHost(
            self._folder, self._settings, on_event, kind=kind, until_idle=until_idle, answer=self.answer
        )
        return self._host

    def verdict(self) -> Verdict:
        """Return whether this workspace may run code."""
        return trust.verdict(self._folder)

    def trust(self) -> None:
        """Let this workspace run code from now on, see `trust.trust`."""
        trust.trust(self._folder)

    def waiting_work(self) -> tuple[str, ...]:
        """Return in words what an engine would begin at once: runs, requests of other programs, endpoints."""
        active = self.active_runs()
        requests = len(spool.waiting(self._folder.requests))
        wanted = [one.name for one in self.endpoints() if registry.wanted_state(self._db, one.name) == "serving"]
        found = [f"the script {run.script} (run “{run.display_name}”)" for run in active[:_NAMED]]
        found += [f"{len(active) - _NAMED} more runs"] if len(active) > _NAMED else []
        found += [f"{requests} waiting {'request' if requests == 1 else 'requests'}"] if requests else []
        return (*found, *(f"the endpoint {name}" for name in wanted[:_NAMED]))

    def check_trust(self) -> None:
        """Raise `UntrustedWorkspace` unless this workspace may run code."""
        # Once for this process: whoever forgets a workspace means what is opened from then on.
        if not self._is_trusted:
            trust.refuse_untrusted(self._folder)
            self._is_trusted = True

    _is_trusted = False

    def start_engine(self, on_event: Callable[[Event], None] | None = None) -> None:
        """Host the engine on a thread of this process, until `close`."""
        if self._thread is None:
            host = self.host_engine(on_event, kind="headless")
            self._thread = threading.Thread(target=host.run_forever, args=(self._stop,), name="engine", daemon=True)
            self._thread.start()

    def set_run_limit(self, limit: int) -> None:
        """Change how many runs execute at once, now."""
        if self._host is not None:
            self._host.set_limit(limit)

    def apply_settings(self, settings: Settings) -> None:
        """Let what can change at any time be as in `settings` from now on; the rest waits for the next opening."""
        self._settings = replace(
            self._settings,
            python_pin_policy=settings.python_pin_policy,
            docker_base_image=settings.docker_base_image,
            restore_removed_names=settings.restore_removed_names,
            snapshot_warning_bytes=settings.snapshot_warning_bytes,
            snapshot_warning_files=settings.snapshot_warning_files,
        )
        if self._host is not None:
            self._host.set_builder(settings.python_pin_policy, settings.docker_base_image)

    def close(self) -> None:
        """End what this process does for the workspace; runs and endpoints go on.

        When work is queued or under way and nobody else owns the workspace, a headless engine takes over.
        """
        if self._thread is not None:
            self._stop.set()
            if self._host is not None:
                self._host.wake()
            self._thread.join(_OWNER_TIMEOUT_S)
            self._thread = None
        self._host = None
        if self._hands_over:
            self.hand_over()
        self._close_connections()

    def leave_work(self) -> None:
        """Leave what is under way to whoever opens the workspace next: `close` then starts no other engine."""
        self._hands_over = False

    _hands_over = True

    def take_up(self) -> None:
        """Have an engine look at runs that ended while none did, so that what is read of them afterwards is true."""
        if unseen_ends.exist(self._db) and self.hand_over():
            until = time.monotonic() + _OWNER_TIMEOUT_S
            while unseen_ends.exist(self._db) and time.monotonic() < until:
                time.sleep(_POLL_S)

    def hand_over(self) -> bool:
        """Start a headless engine when work is waiting, or an endpoint is gone, and nobody owns the workspace.

        Nothing is started in a workspace that is not trusted.

        Returns
        -------
        bool
            Whether one was started.
        """
        unsettled = any(
            endpoint.state is EndpointState.TRANSITIONING or is_gone(endpoint) for endpoint in self.endpoints()
        )
        if not (self.active_runs() or unsettled) or owner_of(self._folder.owner_lock) is not None:
            return False
        if not self.verdict().is_trusted:
            return False
        self._start_headless()
        return True

    def _start_headless(self) -> None:
        # Detached, with no standard streams: it outlives the terminal and this process.
        process = subprocess.Popen(
            [sys.executable, "-m", "desktop_aml", "engine", "--until-idle", "--workspace", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        process.returncode = 0  # It is not ours to wait for.

    def _ask(self, request: Request, timeout_s: float = _ASK_TIMEOUT_S) -> Done:
        self.check_trust()
        reply = self._host.ask(request, timeout_s) if self._host is not None else None
        if reply is None and self._host is not None:
            self._wait_for_owner(self._host)
            reply = self._host.ask(request, timeout_s)
        if reply is None:
            # The request comes first: an engine that ends when nothing is left to do then finds it in any case.
            reply = spool.ask(self._folder.requests, request, timeout_s=timeout_s, meanwhile=self._starter())
        if isinstance(reply, Refusal):
            raise _error_from(reply)
        return reply

    def _wait_for_owner(self, host: EngineHost) -> None:
        """Wait until the engine that this process hosts, or another one, owns the workspace."""
        deadline = time.monotonic() + _OWNER_TIMEOUT_S
        while not host.owns() and owner_of(self._folder.owner_lock) is None:
            if time.monotonic() > deadline:
                raise self._no_engine()
            time.sleep(_POLL_S)

    def _starter(self) -> Callable[[], None]:
        """Return what starts a headless engine whenever nobody owns the workspace, and gives up after some tries."""
        tries, started_at = 0, -_OWNER_TIMEOUT_S

        def start_when_needed() -> None:
            nonlocal tries, started_at
            now = time.monotonic()
            if now - started_at < _OWNER_TIMEOUT_S or owner_of(self._folder.owner_lock) is not None:
                return
            if tries == _START_TRIES:
                raise self._no_engine()
            self._start_headless()
            tries, started_at = tries + 1, now

        return start_when_needed

    def _no_engine(self) -> EngineUnavailable:
        return EngineUnavailable(
            f"No engine could be started for the workspace “{self.path}”.",
            f'Look why with: desktop-aml engine --workspace "{self.path}"',
        )


def _error_from(reply: Refusal) -> DesktopAMLError:
    kind = getattr(errors, reply.error, DesktopAMLError)
    if kind is InvalidSpec:
        return InvalidSpec(reply.message, reply.hint, line=reply.line, column=reply.column, details=reply.details)
    error: DesktopAMLError = kind(reply.message, reply.hint, details=reply.details)
    return error
