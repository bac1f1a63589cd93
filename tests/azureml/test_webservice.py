"""Web services: a registered model served by this computer, whatever kind of service the code asks for."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.linear_model import LinearRegression


@pytest.fixture
def model(azure: Any, project: Path) -> Any:
    """Return a registered model that doubles a number."""
    from azureml.core import Model

    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), project / "model.joblib")
    return Model.register(azure, "model.joblib", "doubling", model_framework=Model.Framework.SCIKITLEARN)


def answer(service: Any, number: float) -> float:
    return round(service.run(json.dumps({"data": [[number]]}))[0], 6)


def test_a_model_without_code_is_served_asked_and_removed(
    azure: Any, model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from azureml.core import Model, Webservice
    from azureml.core.webservice import AciWebservice
    from azureml.exceptions import WebserviceException

    service = Model.deploy(azure, "double-service", [model])
    assert isinstance(service, AciWebservice)
    assert "the ACI web service 'double-service' is served by this computer" in capsys.readouterr().err
    service.wait_for_deployment(show_output=True)
    said = capsys.readouterr().out
    assert "Running" in said
    assert said.endswith('\nSucceeded\nACI service creation operation finished, operation "Succeeded"\n')
    assert (service.state, service.auth_enabled, service.compute_type) == ("Healthy", False, "ACI")
    assert service.scoring_uri.endswith("/score")
    with urllib.request.urlopen(service.swagger_uri) as answered:
        assert "swagger" in json.loads(answered.read())
    assert answer(service, 4) == 8
    assert [found.name for found in Webservice.list(azure, compute_type="ACI", model_name="doubling")] == [
        "double-service"
    ]
    assert Webservice.list(azure, model_name="other") == []
    assert service.serialize()["models"] == ["doubling:1"]
    assert "state=Healthy" in repr(service)
    with pytest.raises(WebserviceException, match="used by the endpoint"):
        model.delete()
    with pytest.raises(WebserviceException, match="Response Code: 400"):
        service.run(json.dumps({"data": [["words"]]}))
    service.delete()
    service.delete()
    with pytest.raises(WebserviceException, match="WebserviceNotFound"):
        Webservice(azure, "double-service")


def test_keys_open_a_service_and_can_be_replaced(azure: Any, model: Any) -> None:
    from azureml.core import Model, Webservice
    from azureml.core.webservice import AksWebservice
    from azureml.exceptions import WebserviceException

    config = AksWebservice.deploy_configuration(cpu_cores=1, memory_gb=1, tags={"t": "1"}, primary_key="own-key" * 5)
    service = Model.deploy(azure, "with-keys", [model], deployment_config=config)
    service.wait_for_deployment()
    assert isinstance(Webservice(azure, "with-keys"), AksWebservice)
    assert (service.auth_enabled, service.compute_type, service.tags) == (True, "AKS", {"t": "1"})
    assert service.properties == {"cpu_cores": "1", "memory_gb": "1"}
    primary, secondary = service.get_keys()
    assert primary == "own-key" * 5
    service.regen_key("Primary")
    service.regen_key("Secondary", set_key="mine" * 8)
    assert service.get_keys()[0] not in {primary, secondary}
    assert service.get_keys()[1] == "mine" * 8
    assert answer(service, 1) == 2
    refused = urllib.request.Request(service.scoring_uri, b"{}", {"Authorization": f"Bearer {primary}"})
    with pytest.raises(urllib.error.HTTPError, match="401") as caught:
        urllib.request.urlopen(refused)
    caught.value.close()
    with pytest.raises(WebserviceException, match="get_keys"):
        service.get_token()


def test_a_token_opens_a_service_that_asked_for_tokens(azure: Any, model: Any, notes: Callable[[], str]) -> None:
    from azureml.core import Model, Webservice
    from azureml.core.webservice import AksWebservice

    config = AksWebservice.deploy_configuration(token_auth_enabled=True)
    Model.deploy(azure, "with-tokens", [model], deployment_config=config).wait_for_deployment()
    service = Webservice(azure, "with-tokens")
    assert (service.token_auth_enabled, service.auth_enabled, service.properties) == (True, True, {})
    token, refresh_at = service.get_token()
    assert refresh_at > datetime.now(UTC)
    assert service.get_access_token().access_token == token
    assert "is its primary key" in notes()
    body = json.dumps({"data": [[4.0]], "method": "predict"}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(service.scoring_uri, body, headers)
    with urllib.request.urlopen(asked) as given:
        assert json.loads(given.read()) == [pytest.approx(8)]


def test_another_model_takes_the_place_under_the_same_address(azure: Any, model: Any, project: Path) -> None:
    from azureml.core import Model
    from azureml.core.webservice import AciWebservice
    from azureml.exceptions import WebserviceException

    config = AciWebservice.deploy_configuration(auth_enabled=True, description="old")
    service = Model.deploy(azure, "changing", [model], deployment_config=config)
    service.wait_for_deployment()
    before = (service.scoring_uri, service.get_keys())
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 3.0]), project / "model.joblib")
    tripling = Model.register(azure, "model.joblib", "doubling", model_framework="ScikitLearn")
    service.update(models=[tripling], description="new", tags={"a": "b"})
    service.wait_for_deployment()
    assert answer(service, 4) == 12
    assert (service.scoring_uri, service.get_keys()) == before
    assert (service.description, service.tags) == ("new", {"a": "b"})
    service.add_tags({"c": "d"})
    service.remove_tags(["a"])
    service.add_properties({"p": "q"})
    assert (service.tags, service.properties["p"]) == ({"c": "d"}, "q")
    with pytest.raises(WebserviceException, match="already"):
        Model.deploy(azure, "changing", [model])
    again = Model.deploy(azure, "changing", ["doubling:1"], overwrite=True)
    again.wait_for_deployment()
    assert answer(again, 4) == 8


def test_a_local_service_has_a_port_and_no_keys(azure: Any, model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.core import Model
    from azureml.core.webservice import LocalWebservice

    service = Model.deploy(azure, "try-out", [model], deployment_config=LocalWebservice.deploy_configuration())
    assert service.state in {"deploying", "running"}
    capsys.readouterr()
    service.wait_for_deployment(show_output=True)
    assert capsys.readouterr().out == (
        f"Checking container health...\nLocal webservice is running at http://localhost:{service.port}\n"
    )
    assert service.state == "running"
    service.reload(wait=True)
    assert answer(service, 2) == 4
    for call in (service.get_keys, service.get_token, lambda: service.regen_key("Primary")):
        with pytest.raises(NotImplementedError, match="no keys"):
            call()
    assert service.get_logs(num_lines=1)
    service.delete()


def test_a_service_that_cannot_start_says_why_within_seconds(azure: Any, project: Path) -> None:
    from azureml.core import Model
    from azureml.exceptions import WebserviceException

    (project / "model.joblib").write_text("not a model")
    broken = Model.register(azure, "model.joblib", "broken", model_framework="ScikitLearn")
    service = Model.deploy(azure, "broken-service", [broken])
    with pytest.raises(WebserviceException, match=r"current service state: (Failed|Unhealthy)") as caught:
        service.wait_for_deployment(show_output=True)
    assert "get_logs()" in caught.value.message
    assert service.error["message"]
    with pytest.raises(WebserviceException, match=r"Cannot call run\(\)"):
        service.run("{}")


@pytest.mark.parametrize("name", ["ab", "1abc", "Abc", "abc-", "a" * 33, "a_b_c", None])
def test_a_name_that_breaks_the_rule_is_refused(azure: Any, model: Any, name: Any) -> None:
    from azureml.core import Model
    from azureml.exceptions import WebserviceException

    with pytest.raises(WebserviceException, match="3 to 32 lower-case"):
        Model.deploy(azure, name, [model])


def test_only_one_model_of_scikit_learn_is_served_without_a_script(azure: Any, model: Any, project: Path) -> None:
    from azureml.core import Model
    from azureml.exceptions import UserErrorException, WebserviceException

    other = Model.register(azure, "model.joblib", "other", model_framework=Model.Framework.ONNX)
    with pytest.raises(UserErrorException, match="framework Onnx"):
        Model.deploy(azure, "service", [other])
    with pytest.raises(UserErrorException, match="exactly one model"):
        Model.deploy(azure, "service", [model, model])
    with pytest.raises(WebserviceException, match="comes from"):
        Model.deploy(azure, "service", [model], deployment_config="aci")


SCORE = """
import json, os
from azureml.core.model import Model
import joblib

