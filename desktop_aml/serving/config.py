"""What an endpoint serves, and what its front says of itself: the two files that engine and front share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from desktop_aml.domain.errors import FULL, StorageError, disk_full
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.system.files import make_missing, read_regular, write_durably

CONFIG_FILE: Final = "endpoint.json"
STATE_FILE: Final = "state.json"
SCHEMA_FILE: Final = "schema.json"
SCRIPT_FILE: Final = "script.json"
LOG_FILE: Final = "log.txt"
LOCK_FILE: Final = "front.lock"
TURN_FILE: Final = "turn.lock"
MODEL_MARK: Final = "DESKTOP_AML_MODEL_MARK"
"""Variable of every process of a model, and of what it starts; the front does not have it."""

_S = TypeVar("_S", bound=msgspec.Struct)


class ModelFile(msgspec.Struct, frozen=True):
    """One file of the model: where it is, what it must hash to, and its name inside the model."""

    path: str
    sha256: str
    name: str


class ScoringScript(msgspec.Struct, frozen=True, kw_only=True):
    """A scoring script: all that its process needs to know, in one message.

    Parameters
    ----------
    app : str
        Folder with the copied source and ``azureml-models``; the script's working folder.
    entry_script : str
        Path of the script inside `app`.
    model_dir : str
        ``AZUREML_MODEL_DIR``: the folder of the one model, or of all of them.
    data_dir : str
        Where ``ModelDataCollector`` writes.
    env_vars : dict of str
        Environment variables that the user wants the script to have.
    """

    app: str
    entry_script: str
    model_dir: str
    data_dir: str
    env_vars: dict[str, str] = {}


class EndpointConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What to serve, written by the engine before the front starts.

    Parameters
    ----------
    name : str
        Name of the endpoint.
    model : str
        Label of the model version, ``name:version``.
    python : str
        Interpreter of the environment that the model is loaded in; inside `image` when there is one.
    image : str
        Id of the Docker image that a container for the model is made of; empty for a process of this computer.
    port : int
        0 lets the computer choose a free one.
    keys : tuple of str
        Primary and secondary key; either opens the door when `auth_enabled`.
    cpu, memory_in_gb : float or None
        Limits of the model's process: cores (rounded up) and private memory.
    nonce : str
        Marks this deployment in the environment of its processes; those of the model bear it as `MODEL_MARK`, too.
    data_files : tuple of (str, str)
        Name and path of the tables that the model's run read.
    sample_input, sample_output : str
        Paths of JSON files with rows that the model takes, and with what it predicts of such; or empty.
    default_method : str
        Method of a request that names none; empty is `predict_proba` where the model has it, else `predict`.
    modules : tuple of str
        Folders in which the model's process looks for modules last: those that lay beside the training script. The
        last one holds the others.
    network : bool
        Whether the model may use the network.
    script : ScoringScript or None
        What answers in place of the model; `files` are then all files of all its models.
    """

    name: str
    model: str
    files: tuple[ModelFile, ...]
    python: str
    image: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    auth_enabled: bool = False
    keys: tuple[str, ...] = ()
    cpu: float | None = None
    memory_in_gb: float | None = None
    nonce: str = ""
    sample_input: str = ""
    sample_output: str = ""
    data_files: tuple[tuple[str, str], ...] = ()
    framework: str = ""
    default_method: str = ""
    script: ScoringScript | None = None
    modules: tuple[str, ...] = ()
    network: bool = False
    load_timeout_s: float = 120.0
    scoring_timeout_ms: int = 60_000
    max_body_bytes: int = 16 << 20
    max_queue: int = 256
    max_connections: int = 256


