"""Runs that a notebook records by itself: start_logging, children, complete, fail, cancel, the with statement."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def experiment(azure: Any) -> Any:
    from azureml.core import Experiment

    return Experiment(azure, "notebook")


def test_a_run_is_running_at_once_and_completes_with_its_outputs(experiment: Any, project: Path) -> None:
    run = experiment.start_logging(snapshot_directory=None, display_name="First")
    assert (run.get_status(), run.type, run.display_name, run.number) == ("Running", None, "First", 1)
    assert len(run.id) == 36
    run.log("alpha", 0.1)
    run.log("alpha", 0.2)
    run.tag("k", "v")
    run.add_properties({"p": 1})
    assert run.get_metrics() == {"alpha": [0.1, 0.2]}
    assert run.get_tags() == {"k": "v"}
    (project / "outputs" / "m.pkl").write_text("m")
    (project / "outputs" / "n.pkl").write_text("collected")
    run.upload_file("outputs/n.pkl", str(project / "outputs" / "m.pkl"))
    run.complete()
    run.complete()
    assert run.get_status() == "Completed"
    assert run.get_metrics() == {"alpha": [0.1, 0.2]}
    assert run.get_properties()["p"] == "1"
    assert {"outputs/m.pkl", "outputs/n.pkl"} <= set(run.get_file_names())
    run.download_file("outputs/n.pkl", "back")
    assert (project / "back").read_text() == "m", "what was uploaded by name stays"
    details = run.get_details()
    assert (details["target"], details["status"]) == ("sdk", "Completed")


def test_output_folders_are_as_asked_for(experiment: Any, project: Path) -> None:
    run = experiment.start_logging(outputs=False, snapshot_directory=None)
    assert not (project / "outputs").exists()
    run.complete()
    (project / "results" / "deep").mkdir(parents=True)
    (project / "results" / "deep" / "a.txt").write_text("a")
    run = experiment.start_logging(outputs=["results"], snapshot_directory=None)
    run.complete()
    assert "results/deep/a.txt" in run.get_file_names()


def test_the_code_beside_the_notebook_is_kept(experiment: Any, project: Path) -> None:
    from azureml.exceptions import SnapshotException

    (project / "mylib.py").write_text("x = 1")
    run = experiment.start_logging()
    assert run.get_snapshot_id()
    run.complete()
    assert run.restore_snapshot(path="code.zip") == str(project / "code.zip")
    with pytest.raises(SnapshotException, match="snapshot_directory=None"):
        experiment.start_logging(snapshot_directory="absent")
    bare = experiment.start_logging(snapshot_directory=None)
    assert bare.get_snapshot_id() is None
    (project / "later.py").write_text("y = 2")
    with pytest.raises(SnapshotException, match=r"absent\.py"):
        bare.take_snapshot("absent.py")
    assert bare.take_snapshot("later.py")
    bare.complete()


def test_a_second_snapshot_is_the_first_one_and_says_so(experiment: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run = experiment.start_logging()
    kept = run.get_snapshot_id()
    assert run.take_snapshot("./") == run.take_snapshot("./") == kept
    run.complete()
    assert capsys.readouterr().err.count("keeps no second copy") == 1


def test_the_with_statement_ends_the_run_as_its_body_ends(experiment: Any) -> None:
    with experiment.start_logging(snapshot_directory=None) as good:
        print("words of the notebook")
        good.log("a", 1)
    assert good.get_status() == "Completed"
    assert "words of the notebook" in good.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]
    with experiment.start_logging(snapshot_directory=None) as left:
        sys.exit(0)
    assert left.get_status() == "Completed"
    with (
        pytest.raises(ZeroDivisionError),
        experiment.start_logging(snapshot_directory=None) as bad,
    ):
        bad.log("b", 1 / 0)
    assert bad.get_status() == "Failed"
    error = bad.get_details()["error"]["error"]
    assert error["message"].startswith("User program failed with ZeroDivisionError: division by zero")
    assert error["debugInfo"]["type"] == "ZeroDivisionError"
    assert "1 / 0" in error["debugInfo"]["stackTrace"]


def test_a_run_is_failed_and_cancelled_by_hand(experiment: Any) -> None:
    run = experiment.start_logging(snapshot_directory=None)
    run.fail("no data", error_code="DataError")
    assert run.get_status() == "Failed"
    error = run.get_details()["error"]["error"]
    assert (error["code"], error["message"]) == ("DataError", "no data")
    run = experiment.start_logging(snapshot_directory=None)
    run.cancel()
    assert run.get_status() == "Canceled"
    run.complete()
    assert run.get_status() == "Canceled"


def test_a_run_opened_by_its_id_can_be_completed_too(experiment: Any) -> None:
    from azureml.core import Run

    run = experiment.start_logging(snapshot_directory=None)
    again = Run(experiment, run.id)
    again.log("from", "elsewhere")
    again.complete()
    assert (again.get_status(), run.get_status()) == ("Completed", "Completed")
    assert run.get_metrics() == {"from": "elsewhere"}


def test_children_belong_to_their_parent_and_need_no_place(experiment: Any, workspace: Any) -> None:
    # More than may execute at once, all alive together.
    with experiment.start_logging(snapshot_directory=None) as parent:
        children = parent.create_children(count=4)
        grandchild = children[0].child_run("deep")
        grandchild.log("x", 1)
        for run in (grandchild, *children):
            run.complete()
    assert [child.tags["azureml.batch_child_number"] for child in parent.get_children()] == ["3", "2", "1", "0"]
    assert len(list(parent.get_children(recursive=True))) == 5
    assert grandchild.parent == children[0]
    assert parent.parent is None
    assert parent.get_metrics(recursive=True) == {grandchild.id: {"x": 1}}
    assert [run.id for run in workspace.runs.children(parent.id)] == [child.id for child in children]
    assert workspace.runs.get(children[0].id).summary.parent == parent.id


def test_an_id_of_ones_own_is_used_once(experiment: Any) -> None:
    from azureml.exceptions import UserErrorException

    run = experiment.start_logging(run_id="my-run", snapshot_directory=None)
    assert run.id == "my-run"
    with pytest.raises(UserErrorException, match="already"):
        experiment.start_logging(run_id="my-run", snapshot_directory=None)
    run.complete()


def test_a_run_that_was_recorded_cannot_be_run_again(experiment: Any, workspace: Any) -> None:
    from desktop_aml.domain.errors import InvalidInput

    run = experiment.start_logging(snapshot_directory=None)
    run.complete()
    with pytest.raises(InvalidInput, match="cannot be started here"):
        workspace.runs.rerun(run.id)


def test_a_deleted_parent_leaves_its_children(experiment: Any, workspace: Any) -> None:
    with experiment.start_logging(snapshot_directory=None) as parent, parent.child_run() as child:
        child.log("x", 1)
    workspace.runs.delete(parent.id)
    assert child.parent is None
    assert child.get_metrics() == {"x": 1}
