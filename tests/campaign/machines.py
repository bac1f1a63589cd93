"""Sweeps over three computers with disks of their own, of which one is lost in the middle: killed, or its cable pulled.

Or the process stands still that holds their scheduler and connections, and a run is canceled meanwhile.

Each trial has an end; none is begun twice, wherever; those that completed left the same files as a local one; and the
computer that comes back late changed nothing.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter

import psutil

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace.compute_executors import cluster_home
from tests.campaign.ground import Finding, Ground, Site, until
from tests.conftest import words_of
from tests.far_hosts import PYTHON, FarHost, far_hosts

TRIALS = int(os.environ.get("CAMPAIGN_TRIALS", "60"))
HOLDER = "desktop_aml.executors.cluster.holder"
ENVIRONMENT = "name: bare\ndependencies:\n- python=3.11\n"
ROLES = ("killed", "cable", "killed and back", "scheduler stands still")
STILL_S = float(os.environ.get("CAMPAIGN_STILL_S", "60"))

SCRIPT = """
import argparse, hashlib, os, time
from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float)
given = parser.parse_args()
with open("/tmp/begun", "a") as book: book.write(os.environ["AZUREML_RUN_ID"] + "\\n")
run = Run.get_context()
text = hashlib.sha256(repr(given.C).encode()).hexdigest() * 500
for step in range(5):
    run.log("loss", given.C + step)
    time.sleep(0.05)
with open("outputs/model.txt", "w") as model: model.write(text)
run.log("score", given.C)
"""


_NEWS_S = 3.0
"""After this nothing more of what went on before is still to be taken in."""


def run(ground: Ground) -> None:
    """Lose a computer in every round."""
    if os.geteuid() != 0:
        ground.skipped = "computers of its own need root"
        return
    place = ground.folder / "computers"
    place.mkdir()
    with far_hosts(place, 3) as hosts:
        site = Site(ground.folder / "workspace", SCRIPT)
        site.workspace.environments.register("bare", ENVIRONMENT)
        names = tuple(host.name for host in hosts)
        site.workspace.computes.create("lab", hosts=names, python=PYTHON, idle_s=600)
        site.start_engine()
        try:
            another, number = ground.rounds(len(ROLES)), 0
            while another():
                role = ROLES[number % len(ROLES)]
                try:
                    _round(ground, site, hosts, number, role)
                except Finding as finding:
                    ground.find(f"round {number}, {role}: {finding}")
                number += 1
        finally:
            site.close()


def _round(ground: Ground, site: Site, hosts: list[FarHost], number: int, role: str) -> None:
    space = space_of({"--C": parse("uniform(0, 1)")})
    spec = SweepSpec(
        space, "score", Goal.MAXIMIZE, TRIALS, concurrent=4, search=Search.RANDOM, seed=ground.dice.randint(0, 10**6)
    )
    sweep_id = site.workspace.sweeps.start(
        site.script, spec, experiment="campaign", environment="bare", target="lab", env_vars={}
    )
    trials = site.workspace.sweeps
    at = ground.dice.randint(3, TRIALS // 2)
    until(lambda: sum(_is_over(site, one.run_id) for one in trials.get(sweep_id).trials) >= at, f"{at} trials", 600)
    victim = ground.dice.choice(hosts)
    if role == "scheduler stands still":
        _stand_still(ground, site, sweep_id)
    else:
        _lose(victim, role)
    until(lambda: trials.get(sweep_id).state.is_terminal(), "the end of the sweep", 900)
    if role != "scheduler stands still":
        _bring_back(victim, role)
    _check(ground, site, hosts, [one.run_id for one in trials.get(sweep_id).trials])
    ground.count("rounds")


def _is_over(site: Site, run_id: str) -> bool:
    return site.workspace.runs.state(run_id).is_terminal()


def _stand_still(ground: Ground, site: Site, sweep_id: str) -> None:
    """Have the process stand still that holds scheduler and connections; cancel a run meanwhile."""
    home = str(cluster_home(WorkspaceFolder(site.workspace.path), "lab"))
    [holder] = [one for one in psutil.process_iter() if {home, HOLDER} <= set(words_of(one))]
    holder.suspend()
    since = time.monotonic()
    try:
        time.sleep(_NEWS_S)
        trials = [one.run_id for one in site.workspace.sweeps.get(sweep_id).trials]
        going = [one for one in trials if site.workspace.runs.state(one) is RunState.RUNNING]
        if going:
            asked = time.monotonic()
            site.workspace.runs.cancel(going[0])
            if time.monotonic() - asked > 5:
                raise Finding(f"Canceling {going[0]} took {time.monotonic() - asked:.1f} s.")
            until(lambda: _is_over(site, going[0]), "the end of what was canceled", 50)
            ground.count("canceled meanwhile")
        time.sleep(max(0.0, since + STILL_S - time.monotonic()))
    finally:
        holder.resume()


def _lose(victim: FarHost, role: str) -> None:
    if role == "cable":
        victim.connect(is_up=False)
        return
    victim.kill()
    if role == "killed and back":
        time.sleep(1.0)
        victim.start()


def _bring_back(victim: FarHost, role: str) -> None:
    if role == "cable":
        victim.connect(is_up=True)
    elif victim.process is None:
        victim.start()


def _check(ground: Ground, site: Site, hosts: list[FarHost], run_ids: list[str]) -> None:
    if len(run_ids) != TRIALS:
        raise Finding(f"{len(run_ids)} trials were made, and {TRIALS} asked for.")
    begun = Counter(
        line
        for host in hosts
        if (host.root / "tmp" / "begun").exists()
        for line in (host.root / "tmp" / "begun").read_text().split()
    )
    for run_id in run_ids:
        found = site.workspace.runs.get(run_id)
        state = found.summary.state
        ground.count(f"trials {state.lower()}")
        if not state.is_terminal():
            raise Finding(f"{run_id} has no end: {state}.")
        if begun[run_id] > 1 or (state is RunState.COMPLETED and begun[run_id] != 1):
            raise Finding(f"{run_id} is {state} and was begun {begun[run_id]} times, attempt {found.summary.attempt}.")
        if state is RunState.COMPLETED:
            _check_files(site, run_id)
        elif state is not RunState.CANCELED and "root@" not in (found.summary.error or ""):
            raise Finding(f"{run_id} is {state} without the name of its machine: {found.summary.error}")


def _check_files(site: Site, run_id: str) -> None:
    found = site.workspace.runs.get(run_id)
    value = float(found.arguments[found.arguments.index("--C") + 1])
    text = hashlib.sha256(repr(value).encode()).hexdigest() * 500
    files = {one.path: one.sha256 for one in site.workspace.runs.files.list(run_id)}
    if files.get("outputs/model.txt") != hashlib.sha256(text.encode()).hexdigest():
        raise Finding(f"{run_id} left another model than a run of this computer: {files}")
    curves = {one.name: [point.value for point in one.points] for one in site.workspace.runs.metrics(run_id).curves}
    if curves.get("loss") != [value + step for step in range(5)] or curves.get("score") != [value]:
        raise Finding(f"{run_id} has other metrics than it logged: {curves}")
