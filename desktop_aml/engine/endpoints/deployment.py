"""One deployment of an endpoint: its models, its scoring script, and what the front is told of both.

Slow work on files only; it must not touch the database or start anything.
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Final

from desktop_aml.domain.environments import BuiltEnvironment
from desktop_aml.domain.errors import FULL, Conflict, StorageError, disk_full
from desktop_aml.domain.inside_paths import inside
from desktop_aml.domain.registry import Endpoint, ModelVersion
from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.registry import model_modules
from desktop_aml.run_folder import snapshot
from desktop_aml.serving.config import EndpointConfig, ModelFile, ScoringScript
from desktop_aml.store.folder import WorkspaceFolder

MODELS_FOLDER: Final = "azureml-models"
_APP, _DATA = "app", "modeldata"
_OWN: Final = "desktop_aml."
_LOAD_TIMEOUT_S: Final = 120.0
_INIT_TIMEOUT_S: Final = 300.0
_SCORING_TIMEOUT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """What an endpoint is to serve.

    Parameters
    ----------
    models : tuple of ModelVersion
        One for an endpoint that serves the model itself; any number for a scoring script.
    source : str
        Mark of the copied source of the scoring script; empty when the model itself is served.
    sample : str
        Path of a file with rows like those the model was trained on; empty when there is none.
    data_files : tuple of (str, str)
        Name and path of the tables that the model's run read.
    trained_by : str
        Path, in its run's source, of the script that trained the model; empty when no run did, or for a scoring script.
    """

    endpoint: Endpoint
    models: tuple[ModelVersion, ...]
    keys: tuple[str, str] = field(repr=False)
    source: str = ""
    env_vars: dict[str, str] = field(default_factory=dict)
    scoring_timeout_ms: int = 0
    sample: str = ""
    data_files: tuple[tuple[str, str], ...] = ()
    trained_by: str = ""

    @property
    def environment(self) -> str:
        """The environment that was asked for, else the one of the first model that has one; may be empty."""
        own = (model.environment for model in self.models if model.environment)
        return self.endpoint.environment or next(own, "")


def configure(folder: WorkspaceFolder, deployment: Deployment, built: BuiltEnvironment) -> EndpointConfig:
    """Lay out the files of a deployment and return what its front is to be told.

    Raises
    ------
    StorageError
        When a file of the model or of the source changed, or there is no space.
    """
    endpoint, models = deployment.endpoint, deployment.models
    script = _lay_out(folder, deployment) if deployment.source else None
    resources = next((model.resources for model in models), None)
    return EndpointConfig(
        name=endpoint.name,
        model=endpoint.model_label,
        files=_files_of_script(models, script) if script else _files_in_store(folder, models),
        python=built.python,
        image=built.image,
        port=endpoint.port,
        auth_enabled=endpoint.auth_enabled,
        keys=deployment.keys,
        cpu=resources.cpu if resources else None,
        memory_in_gb=resources.memory_in_gb if resources else None,
        nonce=secrets.token_hex(16),
        network=endpoint.network,
        framework=next((model.framework for model in models), ""),
        # What a script takes is its own; the sample of its model is only where a request may begin.
        sample_input=_sample(folder, deployment, "sample_input") or deployment.sample,
        data_files=() if script else deployment.data_files,
        sample_output="" if script else _sample(folder, deployment, "sample_output"),
        script=script,
        modules=model_modules.lay_out(folder, endpoint.name, models, deployment.trained_by),
        load_timeout_s=_INIT_TIMEOUT_S if script else _LOAD_TIMEOUT_S,
        scoring_timeout_ms=deployment.scoring_timeout_ms or _SCORING_TIMEOUT_MS,
    )


def servable(model: ModelVersion) -> ModelVersion:
    """Return a model whose files are in this workspace.

    Raises
    ------
    Conflict
        When it is registered by an address alone.
    """
    if model.lies_elsewhere:
        raise Conflict(
            f"The files of the model {model.label} are not in this workspace: they lie at {model.path}",
            "Fetch them, and register the model from a file.",
        )
    return model


def _sample(folder: WorkspaceFolder, deployment: Deployment, kind: str) -> str:
    """Write a model's sample rows into the endpoint's folder and return where; an empty text when it has none."""
    rows = next((model.properties[_OWN + kind] for model in deployment.models if _OWN + kind in model.properties), "")
    place = folder.endpoint(deployment.endpoint.name) / f"{kind}.json"
    if not rows:
        return ""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(rows, encoding="utf-8")
    return str(place)


def _files_in_store(folder: WorkspaceFolder, models: tuple[ModelVersion, ...]) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(str(folder.blobs.path_of(file.sha256)), file.sha256, Path(file.path).name)
        for model in models
        for file in model.files
    )


def _files_of_script(models: tuple[ModelVersion, ...], script: ScoringScript) -> tuple[ModelFile, ...]:
    return tuple(
        ModelFile(str(Path(script.app) / path_in_app(model, file)), file.sha256, file.path)
        for model in models
        for file in model.files
    )


def path_in_app(model: ModelVersion, file: Artifact) -> str:
    """Return where a model's file lies for a scoring script.

    What was registered, a file or a folder, keeps its own name and loses the folders before it, as in the cloud.
    """
    path = PurePosixPath(file.path)
    before = PurePosixPath(model.path).parent
    below = path.relative_to(before) if path.is_relative_to(before) else path
    return f"{MODELS_FOLDER}/{model.name}/{model.version}/{below}"


def _lay_out(folder: WorkspaceFolder, deployment: Deployment) -> ScoringScript:
    """Make the working folder of a scoring script afresh. Nothing may be running in it."""
    endpoint = deployment.endpoint
    own = folder.endpoint(endpoint.name)
    app = own / _APP
    try:
        if app.exists():
            shutil.rmtree(app)
        for file in snapshot.manifest(folder.endpoint_source(endpoint.name, deployment.source)):
            folder.blobs.copy_out(file.sha256, inside(app, file.path))
        (app / MODELS_FOLDER).mkdir(parents=True, exist_ok=True)
        for model in deployment.models:
            for file in model.files:
                folder.blobs.copy_out(file.sha256, inside(app, path_in_app(model, file)))
        _name_source(app, endpoint)
        forget_sources(own, keep=deployment.source)
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(own, error) from error
        raise StorageError(
            f"The files of the endpoint “{endpoint.name}” cannot be written: {error.strerror}.",
            f"Check the permissions of “{own}”, then deploy it again.",
        ) from error
    only = deployment.models[0] if len(deployment.models) == 1 else None
    return ScoringScript(
        app=str(app),
        entry_script=endpoint.entry_script,
        model_dir=str(app / MODELS_FOLDER / only.name / str(only.version) if only else app / MODELS_FOLDER),
        data_dir=str(own / _DATA),
        env_vars=deployment.env_vars,
    )


def _name_source(app: Path, endpoint: Endpoint) -> None:
    """Let the copied folder be found under its own name too: in the cloud it lies in the working folder."""
    name = Path(endpoint.source_directory).name
    if not endpoint.only_script and name and not (app / name).exists():
        (app / name).symlink_to(".", target_is_directory=True)


def forget_sources(endpoint_folder: Path, *, keep: str = "") -> None:
    """Remove the lists of copied sources of earlier deployments."""
    for old in (endpoint_folder / "source").glob("*"):
        if old.name != keep:
            shutil.rmtree(old, ignore_errors=True)
