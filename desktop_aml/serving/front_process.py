"""What the rest of the program does with the front of an endpoint: start it, stop it, read its state."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

import desktop_aml
from desktop_aml.domain.errors import MissingOnComputer, StorageError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving.config import (
    LOG_FILE,
    MODEL_MARK,
    STATE_FILE,
    TURN_FILE,
    FrontState,
    lock_inode,
    read_config,
    read_struct,
    write_config,
    write_state,
)
from desktop_aml.system import locks
from desktop_aml.system.children import KILL, READ_AGAIN
from desktop_aml.system.files import append_to_regular
from desktop_aml.system.processes import ProcessIdentity, end_bearers, find_bearers, identity_of, memory_bytes

START_TIMEOUT_S: Final = 15.0
_TURN_TIMEOUT_S: Final = 60.0
_LOOK_AGAIN_S: Final = 0.02
_REMOVED: Final = ".removed-"
"""How the folder of an endpoint is called while it goes; no endpoint may be named so."""

_ENDED: Final = (EndpointState.STOPPED, EndpointState.FAILED)

_log = logging.getLogger(__name__)


def spawn_front(endpoint_dir: Path) -> None:
    """Start the front of an endpoint, detached; a running one is left alone.

    ``endpoint.json`` must be there. What comes of it stands in ``state.json``: see `read_state`. Once this returns the
    state names the front's process, so whoever stops or removes the endpoint afterwards finds it, however young it is.

    Raises
    ------
    MissingOnComputer
        The interpreter of this program cannot be started.
    StorageError
        The endpoint's folder is gone.
    """
    with turn_of(endpoint_dir):
        _spawn(endpoint_dir)


def _spawn(endpoint_dir: Path) -> None:
    state = read_state(endpoint_dir)
    if state is not None and state.pid and not state.lost and state.state not in _ENDED:
        return
    _end_strays(endpoint_dir, state)
    config = read_config(endpoint_dir)
    if state is not None and not _is_of(endpoint_dir, state):
        # What is named by the mark belongs to the folder that this one is a copy of: its container, for one.
        config = msgspec.structs.replace(config, nonce=secrets.token_hex(16))
        write_config(endpoint_dir, config)
    # The port of the last time is kept where it is still free, so that addresses in scripts stay true.
    port = config.port or (state.port if state else 0)
    starting = FrontState(nonce=config.nonce, state=EndpointState.TRANSITIONING, since=time.time(), port=port)
    write_state(endpoint_dir, starting)
    package_root = str(Path(desktop_aml.__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONPATH": package_root, "DESKTOP_AML_NONCE": config.nonce}
    try:
        log = append_to_regular(endpoint_dir / LOG_FILE)
    except OSError as error:
        words = f"The log of the endpoint {config.name} cannot be written: {error.strerror}."
        raise StorageError(words, f"Remove “{endpoint_dir / LOG_FILE}”.") from error
    try:
        # The child forks once and ends at once: waiting for it is short and leaves no zombie.
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "desktop_aml.serving", str(endpoint_dir.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=env,
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
            bufsize=0,
        ) as starter:
            assert starter.stdin is not None
            assert starter.stdout is not None
            if not select.select([starter.stdout], [], [], START_TIMEOUT_S)[0]:
                starter.kill()
            front = identity_of(int(starter.stdout.readline()))
            if front is not None:
                identity = {"pid": front.pid, "start_time": front.start_time, "boot_id": front.boot_id}
                write_state(endpoint_dir, msgspec.structs.replace(starting, **identity))
                starter.stdin.write(b"g")
            starter.wait(START_TIMEOUT_S)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise MissingOnComputer(f"The front of the endpoint {config.name} could not be started: {error}.") from error
    finally:
        log.close()


@contextlib.contextmanager
def turn_of(endpoint_dir: Path) -> Iterator[None]:
    """Hold the right to start, stop or remove the front of an endpoint: one at a time, of all processes.

    Raises
    ------
    StorageError
        The endpoint's folder is gone, or another has held on to the right for too long.
    """
    until = time.monotonic() + _TURN_TIMEOUT_S
    path = endpoint_dir / TURN_FILE
    while True:
        try:
            descriptor = locks.open_lock(path)
        except OSError as error:
            raise StorageError(
                f"“{endpoint_dir}” is not there: {error.strerror}.", "Deploy the endpoint again."
            ) from error
        try:
            # A folder that was removed meanwhile took its lock file away.
            if locks.try_lock(descriptor) and _is_at(descriptor, path):
                yield
                return
        finally:
            os.close(descriptor)
        if time.monotonic() > until:
            raise StorageError(f"“{endpoint_dir}” is in use by another process.", "Try again in a minute.")
        time.sleep(_LOOK_AGAIN_S)


@contextlib.contextmanager
def _turn_if_there(endpoint_dir: Path) -> Iterator[bool]:
    """Hold that right and give True; or give False when the folder is gone, be it while this waits."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(turn_of(endpoint_dir))
        except StorageError:
            if endpoint_dir.is_dir():
                raise
            yield False
        else:
            yield True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def read_state(endpoint_dir: Path) -> FrontState | None:
    """Return what the front says of itself, or None when it was never started.

    A front that is gone without having said so is ``Failed`` with `lost` set. So is one whose words cannot be read, and
    the front of another folder that this one was copied from.
    """
    state = _said(endpoint_dir)
    if state is None or state.state in _ENDED:
        return state
    if state.pid:
        if _is_of(endpoint_dir, state) and _process_of(state).is_alive():
            return state
        # It may have said its last word between the two looks.
        state = _said(endpoint_dir) or state
        if state.state in _ENDED:
            return state
        words = "The endpoint's process ended unexpectedly."
    elif time.time() - state.since < START_TIMEOUT_S:
        return state
    else:
        words = "The endpoint's process did not start."
    return msgspec.structs.replace(state, state=EndpointState.FAILED, error=words, model_pid=0, lost=True)


