"""Hostile trees of processes: they leave sessions, ignore signals, hide their marks, and are all gone in the end."""

from __future__ import annotations

import random
import signal
import time

import psutil

from tests.campaign.ground import Finding, Ground, Site, kill, until

SCRIPT = """
import os, random, signal, subprocess, sys, time
token, seed, ending = sys.argv[1:]
dice = random.Random(seed)
SLEEP = [sys.executable, "-c", "import signal, sys, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; "
         "time.sleep(600)", token]

def grow(depth):
    for _ in range(dice.randint(1, 3)):
        child = os.fork()
        if child: continue
        if dice.random() < 0.5: os.setsid()
        if dice.random() < 0.5 and os.fork(): os._exit(0)
        if dice.random() < 0.5: [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]
        if depth and dice.random() < 0.6: grow(depth - 1)
        act = dice.randrange(4)
        if act == 0: os.execve(sys.executable, SLEEP, {})
        if act == 1: subprocess.Popen(SLEEP, start_new_session=True, env={}, close_fds=True)
        if act == 2: os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(600)
        os._exit(0)

grow(2)
open("outputs/grown", "w").close()
if ending == "sleeps": time.sleep(600)
if ending == "ignores":
    for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
    time.sleep(600)
if ending == "dies": os.kill(os.getpid(), signal.SIGKILL)
"""


def run(ground: Ground) -> None:
    """Grow a tree in every round and end its run in one of the ways there are."""
    site = Site(ground.folder / "workspace", SCRIPT)
    site.start_engine()
    try:
        another = ground.rounds(4)
        number = 0
        while another():
            token = f"campaign-tree-{ground.seed}-{number}-{time.monotonic_ns()}"
            try:
                _round(ground, site, ground.dice, token)
            except Finding as finding:
                ground.find(f"round {number}: {finding}")
            finally:
                for process in _alive(token):
                    kill(process)
            number += 1
    finally:
        site.close()


def _round(ground: Ground, site: Site, dice: random.Random, token: str) -> None:
    ending = dice.choice(("ends", "dies", "sleeps", "sleeps", "ignores"))
    timeout_s = dice.choice((None, None, 2.0)) if ending in {"sleeps", "ignores"} else None
    run_id = site.submit(token, str(dice.random()), ending, timeout_s=timeout_s)
    grown = site.workspace.path / "runs" / run_id / "snapshot/outputs/grown"
    until(lambda: grown.exists() or site.is_over(run_id), "the tree")
    ground.most("processes of one tree", len(_alive(token)))
    if ending in {"sleeps", "ignores"} and timeout_s is None:
        if dice.random() < 0.3:
            site.kill_engine(signal.SIGKILL)
            site.start_engine()
        site.workspace.runs.cancel(run_id)
    found = site.end_of(run_id, 60)
    until(lambda: not _alive(token), f"the tree of {run_id} to be gone", 20)
    expected = {"ends": "Completed", "dies": "Failed"}.get(ending, "Failed" if timeout_s else "Canceled")
    if str(found.summary.state) != expected:
        raise Finding(f"{run_id} ({ending}) is {found.summary.state}, not {expected}: {found.summary.error}")
    ground.count("rounds")


def _alive(token: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if token in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    # What starts the runs names them in its own words.
    return [process for process in found if "launcher.py" not in " ".join(_words(process))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
