"""One history: played from its seed, then looked at."""

from __future__ import annotations

import gc
import random
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from desktop_aml.domain import requests as r
from desktop_aml.domain.requests import Done, Reply
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.engine import Engine
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.record import manifests
from desktop_aml.run_folder import snapshot
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.folder import WorkspaceFolder
from tests.fakes import OwnPython
from tests.simulation.world import Crash, InlineWorkers, Truth, World, played
from tests.state_dump import state_of

STEPS = 160
REST_STEPS = 4000
_PATIENCE_S = 0.05


@dataclass
class Promise:
    """What was asked, and what the engine said; a reply that never came promises nothing."""

    request: r.Request
    future: Future[Reply]

    def is_kept_to(self) -> bool:
        """Whether the engine said that it is done."""
        return self.future.done() and isinstance(self.future.result(), Done)


def template(root: Path) -> Path:
    """Make the workspace that every history begins with: its tables, and the code of a script in its store."""
    folder = WorkspaceFolder(root / "workspace")
    folder.make("simulated")
    migrate(folder.database)
    source = root / "source"
    source.mkdir()
    (source / "train.py").write_text("pass\n")
    snapshot.take(source, root / "taken", folder.blobs)
    return root


@dataclass
class History:
    """Plays one seed.

    Parameters
    ----------
    root : Path
        An empty folder, best in memory.
    """

    seed: int
    made: Path
    root: Path
    engine: Engine | None = None
    promises: list[Promise] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asked: int = 0

    def __post_init__(self) -> None:
        self.choice = random.Random(self.seed)
        self.world = World(self.choice)
        self.workers = InlineWorkers()
        shutil.copytree(self.made / "workspace", self.root / "workspace")
        self.folder = WorkspaceFolder(self.root / "workspace")

    def play(self) -> list[str]:
        """Return what was found wrong, in words; nothing when all is well."""
        with played(self.world):
            try:
                for _ in range(STEPS):
                    self._step()
                self._come_to_rest()
                if not self.world.findings:
                    self._check()
            finally:
                self._drop()
        return self.world.findings

    # What can happen.

    def _step(self) -> None:
        acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (50, self._tick),
            (30, self._advance),
            (25, self._work),
            (7, self._ask),
            (4, self._wait),
            (1, self._kill),
            (2, self._plan_crash),
            (1, self._hand_over),
            (1, self._fill_disk),
            (1, self._cut_power),
        )
        self.choice.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()

    def _in_engine(self, act: Callable[[], object]) -> None:
        """Let the engine do something, which may be the last thing that it does."""
        self.world.in_engine = True
        try:
            act()
        except Crash:
            self.told.append("the engine crashed")
            self._drop()
        finally:
            self.world.in_engine = False

    def _tick(self) -> None:
        self.world.at += 0.02
        if self.engine is None:
            self._begin()
        if self.engine is not None:
            self._in_engine(self.engine.tick)

    def _begin(self) -> None:
        def begin() -> None:
            self.workers = InlineWorkers()
            self.engine = Engine(
                self.folder,
                lambda _: None,
                executors={"local": LocalProcessExecutor()},
                source=OwnPython(),
                limit=2,
                grace_s=1.0,
                clock=self.world.now,
                workers=self.workers,
            )
            self.engine.recover()

        self._in_engine(begin)

    def _drop(self) -> None:
        """End the engine's process: what was not committed is gone, and so are its locks."""
        self.world.crash_in = 0
        if self.engine is not None:
            self.engine._desk.readers.close()
            self.engine._db.close()
            self.engine = None
        self.workers = InlineWorkers()

    def _advance(self) -> None:
        alive = self.world.alive()
        if alive:
            one = self.choice.choice(alive)
            self.world.advance(one)
            if not one.is_alive and self.engine is not None and self.choice.random() < 0.5:
                # The engine that began it is told of its end; one that found it is not.
                self.engine.wake()

    def _work(self) -> None:
        if self.workers.waiting:
            index = self.choice.randrange(len(self.workers.waiting))
            self._in_engine(lambda: self.workers.do(index))

    def _wait(self) -> None:
        self.world.at += self.choice.choice((0.2, 3.0, 40.0))

    def _kill(self) -> None:
        alive = self.world.alive()
        if alive:
            one = self.choice.choice(alive)
            if self.choice.random() < 0.5 and one.script_alive:
                one.script_alive = False
            else:
                one.is_alive = False
            self.told.append(f"killed something of {one.run_id}")

    def _plan_crash(self) -> None:
        self.world.crash_in = self.choice.randint(1, 15)

    def _hand_over(self) -> None:
        if self.engine is not None and not self.world.is_full:
            self._in_engine(self.engine.close)
            self.engine = None

    def _fill_disk(self) -> None:
        self.world.is_full = not self.world.is_full

    def _cut_power(self) -> None:
        if self.choice.random() < 0.3:
            self.told.append("the power was cut")
            self._drop()
            self.world.power_cut()

    def _ask(self) -> None:
        if self.engine is None:
            return
        known = list(self.world.truths)
        kind = self.choice.choice(("submit", "submit", "submit", "update", "update", "cancel", "fail", "delete"))
        if kind == "submit" or not known:
            request = self._submission()
        else:
            run_id = self.choice.choice(known)
            self.asked += 1
            request = {
                "update": r.UpdateRun(run_id=run_id, tags={f"t{self.asked}": "x"}, display_name=f"name {self.asked}"),
                "cancel": r.CancelRun(run_id=run_id),
                "fail": r.FailRun(run_id=run_id, message="asked to fail"),
                "delete": r.DeleteRun(run_id=run_id),
            }[kind]
        self.promises.append(Promise(request, self.engine.ask(request)))
        self.told.append(f"asked {type(request).__name__} {request.run_id}")

    def _submission(self) -> r.SubmitRun:
        run_id = f"run_{len(self.world.truths)}"
        self.world.truths[run_id] = Truth(
            most_points=self.choice.randrange(5), exit_code=self.choice.choice((0, 0, 0, 1))
        )
        place = self.folder.run(run_id)
        place.mkdir()
        shutil.copy(self.made / "taken" / "snapshot.json", place)
        request = r.SubmitRun(run_id=run_id, experiment="exp", script="train.py", environment="this-python")
        manifests.write_request(self.folder, request)
        return request

    # The end.

    def _come_to_rest(self) -> None:
        self.world.is_full, self.world.crash_in = False, 0
        for _ in range(REST_STEPS):
            self.world.at += _PATIENCE_S
            self._tick()
            for one in self.world.alive():
                self.world.advance(one)
            while self.workers.waiting:
                self._in_engine(lambda: self.workers.do(0))
            if self.engine is not None and self.engine.has_nothing_to_do():
                return
            self.world.at += 1.0
        self.world.findings.append("The engine does not come to rest.")

    def _check(self) -> None:
        with Database(self.folder.database, read_only=True) as db:
            for run_id, truth in self.world.truths.items():
                self._check_run(db, run_id, truth)
        before = state_of(self.folder.root)
        self._drop()
        for path in self.folder.root.glob("desktop_aml.db*"):
            path.unlink()
        report = rebuild(self.folder)
        self.world.findings += [one for one in report.problems if "never taken in" not in one]
        after = state_of(self.folder.root)
        self.world.findings += [f"A rebuild changes {table}." for table in before if before[table] != after[table]]

    def _check_run(self, db: Database, run_id: str, truth: Truth) -> None:
        found = self.world.findings
        kept = [one for one in self.promises if one.request.run_id == run_id and one.is_kept_to()]
        asked = {type(one.request) for one in self.promises if one.request.run_id == run_id}
        done = {type(one.request) for one in kept}
        state = runs.is_over(db, run_id)
        if state is None:
            if r.SubmitRun in done and r.DeleteRun not in asked:
                found.append(f"{run_id} was taken in, and is gone.")
            return
        if r.DeleteRun in done:
            found.append(f"{run_id} was deleted, and is there.")
        detail = runs.get(db, run_id)
        curves = metrics.read(db, run_id).curves
        stored = [point.value for point in curves[0].points] if curves else []
        if stored != list(range(truth.points)):
            found.append(f"{run_id} logged {truth.points} points, and {stored} are stored.")
        ended = detail.summary.state
        if not ended.is_terminal():
            found.append(f"{run_id} is {ended}, and nothing is under way.")
        if truth.ended == "exit" and not asked & {r.CancelRun, r.FailRun}:
            wanted = RunState.FAILED if truth.exit_code else RunState.COMPLETED
            if ended is not wanted:
                found.append(f"The script of {run_id} ended with {truth.exit_code}, and the run is {ended}.")
        if ended is RunState.COMPLETED and truth.ended != "exit":
            found.append(f"{run_id} is Completed, and its script did not end by itself.")
        for one in kept:
            if isinstance(one.request, r.UpdateRun) and not one.request.tags.items() <= detail.tags.items():
                found.append(f"{run_id} has lost the tags {one.request.tags}.")


def play(seed: int, made: Path, root: Path) -> tuple[list[str], list[str]]:
    """Play one seed; return what was found wrong, and what had been done."""
    history = History(seed, made, root)
    found = history.play()
    shutil.rmtree(root, ignore_errors=True)
    if seed % 20 == 0:
        gc.collect()
    return found, history.told
