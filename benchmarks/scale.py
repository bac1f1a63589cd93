"""What the engine would have to do with many workers and very many trials: a real engine, real files, no processes.

The executor carries out nothing: each run ends as soon as it is told to. Printed is processor time, for the engine and
the threads that do its slow work together, as a computer that does other things meanwhile measures nothing else.

Usage: scale.py [WORKERS ...]; 1000 take some minutes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from desktop_aml.domain.environments import THIS_PYTHON, BuildPlace
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunOutcome, RunQuery
from desktop_aml.engine.engine import Engine
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.local_process import FOLDERS
from desktop_aml.run_folder import snapshot
from desktop_aml.settings import Settings
from desktop_aml.store import pools
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.run_table.view import RunView
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.engine_making import builder

WORKERS = (10, 100, 300)
ROWS = (0, 100_000, 1_000_000)


class Idle:
    """An executor whose runs do nothing until they are told to end."""

    place: ClassVar[BuildPlace] = BuildPlace.LOCAL
    runs_scripts: ClassVar[bool] = True

    def __init__(self) -> None:
        self.alive: set[str] = set()

    def tidy(self) -> None:
        """Nothing is left."""

    def prepare(self, job: Job, report: object) -> None:  # noqa: ARG002
        for name in FOLDERS:
            (Path(job.run_directory) / name).mkdir(parents=True, exist_ok=True)

    def handle_for(self, job: Job) -> str:
        return str(Handle.of("local", job))

    def start(self, job: Job) -> None:
        files = Handle.of("local", job).files()
        files.folder.mkdir(parents=True, exist_ok=True)
        files.write_job(job)
        claim = {"pid": 1 << 22, "start_time": 1, "boot_id": "x", "nonce": job.nonce}
        (files.folder / "claim.json").write_text(json.dumps(claim))
        self.alive.add(self.handle_for(job))

    def has_begun(self, handle: str) -> bool:
        return Handle.parse(handle).files().claim() is not None

    def poll(self, handle: str) -> RunOutcome | None:
        return Handle.parse(handle).files().outcome()

    def stop(self, handle: str, *, force: bool = False) -> None:  # noqa: ARG002
        self.end(handle)

    def end(self, handle: str) -> None:
        record = asdict(RunOutcome(exit_code=0, started_at=1.0, ended_at=2.0))
        (Handle.parse(handle).files().folder / "exit.json").write_text(json.dumps(record))
        self.alive.discard(handle)

    def release(self, handle: str) -> None:
        Handle.parse(handle).files().remove_leftovers()

    def close(self) -> None:
        """Nothing was opened."""


class Played:
    """A workspace with an engine over an executor that does nothing."""

    def __init__(self, home: Path, limit: int) -> None:
        Workspace.create(home / "workspace").close()
        self.folder = WorkspaceFolder(home / "workspace")
        self.source = home / "source"
        self.source.mkdir()
        (self.source / "script.py").write_text("pass\n")
        self.executor = Idle()
        self.engine = Engine(
            self.folder, lambda _: None, executors={"local": self.executor}, source=builder(Settings()), limit=limit
        )
        self.engine.recover()
        self.db = Database(self.folder.database, read_only=True)
        self.before = 0

    def submit(self, count: int, mark: str) -> None:
        for number in range(count):
            run_id = f"{mark}-{number}"
            snapshot.take(self.source, self.folder.run(run_id), self.folder.blobs, workspace=self.folder.root)
            request = SubmitRun(
                run_id=run_id,
                experiment="scale",
                script="script.py",
                source_directory=str(self.source),
                environment=THIS_PYTHON,
                arguments=("--lr", str(number)),
            )
            asked = self.engine.ask(request)
            while not asked.done():
                self.engine.tick()
            asked.result()

    def count(self, state: str) -> int:
        # By number: the rows that were there before are not looked at.
        row = self.db.one("SELECT count(*) AS n FROM run WHERE n > ? AND state = ?", (self.before, state))
        return int(row["n"]) if row else 0

    def until(self, state: str, count: int) -> None:
        while self.count(state) < count:
            self.engine.tick()
            time.sleep(0.001)

    def end_all(self) -> None:
        for handle in list(self.executor.alive):
            self.executor.end(handle)

    def close(self) -> None:
        self.db.close()
        self.engine.close()


def workers(count: int) -> None:
    """Print what as many runs at once cost."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        os.environ["DESKTOP_AML_HOME"] = f"{place}/user"
        played = Played(Path(place), count)
        began = time.process_time()
        played.submit(count, "one")
        submitted = time.process_time()
        played.until("Running", count)
        running = time.process_time()
        turns = 20
        for _ in range(turns):
            played.engine.tick()
            time.sleep(0.1)
        turned = time.process_time()
        played.end_all()
        played.until("Completed", count)
        ended = time.process_time()
        played.close()
    each = [seconds / count * 1000 for seconds in (submitted - began, running - submitted, ended - turned)]
    print(
        f"{count:5} runs at once: taken in {each[0]:.1f} ms, started {each[1]:.1f} ms, ended {each[2]:.1f} ms each;"
        f" a turn of the engine with all of them quiet {(turned - running) / turns * 1000:.1f} ms",
        flush=True,
    )


def rows(count: int) -> None:
    """Print what a run, the queue and the table cost beside as many runs that are over."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place:
        os.environ["DESKTOP_AML_HOME"] = f"{place}/user"
        played = Played(Path(place), 10)
        with Database(played.folder.database, read_only=False) as db, db.transaction():
            db.run(
                "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)"
                " INSERT INTO run (id, number, experiment, display_name, state, script, target, environment,"
                " created_at) SELECT 'old' || i, i, 'old', 'otter-' || i, 'Completed', 's.py', 'local', 'e', i FROM c"
                " WHERE ? > 0",
                (count, count),
            )
            db.run("DELETE FROM outbox")
        played.before = count
        began = time.process_time()
        played.submit(30, "one")
        played.until("Running", 10)
        for done in (10, 20, 30):
            played.end_all()
            played.until("Completed", done)
            played.until("Running", min(10, 30 - done))
        ended = time.process_time()
        for _ in range(10):
            pools.queued(played.db, ["local"], 1)
        chosen = time.process_time()
        view = RunView(played.folder.database)
        snapshot_of = view.apply(RunQuery())
        view.page(snapshot_of.token, 0, 60)
        shown = time.process_time()
        view.close()
        played.close()
        size = played.folder.database.stat().st_size
    print(
        f"{count:9} runs before: a run {(ended - began) / 30 * 1000:.1f} ms, the next of the queue"
        f" {(chosen - ended) / 10 * 1000:.2f} ms, the runs table {(shown - chosen) * 1000:.0f} ms,"
        f" database {size / 1e6:.0f} MB",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    for count in [int(word) for word in sys.argv[1:]] or WORKERS:
        workers(count)
    for count in ROWS:
        rows(count)


if __name__ == "__main__":
    main()
