"""Registering models: from a run, from a run that still goes on, from a file; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.events import ModelRegistered
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import CleanStore, DeleteModel, Done, Refusal, RegisterModel
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit

Write = Callable[..., Path]
SCRIPT = "open('outputs/model.joblib', 'wb').write(b'weights')\n"


def stored(driven: DrivenEngine, name: str, version: int = 0) -> ModelVersion:
    with Database(driven.folder.database, read_only=True) as db:
        return registry.get_model(db, name, version)


def test_a_runs_artifact_becomes_a_version_with_its_hash_and_origin(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script(SCRIPT))
    driven.until_over(run_id)
    request = RegisterModel(name="iris", run_id=run_id, path="outputs/model.joblib", cpu=1, tags={"a": "b"})
    assert driven.ask(request) == Done(name="iris", version=1)
    model = stored(driven, "iris")
    assert (model.run_id, model.environment, model.framework) == (run_id, "this-python", "Custom")
    assert driven.folder.blobs.verified(model.files[0].sha256).read_bytes() == b"weights"
    driven.until(driven.engine.has_nothing_to_do)
    assert json.loads((driven.folder.model("iris", 1) / "model.json").read_text())["tags"] == {"a": "b"}
    assert ModelRegistered("iris", 1) in driven.events


def test_a_model_keeps_the_version_of_its_environment_that_was_meant(driven: DrivenEngine, tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"x")
    for name in ("sklearn-1.5", "this-python"):
        driven.ask(RegisterModel(name=name, file=str(tmp_path / "m.joblib"), environment=name))
    assert stored(driven, "sklearn-1.5").environment == "sklearn-1.5:1"
    assert stored(driven, "this-python").environment == "this-python"


def flavors(sklearn: str = "", other: str = "") -> str:
    found = {"python_function": {"loader_module": "mlflow"}}
    found |= {"sklearn": {"sklearn_version": sklearn}} if sklearn else {}
    return json.dumps({"flavors": found | ({other: {}} if other else {})})


@pytest.mark.parametrize(
    ("files", "framework", "version"),
    [
        ({"MLmodel": flavors("1.2.3"), "model.skops": ""}, "ScikitLearn", "1.2.3"),
        ({"MLmodel": flavors(other="xgboost"), "model.ubj": ""}, "Custom", ""),
        ({"MLmodel": flavors(), "python_model.pkl": ""}, "Custom", ""),
        ({"MLmodel": "}{", "model.pkl": ""}, "ScikitLearn", ""),
        ({"model.skops": ""}, "ScikitLearn", ""),
        ({"model.ubj": ""}, "Custom", ""),
    ],
)
def test_the_framework_of_a_model_is_what_its_own_description_says(
    driven: DrivenEngine, tmp_path: Path, files: dict[str, str], framework: str, version: str
) -> None:
    (tmp_path / "m").mkdir()
    for name, text in files.items():
        (tmp_path / "m" / name).write_text(text)
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m")))
    assert (stored(driven, "m").framework, stored(driven, "m").framework_version) == (framework, version)
    driven.ask(RegisterModel(name="m", file=str(tmp_path / "m"), framework="TensorFlow"))
    assert (stored(driven, "m", 2).framework, stored(driven, "m", 2).framework_version) == ("TensorFlow", "")


def test_versions_count_up_and_a_deleted_number_is_never_given_again(driven: DrivenEngine, tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(b"x")
    request = RegisterModel(name="m", file=str(tmp_path / "m.joblib"))
    assert [driven.ask(request).version for _ in range(2)] == [1, 2]
    assert driven.ask(DeleteModel(name="m", version=2)) == Done()
    assert driven.ask(request).version == 3


def test_a_folder_of_artifacts_becomes_one_model_of_several_files(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(
        driven, write_script("import os\nos.makedirs('outputs/m')\nfor n in 'ab': open('outputs/m/' + n, 'w')\n")
    )
    driven.until_over(run_id)
    driven.ask(RegisterModel(name="m", run_id=run_id, path="outputs/m"))
    assert [file.path for file in stored(driven, "m").files] == ["outputs/m/a", "outputs/m/b"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "../x"}, "cannot be the name of a model"),
        ({"path": "outputs/none.joblib"}, "holds no “outputs/none.joblib”"),
        ({"run_id": "none"}, "There is no run"),
        ({"environment": "nosuch"}, "There is no environment “nosuch”"),
        ({"environment": "sklearn-1.5:999"}, "sklearn-1.5:999"),
        ({"environment": "sklearn-1.5:one"}, "does not name an environment"),
        ({"run_id": "", "path": ""}, "from a run or from a file"),
        ({"run_id": "", "path": "", "file": "relative.joblib"}, "from a run or from a file"),
        ({"run_id": "", "path": "", "file": "/nowhere/m.joblib"}, "There is no file"),
    ],
)
def test_what_cannot_be_registered_is_said(
    driven: DrivenEngine, write_script: Write, change: dict[str, str], words: str
) -> None:
    run_id = submit(driven, write_script(SCRIPT))
    driven.until_over(run_id)
    fields = {"name": "iris", "run_id": run_id, "path": "outputs/model.joblib", **change}
    reply = driven.ask(RegisterModel(**fields))
    assert isinstance(reply, Refusal)
    assert words in reply.message
    assert reply.hint


def test_a_model_written_beside_outputs_is_registered_by_its_path_and_named(
    driven: DrivenEngine, write_script: Write
) -> None:
    """The seed document's own mistake: it dumps into the working folder and registers from outputs."""
    run_id = submit(driven, write_script("open('model.joblib', 'w')\n"))
    driven.until_over(run_id)
    reply = driven.ask(RegisterModel(name="iris", run_id=run_id, path="outputs/model.joblib"))
    assert isinstance(reply, Refusal)
    assert reply.hint == "The run left: model.joblib"
    assert driven.ask(RegisterModel(name="iris", run_id=run_id, path="model.joblib")) == Done(name="iris", version=1)
    assert isinstance(driven.ask(RegisterModel(name="iris", run_id=run_id, path="train.py")), Refusal), "not written"


