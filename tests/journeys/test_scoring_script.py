"""From a folder with a scoring script to an endpoint: deployed, changed, replaced, removed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.workspace import Workspace

SCORE = """
    import json, os
    from words import FACTOR
    def init():
        global total
        root = os.environ["AZUREML_MODEL_DIR"]
        total = 0.0
        for parent, _, names in os.walk(root):
            for name in names:
                with open(os.path.join(parent, name)) as stream:
                    total += float(stream.read())
    def run(raw_data):
        return {"answer": FACTOR * total, "mode": os.environ.get("MODE")}
"""


@pytest.fixture
def workspace(engine_workspace: Workspace) -> Iterator[Workspace]:
    yield engine_workspace
    for endpoint in engine_workspace.endpoints.list():
        engine_workspace.endpoints.delete(endpoint.name)
        engine_workspace.endpoints.wait_for_state(endpoint.name, None)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "score.py").write_text(textwrap.dedent(SCORE))
    (folder / "words.py").write_text("FACTOR = 10\n")
    return folder


@pytest.fixture
def models(workspace: Workspace, tmp_path: Path) -> tuple[str, ...]:
    for name, value in (("one", 1), ("two", 2)):
        (tmp_path / f"{name}.txt").write_text(str(value))
        workspace.models.register(name, file=tmp_path / f"{name}.txt", environment="this-python")
    return ("one", "two:1")


def served(workspace: Workspace, name: str) -> Endpoint:
    endpoint = workspace.endpoints.wait(name)
    assert endpoint.state is EndpointState.HEALTHY, (endpoint.error, endpoint.details)
    return endpoint


def test_a_scoring_script_serves_several_models_and_is_read_again_on_request(workspace, source, models):
    workspace.endpoints.deploy(
        models[0],
        more_models=models[1:],
        name="both",
        entry_script="code/score.py",
        source_directory=source,
        env_vars={"MODE": "test"},
        auth_enabled=True,
    )
    endpoint = served(workspace, "both")
    assert endpoint.models == ("one:1", "two:1")
    assert (endpoint.model_label, endpoint.entry_script) == ("one:1, two:1", "code/score.py")
    assert workspace.endpoints.score("both", {}) == {"answer": 30.0, "mode": "test"}
    with pytest.raises(Conflict, match="used by the endpoint"):
        workspace.models.delete("two", 1)
    keys = workspace.endpoints.keys("both")

    (source / "words.py").write_text("FACTOR = 100\n")
    workspace.endpoints.reload("both")
    again = served(workspace, "both")
    assert workspace.endpoints.score("both", {}) == {"answer": 300.0, "mode": "test"}
    assert (again.scoring_uri, workspace.endpoints.keys("both")) == (endpoint.scoring_uri, keys)


def test_the_copied_folder_is_found_under_its_own_name_too(workspace, models, tmp_path):
    source = tmp_path / "abc"
    (source / "x").mkdir(parents=True)
    (source / "extra.txt").write_text("found")
    (source / "x" / "score.py").write_text(
        "def init(): pass\ndef run(data):\n    return [open('./abc/extra.txt').read(), open('extra.txt').read()]\n"
    )
    workspace.endpoints.deploy("one", name="named", entry_script="x/score.py", source_directory=source)
    served(workspace, "named")
    assert workspace.endpoints.score("named", {}) == ["found", "found"]


def test_a_script_without_a_source_folder_travels_alone(workspace, source, models):
    workspace.endpoints.deploy("one", name="alone", entry_script=source / "code" / "score.py")
    endpoint = workspace.endpoints.wait("alone")
    assert endpoint.state is EndpointState.FAILED
    assert "needs “words”" in endpoint.error
    assert "from words import FACTOR" in endpoint.details


def test_a_script_finds_its_models_by_name_through_azure_mls_own_call(workspace, models, tmp_path):
    (tmp_path / "named.py").write_text(
        "from azureml.core.model import Model\n"
        "def init():\n    global path\n    path = Model.get_model_path('two')\n"
        "def run(data):\n    with open(path) as stream:\n        return stream.read()\n"
    )
    workspace.endpoints.deploy("two", name="named", entry_script=tmp_path / "named.py")
    served(workspace, "named")
    assert workspace.endpoints.score("named", "{}") == "2"


def test_a_script_needs_no_model(workspace, tmp_path):
    (tmp_path / "echo.py").write_text("def init(): pass\ndef run(data): return data\n")
    workspace.endpoints.deploy(name="echo", entry_script=tmp_path / "echo.py")
    assert served(workspace, "echo").model_label == "echo.py"
    assert workspace.endpoints.score("echo", "hello") == "hello"


def test_what_cannot_be_deployed_is_refused_and_leaves_no_folder(workspace, source, models):
    with pytest.raises(NotFound, match="no script"):
        workspace.endpoints.deploy("one", name="none", entry_script="nosuch.py", source_directory=source)
    with pytest.raises(NotFound, match="no model"):
        workspace.endpoints.deploy("nosuch", name="none", entry_script="code/score.py", source_directory=source)
    with pytest.raises(NotFound):
        workspace.endpoints.deploy(
            "one", name="none", entry_script="code/score.py", source_directory=source, environment="gone"
        )
    assert [path for path in (workspace.path / "endpoints").rglob("*") if path.is_file()] == []
    workspace.endpoints.deploy("one", name="plain", entry_script=source / "words.py")
    with pytest.raises(Conflict, match="already"):
        workspace.endpoints.deploy("one", name="plain", entry_script=source / "words.py")
    assert "no function init()" in workspace.endpoints.wait("plain").error


def test_only_a_scoring_script_can_be_read_again(workspace, models, tmp_path):
    workspace.endpoints.deploy("one", name="model")
    assert "not a model file" in workspace.endpoints.wait("model").error
    with pytest.raises(InvalidInput, match="no scoring script"):
        workspace.endpoints.reload("model")
