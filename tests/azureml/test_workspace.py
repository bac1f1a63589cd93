"""`azureml.core.Workspace`: found by configuration, by name, made, and what it says of itself."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.workspace import trust
from tests.strangers_workspace import WOULD_RUN, with_work

AZURE = {"subscription_id": "sub", "resource_group": "rg", "workspace_name": "cloud-shop"}


def configure(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**AZURE, "workspace_name": name}))


def from_config(*words: Any, **more: Any) -> Any:
    from azureml.core import Workspace

    return Workspace.from_config(*words, **more)


def test_a_workspace_folder_is_found_from_below(azure: Any, workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    below = workspace.path / "project" / "src"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert from_config() == azure
    assert azure.get_details()["path"] == str(workspace.path)


def test_a_hidden_folder_far_up_beats_a_plain_file_here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = project / "a" / "b"
    configure(here / "config.json", "plain-here")
    configure(here / "aml_config" / "project.json", "old-here")
    assert from_config(str(here)).name == "old-here"
    configure(project / ".azureml" / "config.json", "hidden-above")
    assert from_config(str(here)).name == "hidden-above"
    assert from_config(str(here / "config.json")).name == "plain-here"
    assert from_config(str(here), _file_name="project.json").name == "old-here"


def test_a_configuration_of_azure_means_a_workspace_of_that_name_here(
    project: Path, private_home: Path, notes: Callable[[], str]
) -> None:
    configure(project / "config.json", "cloud-shop")
    first = from_config()
    assert first._path == str(private_home / "data" / "workspaces" / "cloud-shop")
    assert (first.subscription_id, first.resource_group) == ("sub", "rg")
    assert f"the workspace 'cloud-shop' was made on this computer, in {first._path}." in notes()
    assert from_config() == first
    assert notes() == ""


def test_the_same_name_in_another_subscription_is_another_workspace(azure: Any) -> None:
    from azureml.core import Workspace

    one = Workspace("sub-1", "rg", "shop-of-two")
    other = Workspace(subscription_id="sub-2", resource_group="rg", workspace_name="shop-of-two")
    assert one != other
    assert Workspace("sub-1", "rg", "shop-of-two") == one
    assert sorted(found.subscription_id for found in Workspace.list("any")["shop-of-two"]) == ["sub-1", "sub-2"]


def test_without_a_configuration_the_words_name_the_folder_and_the_command(project: Path) -> None:
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="desktop-aml workspace create") as caught:
        from_config()
    assert f"'{project}'" in caught.value.message
    with pytest.raises(UserErrorException, match=r"no file or folder '.*/typo'"):
        from_config("typo")


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "cannot be read"), ("[]", "no JSON object"), ('{"subscription_id": "s"}', "resource_group, workspace_name")],
)
def test_a_configuration_that_is_off_says_why(project: Path, content: str, said: str) -> None:
    from azureml.exceptions import UserErrorException

    (project / "config.json").write_text(content)
    with pytest.raises(UserErrorException, match=said):
        from_config()


def test_a_written_configuration_leads_back(azure: Any, project: Path, workspace: Any) -> None:
    from azureml.core import Workspace

    made = Workspace.create("written", subscription_id="s", resource_group="r", show_output=False)
    made.write_config()
    written = json.loads((project / ".azureml" / "config.json").read_text())
    assert written == {
        "Id": None,
        "Scope": "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/written",
    }
    assert from_config() == made
    (project / "sub" / "aml_config").mkdir(parents=True)
    made.write_config(str(project / "sub"), "mine.json")
    assert from_config(str(project / "sub"), _file_name="mine.json") == made
    (project / ".azureml" / "config.json").unlink()
    made.write_config(path=".azureml")
    assert from_config() == made


def test_making_one_twice_is_refused_unless_it_may_exist(azure: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.core import Workspace
    from azureml.exceptions import UserErrorException, WorkspaceException

    made = Workspace.create("new-one", location="westeurope", show_output=True)
    assert "Made the workspace 'new-one' in" in capsys.readouterr().out
    assert (made.location, Workspace.get("new-one")) == ("westeurope", made)
    with pytest.raises(WorkspaceException, match="already"):
        Workspace.create("new-one")
    assert Workspace.create("new-one", exist_ok=True) == made
    with pytest.raises(WorkspaceException, match="no workspace “absent”"):
        Workspace.get("absent")
    with pytest.raises(UserErrorException, match="2 to 33"):
        Workspace.create("x")


def test_the_default_compute_target_is_a_name_on_this_computer(azure: Any) -> None:
    made = azure.get_default_compute_target(type="CPU")
    assert (made.name, made.type) == ("cpu-cluster", "AmlCompute")
    assert made.get_status().serialize()["provisioningState"] == "Succeeded"
    assert azure.get_default_compute_target("cpu").name == "cpu-cluster"
    assert list(azure.compute_targets) == ["cpu-cluster"]


def test_a_cluster_that_the_code_takes_for_granted_is_a_name_on_this_computer(
    azure: Any, notes: Callable[[], str]
) -> None:
    assert azure.compute_targets.get("cpucluster") is None
    assert "cpucluster" not in azure.compute_targets
    assert (azure.compute_targets["cpucluster"].name, azure.compute_targets["cpucluster"].type) == (
        "cpucluster",
        "AmlCompute",
    )
    assert "'cpucluster' is a name on this computer" in notes()
    assert list(azure.compute_targets) == ["cpucluster"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("experiments", "no experiment 'absent' in this workspace. There is: none yet. Experiment("),
        ("models", "no model 'absent'"),
        ("webservices", "no web service 'absent'"),
        ("datasets", "no dataset 'absent' in this workspace. There is: none yet. dataset.register(workspace, name)"),
        ("datastores", "no datastore 'absent' in this workspace. There is: workspaceblobstore"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are_and_what_makes_it(
    azure: Any, kind: str, words: str
) -> None:
    with pytest.raises(KeyError, match=re.escape(words)):
        getattr(azure, kind)["absent"]


def test_of_many_names_those_are_told_that_are_like_the_one_asked_for(azure: Any) -> None:
    with pytest.raises(KeyError, match=r"There is: AzureML-Tutorial, .*\d+ others\."):
        azure.environments["AzureML-Tutorials"]


def test_it_prints_as_azure_prints_it(azure: Any) -> None:
    assert str(azure) == (
        f"Workspace.create(name='test', subscription_id='{azure.subscription_id}', resource_group='desktop-aml')"
    )
    details = azure.get_details()
    assert {"id", "name", "location", "type", "workspaceid", "tags", "sku"} <= set(details)
    assert details["creationTime"].endswith("Z")


def test_what_it_holds_is_found_by_name(azure: Any) -> None:
    from azureml.core import Environment, Experiment

    Experiment(azure, "first")
    Environment("mine").register(azure)
    assert list(azure.experiments) == ["first"]
    assert {"mine", "AzureML-Tutorial"} <= set(azure.environments)
    assert (azure.models, azure.webservices, azure.compute_targets, azure.images) == ({}, {}, {}, {})
    assert "cpu-cluster" not in azure.compute_targets
    assert azure.compute_targets.get("cpu-cluster") is None


def test_mlflow_is_sent_to_a_folder_of_the_workspace_or_of_the_run(
    azure: Any, notes: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_aml_run import mlflow_folder

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "")  # so that what is set meanwhile goes again after the test
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE")
    monkeypatch.setattr(mlflow_folder, "_serve", lambda _: (None, "", ""))
    assert azure.get_mlflow_tracking_uri() == Path(azure._path, "mlruns").as_uri()
    assert "no tracking server could be started" in notes()
    assert os.environ["MLFLOW_ALLOW_FILE_STORE"] == "true"
    monkeypatch.setenv("DESKTOP_AML_RUN_DIR", "/a run/é")
    assert azure.get_mlflow_tracking_uri() == Path("/a run/é/snapshot/outputs/mlruns").as_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert azure.get_mlflow_tracking_uri() == "http://127.0.0.1:5000"


def test_outside_a_run_mlflow_is_led_to_a_server_that_lives_as_long_as_this_process(
    azure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_aml_run import mlflow_folder

    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "")
    monkeypatch.setenv("DESKTOP_AML_PYTHON", sys.executable)
    address = azure.get_mlflow_tracking_uri()
    process = mlflow_folder._served[os.getpid(), azure._path][0]
    try:
        assert address == azure.get_mlflow_tracking_uri()
        token = os.environ["MLFLOW_TRACKING_TOKEN"]
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{address}/api/2.0/mlflow/experiments/get?experiment_id=0", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as reply:
            assert b"Default" in reply.read()
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.mark.parametrize("call", ["list_keys()", "delete()", "setup()"])
def test_what_is_not_offered_names_itself_and_a_way_on(azure: Any, call: str) -> None:
    with pytest.raises(NotImplementedError, match=rf"Workspace\.{call[:-2]}\(\)\. .+ See docs/"):
        eval(f"azure.{call}", {"azure": azure})


def test_arguments_that_mean_something_in_azure_only_are_named_once(azure: Any, notes: Callable[[], str]) -> None:
    from azureml.core import Workspace

    for _ in range(2):
        Workspace.create("told", storage_account="s", key_vault="k", exist_ok=True, show_output=False)
    assert notes().count("ignores key_vault, storage_account") == 1


def test_code_without_a_terminal_reads_a_foreign_workspace_and_is_told_how_to_let_it_run(
    azure: Any, tmp_path: Path, notes: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a notebook: nobody can be asked there."""
    from azureml.core import Experiment, ScriptRunConfig
    from azureml.exceptions import AzureMLException

    folder = with_work(tmp_path / "stick", tmp_path / "source")
    waiting = sorted(folder.requests.iterdir())
    monkeypatch.setattr(trust, "_is_in_container", lambda: False)
    monkeypatch.setattr(sys, "stdin", None)
    foreign = from_config(str(folder.root / "config.json"))
    cure = f'desktop-aml workspace trust "{folder.root}"'
    said = notes()
    assert f"It can be read, but nothing runs in it. To let it run: {cure}" in said
    assert f"Would run at once: {'; '.join(WOULD_RUN)}." in said
    assert [run.id for run in Experiment(foreign, "e").get_runs()] == ["r"]
    Path("train.py").write_text("print(1)")
    with pytest.raises(AzureMLException, match="workspace trust"):
        Experiment(foreign, "e").submit(ScriptRunConfig(".", "train.py"))
    assert sorted(folder.requests.iterdir()) == waiting
