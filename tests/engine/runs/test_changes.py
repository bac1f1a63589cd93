"""Changes to a run beside its way through the states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.requests import DeleteRun, Done, SubmitRun, UpdateRun
from desktop_aml.domain.runs import RunState
from desktop_aml.run_folder import snapshot
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
        "print(sorted(run.get_tags().items()), run.get_properties().get('p'), run.display_name)\n"
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
    assert said == "[('a', 'theirs'), ('c', 'given'), ('d', None)] 1 new\n"
    assert detail(driven, run_id).tags == {"a": "theirs", "c": "given", "d": ""}


def test_the_folder_prepared_under_the_id_of_a_run_just_deleted_stays(
    driven: DrivenEngine, write_script: Write
) -> None:
    script = write_script("print('again')\n")
    run_id = submit(driven, script)
    driven.until_over(run_id)
    driven.until(driven.engine.has_nothing_to_do)
    # What follows the deletion waits here, until the next run under this id is prepared, and not yet asked for.
    with driven.engine._desk.records._lock:
        assert driven.ask(DeleteRun(run_id=run_id)) == Done()
        snapshot.take(script.parent, driven.folder.run(run_id), driven.folder.blobs)
        driven.engine.tick()
    driven.until(driven.engine.has_nothing_to_do)
    wanted = SubmitRun(run_id=run_id, script=script.name, environment="this-python", experiment="exp")
    assert driven.ask(wanted) == Done(name=run_id)
    assert driven.until_over(run_id) is S.COMPLETED
    assert (driven.folder.run(run_id) / "logs/std_log.txt").read_text() == "again\n"
