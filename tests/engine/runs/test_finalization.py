"""How runs end: by what their supervisor saw, whatever others say and write."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.requests import Done, FailRun, Refusal, RegisterEnvironment
from desktop_aml.domain.runs import RunState
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine, wait_until
from tests.engine.runs.test_flow import detail, submit
from tests.fakes import OwnPython

Write = Callable[..., Path]
S = RunState


@pytest.mark.parametrize("moment", [S.QUEUED, S.PREPARING, S.RUNNING])
def test_a_run_that_is_called_failed_is_stopped_and_fails(
    folder: WorkspaceFolder, write_script: Write, moment: RunState, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    gate = threading.Event() if moment is S.PREPARING else None
    driven = DrivenEngine(folder, OwnPython(gate=gate), limit=0 if moment is S.QUEUED else 1, grace_s=1.0)
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
    run_id = submit(driven, write_script("import time\ntime.sleep(600)\n"), environment="env")
    driven.until(lambda: driven.state(run_id) is moment)
    assert driven.ask(FailRun(run_id=run_id, message="no good")) == Done()
    assert driven.until_over(run_id) is S.FAILED
    assert detail(driven, run_id).summary.error == "no good"
    wait_until(lambda: not marked_processes(), "the processes of the run to be gone", 10)
    again = driven.ask(FailRun(run_id=run_id))
    assert isinstance(again, Refusal)
    driven.close()


FORGING = """
import glob, json, os, sys, time
folder = sorted(glob.glob(os.environ["DESKTOP_AML_RUN_DIR"] + "/attempts/*"))[-1]
record = dict(exit_code=0, signal=None, reason="exit", message="", started_at=1.0, ended_at=2.0)
open(folder + "/exit.json", "w").write(json.dumps(record))
os.unlink(folder + "/claim.json")
{then}
open("outputs/forged", "w").close()
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
sys.exit(3)
"""


@pytest.mark.parametrize("then", ["", "open(folder + '/claim.json', 'w').write(json.dumps({'void': True}))"])
def test_what_a_script_writes_in_the_launchers_name_is_not_believed_while_it_lives(
    driven: DrivenEngine, write_script: Write, tmp_path: Path, then: str
) -> None:
    gate = tmp_path / "gate"
    run_id = submit(driven, write_script(FORGING.replace("{then}", then)), arguments=(str(gate),))
    forged = driven.folder.run(run_id) / "snapshot/outputs/forged"
    driven.until(forged.exists)
    for _ in range(20):
        driven.engine.tick()
    assert driven.state(run_id) is S.RUNNING
    gate.touch()
    assert driven.until_over(run_id) is S.FAILED
    assert detail(driven, run_id).outcome.exit_code == 3


def test_a_script_that_makes_away_with_its_claim_is_not_run_twice(
    folder: WorkspaceFolder, write_script: Write, tmp_path: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    first = DrivenEngine(folder)
    run_id = submit(first, write_script(FORGING.replace("{then}", "")), arguments=(str(tmp_path / "gate"),))
    first.until((folder.run(run_id) / "snapshot/outputs/forged").exists)
    first.close()
    second = DrivenEngine(folder)
    second.until_over(run_id)
    assert detail(second, run_id).summary.attempt == 1
    wait_until(lambda: not marked_processes(), "the processes of the run to be gone", 10)
    second.close()


def test_what_a_script_installed_for_itself_is_told_and_goes_with_the_run(
    driven: DrivenEngine, write_script: Callable[..., Path]
) -> None:
    place = "os.environ['DESKTOP_AML_RUN_PACKAGES'] + '/lib/python3.11/site-packages/%s.dist-info'"
    text = "import os\n" + "".join(f"os.makedirs({place % name})\n" for name in ("extra-2.0", "my_other-1!0b1"))
    run_id = submit(driven, write_script(text))
    assert driven.until_over(run_id) is RunState.COMPLETED
    found = detail(driven, run_id)
    assert found.properties["desktop_aml.installed_packages"] == "extra==2.0 my-other==1!0b1"
    assert "The script installed extra==2.0, my-other==1!0b1 for this run alone" in found.history[-1].note
    assert not (driven.folder.run(run_id) / "packages").exists()