def init():
    global model
    model = joblib.load(Model.get_model_path("doubling"))

def run(data):
    return {"answer": model.predict(json.loads(data)["data"]).tolist(), "word": os.environ.get("WORD"), "v": VERSION}
"""


def test_a_scoring_script_serves_with_its_environment_and_is_read_again(azure: Any, model: Any, project: Path) -> None:
    from azureml.core import Environment, Model
    from azureml.core.model import InferenceConfig
    from azureml.core.webservice import LocalWebservice

    (project / "score.py").write_text(SCORE.replace("VERSION", "1"))
    env = Environment("scoring")
    env.python.user_managed_dependencies = True
    env.environment_variables = {"WORD": "hello"}
    config = InferenceConfig(entry_script="score.py", environment=env)
    service = Model.deploy(azure, "scripted", [model], config, LocalWebservice.deploy_configuration())
    service.wait_for_deployment()
    question = json.dumps({"data": [[4.0]]})
    assert service.run(question) == {"answer": [pytest.approx(8)], "word": "hello", "v": 1}
    (project / "score.py").write_text(SCORE.replace("VERSION", "2"))
    service.reload(wait=True)
    assert service.run(question)["v"] == 2
    assert [one.id for one in service.models] == ["doubling:1"]


def test_the_oldest_forms_deploy_from_an_image_configuration(
    azure: Any, model: Any, project: Path, notes: Callable[[], str]
) -> None:
    from azureml.core.image import ContainerImage, Image
    from azureml.core.webservice import AciWebservice, Webservice
    from azureml.exceptions import UserErrorException

    script = SCORE.replace("VERSION", "FACTOR")
    (project / "score.py").write_text("from extra import FACTOR\n" + script)
    (project / "extra.py").write_text("FACTOR = 7\n")
    with pytest.raises(UserErrorException, match=r"There is no '.*absent\.yml'"):
        ContainerImage.image_configuration("score.py", "python", conda_file="absent.yml")
    config = ContainerImage.image_configuration(
        execution_script="score.py", runtime="python", dependencies=["extra.py"], docker_file="Dockerfile"
    )
    assert "ignores docker_file" in notes()
    service = Webservice.deploy_from_model(
        name="old-form",
        deployment_config=AciWebservice.deploy_configuration(),
        models=[model],
        image_config=config,
        workspace=azure,
    )
    service.wait_for_deployment(show_output=True)
    assert service.run(input_data=json.dumps({"data": [[4.0]]}))["v"] == 7
    image = Image.create(workspace=azure, name="doubling-image", models=[model], image_config=config)
    image.wait_for_creation(show_output=True)
    assert "images are not built" in notes()
    assert (image.creation_state, image.id) == ("Succeeded", "doubling-image:1")
    assert (image.image_location, image.image_build_log_uri, Image.list(azure)) == ("", None, [])
    assert "Image.list() is empty" in notes()
    again = Webservice.deploy_from_image(azure, "old-form", image, overwrite=True)
    again.wait_for_deployment()
    assert again.state == "Healthy"
    with pytest.raises(NotImplementedError, match="make it again"):
        Image(azure, "doubling-image")


def test_what_means_something_in_azure_only_is_told(azure: Any, notes: Callable[[], str]) -> None:
    from azureml.core.webservice import AciWebservice, AksWebservice
    from azureml.exceptions import WebserviceException

    AciWebservice.deploy_configuration(location="westeurope", enable_app_insights=True)
    assert "ignores enable_app_insights, location" in notes()
    with pytest.raises(WebserviceException, match="not both"):
        AksWebservice.deploy_configuration(auth_enabled=True, token_auth_enabled=True)
    with pytest.raises(WebserviceException, match="cpu_cores must be above 0"):
        AciWebservice.deploy_configuration(cpu_cores=-1)


def test_a_scoring_script_that_is_not_there_is_named(azure: Any, project: Path) -> None:
    from azureml.core import Environment
    from azureml.core.model import InferenceConfig
    from azureml.exceptions import UserErrorException, WebserviceException

    (project / "score.py").write_text("def init(): pass\ndef run(data): return data\n")
    assert InferenceConfig("score.py", runtime="python")._request(azure) == {
        "entry_script": str(project / "score.py"),
        "source_directory": "",
        "environment": "",
        "env_vars": {},
        "use_docker": False,
    }
    inside = InferenceConfig(entry_script="score.py", source_directory=str(project))
    assert inside._request(azure)["entry_script"] == "score.py"
    with pytest.raises(WebserviceException, match=r"absent\.py"):
        InferenceConfig("absent.py")
    with pytest.raises(WebserviceException, match="no folder"):
        InferenceConfig("score.py", source_directory="absent")
    with pytest.raises(UserErrorException, match="either environment"):
        InferenceConfig("score.py", environment=Environment("e"), runtime="python")


def test_sample_datasets_of_a_model_shape_what_its_service_says_of_itself(
    azure: Any, model: Any, project: Path
) -> None:
    from azureml.core import Dataset, Model

    (project / "features.csv").write_text("4.5\n5.5\n6.5\n7.5\n")
    (project / "labels.csv").write_text("9.0\n11.0\n")
    features, answers = (
        Dataset.Tabular.from_delimited_files(str(project / name), header=False)
        for name in ("features.csv", "labels.csv")
    )
    features = features.register(azure, "features")
    sampled = Model.register(
        azure,
        "model.joblib",
        "sampled",
        properties={"own": "1"},
        model_framework=Model.Framework.SCIKITLEARN,
        sample_input_dataset=features,
        sample_output_dataset=answers,
    )
    assert sampled.properties == {"own": "1"}
    assert Model(azure, "sampled").sample_input_dataset.name == "features"
    service = Model.deploy(azure, "sampled-service", [sampled])
    service.wait_for_deployment()
    with urllib.request.urlopen(service.swagger_uri) as given:
        types = json.loads(given.read())["definitions"]
    assert types["ServiceInput"]["example"] == {"data": [[4.5]]}
    assert types["ServiceInput"]["properties"]["data"]["items"]["items"]["type"] == "number"
    assert types["ServiceOutput"]["example"] == [9.0, 11.0]
    assert service.run(json.dumps(types["ServiceInput"]["example"])) == [pytest.approx(9)]


def test_a_profile_measures_the_requests_of_a_dataset(azure: Any, project: Path, model: Any) -> None:
    from azureml.core import Dataset, Environment, Model, Webservice
    from azureml.core.model import InferenceConfig
    from azureml.data.dataset_type_definitions import PromoteHeadersBehavior
    from azureml.exceptions import UserErrorException

    pytest.importorskip("pandas")
    (project / "score.py").write_text(
        "import json\n\ndef init():\n    pass\n\ndef run(text):\n    return 1 / len(json.loads(text)['data'])\n"
    )
    (project / "requests.txt").write_text('{"data": [1, 2]}\n{"data": [1]}\n{"data": []}\n')
    none = PromoteHeadersBehavior.NO_HEADERS
    requests = Dataset.Tabular.from_delimited_files("requests.txt", separator="\n", header=none)
    environment = Environment("here")
    environment.python.user_managed_dependencies = True
    script = InferenceConfig(entry_script="score.py", environment=environment)
    profile = Model.profile(azure, "measured", [model], script, requests, cpu=1.0, memory_in_gb=0.5)
    profile.wait_for_completion(show_output=False)
    found = profile.get_details()
    assert (found["name"], found["state"], found["requestedCpu"]) == ("measured", "Succeeded", 1.0)
    assert (found["totalQueries"], found["successQueries"]) == (3, 2)
    assert 0 < found["latencyPercentile50InMs"] <= found["latencyPercentile99InMs"]
    assert Webservice.list(azure) == []
    with pytest.raises(UserErrorException, match="InferenceConfig"):
        Model.profile(azure, "nothing", [model], None, requests)


def test_a_service_whose_kind_somebody_wrote_over_is_one_like_all(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from azureml.core.webservice import AciWebservice, Webservice, webservice

    told = {"name": "odd", "properties": {webservice.KIND: "IOT"}, "models": [], "model_name": "", "tags": {}}
    monkeypatch.setattr(webservice, "call", lambda method, *_args, **_body: [told] if "list" in method else told)
    assert [type(one) for one in Webservice.list(azure)] == [AciWebservice]
    assert type(Webservice(azure, "odd")) is AciWebservice


def test_a_service_that_is_never_ready_is_given_up_without_a_limit_too(
    azure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azureml.core.webservice import Webservice, webservice
    from azureml.exceptions import WebserviceException

    told = {"name": "slow", "properties": {}, "state": "Transitioning"}
    monkeypatch.setattr(webservice, "call", lambda *_args, **_body: told)
    monkeypatch.setattr(webservice, "_WAIT_S", -1)
    with pytest.raises(WebserviceException, match="slow is not ready after -1 s"):
        Webservice(azure, "slow").wait_for_deployment()
