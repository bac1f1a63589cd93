"""A run is made again, and it is said whether it gave the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.compare.repeated import Change, Sameness
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.ui.runs.again import verdict as rows_of
from desktop_aml.workspace import Workspace

SCRIPT = """
import os, random, sys, time
from azureml.core import Run
run, data = Run.get_context(), open({data!r}).read()
draw = random.random() if "--draw" in sys.argv else 0.25
for step in range(3):
    run.log("loss", draw / (step + 1))
run.log("fit_time", time.time())
run.log_table("search", {{"score": [draw, float("nan")], "mean_fit_time": [time.time(), 1.0]}})
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write("model %s %s" % (draw, data))
open("outputs/same.txt", "w").write("same")
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text("1,2")
    (tmp_path / "source").mkdir()
    path = tmp_path / "source" / "train.py"
    path.write_text(SCRIPT.format(data=str(tmp_path / "rows.csv")))
    return path


def ended(workspace: Workspace, run_id: str) -> str:
    workspace.runs.wait(run_id, timeout_s=60)
    return run_id


def test_a_script_that_draws_nothing_gives_the_same_bytes_and_one_that_draws_does_not(
    workspace: Workspace, script: Path, tmp_path: Path
) -> None:
    here = ["-w", str(workspace.path)]
    first = ended(workspace, workspace.runs.submit(script))
    told = CliRunner().invoke(cli, ["run", "verify", first, *here], standalone_mode=False)
    assert told.return_value == 0, told.output
    assert "Identical: 2 files and 2 metrics are the same to the last bit." in told.stdout
    assert "Not compared, as they are times: fit_time" in told.stdout
    again = workspace.runs.find("latest")
    before, after = (workspace.runs.get(one).properties for one in (first, again))
    assert before.keys() <= after.keys(), "what Azure ML tells of a run, it tells of one that was repeated, too"
    shown = CliRunner().invoke(cli, ["run", "show", again, *here]).stdout
    assert f"{first}. Identical" in shown

    drawn = ended(workspace, workspace.runs.rerun(first, arguments=["--draw"]))
    (tmp_path / "rows.csv").write_text("1,3")
    other = ended(workspace, workspace.runs.rerun(drawn))
    found = workspace.runs.repeats.verdict(other)
    assert (found.sameness, found.origin, found.files_same) == (Sameness.DIFFERS, drawn, 1)
    (file,) = found.files
    assert (file.path, file.change) == ("outputs/model.txt", Change.CHANGED)
    assert file.first_byte >= len("model 0."), "the first byte that differs, not the first of the file"
    assert [one.name for one in found.metrics] == ["loss", "search"]
    assert [(one.kind, one.name) for one in found.conditions] == [("data", "rows.csv")]
    names = [name for name, _ in rows_of.rows(found)]
    assert names[:5] == ["Repeats", "Different", "outputs/model.txt", "loss", "search"]
    assert names[5:] == ["Differed before: rows.csv", "Not compared"]

    compared = CliRunner().invoke(cli, ["run", "verify", drawn, "--against", first, *here], standalone_mode=False)
    assert compared.return_value == 1
    assert "arguments: draw  none → True" in compared.stdout
    with pytest.raises(InvalidInput, match="repeats no other run"):
        workspace.runs.repeats.verdict(first)
    with pytest.raises(InvalidInput, match="one run alone"):
        workspace.runs.repeats.verdict(first, first)


def test_a_run_that_failed_is_not_judged(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "once.py"
    path.write_text("import os, sys\nsys.exit(os.environ.get('FAIL', '') == 'yes')\n")
    first = ended(workspace, workspace.runs.submit(path))
    failed = ended(workspace, workspace.runs.rerun(first, env_vars={"FAIL": "yes"}))
    found = workspace.runs.repeats.verdict(failed)
    assert found.sameness is Sameness.NOT_COMPARABLE
    assert "only completed runs can be compared" in found.reason
    assert rows_of.rows(found)[1] == ("Not known", found.reason)
