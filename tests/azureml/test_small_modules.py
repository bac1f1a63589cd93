"""The small parts of the SDK: secrets, sign-in, telemetry, widgets, estimators, open data, and what is refused."""

from __future__ import annotations

import gzip
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


def test_secrets_are_kept_for_this_user_alone(azure: Any, workspace: Workspace) -> None:
    vault = azure.get_default_keyvault()
    vault.set_secret(name="key", value="open sesame")
    vault.set_secrets({"other": "x"})
    assert vault.get_secrets(["key", "absent"]) == {"key": "open sesame", "absent": None}
    assert [one["name"] for one in vault.list_secrets()] == ["key", "other"]
    kept = list((workspace.path / "azureml" / "secrets").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    vault.delete_secrets(["key", "other"])
    assert vault.list_secrets() == []


def test_every_way_to_sign_in_succeeds_and_keeps_nothing(azure: Any, notes: Callable[[], str]) -> None:
    from azureml.core.authentication import (
        AzureCliAuthentication,
        InteractiveLoginAuthentication,
        MsiAuthentication,
        ServicePrincipalAuthentication,
    )

    principal = ServicePrincipalAuthentication("tenant", "id", "password")
    for one in (
        InteractiveLoginAuthentication(tenant_id="t"),
        AzureCliAuthentication(),
        MsiAuthentication(),
        principal,
    ):
        assert list(one.get_authentication_header()) == ["Authorization"]
    assert "password" not in str(vars(principal))
    assert notes().count("no sign-in is needed") == 1


def test_telemetry_sends_nothing_and_says_so(azure: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.telemetry import set_diagnostics_collection

    set_diagnostics_collection(send_diagnostics=False)
    assert capsys.readouterr().out == ""
    set_diagnostics_collection(send_diagnostics=True)
    assert "never sent" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("azureml.pipeline.core", "hand files on through a Datastore"),
        ("azureml.interpret", "sklearn.inspection"),
        ("azureml.train.automl", "GridSearchCV"),
        ("azureml.contrib.fairness", "stays in Azure"),
        ("azureml.no_such_part", "does not have 'azureml.no_such_part' yet"),
    ],
)
def test_what_is_not_here_says_what_to_do(azure: Any, name: str, words: str) -> None:
    with pytest.raises(ImportError, match=words):
        __import__(name)


@pytest.fixture
def train(project: Path) -> Path:
    folder = project / "training"
    folder.mkdir()
    (folder / "train.py").write_text("import sys, os\nprint(sys.argv[1:], os.environ['COLOR'])\n")
    return folder


