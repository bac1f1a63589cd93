"""Azure ML's Run outside a run: opened, followed, read, changed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import wait_until

TRAINS = """
import os, sys
from azureml.core import Run
run = Run.get_context()
print("learning", sys.argv[1:])
run.log("loss", 1)
run.log("loss", 0.5)
run.log_row("fold", n=1, score=0.9)
run.log_list("list", [1, 2])
matrix = {"schema_type": "confusion_matrix", "data": {"class_labels": ["a"], "matrix": [[1]]}}
run.log_confusion_matrix("matrix", matrix)
run.tag("kind", "test")
open("outputs/model.pkl", "w").write("m")
run.upload_file("outputs/model.pkl", "outputs/model.pkl")
open("lost.pkl", "w").close()
"""


@pytest.fixture
def experiment(azure: Any) -> Any:
    from azureml.core import Experiment

    return Experiment(azure, "iris")


@pytest.fixture
def submit(experiment: Any, project: Path) -> Callable[..., Any]:
    from azureml.core import ScriptRunConfig

    def start(text: str, *arguments: object, **options: Any) -> Any:
        (project / "source").mkdir(exist_ok=True)
        (project / "source" / "train.py").write_text(text)
        return experiment.submit(ScriptRunConfig("source", "train.py", arguments=list(arguments)), **options)

    return start


@pytest.fixture
def trained(submit: Callable[..., Any]) -> Any:
    run = submit(TRAINS, "--kernel", "rbf", tags={"team": "blue"})
    run.wait_for_completion()
    return run


def test_a_script_run_is_told_in_azure_mls_words(trained: Any, experiment: Any) -> None:
    from azureml.core import Run, ScriptRun
    from azureml.core.run import get_run

    assert isinstance(trained, ScriptRun)
    assert (trained.type, trained.status, trained.number) == ("azureml.scriptrun", "Completed", 1)
    assert str(trained) == (f"Run(Experiment: iris,\nId: {trained.id},\nType: azureml.scriptrun,\nStatus: Completed)")
    assert "<table>" in trained._repr_html_()
    for same in (
        Run.get(experiment.workspace, trained.id),
        get_run(experiment, trained.id),
        Run(experiment, trained.id),
    ):
        assert same == trained
        assert same.get_metrics() == trained.get_metrics()
    assert isinstance(get_run(experiment, trained.id), ScriptRun)
    details = trained.get_details()
    assert (details["runId"], details["status"], details["target"]) == (trained.id, "Completed", "local")
    assert details["startTimeUtc"] < details["endTimeUtc"]
    assert details["endTimeUtc"].endswith("Z")
    assert details["runDefinition"]["arguments"] == ["--kernel", "rbf"]
    assert details["runDefinition"]["script"] == "train.py"
    assert "error" not in details
    assert {"azureml-logs/60_control_log.txt", "azureml-logs/70_driver_log.txt", "user_logs/std_log.txt"} <= set(
        details["logFiles"]
    )
    assert details["properties"]["_azureml.ComputeTargetType"] == "local"
    assert details["properties"]["ProcessInfoFile"] in trained.get_file_names()
    assert trained.get_detailed_status()["status"] == "Completed"


def test_metrics_have_azure_mls_shapes(trained: Any) -> None:
    uri = f"aml://artifactId/ExperimentRun/dcid.{trained.id}/matrix"
    expected = {"loss": [1.0, 0.5], "fold": {"n": 1, "score": 0.9}, "list": [1, 2], "matrix": uri}
    assert trained.get_metrics() == expected
    assert trained.get_metrics("loss") == {"loss": [1.0, 0.5]}
    assert trained.get_metrics("absent") == {}
    assert trained.get_metrics(recursive=True) == {trained.id: expected}
    assert trained.get_metrics(recursive=True, run_type="other") == {}
    assert trained.get_metrics("matrix", populate=True)["matrix"]["data"]["matrix"] == [[1]]


def test_files_come_back(trained: Any, project: Path) -> None:
    assert "outputs/model.pkl" in trained.get_file_names()
    assert trained.get_file_names().count("outputs/model.pkl") == 1
    trained.download_file("outputs/model.pkl")
    trained.download_file("outputs/model.pkl", "renamed.pkl")
    (project / "folder").mkdir()
    trained.download_file("outputs/model.pkl", "folder")
    trained.download_files("outputs", output_directory="all")
    trained.download_files("outputs", output_directory="bare", append_prefix=False)
    for copy in ("model.pkl", "renamed.pkl", "folder/model.pkl", "all/outputs/model.pkl", "bare/model.pkl"):
        assert (project / copy).read_text() == "m"
    logs = trained.get_all_logs("logs-of-it")
    assert Path(logs[0]).parent == project / "logs-of-it" / "azureml-logs"
    assert "learning ['--kernel', 'rbf']" in trained.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]
    with zipfile.ZipFile(trained.restore_snapshot(path=".")) as archive:
        assert archive.read("train.py").decode() == TRAINS
    assert trained.get_snapshot_id() == trained.get_properties()["ContentSnapshotId"]


def test_a_path_of_a_file_may_begin_at_the_root_of_the_run(trained: Any, project: Path) -> None:
    for number, start in enumerate(("/", "./", "/./", "//")):
        trained.download_file(f"{start}outputs/model.pkl", f"{number}.pkl")
        trained.download_files(f"{start}outputs/", output_directory=f"all-{number}")
        assert [(project / copy).read_text() for copy in (f"{number}.pkl", f"all-{number}/outputs/model.pkl")] == [
            "m",
            "m",
        ]
        assert trained.register_model("rooted", f"{start}outputs/model.pkl").version == number + 1


def test_what_is_missing_is_named(trained: Any) -> None:
    from azureml.core import Run
    from azureml.exceptions import ModelPathNotFoundException, SnapshotException, UserErrorException

    with pytest.raises(UserErrorException, match=r"absent\.pkl"):
        trained.download_file("absent.pkl")
    with pytest.raises(UserErrorException, match="no file below"):
        trained.download_files("absent")
    with pytest.raises(ModelPathNotFoundException, match=r"It has: .*lost\.pkl"):
        trained.register_model("m", "outputs/lost.pkl")
    with pytest.raises(UserErrorException, match="There is no run"):
        Run(trained.experiment, "no-such-run")
    with pytest.raises(UserErrorException, match="There is no run"):
        Run(trained.experiment, trained.id[:-2])
    with pytest.raises(SnapshotException, match="has the snapshot"):
        trained.restore_snapshot("another")
    with pytest.raises(SnapshotException, match="already"):
        trained.take_snapshot("source")


def test_a_model_is_registered_from_a_run_that_has_ended(trained: Any) -> None:
    model = trained.register_model("flowers", model_path="./outputs/model.pkl", tags={"a": 1})
    assert (model.name, model.version, model.run_id, model.tags) == ("flowers", 1, trained.id, {"a": "1"})
    assert trained.register_model(model_name="flowers", model_path="outputs").version == 2


def test_tags_properties_and_names_can_change_after_the_end(trained: Any) -> None:
    from azureml.exceptions import UserErrorException

    trained.tag("mark")
    trained.set_tags({"number": 3})
    assert trained.get_tags() == trained.tags == {"team": "blue", "kind": "test", "mark": None, "number": "3"}
    trained.remove_tags(["mark"])
    assert "mark" not in trained.get_tags()
    trained.add_properties({"fixed": 1})
    trained.add_properties({"fixed": "1"})
    with pytest.raises(UserErrorException, match="cannot be changed"):
        trained.add_properties({"fixed": "2"})
    trained.display_name = "Best one"
    trained.description = "Words"
    assert (trained.display_name, trained.name, trained.description) == ("Best one", "Best one", "Words")


def test_metrics_and_files_can_be_added_after_the_end(trained: Any, project: Path) -> None:
    trained.log("late", 7)
    (project / "report.txt").write_text("r")
    trained.upload_file("report.txt", "report.txt")
    trained.upload_folder("source", "source")
    assert trained.get_metrics("late") == {"late": 7}
    assert {"report.txt", "source/train.py"} <= set(trained.get_file_names())
    trained.complete()
    trained.cancel()
    assert trained.get_status() == "Completed"


def test_waiting_prints_the_log_in_azure_mls_layout(
    submit: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run = submit("import time\nfor n in range(3):\n    print('line', n, flush=True)\n    time.sleep(0.2)\n")
    capsys.readouterr()
    details = run.wait_for_completion(show_output=True)
    out = capsys.readouterr().out
    assert details["status"] == "Completed"
    assert out.startswith(f"RunId: {run.id}\nWeb View: {run.get_portal_url()}\n\nStreaming azureml-logs/")
    head = "Streaming azureml-logs/70_driver_log.txt"
    assert f"\n{head}\n{'=' * len(head)}\n\nline 0\nline 1\nline 2\n" in out
    assert out.endswith(
        f"\nExecution Summary\n=================\nRunId: {run.id}\nWeb View: {run.get_portal_url()}\n\n"
    )


def test_a_log_that_submit_has_printed_is_not_printed_again(
    submit: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    from azureml.core import Experiment, ScriptRunConfig

    first = submit("print('hello')\n")
    first.wait_for_completion()
    capsys.readouterr()
    config = ScriptRunConfig("source", "train.py")
    run = Experiment(first.experiment.workspace, "again").submit(config, show_output=True)
    assert capsys.readouterr().out.count("hello\n") == 1
    assert run.wait_for_completion(show_output=True)["status"] == "Completed"
    assert capsys.readouterr().out == ""
    first.wait_for_completion(show_output=True)
    first.wait_for_completion(show_output=True)
    assert capsys.readouterr().out.count("hello\n") == 2, "where it is asked for alone, it is printed each time"


def test_a_failure_is_raised_with_the_error_as_json(
    submit: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    from azureml.exceptions import ActivityFailedException

    run = submit("raise ValueError('too small')")
    with pytest.raises(ActivityFailedException) as failed:
        run.wait_for_completion()
    head, _, text = failed.value.message.partition("\n")
    assert head == "Activity Failed:"
    error = json.loads(text)["error"]
    assert error["code"] == "UserError"
    assert "ValueError: too small" in error["message"]
    capsys.readouterr()
    details = run.wait_for_completion(show_output=True, raise_on_error=False)
    assert details["error"]["error"] == error
    assert "\nError:\n" in capsys.readouterr().out


def test_what_a_script_says_of_its_failure_is_the_error(submit: Callable[..., Any]) -> None:
    run = submit(
        "import sys\nfrom azureml.core import Run\nRun.get_context().fail('no data', error_code='Data')\nsys.exit(3)"
    )
    error = run.wait_for_completion(raise_on_error=False)["error"]["error"]
    assert (error["code"], error["message"]) == ("Data", "no data")


def test_a_run_can_be_added_to_before_it_began(submit: Callable[..., Any], project: Path) -> None:
    run = submit("print('hello')\n")
    run.log("asked by", "me")
    (project / "plan.txt").write_text("p")
    run.upload_file("plan.txt", "plan.txt")
    run.wait_for_completion()
    assert run.get_metrics() == {"asked by": "me"}
    assert "plan.txt" in run.get_file_names()


@pytest.mark.parametrize("moment", ["Queued", "Running"])
def test_failing_a_submitted_run_from_outside_stops_and_fails_it(
    submit: Callable[..., Any], notes: Callable[[], str], moment: str
) -> None:
    run = submit("import time\ntime.sleep(600)\n")
    wait_until(lambda: moment == "Queued" or run.get_status() == moment, "the run")
    run.fail(ValueError("not worth it"), error_code="Data")
    assert run.get_status() == "Failed"
    error = run.get_details()["error"]["error"]
    assert (error["code"], error["message"]) == ("Data", "User program failed with ValueError: not worth it")
    assert "run.fail() stops the script of the submitted run" in notes()


def test_a_cancelled_run_does_not_raise(submit: Callable[..., Any]) -> None:
    run = submit("import time\ntime.sleep(600)\n")
    wait_until(lambda: run.get_status() == "Running", "the run")
    run.cancel()
    assert run.wait_for_completion(wait_post_processing=True)["status"] == "Canceled"


def test_runs_are_listed_newest_first_and_filtered(submit: Callable[..., Any], experiment: Any, trained: Any) -> None:
    from azureml.core import Run
    from azureml.exceptions import UserErrorException

    second = submit("print(1)", tags={"team": "red"})
    second.wait_for_completion(wait_post_processing=True)
    assert [run.id for run in Run.list(experiment)] == [second.id, trained.id]
    assert [run.id for run in experiment.get_runs(tags={"team": "red"})] == [second.id]
    assert [run.id for run in experiment.get_runs(tags="kind")] == [trained.id]
    assert [run.id for run in experiment.get_runs(properties={"ContentSnapshotId": second.get_snapshot_id()})] == [
        second.id
    ]
    assert list(Run.list(experiment, status="Failed")) == []
    assert list(experiment.get_runs(type="hyperdrive")) == []
    with pytest.raises(UserErrorException, match="a text or a dict"):
        Run.list(experiment, tags=["team"])


def test_a_script_starts_children_of_its_own(submit: Callable[..., Any], experiment: Any) -> None:
    run = submit(
        """