def _said(endpoint_dir: Path) -> FrontState | None:
    try:
        return read_struct(endpoint_dir / STATE_FILE, FrontState)
    except StorageError as error:
        _log.warning("%s", error.message)
        return FrontState(nonce="", state=EndpointState.FAILED, since=0.0, error=error.message, lost=True)


def _is_of(endpoint_dir: Path, state: FrontState) -> bool:
    return state.lock_inode in (0, lock_inode(endpoint_dir))


def stop_front(endpoint_dir: Path, grace_s: float = 15.0) -> None:
    """End the front and its model: politely, after `grace_s` by force. Safe to call twice.

    A front that is being started is waited for, and ended.

    Raises
    ------
    StorageError
        Another process has held on to the endpoint for too long.
    """
    with _turn_if_there(endpoint_dir) as is_there:
        if is_there:
            _stop(endpoint_dir, grace_s)


def remove_endpoint(endpoint_dir: Path, grace_s: float = 15.0) -> None:
    """End the front and remove the endpoint's folder, so that nothing can begin in between. Safe to call twice.

    Raises
    ------
    StorageError
        Another process has held on to the endpoint for too long.
    """
    with _turn_if_there(endpoint_dir) as is_there:
        if not is_there:
            return
        _stop(endpoint_dir, grace_s)
        # What is still written goes into a folder without that name, and with it.
        away = endpoint_dir.with_name(f"{_REMOVED}{secrets.token_hex(8)}")
        endpoint_dir.rename(away)
    shutil.rmtree(away, ignore_errors=True)


def finish_removals(endpoints: Path) -> None:
    """Remove what is left of endpoints whose removal was cut short, in the folder that holds all endpoints."""
    for away in endpoints.glob(f"{_REMOVED}*"):
        shutil.rmtree(away, ignore_errors=True)


def _stop(endpoint_dir: Path, grace_s: float) -> None:
    state = read_state(endpoint_dir)
    _end_strays(endpoint_dir, state)
    if state is None or state.state in _ENDED:
        return
    if not _end(state, grace_s):
        return
    latest = _said(endpoint_dir) or state
    if latest.state not in _ENDED:
        ended = msgspec.structs.replace(
            latest, state=EndpointState.STOPPED, since=time.time(), scoring_uri="", swagger_uri="", model_pid=0
        )
        write_state(endpoint_dir, ended)


def _end_strays(endpoint_dir: Path, state: FrontState | None) -> None:
    """End what the model of a killed front has started in sessions of its own; the model itself went with the front."""
    if state is not None and state.lost and _is_of(endpoint_dir, state):
        end_bearers(MODEL_MARK, state.nonce)


def memory_of(endpoint_dir: Path) -> int | None:
    """Return what front and model of an endpoint on this computer hold of its memory; None while it does not serve."""
    state = read_state(endpoint_dir)
    if state is None or not state.pid or state.state in _ENDED:
        return None
    # Below a model that starts processes of its own, these count, too.
    family = {_process_of(state), *find_bearers(MODEL_MARK, state.nonce)}
    return sum(map(memory_bytes, family)) or None


def reload_front(endpoint_dir: Path) -> None:
    """Make a running front read the keys in ``endpoint.json`` again."""
    state = read_state(endpoint_dir)
    if state is None or not state.pid or state.state in _ENDED:
        return
    with _process_of(state).held() as handle:
        handle.send(READ_AGAIN)


def _end(state: FrontState, grace_s: float) -> bool:
    with _process_of(state).held() as handle:
        handle.send(signal.SIGTERM)
        if not handle.wait(grace_s):
            handle.send(KILL)
            return handle.wait(grace_s)
    return True


def _process_of(state: FrontState) -> ProcessIdentity:
    return ProcessIdentity(state.pid, state.start_time, state.boot_id)
