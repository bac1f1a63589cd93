"""Trials that are tried again: only what the attempt that counts reported is compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.domain.sweeps.stopping import parse_rule
from desktop_aml.engine.sweeps.open_sweep import OpenSweep
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table as sweeps
from tests.conftest import DrivenEngine
from tests.engine.sweeps.test_flow import begin, look, spec_of

SCRIPT = """
import os, signal, sys, time
from azureml.core.run import Run
run, x = Run.get_context(), int(sys.argv[2])
if x == 1 and not os.path.exists("outputs/again"):
    os.makedirs("outputs", exist_ok=True)
    open("outputs/again", "w").close()
    run.log("score", 100.0)
    run.flush()
    os.kill(os.getpid(), signal.SIGKILL)
run.log("score", float(x))
while x == 5 and not os.path.exists({gate!r}):
    time.sleep(0.01)
"""


def test_no_trial_is_stopped_for_what_an_attempt_reported_that_does_not_count(
    driven: DrivenEngine, write_script: Callable[..., Path], tmp_path: Path
) -> None:
    script = write_script(SCRIPT.format(gate=str(tmp_path / "gate")))
    spec = spec_of(space=space_of({"x": parse("1, 5")}), rule=parse_rule("bandit(slack_amount=10)"), concurrent=1)
    begin(driven, script, spec, properties=Needs(retries=1).as_properties())

    def judged() -> dict[int, int | None]:
        with Database(driven.folder.database, read_only=True) as db:
            return {number: reports for number, _, reports in sweeps.open_trials(db, "s")}

    driven.until(lambda: judged().get(1, 0) != 0)
    (tmp_path / "gate").touch()
    assert driven.until_over("s") is RunState.COMPLETED
    assert [(trial.state, trial.best) for trial in look(driven).trials] == [
        (RunState.COMPLETED, 1.0),
        (RunState.COMPLETED, 5.0),
    ]
    # What an engine takes up again knows the best of all trials, without reading them.
    with Database(driven.folder.database, read_only=True) as db:
        best = look(driven).best()
        assert best is not None
        assert sweeps.best_value(db, "s", spec) == best.best
        assert OpenSweep.load(db, "s").best == best.best
        assert sweeps.open_trials(db, "s") == []
