"""Which process of a script goes on with the submitted run, where several begin one as MLflow's clients do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.inside_run.run_folder import RunFolder
from tests.inside_run.script_bench import Bench

RUN = "calm_1"
# MLflow's own way with the variable: whoever finds it goes on with that run, and takes it away.
FLUENT = """
import os
def start_run(run_id=None, nested=False):
    return run_id or os.environ.pop("MLFLOW_RUN_ID", "its own")
"""
BEGIN = """
import multiprocessing, os, subprocess, sys
from mlflow.tracking.fluent import start_run
def meet(barrier):
    global together
    together = barrier
def work(_):
    together.wait()
    return start_run()
def found(how, count=3):
    context = multiprocessing.get_context(how)
    with context.Pool(count, meet, [context.Barrier(count)]) as pool:
        return sorted(pool.map(work, range(count), chunksize=1))
"""


def printed(run_folder: RunFolder, python: str, script: str) -> str:
    """Return what a script prints in a run whose client of MLflow is a stand-in."""
    snapshot = run_folder.path / "snapshot"
    (snapshot / "mlflow" / "tracking").mkdir(parents=True)
    for name in ("mlflow/__init__.py", "mlflow/tracking/__init__.py"):
        (snapshot / name).write_text("")
    (snapshot / "mlflow/tracking/fluent.py").write_text(FLUENT)
    (snapshot / "train.py").write_text(BEGIN + "if __name__ == '__main__':\n    " + script.replace("\n", "\n    "))
    ended = subprocess.run(
        [python, "train.py"],
        cwd=snapshot,
        env={**run_folder.env_vars, "AZUREML_RUN_ID": RUN, "MLFLOW_RUN_ID": RUN},
        capture_output=True,
        text=True,
    )
    assert ended.stderr == ""
    return ended.stdout.strip()


def test_one_of_the_workers_that_began_before_goes_on_with_the_submitted_run(
    run_folder: RunFolder, edge_python: str
) -> None:
    script = "print(found('spawn'), start_run())"
    assert printed(run_folder, edge_python, script) == f"{[RUN, 'its own', 'its own']} its own"


def test_one_of_forked_workers_goes_on_with_it_too(run_folder: RunFolder) -> None:
    assert printed(run_folder, sys.executable, "print(found('fork'))") == str([RUN, "its own", "its own"])


def test_workers_have_runs_of_their_own_when_the_script_itself_took_the_submitted_one_meanwhile(
    run_folder: RunFolder,
) -> None:
    script = """
with multiprocessing.get_context("fork").Pool(1) as pool:
    pool.apply(os.getpid)
    print(start_run(), pool.apply(start_run), start_run())"""
    assert printed(run_folder, sys.executable, script) == f"{RUN} its own its own"


def test_who_is_given_the_run_on_purpose_goes_on_with_it(run_folder: RunFolder) -> None:
    script = """
os.environ["MLFLOW_RUN_ID"] = start_run()
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply(start_run), pool.apply(start_run, kwds={"run_id": "named"}), start_run())"""
    assert printed(run_folder, sys.executable, script) == f"{RUN} named {RUN}"


def test_programs_that_a_script_starts_one_after_the_other_go_on_with_the_submitted_run(run_folder: RunFolder) -> None:
    script = """
for _ in range(2):
    subprocess.run([sys.executable, "-c", "from mlflow.tracking.fluent import start_run; print(start_run())"])"""
    assert printed(run_folder, sys.executable, script) == f"{RUN}\n{RUN}"


def test_a_run_is_told_once_that_its_script_records_elsewhere(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.folder / "mlflow.py").write_text("def set_tracking_uri(uri):\n    'Its own words.'\n    print(uri)\n")
    source = """
        import mlflow
        for uri in ("http://127.0.0.1:6000/", "", "http://me:secret@host:5000", "http://me:secret@host:5000"):
            mlflow.set_tracking_uri(uri)
        print(mlflow.set_tracking_uri.__doc__)
    """
    own = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:6000", "DESKTOP_AML_COMPATIBILITY": "off"}
    out, err = bench.good(source, MLFLOW_RUN_ID="r", **own)
    assert out.splitlines()[2:] == ["http://me:secret@host:5000"] * 2 + ["Its own words."]
    assert err.count("records at http://…@host:5000, not in this run") == 1
    assert len(err.splitlines()) == 1
    assert bench.good(source, **own) == (out, "")
