"""What every part of the campaign stands on: its dice, its time, its counts, and workspaces with an engine to kill."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from desktop_aml.domain.runs import RunDetail
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.workspace import Workspace

DEADLINE_S = 120.0
MARK = "CAMPAIGN_MARK"


class Finding(Exception):
    """Something did not hold; the text says what, in which round."""


@dataclass
class Ground:
    """One part's dice, folder and clock; what it counted and found.

    Parameters
    ----------
    minutes : float
        How long new rounds are begun.
    """

    name: str
    seed: int
    folder: Path
    minutes: float
    counts: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    skipped: str = ""

    def __post_init__(self) -> None:
        self.dice = random.Random(f"{self.seed} {self.name}")
        self.ends_at = time.monotonic() + 60 * self.minutes
        self.folder.mkdir(parents=True)

    def rounds(self, at_least: int = 1) -> Callable[[], bool]:
        """Return what says whether there is another round: `at_least` so many, more while there is time."""
        done = iter(range(1_000_000))
        return lambda: next(done) < at_least or time.monotonic() < self.ends_at

    def count(self, what: str, amount: float = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + amount

    def most(self, what: str, amount: float) -> None:
        self.counts[what] = max(self.counts.get(what, 0), amount)

    def find(self, words: str) -> None:
        """Note something that did not hold, and go on."""
        self.findings.append(words)
        print(f"  FINDING in {self.name}: {words}", flush=True)


def until(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition.

    Raises
    ------
    Finding
        When it does not come true.
    """
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise Finding(f"Waited {deadline_s:g} s in vain for {what}.")
        time.sleep(0.02)


class Site:
    """A workspace whose engine is a process that can be killed and started again."""

    def __init__(self, path: Path, source: str, beside: Path | None = None) -> None:
        self.workspace = Workspace.create(path)
        self.source = (beside or path.parent) / f"{path.name}-source"
        self.source.mkdir()
        self.script = self.source / "script.py"
        self.script.write_text(source)
        self.mark = f"{path}-{time.monotonic_ns()}"
        self.engine: subprocess.Popen[bytes] | None = None

    def start_engine(self) -> None:
        """Start an engine and wait until it owns the workspace."""
        self.engine = subprocess.Popen(
            [sys.executable, "-m", "desktop_aml", "engine", "--workspace", str(self.workspace.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, MARK: self.mark},
        )
        until(lambda: owner_of(self.workspace.path / "engine.lock") is not None, "the engine to own the workspace")

    def kill_engine(self, number: int = signal.SIGKILL) -> None:
        """End the engine."""
        assert self.engine is not None
        self.engine.send_signal(number)
        self.engine.wait(60)

    def is_engine_alive(self) -> bool:
        return self.engine is not None and self.engine.poll() is None

    def submit(self, *arguments: str, script: Path | None = None, **options: object) -> str:
        """Queue a run of the script; it has the variables of this process, the mark among them."""
        os.environ[MARK] = self.mark
        return self.workspace.runs.submit(
            script or self.script, experiment="campaign", arguments=list(arguments), **options
        )

    def is_over(self, run_id: str) -> bool:
        return self.workspace.runs.state(run_id).is_terminal()

    def end_of(self, run_id: str, deadline_s: float = DEADLINE_S) -> RunDetail:
        """Wait for the end of a run and return it."""
        until(lambda: self.is_over(run_id), f"the end of {run_id}", deadline_s)
        return self.workspace.runs.get(run_id)

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return the living processes of this site by role: engine, launcher, script."""
        found: dict[str, list[psutil.Process]] = {"engine": [], "launcher": [], "script": []}
        for process in psutil.process_iter():
            try:
                words, marks = process.cmdline(), process.environ()
                if marks.get(MARK) != self.mark or process.status() == psutil.STATUS_ZOMBIE:
                    continue
            except psutil.Error:
                continue
            launches = any(word.endswith("launcher.py") for word in words)
            role = "launcher" if launches else "script" if "AZUREML_RUN_ID" in marks else "engine"
            found[role].append(process)
        return found

    def close(self) -> None:
        """End everything that was started here."""
        # Closing hands what is under way to another engine, which is to end, too.
        self.workspace.close()
        if self.is_engine_alive():
            self.kill_engine()
        for processes in self.processes().values():
            for process in processes:
                kill(process)


def kill(process: psutil.Process) -> bool:
    """Kill one process; return whether it was still there."""
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.Error:
        return False
    return True


def acknowledged(folder: Path) -> dict[str, int]:
    """Return how many points each writer wrote down as logged: a whole line for each, one after the other."""
    return {path.name: path.read_bytes().count(b"\n") for path in sorted(folder.iterdir())}


def check_books(site: Site, run_id: str, folder: Path, *, in_flight: int = 1) -> int:
    """Compare what the writers of a run wrote down with what the workspace has; return the acknowledged points.

    Raises
    ------
    Finding
        When a point is lost, doubled or out of order.
    """
    stored = {
        curve.name: [point.value for point in curve.points] for curve in site.workspace.runs.metrics(run_id).curves
    }
    written = acknowledged(folder)
    for name, count in written.items():
        values = stored.get(name, [])
        if values != list(range(len(values))):
            raise Finding(f"{run_id}, {name}: a point is missing, doubled or out of order among {len(values):,}.")
        if not count <= len(values) <= count + in_flight:
            raise Finding(f"{run_id}, {name}: {count:,} points were acknowledged, {len(values):,} are stored.")
    return sum(written.values())


def strike_in_turn(
    ground: Ground, script: str, roles: Sequence[str], one_round: Callable[[Ground, Site, int, str], None]
) -> None:
    """Carry out rounds on one workspace, each with the next of the roles; a finding ends its own round alone."""
    site = Site(ground.folder / "workspace", script)
    site.start_engine()
    try:
        another = ground.rounds(len(roles))
        number = 0
        while another():
            role = roles[number % len(roles)]
            try:
                one_round(ground, site, number, role)
            except Finding as finding:
                ground.find(f"round {number}, {role}: {finding}")
            if not site.is_engine_alive():
                site.start_engine()
            number += 1
    finally:
        site.close()