def test_a_running_script_registers_its_own_model_once(driven: DrivenEngine, write_script: Write) -> None:
    lines = (
        "from azureml.core.run import Run\nrun = Run.get_context()\n"
        "model = run.register_model(model_name='own', model_path='outputs/model.joblib', tags={'k': 'v'})\n"
        "print(model.name, model.version)\n"
    )
    run_id = submit(driven, write_script(SCRIPT + lines))
    driven.until_over(run_id)
    log = driven.folder.run(run_id) / "logs" / "std_log.txt"
    assert log.read_text() == "own 1\n"
    assert stored(driven, "own").tags == {"k": "v"}


def test_a_script_is_told_why_its_model_was_refused(driven: DrivenEngine, write_script: Write) -> None:
    lines = "from azureml.core.run import Run\nRun.get_context().register_model('own', 'outputs/missing.pkl')\n"
    run_id = submit(driven, write_script(lines))
    driven.until_over(run_id)
    assert "outputs/missing.pkl" in (driven.folder.run(run_id) / "logs" / "std_log.txt").read_text()


def test_hostile_files_in_the_channel_are_answered_not_obeyed(driven: DrivenEngine, write_script: Write) -> None:
    lines = (
        "import json, os, time\nos.makedirs('../requests', exist_ok=True)\n"
        "bodies = ['junk', '[]', json.dumps({'kind': 'delete_everything', 'body': {}}),"
        " json.dumps({'kind': 'register_model', 'body': {'model_name': '../../x', 'model_path': '../../../secret'}})]\n"
        "for i, body in enumerate(bodies): open('../requests/%d.json' % i, 'w').write(body)\n"
        "replies = lambda: [name for name in os.listdir('../requests') if name.endswith('.reply.json')]\n"
        "while len(replies()) < 4: time.sleep(0.01)\n"
        "for i in range(4): print(json.load(open('../requests/%d.reply.json' % i))['ok'])\n"
    )
    run_id = submit(driven, write_script(lines), timeout_s=20.0)
    driven.until_over(run_id)
    assert (driven.folder.run(run_id) / "logs" / "std_log.txt").read_text() == "False\n" * 4


def test_a_damaged_artifact_is_not_registered_and_the_next_run_mends_it(
    driven: DrivenEngine, write_script: Write
) -> None:
    first = submit(driven, write_script(SCRIPT))
    driven.until_over(first)
    request = RegisterModel(name="iris", run_id=first, path="outputs/model.joblib")
    assert driven.ask(request) == Done(name="iris", version=1)
    kept = driven.folder.blobs.path_of(stored(driven, "iris").files[0].sha256)
    kept.chmod(0o600)
    kept.write_bytes(b"wEights")
    reply = driven.ask(request)
    assert isinstance(reply, Refusal)
    assert "no longer has the bytes" in reply.message
    driven.until_over(submit(driven, write_script(SCRIPT), "exp_2_b"))
    assert kept.read_bytes() == b"weights"
    assert driven.ask(request) == Done(name="iris", version=2)


def test_a_model_that_cannot_be_stored_is_refused_and_holds_nothing(
    driven: DrivenEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.joblib").write_bytes(b"x")
    request = RegisterModel(name="m", file=str(tmp_path / "m.joblib"))

    def broken(*_: object) -> int:
        raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as patch:
        patch.setattr(registry, "next_version", broken)
        answer = driven.ask(request)
    assert isinstance(answer, Refusal)
    assert "nobody thought of this" in answer.message
    # Cleaning wants the store for itself: what had stayed held would keep it waiting.
    assert driven.ask(CleanStore()) == Done(changed=True)
    assert driven.ask(request) == Done(name="m", version=1)
