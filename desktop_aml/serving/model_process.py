"""Keep the model's process running and hand it requests: start, limits, restart with back-off, stop.

The front never unpickles anything: what it knows of the model is what this process tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import secrets
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from desktop_aml.domain.registry import EndpointState
from desktop_aml.inside_model import worker
from desktop_aml.inside_model.loading import origin_path
from desktop_aml.inside_model.predicting import FAILED
from desktop_aml.serving import container, network_words
from desktop_aml.serving.config import MODEL_MARK, EndpointConfig
from desktop_aml.serving.frames import REQUEST, FrameError, FrameReader, answers, frame
from desktop_aml.serving.guard import Refusal
from desktop_aml.serving.rows import Table
from desktop_aml.serving.schema import ModelDescription, read_sample
from desktop_aml.serving.script_requests import ScriptDescription
from desktop_aml.system.processes import end_bearers, end_group

BACK_OFF_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_AFTER_S: Final = 60.0
LOAD_ATTEMPTS: Final = 3
FRAMES_IN_FLIGHT: Final = 2
MAX_QUEUE_BYTES: Final = 64 << 20
CRASHED: Final = 200
TIMED_OUT: Final = 201
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")

Description = ModelDescription | ScriptDescription

Answered = Callable[[int, float, bytes], None]
"""Takes the status (of ``inside_model.predicting``, `CRASHED` or `TIMED_OUT`), seconds and payload of an answer."""

log = logging.getLogger(__name__)
model_log = logging.getLogger("model")


class ModelProcess:
    """The model's process and the queue before it.

    Parameters
    ----------
    on_loaded : callable
        Takes the description each time the model was loaded.
    on_changed : callable
        Takes the new state, what is wrong in words, and technical details.
    """

    def __init__(
        self,
        config: EndpointConfig,
        on_loaded: Callable[[Description], None],
        on_changed: Callable[[EndpointState, str, str], None],
    ) -> None:
        # The same for all fronts of a deployment: whoever follows a killed one knows what that one's model left.
        self._config, self.mark = config, config.nonce or secrets.token_hex(16)
        self._on_loaded = on_loaded
        self._on_changed = on_changed
        self._loop = asyncio.get_running_loop()
        self._link: _Link | None = None
        self._queue: list[tuple[int, bytes]] = []
        self._queued_bytes = 0
        self._waiting: dict[int, Answered] = {}
        self._in_flight = 0
        self._frame_until = math.inf
        self._next_id = 0
        self._flush_soon = False
        self._crashes, self._ready_since = 0, 0.0
        self._load_until = math.inf
        self._restart: asyncio.TimerHandle | None = None
        self._stopping = False
        self.ready = False
        self.open_network = ""
        """Why the process has the network though it was not asked for; empty when it has none, or may have it."""

    @property
    def pid(self) -> int:
        """Its process, 0 when there is none."""
        return self._link.pid if self._link else 0

    def is_wanted(self) -> bool:
        """Whether it should be running."""
        return not self._stopping

    @property
    def is_in_container(self) -> bool:
        """Whether the process only passes on to the one in a container."""
        return bool(self._config.image)

    @property
    def is_busy(self) -> bool:
        """Whether answers are still owed."""
        return bool(self._waiting)

    # -- requests ------------------------------------------------------------------------------------------------------

    def submit(self, method: int, table: Table, answered: Answered) -> None:
        """Queue one request; `answered` is called once, later.

        Raises
        ------
        Refusal
            The model is not ready, or the queue is full.
        """
        retry = (("Retry-After", "1"),)
        if not self.ready:
            raise Refusal(503, "The model is not ready: it is being loaded or restarted.", retry)
        if len(self._waiting) >= self._config.max_queue or self._queued_bytes > MAX_QUEUE_BYTES:
            raise Refusal(503, "Too many requests are waiting for the model.", retry)
        self._next_id = number = (self._next_id + 1) & 0xFFFFFFFF
        item = REQUEST.pack(number, method, table.kind, table.rows, table.columns, len(table.payload)) + table.payload
        self._waiting[number] = answered
        self._queue.append((number, item))
        self._queued_bytes += len(item)
        if not self._flush_soon and self._in_flight < FRAMES_IN_FLIGHT:
            # What became readable in this turn of the loop goes in one frame; nothing waits for company.
            self._flush_soon = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_soon = False
        if not (self._queue and self._link and self.ready):
            return
        # A script may take long over each request: none waits for the end of another's.
        taken = self._queue[:1] if self._config.script else self._queue
        self._queue = self._queue[len(taken) :]
        self._link.send(frame(b"R", *[item for _, item in taken]))
        self._queued_bytes -= sum(len(item) for _, item in taken)
        if self._in_flight == 0:
            self._frame_until = self._loop.time() + self._config.scoring_timeout_ms / 1000
        self._in_flight += 1
        if self._queue and self._in_flight < FRAMES_IN_FLIGHT:
            self._flush()

    def _take_answers(self, body: bytes) -> None:
        self._in_flight -= 1
        limit_s = self._config.scoring_timeout_ms / 1000
        self._frame_until = self._loop.time() + limit_s if self._in_flight else math.inf
        for number, status, seconds, payload in answers(body):
            answered = self._waiting.pop(number, None)
            if answered:
                _tell(answered, status, seconds, payload)
        self._flush()

    def _fail_all(self, status: int) -> None:
        waiting = list(self._waiting.values())
        self._waiting.clear()
        self._queue.clear()
        self._queued_bytes = self._in_flight = 0
        self._frame_until = math.inf
        for answered in waiting:
            _tell(answered, status, 0.0, b"")

    def watch(self, now: float) -> None:
        """Act on time limits that passed. The front calls this every half second."""
        if now > self._frame_until:
            log.error("The model did not answer within %d ms: its process is ended.", self._config.scoring_timeout_ms)
            self._fail_all(TIMED_OUT)
            self._kill()
        elif now > self._load_until:
            limit = f"{self._config.load_timeout_s:g}"
            words = "init() of the scoring script did not end" if self._config.script else "The model was not loaded"
            self._give_up(f"{words} within {limit} s.", "")

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the process; what comes of it is told through the callbacks."""
        self._restart = None
        if not self.is_wanted():
            return
        threads = self._threads()
        in_container = bool(self._config.image)
        words = (
            container.command(self._config, threads)
            if in_container
            else [self._config.python, "-I", str(Path(worker.__file__).resolve())]
        )
        try:
            _, protocol = await self._loop.subprocess_exec(
                lambda: _Link(self),
                *words,
                # What passes on to a container is a program of ours, which finds Docker by its variables.
                env=dict(os.environ) if in_container else self._environment(threads),
                cwd="/" if os.name == "posix" else None,
                start_new_session=True,
            )
        except OSError as error:
            self._give_up(f"The interpreter “{words[0]}” cannot be started: {error.strerror}.", "")
            return
        if protocol.ended.is_set():
            return
        self._link = protocol
        if not self.is_wanted():
            self._kill()
            return
        self._load_until = self._loop.time() + self._config.load_timeout_s
        self._link.send(frame(b"L", self._load_order()))

    def _threads(self) -> dict[str, str]:
        """Return the variables that keep libraries to the cores that the model may use, and mark the process."""
        threads = str(max(1, int(self._config.cpu or 1)))
        native = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
        return {
            **dict.fromkeys(native, threads),
            "LOKY_MAX_CPU_COUNT": threads,
            "DESKTOP_AML_NONCE": self._config.nonce,
            MODEL_MARK: self.mark,
        }

    def _environment(self, threads: dict[str, str]) -> dict[str, str]:
        return {**{name: os.environ[name] for name in _PASSED_ON if name in os.environ}, **threads}

    def _load_order(self) -> bytes:
        config = self._config
        order = {
            "files": config.files,
            "script": config.script,
            "modules": config.modules,
            # A container sees no more of us than the worker.
            "model_origin": Path(origin_path()).read_text("utf-8") if config.image else "",
            "sample": read_sample(Path(config.sample_input)) if config.sample_input and not config.script else ((), ()),
            # Who is outside a container has no number inside.
            # A container has none from the start.
            "offline": not (config.image or config.network),
            "parent_pid": 0 if config.image else os.getpid(),
            "memory_bytes": int(config.memory_in_gb * (1 << 30)) if config.memory_in_gb else 0,
            "cores": math.ceil(config.cpu) if config.cpu and not config.image else 0,
        }
        return msgspec.json.encode(order)

    def take_frame(self, kind: bytes, body: bytes) -> None:
        """Take what the process says."""
        if kind == b"A":
            self._take_answers(body)
            return
        self._load_until = math.inf
        try:
            reply: dict[str, Any] = msgspec.json.decode(body)
            self.open_network = str(reply.get("open_network", ""))
            if "error" in reply:
                details = str(reply.get("details", ""))
                has_network = self._config.network or bool(self.open_network)
                self._give_up(str(reply["error"]) + network_words.hint(details, has_network=has_network), details)
                return
            form: type[Description] = ScriptDescription if self._config.script else ModelDescription
            description = msgspec.convert(reply, form, strict=False)
        except msgspec.MsgspecError as error:
            self._give_up("The model could not be described.", str(error))
            return
        self.ready = True
        self._ready_since = self._loop.time()
        self._on_loaded(description)

    def take_exit(self, returncode: int | None, last_words: str) -> None:
        """Take the end of the process, and the last line it printed: start another one, later each time."""
        self._link = None
        was_ready, self.ready = self.ready, False
        self._load_until = math.inf
        if self._stopping:
            return
        if was_ready and self._loop.time() - self._ready_since > STEADY_AFTER_S:
            self._crashes = 0
        delay = BACK_OFF_S[min(self._crashes, len(BACK_OFF_S) - 1)]
        self._crashes += 1
        cause = _cause(returncode, self._config.image and last_words)
        log.error("The model's process ended (%s).", cause)
        if not was_ready and not self._ready_since and self._crashes >= LOAD_ATTEMPTS:
            self._give_up(f"The model ends its process while it is loaded ({cause}).", "")
            return
        self._on_changed(
            EndpointState.UNHEALTHY if self._ready_since else EndpointState.TRANSITIONING,
            f"The model's process ended ({cause}); it is started again.",
            "",
        )
        self._restart = self._loop.call_later(delay, lambda: self._loop.create_task(self.start()))
        self._fail_all(CRASHED)

    def _give_up(self, error: str, details: str) -> None:
        self._stopping, self.ready = True, False
        self._load_until = math.inf
        self._kill()
        self._fail_all(FAILED)
        self._on_changed(EndpointState.FAILED, error, details)

    def _kill(self) -> None:
        if self._link:
            self._link.kill()

    async def stop(self, grace_s: float) -> None:
        """End the process: first by closing its pipe, after `grace_s` by force."""
        self._stopping = True
        if self._restart:
            self._restart.cancel()
        link = self._link
        if link is None:
            return
        for end in (link.close, link.kill):
            end()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(link.ended.wait(), grace_s)
                return


