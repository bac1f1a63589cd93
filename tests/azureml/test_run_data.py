"""Datasets, data references and outputs in the arguments of a run, and what the script finds of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

SCRIPT = """
import json, os, sys
from azureml.core import Dataset, Run
run = Run.get_context()
found = {"arguments": sys.argv[1:], "inputs": {}}
for name, value in run.input_datasets.items():
    if isinstance(value, str):
        found["inputs"][name] = sorted(os.listdir(value)) if os.path.isdir(value) else open(value).read()
    else:
        found["inputs"][name] = len(value.to_pandas_dataframe())
for folder in run.output_datasets.values():
    with open(os.path.join(folder, "made.txt"), "w") as out:
        out.write("made")
try:
    run.input_datasets["absent"]
except KeyError as error:
    found["missing"] = str(error)
found["variables"] = {name: os.environ[name] for name in os.environ if name.startswith("AZUREML_DATAREFERENCE")}
found["by_name"] = sorted(run.experiment.workspace.datasets)
print(json.dumps(found))
"""


@pytest.fixture
def submitted(azure: Any, project: Path, workspace: Workspace) -> Callable[..., dict[str, Any]]:
    """Return what runs the script with arguments and gives what the script found."""
    from azureml.core import Experiment, ScriptRunConfig

    (project / "train").mkdir()
    (project / "train" / "train.py").write_text(SCRIPT)

    def submit(*arguments: object) -> dict[str, Any]:
        config = ScriptRunConfig("train", script="train.py", arguments=list(arguments))
        run = Experiment(azure, "data").submit(config)
        wait_until(lambda: workspace.runs.get(run.id).summary.state.is_terminal(), "the end of the run")
        said = workspace.runs.files.read_log(run.id).data.decode()
        assert said.startswith("{"), said
        found: dict[str, Any] = json.loads(said.splitlines()[0])
        return found

    return submit


@pytest.fixture
def files(project: Path) -> Path:
    """Return a folder with two tables."""
    folder = project / "tables"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text("x,y\n1,2\n3,4\n")
    return folder


def test_a_table_is_itself_for_the_script(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]], workspace: Workspace
) -> None:
    from azureml.core import Dataset

    data = Dataset.Tabular.from_delimited_files(str(files / "*.csv"))
    named = data.take(3).register(azure, "tables")
    found = submitted("--data", named.as_named_input("tables"), "--more", data.as_named_input("all"))
    assert found["inputs"] == {"tables": 3, "all": 4}
    assert found["arguments"][1] == named.id
    assert workspace.datasets.get_by_id(found["arguments"][3]).name == ""
    assert found["by_name"] == ["tables"]
    assert "It has: all, tables" in found["missing"]


@pytest.mark.parametrize("mode", ["as_mount", "as_download"])
def test_files_are_a_folder_for_the_script(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]], mode: str
) -> None:
    from azureml.core import Dataset

    store = azure.get_default_datastore()
    store.upload(str(files), "kept", show_progress=False)
    whole = Dataset.File.from_files((store, "kept/**"))
    part = Dataset.File.from_files(str(files / "a*"))
    one = Dataset.File.from_files(str(files / "b.csv"), is_file=True)
    found = submitted(
        getattr(whole.as_named_input("whole"), mode)(),
        getattr(part, mode)(),
        getattr(one.as_named_input("one"), mode)(),
    )
    assert (found["inputs"].pop("whole"), found["inputs"].pop("one")) == (["a.csv", "b.csv"], "x,y\n1,2\n3,4\n")
    assert list(found["inputs"].values()) == [["a.csv"]]
    original = found["arguments"][0] == str(Path(azure._path) / "datastores" / "workspaceblobstore" / "kept")
    assert original == (mode == "as_mount")


def test_a_dataset_of_one_file_is_mounted_as_the_file_and_downloaded_as_a_folder(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]]
) -> None:
    from azureml.core import Dataset

    store = azure.get_default_datastore()
    store.upload(str(files), "kept", show_progress=False)
    one = Dataset.File.from_files(store.path("kept/b.csv"))
    found = submitted(one.as_named_input("mounted").as_mount(), one.as_named_input("downloaded").as_download())
    assert found["inputs"] == {"mounted": "x,y\n1,2\n3,4\n", "downloaded": ["b.csv"]}


def test_a_data_reference_is_a_path_and_a_variable(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]]
) -> None:
    store = azure.get_default_datastore()
    reference = store.upload(str(files), "kept", show_progress=False)
    assert str(reference) == "$AZUREML_DATAREFERENCE_workspaceblobstore"
    found = submitted("--folder", reference.as_mount(), store.path("kept", data_reference_name="again").as_download())
    place = found["arguments"][1]
    assert sorted(path.name for path in Path(place).iterdir()) == ["a.csv", "b.csv"]
    assert found["variables"] == {
        "AZUREML_DATAREFERENCE_workspaceblobstore": place,
        "AZUREML_DATAREFERENCE_again": place,
    }


def test_an_output_is_kept_on_the_datastore_and_registered(
    azure: Any, submitted: Callable[..., dict[str, Any]], workspace: Workspace
) -> None:
    from azureml.core import Dataset
    from azureml.data import OutputFileDatasetConfig

    store = azure.get_default_datastore()
    output = OutputFileDatasetConfig("made", (store, "made/{run-id}")).as_upload(overwrite=True)
    found = submitted("--output", output.register_on_complete("made by a run", tags={"kind": "test"}))
    assert (Path(found["arguments"][1]) / "made.txt").read_text() == "made"
    wait_until(lambda: workspace.datasets.list(), "the registration")
    kept = Dataset.get_by_name(azure, "made by a run")
    assert (kept.version, kept.tags, kept.to_path()) == (1, {"kind": "test"}, ["/made.txt"])


def test_a_run_knows_the_datasets_that_it_took_and_left(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]], workspace: Workspace
) -> None:
    from azureml.core import Dataset, Experiment
    from azureml.data import OutputFileDatasetConfig

    store = azure.get_default_datastore()
    store.upload(str(files), "kept", show_progress=False)
    table = Dataset.Tabular.from_delimited_files((store, "kept/*.csv")).register(azure, "tables")
    shown = Dataset.File.from_files((store, "kept/**")).as_named_input("shown").as_mount()
    registered = OutputFileDatasetConfig("registered").register_on_complete("made by a run")
    submitted(table.as_named_input("table"), shown, OutputFileDatasetConfig("plain"), registered)
    wait_until(lambda: len(workspace.datasets.list()) == 2, "the registration")
    run = next(Experiment(azure, "data").get_runs())
    details = run.get_details()
    assert [one["consumptionDetails"] for one in details["inputDatasets"]] == [
        {"type": "RunInput", "inputName": "table", "mechanism": "Direct"},
        {"type": "RunInput", "inputName": "shown", "mechanism": "Mount"},
    ]
    first, second = (one["dataset"] for one in details["inputDatasets"])
    assert (first.name, first.version, len(first.to_pandas_dataframe())) == ("tables", 1, 4)
    assert (second.name, second.to_path()) == (None, ["/a.csv", "/b.csv"])
    plain, kept = details["outputDatasets"]
    assert (plain["outputDetails"], plain["dataset"].to_path()) == ({"outputName": "plain"}, ["/made.txt"])
    assert (kept["dataset"].name, kept["identifier"]["savedId"]) == ("made by a run", kept["dataset"].id)
    assert plain["dataset"].register(azure, "named later").version == 1


def test_a_dataset_that_a_script_assigns_is_recorded_as_its_input(
    azure: Any, files: Path, project: Path, workspace: Workspace
) -> None:
    from azureml.core import Dataset, Experiment, ScriptRunConfig

    Dataset.Tabular.from_delimited_files(str(files / "a.csv")).register(azure, "tables")
    (project / "assign").mkdir()
    (project / "assign" / "train.py").write_text(
        "from azureml.core import Dataset, Run\n"
        "run = Run.get_context()\n"
        "data = Dataset.get_by_name(run.experiment.workspace, 'tables')\n"
        "run.input_datasets['training_data'] = data\n"
        "run.input_datasets['training_data'] = data\n"
        "print(run.input_datasets['training_data'].name)\n"
    )
    run = Experiment(azure, "data").submit(ScriptRunConfig("assign", script="train.py"))
    details = run.wait_for_completion()
    (taken,) = details["inputDatasets"]
    assert (taken["consumptionDetails"]["inputName"], taken["dataset"].name) == ("training_data", "tables")
    assert workspace.runs.files.read_log(run.id).data == b"tables\n"
    (use,) = workspace.runs.datasets(run.id)
    assert (use.name, use.how, use.dataset and use.dataset.label) == ("training_data", "direct", "tables:1")


def test_a_bare_dataset_is_refused_with_what_to_write(
    azure: Any, files: Path, submitted: Callable[..., dict[str, Any]]
) -> None:
    from azureml.core import Dataset
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="as_named_input"):
        submitted("--data", Dataset.Tabular.from_delimited_files(str(files / "a.csv")))


def test_a_mounted_place_that_is_not_there_yet_is_made_for_the_script(
    azure: Any, submitted: Callable[..., dict[str, Any]], notes: Callable[[], str]
) -> None:
    store = azure.get_default_datastore()
    found = submitted("--out", store.path("new/place").as_mount())
    place = Path(found["arguments"][1])
    assert place.is_dir()
    assert place.parts[-2:] == ("new", "place")
    assert "nothing at 'new/place'" in notes()


@pytest.mark.parametrize("way", ["as_mount of a file", "as_download"])
def test_what_can_only_be_read_must_be_there(azure: Any, submitted: Callable[..., dict[str, Any]], way: str) -> None:
    from azureml.exceptions import UserErrorException

    store = azure.get_default_datastore()
    reference = store.path("new").as_download() if way == "as_download" else store.path("new/table.csv").as_mount()
    with pytest.raises(UserErrorException, match="There is nothing at"):
        submitted("--in", reference)
    assert not Path(reference._folder).exists()


def test_a_data_reference_is_given_in_a_run_configuration_and_named_by_its_text(
    azure: Any, files: Path, project: Path, workspace: Workspace
) -> None:
    from azureml.core import Experiment, ScriptRunConfig
    from azureml.core.runconfig import DataReferenceConfiguration, RunConfiguration
    from azureml.data.data_reference import DataReference

    store = azure.get_default_datastore()
    store.upload(str(files), "kept", show_progress=False)
    reference = DataReference(store, "tables", path_on_datastore="kept")
    config = reference.to_config()
    assert isinstance(config, DataReferenceConfiguration)
    assert (config.data_store_name, config.path_on_data_store, config.mode) == ("workspaceblobstore", "kept", "mount")
    settings = RunConfiguration()
    settings.data_references = {reference.data_reference_name: config}
    (project / "train.py").write_text("import sys, os; print(sys.argv[1:], len(os.listdir(sys.argv[2])))\n")
    arguments = ["--folder", str(reference), "--text", "$AZUREML_DATAREFERENCE_other and $HOME"]
    run = Experiment(azure, "data").submit(ScriptRunConfig(".", "train.py", arguments, run_config=settings))
    wait_until(lambda: workspace.runs.get(run.id).summary.state.is_terminal(), "the end of the run")
    said = workspace.runs.files.read_log(run.id).data.decode()
    assert f"{workspace.path}/datastores/workspaceblobstore/kept'" in said
    assert said.endswith("'--text', '$AZUREML_DATAREFERENCE_other and $HOME'] 2\n")