class FrontState(msgspec.Struct, frozen=True, kw_only=True):
    """What the front says of itself, in ``state.json``.

    Parameters
    ----------
    pid, start_time, boot_id : int, int, str
        Identity of the front's process; pid 0 before it was started.
    since : float
        Unix time of the last change of state.
    error, details : str
        What keeps the endpoint from being healthy, in words; the technical text behind it.
    notes : tuple of str
        What loading the model warned of, such as another scikit-learn version.
    model_pid : int
        The model's process, 0 when there is none.
    open_network : str
        Why the model has the network though `EndpointConfig.network` does not allow it; empty when all is as it says.
    lock_inode : int
        Number of the lock file that the process holds: in a copy of the endpoint's folder it is another one, and the
        process is not the copy's. 0 where it is not known.
    lost : bool
        The process is gone without having said so. Set by `client.read_state`, never written.
    """

    nonce: str
    state: EndpointState
    since: float
    pid: int = 0
    start_time: int = 0
    boot_id: str = ""
    port: int = 0
    scoring_uri: str = ""
    swagger_uri: str = ""
    error: str = ""
    details: str = ""
    notes: tuple[str, ...] = ()
    model_pid: int = 0
    open_network: str = ""
    lock_inode: int = 0
    lost: bool = False

    def seen_of(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint as its front describes it."""
        return replace(
            endpoint,
            state=self.state,
            port=self.port or endpoint.port,
            scoring_uri=self.scoring_uri,
            swagger_uri=self.swagger_uri,
            error=self.error,
            details=self.details,
            open_network=self.open_network,
        )


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` atomically with a file that only its owner can read."""
    try:
        write_durably(path, content)
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(path.parent, error) from error
        words = f"“{path}” could not be written: {error.strerror}."
        raise StorageError(words, f"Check the permissions of “{path.parent}”.") from error


def write_config(endpoint_dir: Path, config: EndpointConfig) -> None:
    """Write ``endpoint.json``, and make the folder private."""
    make_missing(endpoint_dir, within=endpoint_dir.absolute().parents[1])
    endpoint_dir.chmod(0o700)
    kept = _portable(endpoint_dir).kept(msgspec.to_builtins(config))
    write_private(endpoint_dir / CONFIG_FILE, msgspec.json.format(msgspec.json.encode(kept)))


def read_config(endpoint_dir: Path) -> EndpointConfig:
    """Return what ``endpoint.json`` says.

    Raises
    ------
    StorageError
        The file is missing or damaged.
    """
    config = find_config(endpoint_dir)
    if config is None:
        raise StorageError(f"“{endpoint_dir / CONFIG_FILE}” does not exist.", "Deploy the endpoint again.")
    return config


def find_config(endpoint_dir: Path) -> EndpointConfig | None:
    """Return what ``endpoint.json`` says, None where there is none yet.

    Raises
    ------
    StorageError
        The file is damaged.
    """
    kept = read_struct(endpoint_dir / CONFIG_FILE, EndpointConfig)
    if kept is None:
        return None
    return msgspec.convert(_portable(endpoint_dir).here(msgspec.to_builtins(kept)), EndpointConfig)


def _portable(endpoint_dir: Path) -> PortablePaths:
    # An endpoint's folder lies two below its workspace.
    return PortablePaths(str(endpoint_dir.absolute().parents[1]))


def write_state(endpoint_dir: Path, state: FrontState) -> None:
    """Write ``state.json``."""
    write_private(endpoint_dir / STATE_FILE, msgspec.json.format(msgspec.json.encode(state)))


def lock_inode(endpoint_dir: Path) -> int:
    """Return the number of the lock file of an endpoint's folder; 0 when there is none."""
    try:
        return (endpoint_dir / LOCK_FILE).stat().st_ino
    except OSError:
        return 0


def read_struct(path: Path, kind: type[_S]) -> _S | None:
    """Return the value in a JSON file, or None when there is no such file.

    Raises
    ------
    StorageError
        The file cannot be read or does not hold such a value.
    """
    try:
        return msgspec.json.decode(read_regular(path), type=kind)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"“{path}” cannot be read: {error.strerror}.") from error
    except msgspec.MsgspecError as error:
        raise StorageError(f"“{path}” is damaged: {error}.", "Deploy the endpoint again.") from error
