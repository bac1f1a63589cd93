"""`azureml.core.Model`: registered from files, found, read, written about, removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def register(azure: Any, project: Path) -> Any:
    """Return what registers a small file as the next version of a model."""
    from azureml.core import Model

    def make(name: str = "iris", text: str = "weights", **more: Any) -> Any:
        (project / "model.joblib").write_text(text)
        return Model.register(azure, "model.joblib", name, **more)

    return make


def test_a_file_becomes_the_next_version(azure: Any, register: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.core import Model
    from azureml.core.resource_configuration import ResourceConfiguration

    first = register()
    assert capsys.readouterr().out == "Registering model iris\n"
    model = register(
        tags={"area": "flowers", "n": 3},
        properties={"made": "here"},
        description="Kinds of iris",
        model_framework=Model.Framework.SCIKITLEARN,
        model_framework_version="1.5",
        resource_configuration=ResourceConfiguration(cpu=1, memory_in_gb=0.5),
    )
    assert (first.version, model.version, model.id) == (1, 2, "iris:2")
    assert (model.tags, model.properties) == ({"area": "flowers", "n": "3"}, {"made": "here"})
    assert (model.model_framework, model.model_framework_version) == ("ScikitLearn", "1.5")
    assert (model.resource_configuration.cpu, model.resource_configuration.memory_in_gb) == (1, 0.5)
    assert (model.run_id, model.run, model.experiment_name) == (None, None, None)
    assert repr(model).endswith(
        "name=iris, id=iris:2, version=2, tags={'area': 'flowers', 'n': '3'}, properties={'made': 'here'})"
    )
    assert json.loads(json.dumps(model.serialize()))["resourceRequirements"]["memoryInGB"] == 0.5


def test_the_datasets_that_a_model_came_from_are_found_again_by_their_purpose(
    azure: Any, register: Any, project: Path
) -> None:
    from azureml.core import Dataset, Model

    (project / "rows.csv").write_text("a,b\n1,2\n")
    rows = Dataset.Tabular.from_delimited_files("rows.csv").register(azure, "rows")
    model = register(datasets=[(Dataset.Scenario.TRAINING, rows)])
    model.add_dataset_references([("looked at", rows)])
    found = Model(azure, "iris").datasets
    assert {purpose: [one.name for one in some] for purpose, some in found.items()} == {
        "training": ["rows"],
        "looked at": ["rows"],
    }
    assert register(text="other").datasets == {}


def test_a_version_is_found_by_name_id_number_or_labels(azure: Any, register: Any) -> None:
    from azureml.core import Model
    from azureml.exceptions import WebserviceException

    register(tags={"area": "a"})
    register(tags={"area": "b"}, properties={"p": "1"})
    assert [
        Model(azure, "iris").version,
        Model(azure, id="iris:1").version,
        Model(azure, name="iris", version=1).version,
        Model(azure, "iris", tags=[["area", "a"]]).version,
        Model(azure, "iris", properties=["p"]).version,
    ] == [2, 1, 1, 1, 2]
    for wrong in ({"name": "absent"}, {"id": "iris:9"}, {"name": "iris", "tags": ["no"]}):
        with pytest.raises(WebserviceException, match="ModelNotFound"):
            Model(azure, **wrong)
    with pytest.raises(WebserviceException, match="name or id"):
        Model(azure)


def test_lists_are_filtered_and_newest_first(azure: Any, register: Any) -> None:
    from azureml.core import Model
    from azureml.exceptions import UserErrorException

    register("a", tags={"k": "1"})
    register("b", tags={"k": "2"}, properties={"p": "q"})
    register("a", tags={"k": "2"})

    def labels(**filters: Any) -> list[str]:
        return [model.id for model in Model.list(azure, **filters)]

    assert labels() == ["a:2", "b:1", "a:1"]
    assert labels(latest=True) == ["a:2", "b:1"]
    assert labels(name="a") == ["a:2", "a:1"]
    assert labels(tags=["k", ["k", "2"]]) == ["a:2", "b:1"]
    assert labels(properties=[["p", "q"]]) == ["b:1"]
    assert labels(model_framework="Onnx") == []
    assert sorted(azure.models) == ["a", "b"]
    with pytest.raises(UserErrorException, match="must be a list"):
        Model.list(azure, tags={"k": "2"})
    with pytest.raises(UserErrorException, match="20 to 255"):
        Model.list(azure, page_count=1)


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ({"model_path": "absent.pkl"}, "ModelPathNotFoundException", "absent.pkl"),
        ({"model_name": "my model"}, "WebserviceException", "cannot be the name"),
        ({"model_framework_version": "1"}, "WebserviceException", "needs model_framework"),
        ({"tags": ["a"]}, "WebserviceException", "tags must be a dict"),
    ],
)
def test_what_cannot_be_registered_says_why(azure: Any, project: Path, words: Any, kind: str, said: str) -> None:
    from azureml import exceptions
    from azureml.core import Model

    (project / "model.joblib").write_text("x")
    with pytest.raises(getattr(exceptions, kind), match=said):
        Model.register(azure, **{"model_path": "model.joblib", "model_name": "iris", **words})


def test_a_folder_is_registered_and_downloaded_whole(azure: Any, project: Path) -> None:
    from azureml.core import Model
    from azureml.exceptions import WebserviceException

    (project / "export" / "parts").mkdir(parents=True)
    (project / "export" / "model.json").write_text("{}")
    (project / "export" / "parts" / "0.bin").write_text("0")
    model = Model.register(azure, "export", "whole")
    target = Path(model.download("copy"))
    assert target == Path("copy/export")
    assert (target / "parts" / "0.bin").read_text() == "0"
    with pytest.raises(WebserviceException, match="exist_ok=True"):
        model.download("copy")
    assert model.download("copy", exist_ok=True) == "copy/export"


def test_the_path_of_a_model_leads_to_its_newest_files(azure: Any, register: Any, project: Path) -> None:
    from azureml.core import Model
    from azureml.exceptions import ModelNotFoundException, WebserviceException

    register(text="one")
    register(text="two")
    newest = Model.get_model_path("iris", _workspace=azure)
    assert newest == "azureml-models/iris/2/model.joblib"
    assert Path(newest).read_text() == "two"
    assert Path(Model.get_model_path("iris", version=1, _workspace=azure)).read_text() == "one"
    # Without a workspace, what was fetched before is found; else a file of that name.
    assert Model.get_model_path("iris") == newest
    assert Model.get_model_path("model.joblib") == "model.joblib"
    with pytest.raises(ModelNotFoundException, match="neither in azureml-models"):
        Model.get_model_path("absent")
    with pytest.raises(ModelNotFoundException, match="absent"):
        Model.get_model_path("absent", _workspace=azure)
    with pytest.raises(WebserviceException, match="whole number"):
        Model.get_model_path("iris", version="1")


def test_a_scoring_script_finds_its_model_where_the_server_put_it(
    azure: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azureml.core import Model

    place = project / "served" / "azureml-models" / "iris" / "3"
    place.mkdir(parents=True)
    (place / "model.pkl").write_text("x")
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(place))
    assert Model.get_model_path("iris") == str(place / "model.pkl")


def test_what_is_written_about_a_version_can_be_changed(azure: Any, register: Any) -> None:
    from azureml.core import Model
    from azureml.exceptions import WebserviceException

    model = register(tags={"a": "1", "b": "2"}, properties={"p": "1"})
    model.add_tags({"c": "3"})
    model.remove_tags(["a"])
    model.add_properties({"q": 2})
    found = Model(azure, "iris")
    assert (found.tags, found.properties) == ({"b": "2", "c": "3"}, {"p": "1", "q": "2"})
    model.update(tags={"only": "this"}, description="new words")
    model.update_tags_properties(add_tags={"x": "y"}, remove_tags=[], add_properties={"r": "s"})
    found = Model(azure, "iris")
    assert (found.tags, found.description) == ({"only": "this", "x": "y"}, "new words")
    with pytest.raises(WebserviceException, match="cannot be added: p"):
        model.add_properties({"p": "other"})


def test_a_deleted_version_is_gone_and_its_number_is_not_used_again(azure: Any, register: Any) -> None:
    from azureml.core import Model

    register()
    register().delete()
    assert [model.version for model in Model.list(azure)] == [1]
    assert register().version == 3


def test_what_needs_a_cloud_is_refused_in_words(azure: Any) -> None:
    from azureml.core import Model

    with pytest.raises(NotImplementedError, match="Desktop AML does not offer"):
        Model.package(azure, [])


@pytest.mark.parametrize("value", [0, -1, "1", True])
def test_a_resource_is_a_number_above_nothing(azure: Any, value: Any) -> None:
    from azureml.core.resource_configuration import ResourceConfiguration
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="above 0"):
        ResourceConfiguration(cpu=value)
