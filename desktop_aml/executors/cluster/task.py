"""What a worker of a cluster does for one run: start the launcher, stay until it ends.

Its text travels to the worker, so it needs nothing of this program there but the launcher beside the run. Standard
library and Dask only.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

LIFELINE = "DESKTOP_AML_LIFELINE"
"""Variable of a launcher that ends with its parent: the parent's process id."""


# As in `desktop_aml.system.files`, which is not there: no link is followed, no FIFO waited for.
if sys.platform != "win32":
    _CAREFUL = os.O_NOFOLLOW | os.O_NONBLOCK
else:
    _CAREFUL = 0


class Spawner:
    """Starts processes from one thread that lives as long as the worker.

    The kernel tells a child of its parent's end when the *thread* that started it ends, and Dask's threads come and go.
    """

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="desktop-aml-spawner", daemon=True).start()

    def start(self, words: list[str], log: str) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own; raises what `subprocess.Popen` raises."""
        answer: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._asked.put(((words, log), answer))
        found = answer.get()
        if isinstance(found, BaseException):
            raise found
        process: subprocess.Popen[bytes] = found
        return process

    def _serve(self) -> None:
        while True:
            (words, log), answer = self._asked.get()
            try:
                answer.put(self._start(words, log))
            except Exception as error:  # noqa: BLE001 - it is for the one who asked
                answer.put(error)

    def _start(self, words: list[str], log: str) -> subprocess.Popen[bytes]:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("DESKTOP_AML_")}
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _CAREFUL, 0o600)
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**inherited, LIFELINE: str(os.getpid())},
                start_new_session=True,
            )
        finally:
            os.close(output)


def obstacle(spec: dict[str, Any], attempt: Path, worker: str) -> str:
    """Return why a run cannot be carried out by this worker, or nothing."""
    try:
        is_there = json.loads((attempt / "job.json").read_bytes()).get("nonce") == spec["nonce"]
        is_here = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() == spec["boot_id"]
        if is_there and is_here and Path(spec["launcher"]).is_file():
            return ""
    except (OSError, ValueError):
        pass
    return (
        f"The worker {worker} is on another computer or sees other files than the workspace's, and files are not"
        " taken to workers yet."
    )


def carry_out(spec: dict[str, Any]) -> dict[str, Any]:
    """Carry out one attempt of a run; return how it went, as far as a worker can tell."""
    import distributed

    worker = distributed.get_worker()
    found = {"nonce": spec["nonce"], "worker": str(worker.name), "address": worker.contact_address}
    run_directory = Path(spec["run_directory"])
    attempt = run_directory / "attempts" / str(spec["attempt"])
    words = obstacle(spec, attempt, str(worker.name))
    if words:
        return {**found, "stage": "refused", "words": words}
    try:
        # Who left this behind was here before: it is a second start of one attempt, after a loss.
        (attempt / "taken").touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return {**found, "stage": "lost", "words": "The worker that carried the run out was lost."}
    worker.log_event(spec["topic"], {**found, "stage": "started"})
    # The script may send tasks to this cluster itself: they need the thread. Whoever sent this counts runs itself.
    distributed.secede()
    spawner: Spawner = getattr(worker, "desktop_aml_spawner", None) or Spawner()
    worker.desktop_aml_spawner = spawner
    failure = ""
    for python in dict.fromkeys((spec["python"], sys.executable)):
        command = [python, "-I", "-S", spec["launcher"], spec["run_directory"], str(spec["attempt"])]
        try:
            code = spawner.start(command, str(run_directory / "logs" / "launcher.log")).wait()
        except OSError as error:
            failure = str(error)
            continue
        if (attempt / "claim.json").exists():
            return {**found, "stage": "ended", "words": ""}
        failure = f"it ended with exit code {code}"
    return {**found, "stage": "refused", "words": f"The run's supervisor could not be started: {failure}."}
