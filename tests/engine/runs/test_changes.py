"""Changes to a run beside its way through the states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.requests import Done, UpdateRun
from desktop_aml.domain.runs import RunState
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import detail, submit

Write = Callable[..., Path]
S = RunState


def test_what_others_change_is_found_by_the_script_of_the_run(
    driven: DrivenEngine, write_script: Write, tmp_path: Path
) -> None:
    script = write_script(
        "import os, sys, time\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "run.set_tags({'a': 'mine', 'b': 'mine'})\nopen('outputs/ready', 'w').close()\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
        "print(run.get_tags(), run.get_properties().get('p'), run.display_name)\n"
    )
    run_id = submit(driven, script, arguments=(str(tmp_path / "gate"),), tags={"c": "given"})
    driven.until((driven.folder.run(run_id) / "snapshot/outputs/ready").exists)
    change = UpdateRun(
        run_id=run_id, display_name="new", tags={"a": "theirs", "d": ""}, remove_tags=("b",), properties={"p": "1"}
    )
    assert driven.ask(change) == Done()
    (tmp_path / "gate").touch()
    assert driven.until_over(run_id) is S.COMPLETED
    said = (driven.folder.run(run_id) / "logs/std_log.txt").read_text()
    assert said == "{'c': 'given', 'a': 'theirs', 'd': None} 1 new\n"
    assert detail(driven, run_id).tags == {"a": "theirs", "c": "given", "d": ""}