def _tell(answered: Answered, status: int, seconds: float, payload: bytes) -> None:
    """Hand over one answer. What goes wrong with it is no business of those who wait for the others."""
    try:
        answered(status, seconds, payload)
    except Exception:
        log.exception("An answer could not be handed over.")


def _cause(returncode: int | None, last_words: str) -> str:
    if last_words and returncode == container.REFUSED:
        return last_words
    if returncode == container.KILLED:
        return "its container was killed; most often it used more memory than it may"
    if returncode is not None and returncode < 0:
        try:
            return f"signal {signal.Signals(-returncode).name}"
        except ValueError:
            return f"signal {-returncode}"
    return f"exit code {returncode}"


class _Link(asyncio.SubprocessProtocol):
    """The pipes of one process."""

    def __init__(self, owner: ModelProcess) -> None:
        self._owner = owner
        self._transport: asyncio.SubprocessTransport = cast("asyncio.SubprocessTransport", None)
        self._reader = FrameReader()
        self._line = b""
        self._last_line = ""
        self.pid = 0
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self.pid = self._transport.get_pid() or 0

    def send(self, data: bytes) -> None:
        pipe = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        if not pipe.is_closing():
            pipe.write(data)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd != 1:
            self._print(data)
            return
        try:
            for kind, body in self._reader.feed(data):
                self._owner.take_frame(kind, body)
        except FrameError as error:
            log.warning("The model's process sent %s: it is ended.", error)
            self.kill()

    def _print(self, data: bytes) -> None:
        """Put what the model prints into the log, line by line."""
        *lines, self._line = (self._line + data).split(b"\n")
        if len(self._line) > 8192:
            lines, self._line = [*lines, self._line], b""
        for line in lines:
            self._last_line = line[:1024].decode("utf-8", "replace") or self._last_line
            model_log.info("%s", line[:8192].decode("utf-8", "replace"))

    def process_exited(self) -> None:
        # What the model may have started goes with it, also from sessions of its own.
        if self.pid > 1:
            end_group(self.pid)
        end_bearers(MODEL_MARK, self._owner.mark)
        if self._line:
            self._print(b"\n")
        self.ended.set()
        self._owner.take_exit(self._transport.get_returncode(), self._last_line)

    def close(self) -> None:
        pipe = self._transport.get_pipe_transport(0)
        if pipe:
            pipe.close()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            # What passes on to a container ends the container before itself; it does nothing that could take long.
            self._transport.terminate() if self._owner.is_in_container else self._transport.kill()
