"""The variables that a script finds."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.run_folder import script_env
from desktop_aml.store.folder import WorkspaceIdentity

IDENTITY = WorkspaceIdentity("shop", "sub", "group")


def block(**changes: object) -> dict[str, str]:
    values = {
        "run_id": "iris_1_ab",
        "experiment": "iris",
        "workspace": IDENTITY,
        "run_directory": Path("/ws/runs/iris_1_ab"),
        "nonce": "n",
        "python": "/env/bin/python",
        "extra": {},
        "inherited": {"PATH": "/bin", "HOME": "/h", "AZUREML_RUN_ID": "old", "QT_X": "1", "PYTHONPATH": "/mine"},
    }
    return script_env.variables(**{**values, **changes})


def test_azure_mls_variables_are_there() -> None:
    found = block()
    expected = {
        "AZUREML_RUN_ID": "iris_1_ab",
        "AZUREML_ROOT_RUN_ID": "iris_1_ab",
        "AZUREML_ARM_SUBSCRIPTION": "sub",
        "AZUREML_ARM_RESOURCEGROUP": "group",
        "AZUREML_ARM_WORKSPACE_NAME": "shop",
        "AZUREML_ARM_PROJECT_NAME": "iris",
        "AZUREML_EXPERIMENT_ID": IDENTITY.experiment_id("iris"),
        "AZUREML_DATA_CONTAINER_ID": "dcid.iris_1_ab",
        "AZUREML_DRIVERLOG_PATH": "azureml-logs/70_driver_log.txt",
        "AZUREML_CONTROLLOG_PATH": "azureml-logs/60_control_log.txt",
    }
    assert {name: found.get(name) for name in expected} == expected
    for name in ("RUN_TOKEN", "RUN_TOKEN_EXPIRY", "SERVICE_ENDPOINT", "DISCOVERY_SERVICE_ENDPOINT", "WORKSPACE_ID"):
        assert found[f"AZUREML_{name}"]


def test_a_child_names_its_root() -> None:
    assert block(root_run_id="parent")["AZUREML_ROOT_RUN_ID"] == "parent"


def test_the_users_own_variables_stay_and_this_programs_go() -> None:
    found = block(extra={"MINE": "1"})
    assert (found["HOME"], found["MINE"]) == ("/h", "1")
    assert "QT_X" not in found
    assert found["PYTHONPATH"].endswith(":/mine")
    assert found["PATH"].startswith("/env/bin:")
    assert found["PATH"].endswith(":/bin")


def test_mlflow_writes_into_the_outputs_unless_somebody_named_a_server() -> None:
    own = block(run_directory=Path("/ws é/runs/a"))
    assert own["MLFLOW_TRACKING_URI"] == Path("/ws é/runs/a/snapshot/outputs/mlruns").as_uri()
    assert (own["MLFLOW_EXPERIMENT_NAME"], own["MLFLOW_ALLOW_FILE_STORE"]) == ("iris", "true")
    server = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}
    for named in (block(extra=server), block(inherited=server)):
        assert named["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:5000"
        assert "MLFLOW_EXPERIMENT_NAME" not in named
    mine = block(inherited={"MLFLOW_EXPERIMENT_NAME": "mine"})
    assert (mine["MLFLOW_EXPERIMENT_NAME"], mine["MLFLOW_TRACKING_URI"][:7]) == ("mine", "file://")


def test_an_image_keeps_what_it_sets_of_its_own_environment() -> None:
    image = {"PATH": "/opt/conda/bin:/bin", "CONDA_PREFIX": "/opt/conda", "LD_PRELOAD": "/usr/lib/jemalloc.so"}
    found = block(inherited=image)
    assert found["PATH"].startswith("/env/bin:")
    assert found["PATH"].endswith(":/opt/conda/bin:/bin")
    assert (found["CONDA_PREFIX"], found["LD_PRELOAD"]) == ("/opt/conda", "/usr/lib/jemalloc.so")


def test_a_run_that_submits_another_hands_on_no_places_of_its_own() -> None:
    parent = block(inherited={"PATH": "/bin", "MINE": "1"}, run_directory=Path("/ws/runs/a b"))
    assert "MLFLOW_TRACKING_URI" in parent
    assert script_env.of_the_user({**parent, "DESKTOP_AML_RUN_DIR": "/ws/runs/a b"}) == {
        "PATH": "/env/bin:/bin",
        "MINE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    chosen = {**parent, "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}
    assert script_env.of_the_user(chosen)["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:5000"


def test_a_run_that_submits_another_hands_on_no_server_of_its_own() -> None:
    told = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:1",
        "MLFLOW_RUN_ID": "a",
        "MLFLOW_EXPERIMENT_NAME": "e",
        "MLFLOW_TRACKING_TOKEN": "t",
    }
    run = {"DESKTOP_AML_RUN_DIR": "/ws/runs/a", "DESKTOP_AML_TRACKING_URI": "http://127.0.0.1:1"}
    assert script_env.of_the_user({**told, **run}) == {}
    chosen = {**told, "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}
    assert script_env.of_the_user({**chosen, **run}) == chosen
    assert script_env.of_the_user({"MLFLOW_RUN_ID": "a", "DESKTOP_AML_RUN_DIR": "/ws/runs/a"}) == {"MLFLOW_RUN_ID": "a"}
