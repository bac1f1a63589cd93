"""Random kills over threads, forks and engines: nothing acknowledged is lost, nothing doubled, no wrong state."""

from __future__ import annotations

import signal
import time

from desktop_aml.domain.runs import RunDetail, RunState
from tests.campaign.ground import Finding, Ground, Site, check_books, kill, strike_in_turn, until

ROLES = ("engine", "engine, politely", "script", "fork", "launcher", "everything", "engine twice")
POINTS = 2500

SCRIPT = """
import os, sys, threading, time
from azureml.core import Run

run = Run.get_context()
folder, processes, threads, points = sys.argv[1], *map(int, sys.argv[2:])

def write(name):
    book = os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(points):
        run.log(name, number)
        os.write(book, b"x\\n")
        if number % 25 == 24:
            time.sleep(0.01)

def work(process):
    writers = [threading.Thread(target=write, args=("p%dt%d" % (process, one),)) for one in range(threads)]
    for writer in writers: writer.start()
    for writer in writers: writer.join()

children = []
for process in range(1, processes):
    child = os.fork()
    if child == 0:
        work(process)
        os._exit(0)
    children.append(child)
work(0)
for child in children: os.waitpid(child, 0)
"""


def run(ground: Ground) -> None:
    """Kill something in every round."""
    strike_in_turn(ground, SCRIPT, ROLES, _round)


def _round(ground: Ground, site: Site, number: int, role: str) -> None:
    books = ground.folder / f"books-{number}"
    books.mkdir()
    processes, threads = ground.dice.randint(1, 3), ground.dice.randint(1, 3)
    run_id = site.submit(str(books), str(processes), str(threads), str(POINTS))
    time.sleep(ground.dice.uniform(0.0, 1.6))
    hit = _strike(ground, site, role)
    found = site.end_of(run_id)
    ground.count("acknowledged points", check_books(site, run_id, books, in_flight=1))
    until(lambda: not site.processes()["script"], "the processes of the run to be gone", 20)
    _check_state(found, role, hit=hit)
    ground.count("rounds")
    ground.count("kills that hit a run", hit)


def _strike(ground: Ground, site: Site, role: str) -> bool:
    """Kill what the role says; return whether a process of a run was hit."""
    if role == "engine, politely":
        site.kill_engine(signal.SIGTERM)
        site.start_engine()
        return False
    if role.startswith("engine"):
        for _ in range(2 if role == "engine twice" else 1):
            site.kill_engine()
            site.start_engine()
            time.sleep(ground.dice.uniform(0.0, 0.3))
        return False
    found = site.processes()
    if role == "everything":
        site.kill_engine()
        hit = sum(kill(process) for process in found["launcher"] + found["script"]) > 0
        site.start_engine()
        return hit
    chosen = found["launcher" if role == "launcher" else "script"]
    if role == "fork":
        chosen = [process for process in chosen if process.ppid() in {one.pid for one in chosen}][:1]
        for process in chosen:
            kill(process)
        return False  # the script itself goes on, and decides how it ends
    return sum(kill(process) for process in chosen) > 0


def _check_state(run: RunDetail, role: str, *, hit: bool) -> None:
    state = run.summary.state
    if not hit and state is not RunState.COMPLETED:
        raise Finding(f"{run.summary.id} is {state} although nothing of it was killed: {run.summary.error}")
    if state is RunState.FAILED and not run.summary.error:
        raise Finding(f"{run.summary.id} failed without a word after the kill of the {role}.")
    if state not in {RunState.COMPLETED, RunState.FAILED}:
        raise Finding(f"{run.summary.id} is {state} after the kill of the {role}.")
