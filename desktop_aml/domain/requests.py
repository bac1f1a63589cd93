"""Requests: the one way to want something from the engine.

Each is a frozen value with JSON-friendly fields, so that it can be handed over in memory or as a file.
`REPLIES` names what the engine answers; a refused request answers a `Refusal`.
"""

from __future__ import annotations

from desktop_aml.domain.organising.queue import ChangeQueue
from desktop_aml.domain.organising.requests import Organising
from desktop_aml.domain.scripts.command_lines import CommandLine
from desktop_aml.domain.sharing.requests import ImportRun
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.values import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRun:
    """Queue a run: `source_directory` or `from_run` says whose code, `command_line` what its script takes.

    Parameters
    ----------
    run_id : str
        Chosen by the caller, so that asking twice makes one run.
    script : str
        Path relative to the source directory, with ``/``.
    environment : str
        ``name``, ``name:version`` or `THIS_PYTHON`.
    timeout_s : float or None
        Seconds after which the script is stopped.
    parent : str
        The run whose child this one is, if any.
    sweep : SweepSpec or None
        Makes it a sweep: what else is said here is for its trials, but `sweep_properties`, which they do not have.
    """

    run_id: str
    experiment: str
    script: str
    source_directory: str = ""
    from_run: str = ""
    arguments: tuple[str, ...] = ()
    environment: str
    target: str = "local"
    display_name: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    env_vars: dict[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    parent: str = ""
    description: str = ""
    sweep: SweepSpec | None = None
    sweep_properties: dict[str, str] = field(default_factory=dict)
    command_line: CommandLine = CommandLine()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRun:
    """End a run: politely first, by force after the grace period."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailRun:
    """End a run as `CancelRun` does, as one that failed: `message` says why, in words of the caller."""

    run_id: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRun:
    """Change what is written about a run; a property that it has already may only be given with the same value."""

    run_id: str
    display_name: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    remove_tags: tuple[str, ...] = ()
    description: str | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInRun:
    """Store what other programs wrote into the folder of a run since its end: records and uploaded files."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRun:
    """Remove an ended run and its folder."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEnvironment:
    """Save a specification as the next version of `name`; the same text as the newest version changes nothing."""

    name: str
    kind: str
    text: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildEnvironment:
    """Make an environment ready for use. `version` 0 is the newest.

    Parameters
    ----------
    builder : str
        The builder to use from now on: ``uv``, ``conda``, ``automatic``; empty changes nothing. ``image`` builds an
        image for Docker this time.
    """

    name: str
    version: int = 0
    builder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBuild:
    """Stop the build of an environment and leave nothing but its log."""

    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetBuilds:
    """Mark the versions of environments whose builds were removed as not built."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanStore:
    """Remove the files that nothing in the workspace means any more; answered when they are gone.

    Parameters
    ----------
    copies : bool
        Whether working copies of ended runs go, too, that an older version left.
    """

    copies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterModel:
    """Register files as the next version of a model: from a run's artifacts or from a file on this computer.

    Parameters
    ----------
    run_id, path : str
        A run and the path of an artifact or of a folder of them. No run: an address, see `ModelVersion.lies_elsewhere`.
    file : str
        Absolute path, for a model that comes from elsewhere.
    framework_version : str
        Empty: read from the lock of the run's environment.
    """

    name: str
    run_id: str = ""
    path: str = ""
    file: str = ""
    framework: str = ""
    framework_version: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    cpu: float | None = None
    memory_in_gb: float | None = None
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateModel:
    """Change what is written about one version of a model; its files never change.

    Parameters
    ----------
    description : str or None
        None leaves it as it is.
    tags, properties : dict of str
        Added or changed; a property that has another value already is refused.
    """

    name: str
    version: int
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    remove_tags: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteModel:
    """Remove one version of a model for good, also one in the trash; refused while an endpoint serves it."""

    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployModel:
    """Serve a model, or have a scoring script serve any number of them.

    Parameters
    ----------
    model_name, model_version : str, int
        The model; version 0 is the newest. `model_name` may be empty for a scoring script that needs none.
    port : int
        0 lets the computer choose.
    keys : tuple of str
        Primary and secondary key; empty keeps those of the endpoint that is replaced, or makes new ones.
    more_models : tuple of str
        ``name`` or ``name:version`` of further models that the scoring script is given.
    entry_script : str
        The scoring script, relative to the copied source, with ``/``; empty serves the model itself.
    source : str
        Mark of the copied source in the endpoint's folder; `source_directory` is where it was copied from.
    only_script : bool
        Whether the script alone was copied, not its folder.
    environment : str
        ``name``, ``name:version`` or `THIS_PYTHON`; empty is the first model's own.
    target : str
        ``"local"``, or ``"docker"`` for a container.
    network : bool
        Whether the model may use the network.
    scoring_timeout_ms : int
        How long one answer may take; 0 is the usual limit.
    """

    name: str
    model_name: str = ""
    model_version: int = 0
    port: int = 0
    auth_enabled: bool = False
    overwrite: bool = False
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = field(default=(), repr=False)
    more_models: tuple[str, ...] = ()
    entry_script: str = ""
    source: str = ""
    source_directory: str = ""
    only_script: bool = False
    environment: str = ""
    target: str = "local"
    network: bool = False
    env_vars: dict[str, str] = field(default_factory=dict)
    scoring_timeout_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateEndpoint:
    """Change what is written about an endpoint; None leaves it as it is. It goes on serving."""

    name: str
    description: str | None = None
    tags: dict[str, str] | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEndpointKey:
    """Replace one of the keys of an endpoint, which starts again with it. `key` empty makes a new one."""

    name: str
    primary: bool = True
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEndpoint:
    """Stop serving; the endpoint stays and can be started again."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEndpoint:
    """Serve again on the same port."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteEndpoint:
    """Stop serving and forget the endpoint."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDataset:
    """Keep what a dataset is, and make it the next version of `name`; without a name runs find it by its id.

    Parameters
    ----------
    kind : DatasetKind
    files : tuple of (str, int, str)
        Absolute path, size in bytes and SHA-256 of each file that it reads now.
    create_new_version : bool
        Without it a name that is something else already is refused.
    """

    kind: str
    definition: str
    name: str = ""
    files: tuple[tuple[str, int, str], ...] = ()
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    create_new_version: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDataset:
    """Change what is written about one version of a dataset; None leaves it as it is."""

    name: str
    version: int
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnregisterDataset:
    """Forget every version of a name. The files stay, and runs keep what they used."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWorkspace:
    """Ask the engine that owns the workspace to step back, because a window wants to own it."""

    reason: str = ""


Request = (
    SubmitRun
    | CancelRun
    | FailRun
    | ChangeSweep
    | UpdateRun
    | TakeInRun
    | ImportRun
    | DeleteRun
    | Organising
    | ChangeQueue
    | RegisterEnvironment
    | BuildEnvironment
    | CancelBuild
    | ForgetBuilds
    | CleanStore
    | RegisterModel
    | UpdateModel
    | DeleteModel
    | DeployModel
    | UpdateEndpoint
    | SetEndpointKey
    | StopEndpoint
    | StartEndpoint
    | DeleteEndpoint
    | RegisterDataset
    | UpdateDataset
    | UnregisterDataset
    | ReleaseWorkspace
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The request was carried out; `name` and `version` name what it made, where it made something."""

    name: str = ""
    version: int = 0
    changed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The request was refused. `error` is the class name in `domain.errors`."""

    error: str
    message: str
    hint: str = ""
    details: str = ""
    line: int = 0
    column: int = 0


Reply = Done | Refusal
