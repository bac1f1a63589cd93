"""Kills while a script logs with MLflow's own client, unmodified: nothing acknowledged is lost, nothing doubled.

The script writes a number down elsewhere as soon as `mlflow.log_metric` has returned. Killed are the tracking server of
the run, which the launcher replaces, the engine, the script and the launcher.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil

from desktop_aml.domain.runs import RunState
from tests.campaign.ground import Finding, Ground, Site, acknowledged, kill, strike_in_turn, until
from tests.mlflow_pythons import packages_of

ROLES = ("server", "engine", "server", "engine, politely", "script", "server and engine", "launcher")
POINTS = 120
SCRIPT = f"""
import os, sys, time
import mlflow

book = os.open(os.path.join(sys.argv[1], "loss"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
with mlflow.start_run():
    for number in range({POINTS}):
        mlflow.log_metric("loss", number, step=number)
        os.write(book, b"x\\n")
"""


def run(ground: Ground) -> None:
    """Kill something in every round."""
    strike_in_turn(ground, SCRIPT, ROLES, lambda ground, site, number, role: one_round(ground, site, number, [role]))


def one_round(ground: Ground, site: Site, number: int, roles: list[str]) -> None:
    """Let a script log, kill what the roles say, one after the other, and compare the books.

    Raises
    ------
    Finding
        When an acknowledged point is lost, a point is doubled, or the run ended in a wrong state.
    """
    books = ground.folder / f"books-{number}"
    books.mkdir()
    variables = {"PYTHONPATH": str(packages_of("3")), "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1"}
    run_id = site.submit(str(books), env_vars={**variables, "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"})
    hit = False
    for place, role in enumerate(roles):
        least = POINTS * (place + ground.dice.random()) / (len(roles) + 1)
        until(lambda least=least: _written(books) >= least or site.is_over(run_id), "points to be logged")
        hit |= _strike(ground, site, role)
    found = site.end_of(run_id)
    _compare(site, run_id, books)
    wanted = {RunState.FAILED} if hit else {RunState.COMPLETED}
    if found.summary.state not in wanted and not (hit and _written(books) == POINTS):
        raise Finding(f"{run_id} is {found.summary.state} after {', '.join(roles)}: {found.summary.error}")
    ground.count("rounds")
    ground.count("acknowledged points", _written(books))
    ground.count("kills that hit a run", hit)


def _written(books: Path) -> int:
    return acknowledged(books).get("loss", 0)


def _strike(ground: Ground, site: Site, role: str) -> bool:
    """Kill what the role says; return whether the run itself was hit."""
    if "server" in role:
        ground.count("servers killed", sum(kill(process) for process in _servers(site)))
    if "engine" in role:
        site.kill_engine(signal.SIGTERM if "politely" in role else signal.SIGKILL)
        time.sleep(0.05)
        site.start_engine()
    if role in {"script", "launcher"}:
        servers = {process.pid for process in _servers(site)}
        chosen = [process for process in site.processes()[role] if process.pid not in servers]
        return sum(kill(process) for process in chosen) > 0
    return False


def _servers(site: Site) -> list[psutil.Process]:
    """Return the tracking servers of the runs of a site."""
    found = []
    for process in psutil.process_iter():
        try:
            if "desktop_aml.rest" in process.cmdline() and str(site.workspace.path) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _compare(site: Site, run_id: str, books: Path) -> None:
    curves = {curve.name: curve for curve in site.workspace.runs.metrics(run_id).curves}
    values = [point.value for point in curves["loss"].points] if "loss" in curves else []
    count = _written(books)
    if len(set(values)) != len(values):
        raise Finding(f"{run_id}: a point is doubled among {len(values):,}.")
    lost = set(map(float, range(count))) - set(values)
    if lost:
        raise Finding(f"{run_id}: {len(lost):,} acknowledged points are lost, {min(lost):g} first.")
    if len(values) > count + 1:
        raise Finding(f"{run_id}: {len(values):,} points are stored of {count:,} that were acknowledged.")
