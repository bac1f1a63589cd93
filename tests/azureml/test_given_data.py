"""The data section of a `RunConfiguration`: datasets and paths, as objects and read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def stored(azure: Any, project: Path) -> Any:
    """A registered dataset of one file, which lies on the default datastore as ``kept/a.csv``."""
    from azureml.core import Dataset

    (project / "tables").mkdir()
    (project / "tables" / "a.csv").write_text("x,y\n1,2\n")
    store = azure.get_default_datastore()
    store.upload(str(project / "tables"), "kept", show_progress=False)
    return Dataset.File.from_files((store, "kept")).register(azure, "letters")


def given(azure: Any, **sections: Any) -> dict[str, str]:
    from azureml.core._submit import given_data
    from azureml.core.runconfig import RunConfiguration

    settings = RunConfiguration()
    settings.data = sections
    found: dict[str, str] = given_data.variables(azure, settings)
    return found


@pytest.mark.parametrize("by", ["id", "name", "version"])
def test_a_dataset_in_the_configuration_is_shown_to_the_run(azure: Any, stored: Any, by: str) -> None:
    from azureml.core.runconfig import Data, DataLocation
    from azureml.core.runconfig import Dataset as Named

    named = {
        "id": Named(dataset_id=stored.id),
        "name": Named(dataset_name="letters"),
        "version": Named(dataset_name="letters", dataset_version=1),
    }[by]
    data = Data(data_location=DataLocation(dataset=named), mechanism="Mount", environment_variable_name="LETTERS")
    found = given(azure, tables=data)
    assert (Path(found["tables"]) / "a.csv").read_text() == "x,y\n1,2\n"
    assert found["LETTERS"] == found["tables"]


def test_a_path_of_a_datastore_in_the_configuration_is_given(azure: Any, stored: Any) -> None:
    from azureml.core.runconfig import Data, DataLocation, DataPath

    place = DataLocation(data_path=DataPath("workspaceblobstore", "kept"))
    found = given(azure, tables=Data(data_location=place))
    assert [Path(path, "a.csv").read_text() for name, path in found.items() if name.endswith("tables")]


def test_a_configuration_from_a_file_gives_the_same_and_its_words_become_paths(
    azure: Any, stored: Any, project: Path
) -> None:
    from azureml.core import ScriptRunConfig
    from azureml.core._submit import given_data
    from azureml.core.runconfig import Data, DataLocation, RunConfiguration
    from azureml.core.runconfig import Dataset as Named
    from azureml.core.script_run_config import get_run_config_from_script_run

    (project / "train.py").write_text("print()\n")
    src = ScriptRunConfig(".", "train.py", ["--data-folder", "DatasetConsumptionConfig:tables"])
    data = Data(data_location=DataLocation(dataset=Named(dataset_id=stored.id)), mechanism="mount")
    src.run_config.data = {"tables": data}
    get_run_config_from_script_run(src).save(name="kept.runconfig")
    read = RunConfiguration.load(str(project), "kept.runconfig")
    found = given_data.variables(azure, read)
    words = [given_data.put_in(word, read, found) for word in [*read.arguments, "DatasetConsumptionConfig:other"]]
    assert words == ["--data-folder", found["tables"], "DatasetConsumptionConfig:other"]
    assert (Path(found["tables"]) / "a.csv").is_file()


def test_data_that_names_nothing_is_refused_with_what_to_give(azure: Any) -> None:
    from azureml.core.runconfig import Data
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="'tables' of the run configuration names nothing"):
        given(azure, tables=Data())


def test_names_of_the_oldest_sdk_are_led_to_what_took_their_place(azure: Any) -> None:
    from azureml.train.widgets import RunDetails
    from azureml.widgets import RunDetails as Newer

    assert RunDetails is Newer
    with pytest.raises(ImportError, match="use AmlCompute, which took its place"):
        exec("from azureml.core.compute import BatchAiCompute")
