"""The engine client: requests handed to the engine that owns the workspace, wherever that is."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from desktop_aml.domain import errors
from desktop_aml.domain.errors import DesktopAMLError, EngineUnavailable, InvalidSpec, StorageError
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.settings import Settings, load
from desktop_aml.store import endpoint_rows, runs
from desktop_aml.store.attached import origins
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import trust, unseen_ends
from desktop_aml.workspace.reader import Reader
from desktop_aml.workspace.trust import Verdict

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event
    from desktop_aml.domain.requests import Done, Refusal, Request
    from desktop_aml.engine.channel import Answer
    from desktop_aml.workspace.engine_host import EngineHost

_ASK_TIMEOUT_S = 30.0
_OWNER_TIMEOUT_S = 10.0
_POLL_S = 0.01
_START_TRIES = 2
_UNDER_WAY = tuple(state for state in RunState if not state.is_terminal())
_AFTERWARDS_S = 15.0
"""The engine goes on when that was not enough."""


class EngineClient(Reader):
    """What reaches the engine of a workspace: this process's, another's, or a headless one that it starts.

    Parameters
    ----------
    folder : WorkspaceFolder
        The workspace's folder.
    settings : Settings, optional
        Those of the user, unless given.
    """

    def __init__(self, folder: WorkspaceFolder, settings: Settings | None = None) -> None:
        super().__init__(folder)
        self.settings = settings or load()
        self._host: EngineHost | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._has_failed = _not_at_all

    def host_engine(
        self,
        on_event: Callable[[Event], None] | None = None,
        *,
        kind: str = "window",
        until_idle: bool = False,
        answer: Answer | None = None,
    ) -> EngineHost:
        """Return what runs the engine in this process; the caller gives it a thread: ``run_forever(stop)``.

        Parameters
        ----------
        on_event : callable, optional
            Called with each event, on the engine's thread.
        kind : str
            ``"window"`` or ``"headless"``, see `EngineHost`.
        until_idle : bool
            Whether it ends once nothing is under way.
        answer : callable, optional
            Carries out what scripts ask of the workspace beyond the engine's own requests.

        Raises
        ------
        UntrustedWorkspace
            When nothing may run in this workspace.
        """
        # Imported here, as elsewhere in this module: who only reads needs no host.
        from desktop_aml.workspace.engine_host import EngineHost

        self.check_trust()
        self._host = EngineHost(self.folder, self.settings, on_event, kind=kind, until_idle=until_idle, answer=answer)
        return self._host

    def verdict(self) -> Verdict:
        """Return whether this workspace may run code."""
        return trust.verdict(self.folder)

    def trust(self) -> None:
        """Let this workspace run code from now on, see `trust.trust`."""
        trust.trust(self.folder)

    def check_trust(self) -> None:
        """Raise `UntrustedWorkspace` unless this workspace may run code."""
        # Once for this process: whoever forgets a workspace means what is opened from then on.
        if not self._is_trusted:
            trust.refuse_untrusted(self.folder)
            self._is_trusted = True

    _is_trusted = False

    def start_engine(self, on_event: Callable[[Event], None] | None = None, *, answer: Answer | None = None) -> None:
        """Host the engine on a thread of this process, until `close`; see `host_engine`."""
        if self._thread is None:
            host = self.host_engine(on_event, kind="headless", answer=answer)
            self._thread = threading.Thread(target=host.run_forever, args=(self._stop,), name="engine", daemon=True)
            self._thread.start()

    def set_run_limit(self, limit: int) -> None:
        """Change how many runs execute at once, now."""
        if self._host is not None:
            self._host.set_limit(limit)

    def apply_settings(self, settings: Settings) -> None:
        """Let what can change at any time be as in `settings` from now on; the rest waits for the next opening."""
        self.settings = replace(
            self.settings,
            python_pin_policy=settings.python_pin_policy,
            docker_base_image=settings.docker_base_image,
            restore_removed_names=settings.restore_removed_names,
            warm_starts=settings.warm_starts,
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
            # One that was removed or cannot be read any more has nothing to hand over, and is closed all the same.
            with contextlib.suppress(StorageError):
                self.hand_over()
        self.close_connections()

    def leave_work(self) -> None:
        """Leave what is under way to whoever opens the workspace next: `close` then starts no other engine."""
        self._hands_over = False

    _hands_over = True

    def take_up(self) -> None:
        """Have an engine look at runs that ended while none did, so that what is read of them afterwards is true."""
        if unseen_ends.exist(self.db) and self.hand_over():
            until = time.monotonic() + _OWNER_TIMEOUT_S
            while unseen_ends.exist(self.db) and time.monotonic() < until:
                time.sleep(_POLL_S)

    def hand_over(self) -> bool:
        """Start a headless engine when work or a request waits, or an endpoint is gone, and nobody owns the workspace.

        Nothing is started in a workspace that is not trusted.

        Returns
        -------
        bool
            Whether one was started.
        """
        if owner_of(self.folder.owner_lock) is not None:
            return False
        has_runs = bool(runs.in_states(self.db, self._needing_engine()))
        if not has_runs and not self._has_requests() and not self._has_unsettled_endpoints():
            return False
        if not self.verdict().is_trusted:
            return False
        self._start_headless()
        return True

    def _needing_engine(self) -> tuple[RunState, ...]:
        """Return the states of runs that an engine has work with: whoever resumes a paused queue starts one."""
        if self.folder.pause_mark.exists():
            return tuple(state for state in _UNDER_WAY if state is not RunState.QUEUED)
        return _UNDER_WAY

    def see_to_work(self) -> None:
        """Make sure that an engine goes on with what is queued or under way; for those who wait for it.

        Raises
        ------
        UntrustedWorkspace
            When nothing may run in this workspace, and no engine has it.
        """
        if owner_of(self.folder.owner_lock) is None:
            self.check_trust()
            self.hand_over()

    def _has_requests(self) -> bool:
        """Whether a request has no answer yet, such as one for a build that an engine left when it ended."""
        with contextlib.suppress(FileNotFoundError):
            if any(self.folder.requests.iterdir()):
                from desktop_aml.engine.core import spool

                return bool(spool.waiting(self.folder.requests))
        return False

    def _has_unsettled_endpoints(self) -> bool:
        if not endpoint_rows.exist(self.db):
            return False
        from desktop_aml.workspace.endpoint.states import all_as_they_are, is_unsettled

        return any(map(is_unsettled, all_as_they_are(self.db, self.folder)))

    def free_room(self) -> None:
        """Free the room of what was just deleted; when that cannot be now, a later deletion does it."""
        from desktop_aml.domain.requests import CleanStore

        with contextlib.suppress(DesktopAMLError):
            self.ask(CleanStore(), timeout_s=_AFTERWARDS_S)

    def _start_headless(self) -> None:
        import subprocess

        # Detached, with no standard streams: it outlives the terminal and this process.
        process = subprocess.Popen(
            [sys.executable, "-m", "desktop_aml", "engine", "--until-idle", "--workspace", str(self.folder.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        process.returncode = 0  # It is not ours to wait for.
        code: int | None = None

        def has_failed() -> bool:
            nonlocal code
            if code is None:
                process.returncode = None
                code = process.poll()
                process.returncode = 0
            return bool(code)

        self._has_failed = has_failed

    def ask(self, request: Request, timeout_s: float = _ASK_TIMEOUT_S) -> Done:
        """Hand a request to the engine, wherever it is, and return what it did.

        Parameters
        ----------
        request : Request
            What is wanted.
        timeout_s : float
            How long to wait for the answer, in seconds.

        Raises
        ------
        UntrustedWorkspace
            When nothing may run in this workspace.
        EngineUnavailable
            When no engine can be started, or none answers in time: the request may still be carried out.
        DesktopAMLError
            What the engine refuses, as the error that says why.
        """
        from desktop_aml.domain.requests import Refusal
        from desktop_aml.engine.core import spool

        self.check_trust()
        self._refuse_attached(request)
        reply = self._host.ask(request, timeout_s) if self._host is not None else None
        if reply is None and self._host is not None:
            self._wait_for_owner(self._host)
            reply = self._host.ask(request, timeout_s)
        if reply is None:
            # The request comes first: an engine that ends when nothing is left to do then finds it in any case.
            reply = spool.ask(self.folder.requests, request, timeout_s=timeout_s, meanwhile=self._starter())
        if isinstance(reply, Refusal):
            raise _error_from(reply)
        return reply

    def _refuse_attached(self, request: Request) -> None:
        """Raise `Conflict` when a request is to change a run that is attached: those are only read."""
        if not self.db.is_united:
            return
        named = (getattr(request, name, "") for name in ("run_id", "from_run", "parent"))
        several = getattr(request, "run_ids", ())
        for run_id in (*named, *several):
            if run_id and (origin := origins.origin_of(self.db, run_id)) is not None:
                raise errors.Conflict(
                    f"The run “{run_id}” is attached from “{origin.path}”, which is only read.",
                    "A search leaves such runs out that ends with: and not target = attached"
                    if len(several) > 1
                    else "Change it with the tool that recorded it, then: desktop-aml attach --refresh",
                )

    def _wait_for_owner(self, host: EngineHost) -> None:
        """Wait until the engine that this process hosts, or another one, owns the workspace."""
        deadline = time.monotonic() + _OWNER_TIMEOUT_S
        while not host.owns() and owner_of(self.folder.owner_lock) is None:
            if time.monotonic() > deadline:
                raise self._no_engine()
            time.sleep(_POLL_S)

    def _starter(self) -> Callable[[], None]:
        """Return what starts a headless engine whenever nobody owns the workspace, and gives up after some tries."""
        tries, started_at = 0, -_OWNER_TIMEOUT_S
        self._has_failed = _not_at_all

        def start_when_needed() -> None:
            nonlocal tries, started_at
            now = time.monotonic()
            # One that has ended with an error takes up nothing any more: that is not waited for.
            is_early = now - started_at < _OWNER_TIMEOUT_S and not self._has_failed()
            if is_early or owner_of(self.folder.owner_lock) is not None:
                return
            if tries == _START_TRIES:
                raise self._no_engine()
            self._start_headless()
            tries, started_at = tries + 1, now

        return start_when_needed

    def _no_engine(self) -> EngineUnavailable:
        return EngineUnavailable(
            f"No engine could be started for the workspace “{self.folder.root}”.",
            f'Look why with: desktop-aml engine --workspace "{self.folder.root}"',
        )


def _not_at_all() -> bool:
    return False


def _error_from(reply: Refusal) -> DesktopAMLError:
    kind = getattr(errors, reply.error, DesktopAMLError)
    if kind is InvalidSpec:
        return InvalidSpec(reply.message, reply.hint, line=reply.line, column=reply.column, details=reply.details)
    error: DesktopAMLError = kind(reply.message, reply.hint, details=reply.details)
    return error