from azureml.core import Run
run = Run.get_context()
with run.child_run("one") as child:
    child.log("x", 1)
    assert child.parent.id == run.id
for number, child in enumerate(run.create_children(tag_key="fold", tag_values=["a", "b"])):
    with child:
        child.log("fold", number)
assert len(list(run.get_children())) == 3, list(run.get_children())
assert run.experiment.workspace.name == "test" and run.get_details()["status"] == "Running"
"""
    )
    run.wait_for_completion()
    children = list(run.get_children())
    assert [child.get_status() for child in children] == ["Completed"] * 3
    assert [child.tags.get("fold") for child in children] == ["b", "a", None]
    assert all(child.parent == run for child in children)
    assert [child.id for child in run.get_children(tags={"fold": "a"})] == [children[1].id]
    assert children[2].display_name == f"{run.display_name}_one"
    assert run.get_metrics(recursive=True) == {
        children[2].id: {"x": 1}, children[1].id: {"fold": 0}, children[0].id: {"fold": 1},
    }  # fmt: skip
    assert [one.id for one in experiment.get_runs()] == [run.id]
    assert len(list(experiment.get_runs(include_children=True))) == 4


def test_a_configuration_is_submitted_as_a_child(experiment: Any, project: Path) -> None:
    from azureml.core import ScriptRunConfig

    (project / "train.py").write_text("print(1)")
    with experiment.start_logging(snapshot_directory=None) as parent:
        child = parent.submit_child(ScriptRunConfig(".", "train.py"), tags={"n": 1})
        child.wait_for_completion()
    assert [one.id for one in parent.get_children()] == [child.id]
    assert child.tags == {"n": "1"}
    assert child.parent == parent


def test_what_a_child_tells_its_parent_is_seen_by_whoever_holds_the_parent(experiment: Any, project: Path) -> None:
    from azureml.core import ScriptRunConfig

    (project / "child.py").write_text(
        "from azureml.core import Run\nparent = Run.get_context().parent\n"
        "parent.tag('best', 'yes')\nparent.add_properties({'p': '1'})\nparent.log('m', 1)\n"
    )
    with experiment.start_logging(snapshot_directory=None) as parent:
        parent.tag("own", "before")
        assert "best" not in parent.get_tags()
        parent.submit_child(ScriptRunConfig(".", "child.py")).wait_for_completion()
        assert (parent.get_tags(), parent.tags) == ({"own": "before", "best": "yes"},) * 2
        assert (parent.get_properties()["p"], parent.properties["p"]) == ("1", "1")
        assert parent.get_metrics() == {"m": 1}