@pytest.mark.parametrize("module", ["estimator", "sklearn"])
def test_an_estimator_is_a_script_with_other_words(azure: Any, train: Path, workspace: Workspace, module: str) -> None:
    from azureml.core import Experiment
    from azureml.train.estimator import Estimator
    from azureml.train.sklearn import SKLearn
    from azureml.widgets import RunDetails

    estimator = {"estimator": Estimator, "sklearn": SKLearn}[module](
        source_directory=str(train),
        script_params={"--rate": 0.1, "--fast": ""},
        compute_target="local",
        entry_script="train.py",
        environment_variables={"COLOR": "blue"},
    )
    run = Experiment(azure, "estimators").submit(config=estimator)
    RunDetails(run).show()
    wait_until(lambda: workspace.runs.get(run.id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.files.read_log(run.id).data.decode() == "['--rate', '0.1', '--fast'] blue\n"
    assert RunDetails(run).get_widget_data()["status"] == "Completed"


def test_an_estimator_names_its_packages(azure: Any, train: Path) -> None:
    from azureml.train.sklearn import SKLearn

    estimator = SKLearn(
        str(train), entry_script="train.py", conda_packages=["pandas"], pip_packages=["x"], framework_version="0.24.2"
    )
    assert set(estimator.conda_dependencies.conda_packages) >= {"pandas", "scikit-learn==0.24.2", "numpy"}
    assert "x" in list(estimator.conda_dependencies.pip_packages)


def test_details_of_a_run_are_words_where_there_is_no_notebook(azure: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azureml.core import Experiment
    from azureml.widgets import RunDetails

    run = Experiment(azure, "shown").start_logging(snapshot_directory=None)
    run.log("accuracy", 0.9)
    run.complete()
    capsys.readouterr()
    RunDetails(run).show()
    said = capsys.readouterr().out
    assert said.startswith(f"Run {run.id}\n  status: {run.get_status()}\n  accuracy: 0.9\n  shown in: ")


def test_what_mlflow_logged_is_registered_by_its_path(
    azure: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import desktop_aml_run.mlflow_folder
    from azureml.core import Experiment
    from azureml.mlflow import get_portal_url, register_model

    # The workspace is the one that MLflow was sent to, wherever this code lies. No server is needed for that.
    monkeypatch.setattr(desktop_aml_run.mlflow_folder, "for_workspace", lambda *_: "http://127.0.0.1:1")
    azure.get_mlflow_tracking_uri()
    run = Experiment(azure, "logged").start_logging(snapshot_directory=None)
    (project / "m.pkl").write_text("m")
    # So MLflow's routes keep what is logged at the root and in a folder.
    run.upload_files(["outputs/m.pkl", "outputs/folder/MLmodel"], ["m.pkl", "m.pkl"])
    run.complete()
    of_mlflow = SimpleNamespace(info=SimpleNamespace(run_id=run.id))
    model = register_model(of_mlflow, "flowers", "m.pkl", tags={"a": "b"}, model_framework="ScikitLearn")
    assert (model.name, model.version, model.run_id, model.tags) == ("flowers", 1, run.id, {"a": "b"})
    assert register_model(run.id, "flowers", "./folder").version == 2
    assert register_model(run.id, "flowers", "outputs/m.pkl").version == 3
    assert get_portal_url(of_mlflow) == run.get_portal_url()


class View:
    """Stands for what a notebook's `display` gives."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def __call__(self, data: dict[str, str], **_: object) -> View:
        self.update(data)
        return self

    def update(self, data: dict[str, str], **_: object) -> None:
        self.shown.append(data["text/plain"])


def test_details_stay_until_the_end_where_a_notebook_is_executed_with_nobody_to_wait(
    azure: Any, train: Path, monkeypatch: pytest.MonkeyPatch, notes: Callable[[], str]
) -> None:
    import azureml.widgets
    from azureml.core import Experiment
    from azureml.train.estimator import Estimator

    view = View()
    monkeypatch.setenv("DESKTOP_AML_NOTEBOOK", "executed")
    monkeypatch.setattr(azureml.widgets, "_LOOK_AGAIN_S", 0.02)
    monkeypatch.setattr(azureml.widgets, "_notebook_display", lambda: view)
    experiment = Experiment(azure, "watched")
    run = experiment.submit(Estimator(str(train), entry_script="train.py", environment_variables={"COLOR": "blue"}))
    azureml.widgets.RunDetails(run).show()
    assert run.get_status() == "Completed"
    assert "status: Completed" in view.shown[-1]
    assert "RunDetails waits" in notes()
    # The notebook's own run ends when the notebook says so: nothing to wait for.
    own = experiment.start_logging(snapshot_directory=None)
    azureml.widgets.RunDetails(own).show()
    own.complete()


def test_diabetes_is_a_table_with_azures_columns(azure: Any) -> None:
    from azureml.opendatasets import Diabetes

    frame = Diabetes.get_tabular_dataset().to_pandas_dataframe().dropna()
    assert list(frame.columns) == ["AGE", "SEX", "BMI", "BP", "S1", "S2", "S3", "S4", "S5", "S6", "Y"]
    assert (len(frame), frame["AGE"].max() > 60, frame.pop("Y").min()) == (442, True, 25)


def test_mnist_is_four_files_of_the_usual_form(azure: Any, tmp_path: Path, notes: Callable[[], str]) -> None:
    from azureml.opendatasets import MNIST

    places = MNIST.get_file_dataset().download(str(tmp_path / "mnist"), overwrite=True)
    data = {Path(place).name: gzip.decompress(Path(place).read_bytes()) for place in places}
    assert struct.unpack(">IIII", data["train-images-idx3-ubyte.gz"][:16]) == (2051, 1500, 28, 28)
    assert len(data["train-images-idx3-ubyte.gz"]) == 16 + 1500 * 28 * 28
    assert struct.unpack(">II", data["t10k-labels-idx1-ubyte.gz"][:8]) == (2049, 297)
    assert "stand-in" in notes()


@pytest.mark.parametrize(
    ("module", "name", "home"),
    [
        ("azureml.core.model", "Dataset", "azureml.core"),
        ("azureml.core.model", "Experiment", "azureml.core"),
        ("azureml.core.workspace", "ComputeTarget", "azureml.core.compute"),
        ("azureml.core.run", "ExperimentExecutionException", "azureml.exceptions"),
        ("azureml.data.abstract_dataset", "TabularDataset", "azureml.data"),
    ],
)
def test_a_class_is_also_taken_from_a_module_that_only_imported_it(module: str, name: str, home: str) -> None:
    import importlib

    taken: dict[str, Any] = {}
    exec(f"from {module} import {name}", taken)
    assert taken[name] is getattr(importlib.import_module(home), name)


def test_a_class_that_nobody_has_is_still_refused_in_words() -> None:
    with pytest.raises(ImportError, match=r"does not have 'azureml.core.model.Teapot' yet"):
        exec("from azureml.core.model import Teapot")


PUBLIC_NAMES = """
azureml.core get_run
azureml.core.compute KubernetesCompute HDInsightCompute SynapseCompute
azureml.core.compute.aks AksCompute
azureml.core.compute.amlcompute AmlCompute AmlComputeProvisioningConfiguration AmlComputeStatus
azureml.core.compute.computeinstance ComputeInstance
azureml.core.compute.kubernetescompute KubernetesCompute
azureml.core.compute.remote RemoteCompute
azureml.core.databricks PyPiLibrary MavenLibrary EggLibrary JarLibrary RCranLibrary DatabricksCluster DatabricksSection
azureml.core.image.container ContainerImage
azureml.core.runconfig EggLibrary PyPiLibrary
azureml.data.abstract_datastore AbstractDatastore
azureml.data.azure_data_lake_datastore AzureDataLakeDatastore AzureDataLakeGen2Datastore
azureml.data.azure_storage_datastore AbstractAzureStorageDatastore AzureBlobDatastore AzureFileDatastore
azureml.data.constants DIRECT_MODE MOUNT_MODE DOWNLOAD_MODE UPLOAD_MODE WORKSPACE_BLOB_DATASTORE
azureml.data.dataset_error_handling DatasetValidationError DatasetExecutionError
azureml.train.estimator Mpi
"""


@pytest.mark.parametrize("line", PUBLIC_NAMES.split("\n")[1:-1])
def test_names_that_public_code_imports_are_there(azure: Any, line: str) -> None:
    module, *names = line.split()
    found = __import__(module, fromlist=names)
    assert all(getattr(found, name) for name in names)


def test_a_module_of_names_that_are_elsewhere_has_the_same_ones(azure: Any) -> None:
    from azureml.core.compute import AksCompute
    from azureml.core.compute.aks import AksCompute as SameCompute

    assert SameCompute is AksCompute
    with pytest.raises(ImportError, match=r"does not have 'azureml\.core\.compute\.aks\.Nothing'"):
        from azureml.core.compute.aks import Nothing  # noqa: F401


def test_a_datastore_answers_what_code_asks_of_a_storage_account(azure: Any) -> None:
    from azureml.core import Datastore
    from azureml.data.azure_storage_datastore import AzureBlobDatastore

    store = azure.get_default_datastore()
    assert isinstance(store, AzureBlobDatastore)
    assert (store.account_key, store.sas_token, store.endpoint) == (None, None, "local")
    assert (store.subscription_id, store.resource_group) == (azure.subscription_id, azure.resource_group)
    assert Datastore.get(azure, "workspacefilestore").name == "workspacefilestore"
    with pytest.raises(NotImplementedError, match="blob_service"):
        store.blob_service  # noqa: B018


def test_a_cluster_tells_its_status_as_an_attribute_too(azure: Any) -> None:
    from azureml.core.compute import AmlCompute, ComputeTarget

    made = ComputeTarget.create(azure, "c", AmlCompute.provisioning_configuration(vm_size="D2", max_nodes=2))
    assert made.status.serialize() == made.get_status().serialize()
    assert made.status.serialize()["scaleSettings"]["maxNodeCount"] == 2


def test_a_folder_to_upload_that_is_not_there_is_named(azure: Any) -> None:
    from azureml.core import Dataset
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException, match="There is no folder 'images' to upload"):
        Dataset.File.upload_directory("images", azure.get_default_datastore())


def test_what_is_wrong_with_data_is_caught_by_azures_names(azure: Any, project: Path) -> None:
    from azureml.core import Dataset
    from azureml.data.dataset_error_handling import DatasetExecutionError, DatasetValidationError

    with pytest.raises(DatasetValidationError):
        Dataset.Tabular.from_delimited_files((azure.get_default_datastore(), "nothing/here.csv"))
    (project / "bad.jsonl").write_text("{}\n{\n")
    with pytest.raises(DatasetExecutionError):
        Dataset.Tabular.from_json_lines_files("bad.jsonl").to_pandas_dataframe()


@pytest.mark.parametrize(
    ("enabled", "use_docker", "wanted"), [(False, True, False), (True, True, True), (True, False, False)]
)
def test_an_estimator_says_where_its_script_runs_and_runs_it_there(
    azure: Any, train: Path, notes: Callable[[], str], enabled: bool, use_docker: bool, wanted: bool
) -> None:
    from azureml.core import Environment
    from azureml.core._submit.submission import _docker_of, _in_container
    from azureml.train.estimator import Estimator

    environment = Environment("e")
    environment.docker.enabled = enabled
    estimator = Estimator(
        ".", entry_script=train.name, environment_definition=environment, use_docker=use_docker, shm_size="3g"
    )
    assert _in_container(estimator._config) is wanted
    said = notes()
    assert ("without a container" in said) is (use_docker and not wanted)
    assert ("ignores shm_size" in said) is not wanted
    if wanted:
        assert _docker_of(estimator._config).shm_size == "3g"


def test_names_of_what_lies_elsewhere_can_be_imported_and_refuse_to_be_used(azure: Any) -> None:
    from azureml.core import Datastore, LinkedService
    from azureml.core.compute_target import LocalTarget
    from azureml.core.linked_service import SynapseWorkspaceLinkedServiceConfiguration
    from azureml.data import HDFSOutputDatasetConfig
    from azureml.data.azure_sql_database_datastore import AzureSqlDatabaseDatastore
    from azureml.data.datapath import DataPath, DataPathComputeBinding
    from azureml.data.sql_data_reference import SqlDataReference
    from azureml.data.stored_procedure_parameter import StoredProcedureParameter, StoredProcedureParameterType

    store = Datastore.get_default(azure)
    assert LinkedService.list(azure) == []
    with pytest.raises(NotImplementedError, match="register"):
        LinkedService.register(azure, "synapse", SynapseWorkspaceLinkedServiceConfiguration("s", "g", "n"))
    with pytest.raises(Exception, match="no linked service “synapse”"):
        LinkedService.get(azure, "synapse")
    assert (LocalTarget().name, LocalTarget().type) == ("local", "local")
    assert not isinstance(store, AzureSqlDatabaseDatastore)
    with pytest.raises(NotImplementedError, match="Use OutputFileDatasetConfig"):
        HDFSOutputDatasetConfig(destination=(store, "folder"))
    with pytest.raises(NotImplementedError, match="library of its own"):
        SqlDataReference(datastore=store, sql_query="select 1")
    parameter = StoredProcedureParameter("name", "value", StoredProcedureParameterType.String)
    assert (parameter.name, parameter.type) == ("name", "String")
    binding = DataPathComputeBinding(mode="download", path_on_compute="here")
    reference = binding.create_data_reference("rows", DataPath(store, "folder"))
    assert (reference.data_reference_name, reference.mode, reference.path_on_compute) == ("rows", "download", "here")


def test_a_part_of_a_form_that_holds_parts_is_an_empty_field() -> None:
    from azureml.contrib.services.aml_request import AMLRequest

    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n"
    body = b"--b\r\nContent-Disposition: form-data; name=many\r\n" + inner + b"--b--\r\n"
    sent = AMLRequest("POST", "/score", "", {"Content-Type": "multipart/form-data; boundary=b"}, body)
    assert sent.form["many"] == ""


@pytest.mark.parametrize("can_be_asked", [True, False])
def test_a_notebook_that_a_program_executes_is_told_from_one_that_a_person_works_in(
    azure: Any, monkeypatch: pytest.MonkeyPatch, can_be_asked: bool
) -> None:
    import sys

    from azureml._service import nobody_waits
    from ipykernel.kernelbase import Kernel

    assert not nobody_waits()
    kernel = Kernel.__new__(Kernel)
    kernel._allow_stdin = can_be_asked  # what the kernel takes from each request to execute a cell
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel)))
    assert nobody_waits() is not can_be_asked
