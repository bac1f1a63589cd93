"""The host: takes the workspace when it is free, runs an engine on it, stands by while another program owns it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_aml.domain.errors import DesktopAMLError, EngineUnavailable
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.owner import OwnerLock, owner_of
from desktop_aml.settings import Settings
from desktop_aml.store.folder import WorkspaceFolder

if TYPE_CHECKING:
    from desktop_aml.domain.environments import PythonPinPolicy
    from desktop_aml.domain.events import Event
    from desktop_aml.domain.requests import Reply, Request
    from desktop_aml.engine.channel import Answer
    from desktop_aml.engine.engine import Engine
    from desktop_aml.environments.service import BuilderService

_log = logging.getLogger(__name__)
_STAND_BY_S = 0.1
_MAKE_WAY_S = 0.5
_ASK_AGAIN_S = 2.0


class EngineHost:
    """Runs the engine of one workspace for one process.

    Parameters
    ----------
    kind : str
        ``"window"`` or ``"headless"``. A window asks a headless owner to step back; a headless one waits.
    until_idle : bool
        Whether to end once nothing is under way.
    answer : callable, optional
        Carries out what scripts ask of the workspace beyond the engine's own requests.
    """

    def __init__(
        self,
        folder: WorkspaceFolder,
        settings: Settings,
        on_event: Callable[[Event], None] | None = None,
        *,
        kind: str = "headless",
        until_idle: bool = False,
        answer: Answer | None = None,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._on_event = on_event or (lambda _: None)
        self._kind = kind
        self._until_idle = until_idle
        self._answer = answer
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._builder: BuilderService | None = None

    def run_forever(self, stop: threading.Event) -> None:
        """Own the workspace whenever it is free, until `stop` is set or the workspace is taken away."""
        lock = OwnerLock(self._folder.owner_lock, self._kind)
        ask_at = 0.0
        while not stop.is_set():
            if lock.acquire():
                try:
                    may_go_on = self._own(stop)
                finally:
                    lock.release()
                ask_at = 0.0
                if self._until_idle or not may_go_on:
                    return
                # Whoever asked for it is to have it, and looks as seldom.
                stop.wait(_MAKE_WAY_S)
            elif self._kind == "window" and time.monotonic() >= ask_at and self._ask_owner_to_step_back():
                # Another headless engine may be quicker than this window: that one is asked, too.
                ask_at = time.monotonic() + _ASK_AGAIN_S
            stop.wait(_STAND_BY_S)

    def _own(self, stop: threading.Event) -> bool:
        """Let an engine work; return whether there may be another one in this place afterwards."""
        # Imported here: the engine is most of the program, and who stands by beside another one never needs it.
        from desktop_aml.domain.events import EngineChanged
        from desktop_aml.workspace import engine_making

        try:
            builder = engine_making.builder(self._settings)
            engine = engine_making.engine(
                self._folder,
                self._settings,
                builder,
                self._on_event,
                wake=self.wake,
                until_idle=self._until_idle,
                answer=self._answer,
            )
        except DesktopAMLError as error:
            self._on_event(EngineChanged("fault", error.message, error.hint, error.details))
            stop.wait(2.0)
            return True
        with self._lock:
            self._engine, self._builder = engine, builder
            builder.policy, builder.base_image = self._settings.python_pin_policy, self._settings.docker_base_image
        # What a builder that was killed left behind goes while nobody waits for it.
        threading.Thread(target=builder.sweep, args=(stop,), name="sweep-builds", daemon=True).start()
        try:
            engine.run_forever(stop)
        finally:
            with self._lock:
                self._engine = None
        return not engine.has_lost_ground()

    def _ask_owner_to_step_back(self) -> bool:
        from desktop_aml.domain.requests import ReleaseWorkspace

        owner = owner_of(self._folder.owner_lock)
        if owner is None or owner.get("kind") != "headless":
            return False
        try:
            spool.ask(self._folder.requests, ReleaseWorkspace(reason="A window opened the workspace."), timeout_s=5.0)
        except EngineUnavailable:
            return False
        return True

    def owns(self) -> bool:
        """Whether the engine of this process owns the workspace now."""
        with self._lock:
            return self._engine is not None

    def wake(self) -> None:
        """Have the engine of this process look around now."""
        with self._lock:
            if self._engine is not None:
                self._engine.wake()

    def set_limit(self, limit: int) -> None:
        """Change how many runs may execute at once."""
        with self._lock:
            if self._engine is not None:
                self._engine.set_limit(limit)

    def set_builder(self, policy: PythonPinPolicy, base_image: str) -> None:
        """Change what happens from now on when a Python is missing, and what images are built on."""
        with self._lock:
            self._settings = replace(self._settings, python_pin_policy=policy, docker_base_image=base_image)
            if self._builder is not None:
                self._builder.policy, self._builder.base_image = policy, base_image

    def ask(self, request: Request, timeout_s: float) -> Reply | None:
        """Hand a request to the engine of this process; None when it owns nothing.

        Raises
        ------
        EngineUnavailable
            When it does not answer in time.
        """
        with self._lock:
            if self._engine is None:
                return None
            future: Future[Reply] = self._engine.ask(request)
        try:
            return future.result(timeout_s)
        except FutureTimeoutError as error:
            raise EngineUnavailable("The engine is busy and did not answer in time.", "Try again.") from error
