"""What the rest of the program does with an endpoint: start and stop its front, read its state, score."""

from __future__ import annotations

import http.client
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

import desktop_aml
from desktop_aml.domain.errors import MissingOnComputer, ScoringError, StorageError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving.config import (
    LOG_FILE,
    STATE_FILE,
    FrontState,
    lock_inode,
    read_config,
    read_struct,
    write_config,
    write_state,
)
from desktop_aml.system.processes import ProcessIdentity

START_TIMEOUT_S: Final = 15.0
_ENDED: Final = (EndpointState.STOPPED, EndpointState.FAILED)

_log = logging.getLogger(__name__)


def spawn_front(endpoint_dir: Path) -> None:
    """Start the front of an endpoint, detached; a running one is left alone.

    ``endpoint.json`` must be there. What comes of it stands in ``state.json``: see `read_state`.

    Raises
    ------
    MissingOnComputer
        The interpreter of this program cannot be started.
    """
    state = read_state(endpoint_dir)
    if state is not None and state.pid and not state.lost and state.state not in _ENDED:
        return
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
    descriptor = os.open(endpoint_dir / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # The child forks once and ends at once: waiting for it is short and leaves no zombie.
        subprocess.run(
            [sys.executable, "-P", "-m", "desktop_aml.serving", str(endpoint_dir.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=descriptor,
            env=env,
            cwd="/" if os.name == "posix" else None,
            start_new_session=True,
            check=True,
            timeout=START_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingOnComputer(f"The front of the endpoint {config.name} could not be started: {error}.") from error
    finally:
        os.close(descriptor)


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
    """End the front and its model: politely, after `grace_s` by force. Safe to call twice."""
    state = read_state(endpoint_dir)
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


def reload_front(endpoint_dir: Path) -> None:
    """Make a running front read the keys in ``endpoint.json`` again."""
    state = read_state(endpoint_dir)
    if state is None or not state.pid or state.state in _ENDED:
        return
    with _process_of(state).held() as handle:
        handle.send(signal.SIGHUP)


def _end(state: FrontState, grace_s: float) -> bool:
    with _process_of(state).held() as handle:
        handle.send(signal.SIGTERM)
        if not handle.wait(grace_s):
            handle.send(signal.SIGKILL)
            return handle.wait(grace_s)
    return True


def _process_of(state: FrontState) -> ProcessIdentity:
    return ProcessIdentity(state.pid, state.start_time, state.boot_id)


def score(uri: str, payload: object, key: str | None = None, timeout_s: float = 60.0) -> Any:
    """Send a request to an endpoint and return its answer as Python values.

    Parameters
    ----------
    uri : str
        Scoring address, ``http://127.0.0.1:PORT/score``.
    payload : object
        What to send as JSON; text and bytes are sent as they are.

    Raises
    ------
    ScoringError
        The endpoint refused or failed, in its words, or could not be reached (`status` 0).
    """
    text = payload.encode() if isinstance(payload, str) else payload
    body = text if isinstance(text, bytes) else _to_json(text)
    address = urlsplit(uri)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=timeout_s)
    try:
        connection.request("POST", address.path or "/score", body, headers)
        response = connection.getresponse()
        content = response.read()
    except TimeoutError as error:
        raise ScoringError(f"The endpoint at {uri} did not answer within {timeout_s:g} s.") from error
    except (OSError, http.client.HTTPException) as error:
        hint = "Start the endpoint, or see its log."
        raise ScoringError(f"The endpoint at {uri} cannot be reached: {error}.", hint) from error
    finally:
        connection.close()
    if response.status != 200:
        raise ScoringError(_words(content, response.status), status=response.status)
    return json.loads(content)


def _to_json(payload: object) -> bytes:
    try:
        return json.dumps(payload, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        hint = "Send numbers, text and lists."
        raise ScoringError(f"The request cannot be written as JSON: {error}.", hint) from error


def _words(content: bytes, status: int) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return f"The endpoint answered with status {status}."
