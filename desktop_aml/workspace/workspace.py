"""The façade: one workspace, composed of a service for each noun."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from desktop_aml.domain.errors import NotFound
from desktop_aml.settings import Settings
from desktop_aml.store.folder import WorkspaceFolder, WorkspaceIdentity
from desktop_aml.system.files import looks_below, used_bytes
from desktop_aml.system.whole_paths import real_path
from desktop_aml.workspace import trust
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.opening import check_readable, locate, missing_last
from desktop_aml.workspace.trust import Verdict

if TYPE_CHECKING:
    from desktop_aml.domain.events import Event
    from desktop_aml.engine.channel import Answer
    from desktop_aml.workspace.computes import Computes
    from desktop_aml.workspace.datasets import Datasets
    from desktop_aml.workspace.endpoints import Endpoints
    from desktop_aml.workspace.engine_host import EngineHost
    from desktop_aml.workspace.environments import Environments
    from desktop_aml.workspace.experiments import Experiments
    from desktop_aml.workspace.finding.attachments import Attachments
    from desktop_aml.workspace.finding.queries import Queries
    from desktop_aml.workspace.models import Models
    from desktop_aml.workspace.runs import Runs
    from desktop_aml.workspace.secrets import Secrets
    from desktop_aml.workspace.sweeps import Sweeps

_CLEANING_TIMEOUT_S: Final = 600.0


class Workspace:
    """One workspace: a folder with a ``config.json``, a database and everything that was made in it.

    Open one with `Workspace.open`, make one with `Workspace.create`. Acts are carried out by the engine that owns the
    workspace: the one that this process hosts, another process's, or a headless one that is started for it. As a
    context manager a workspace is closed at the end.

    Attributes
    ----------
    runs : Runs
        Scripts that ran, run or wait.
    experiments : Experiments
        The names that runs are gathered under.
    models : Models
        Registered models.
    environments : Environments
        What runs and models need.
    endpoints : Endpoints
        Models that are served.
    datasets : Datasets
        Data with the hashes of its files.
    sweeps : Sweeps
        Scripts that are tuned.
    computes : Computes
        Names for the places where runs can go.
    attachments : Attachments
        What other tools recorded, read where it lies.
    queries : Queries
        Questions in SQL.
    secrets : Secrets
        What Azure ML code keeps to itself.
    """

    def __init__(self, folder: WorkspaceFolder, settings: Settings | None = None) -> None:
        self._folder = folder
        self._client = EngineClient(folder, settings)

    # Its services, each loaded when it is first asked for: a command needs one or two.

    @cached_property
    def runs(self) -> Runs:
        """Scripts that ran, run or wait."""
        from desktop_aml.workspace.runs import Runs

        return Runs(self._client)

    @cached_property
    def experiments(self) -> Experiments:
        """The names that runs are gathered under."""
        from desktop_aml.workspace.experiments import Experiments

        return Experiments(self._client)

    @cached_property
    def sweeps(self) -> Sweeps:
        """Scripts that are tuned."""
        from desktop_aml.workspace.sweeps import Sweeps

        return Sweeps(self._client, self.runs, self.models)

    @cached_property
    def models(self) -> Models:
        """Registered models."""
        from desktop_aml.workspace.models import Models

        return Models(self._client)

    @cached_property
    def environments(self) -> Environments:
        """What runs and models need."""
        from desktop_aml.workspace.environments import Environments

        return Environments(self._client)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Models that are served."""
        from desktop_aml.workspace.endpoints import Endpoints

        return Endpoints(self._client)

    @cached_property
    def datasets(self) -> Datasets:
        """Data with the hashes of its files."""
        from desktop_aml.workspace.datasets import Datasets

        return Datasets(self._client)

    @cached_property
    def computes(self) -> Computes:
        """Names for the places where runs can go."""
        from desktop_aml.workspace.computes import Computes

        return Computes(self._client, self.environments)

    @cached_property
    def attachments(self) -> Attachments:
        """What other tools recorded, read where it lies."""
        from desktop_aml.workspace.finding.attachments import Attachments

        return Attachments(self._client)

    @cached_property
    def queries(self) -> Queries:
        """Questions in SQL."""
        from desktop_aml.workspace.finding.queries import Queries

        return Queries(self._client)

    @cached_property
    def secrets(self) -> Secrets:
        """What Azure ML code keeps to itself."""
        from desktop_aml.workspace.secrets import Secrets

        return Secrets(self._client)

    @classmethod
    def create(cls, path: Path | str, name: str = "", *, is_passing: bool = False) -> Self:
        """Make a workspace in a new or existing folder and open it.

        Parameters
        ----------
        path : Path or str
            The folder.
        name : str
            Empty: the folder's own name.
        is_passing : bool
            Whether it is for a demo or the sample: then no command means it without naming it.

        Raises
        ------
        Conflict
            When there is a workspace already, or the folder is another user's.
        StorageError
            When it cannot be written.
        """
        folder = WorkspaceFolder(real_path(path))
        trust.refuse_strangers_folder(folder)
        folder.make(name, is_passing=is_passing)
        trust.trust(folder)
        return cls.open(folder.root)

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open the workspace in a folder. Nothing of it runs by that.

        Raises
        ------
        NotFound
            When the folder is not a workspace.
        StorageError
            When its database is damaged or cannot be read.
        """
        folder = WorkspaceFolder(real_path(path))
        check_readable(folder)
        return cls(folder)

    @classmethod
    def from_config(cls, start: Path | str = ".") -> Self:
        """Open the workspace that a command without ``-w`` means in the folder `start`.

        The one at or above the folder; else the one used last; else the default one.

        Raises
        ------
        NotFound
            When there is none yet.
        StorageError
            When its database is damaged or cannot be read.
        """
        found = locate(real_path(start))
        if found is None:
            if (gone := missing_last()) is not None:
                raise NotFound(f"The workspace used last is no more at “{gone}”.", "Open it: Workspace.open(PATH).")
            raise NotFound("There is no workspace yet.", "Make one with Workspace.create(PATH).")
        return cls.open(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}.open({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The workspace's folder."""
        return self._folder.root

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self._folder.name()

    def captures(self) -> bool:
        """Whether runs are captured here, unless they say otherwise."""
        return self._folder.captures()

    def set_captures(self, *, wanted: bool) -> None:
        """Have runs that are submitted from now on captured, or not; raises `StorageError`."""
        self._folder.set_captures(wanted=wanted)

    def identity(self) -> WorkspaceIdentity:
        """Return the workspace's name and what else Azure ML calls it by."""
        return self._folder.identity()

    def created_at(self) -> float:
        """Return when the workspace was made, as Unix time in seconds."""
        return self._folder.config.stat().st_mtime

    # Its engine.

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
            Carries out what scripts ask beyond the engine's own requests: ``sdk.answers_of(workspace)``. Without it,
            Azure ML code in runs finds no workspace.

        Raises
        ------
        UntrustedWorkspace
            When nothing may run in this workspace.
        """
        return self._client.host_engine(on_event, kind=kind, until_idle=until_idle, answer=answer)

    def start_engine(self, on_event: Callable[[Event], None] | None = None, *, answer: Answer | None = None) -> None:
        """Host the engine on a thread of this process, until `close`; see `host_engine`."""
        self._client.start_engine(on_event, answer=answer)

    def set_run_limit(self, limit: int) -> None:
        """Change how many runs execute at once, now."""
        self._client.set_run_limit(limit)

    def apply_settings(self, settings: Settings) -> None:
        """Let what can change at any time be as in `settings` from now on; the rest waits for the next opening."""
        self._client.apply_settings(settings)

    def take_up(self) -> None:
        """Have an engine look at runs that ended while none did, so that what is read of them afterwards is true."""
        self._client.take_up()

    def hand_over(self) -> bool:
        """Start a headless engine when work is waiting and nobody owns the workspace; return whether one was started.

        Nothing is started in a workspace that is not trusted.
        """
        return self._client.hand_over()

    def leave_work(self) -> None:
        """Leave what is under way to whoever opens the workspace next: `close` then starts no other engine."""
        self._client.leave_work()

    def close(self) -> None:
        """End what this process does for the workspace; runs and endpoints go on.

        When work is queued or under way and nobody else owns the workspace, a headless engine takes over.
        """
        self._client.close()

    # Whether it may run code.

    def verdict(self) -> Verdict:
        """Return whether this workspace may run code."""
        return self._client.verdict()

    def trust(self) -> None:
        """Let this workspace run code from now on, see `trust.trust`."""
        self._client.trust()

    def waiting_work(self) -> tuple[str, ...]:
        """Return in words what an engine would begin at once: runs, requests of other programs, endpoints."""
        from desktop_aml.engine.core import waiting_work
        from desktop_aml.store import registry

        db = self._client.db
        wanted = [one.name for one in self.endpoints.list() if registry.wanted_state(db, one.name) == "serving"]
        return waiting_work.in_words(self.runs.active(), self._folder.requests, wanted)

    # The room that it takes.

    def disk_usage(self) -> int:
        """Return how much of the disk the workspace's folder takes, in bytes. Slow for large ones.

        Holes of files take nothing, and a file with several names takes its room once.
        """
        used = {(look.st_dev, look.st_ino): used_bytes(look) for look in looks_below(self._folder.root)}
        return sum(used.values())

    def unused_space(self) -> int:
        """Return the size in bytes of files that nothing needs any more; slow for very many runs.

        Those that nothing means, and working copies that an older version left of runs that are over.
        """
        from desktop_aml.run_folder import working_copies
        from desktop_aml.store import cleaning

        return cleaning.unused(self._folder).size_bytes + working_copies.room_of_left_behind(self._folder)

    def clean_store(self) -> int:
        """Remove the files that nothing needs any more; return how many bytes that freed."""
        from desktop_aml.domain.requests import CleanStore

        before = self.unused_space()
        if before:
            self._client.ask(CleanStore(copies=True), timeout_s=_CLEANING_TIMEOUT_S)
        return max(0, before - self.unused_space())
