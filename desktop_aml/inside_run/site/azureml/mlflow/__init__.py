"""What Azure ML's plugin adds to MLflow. MLflow itself records into the workspace without one."""

from desktop_aml_run import backend

from azureml._lazy import provide as _provide
from azureml._objects import public
from azureml._tracked import tracked
from azureml.core._run.files import artifact_path
from azureml.data._workspace import current_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_provide(__name__, {})


def get_portal_url(run: "Any") -> str:
    """Return an address of an MLflow run, given as such or by its id."""
    found: str = _run_of(run).get_portal_url()
    return found


def register_model(run: "Any", name: str, path: str, tags: "dict[str, Any] | None" = None, **kwargs: "Any") -> "Any":
    """Register a file or folder that an MLflow run logged as the next version of a model, and return that.

    Parameters
    ----------
    run : mlflow.entities.Run or str
        The run, or its id.
    name, path, tags
        As for `azureml.core.Run.register_model`, and so are all other words.
    """
    own = _run_of(run)
    # What MLflow calls the root of its artifacts is the run's folder of outputs.
    logged = "outputs/" + artifact_path(path)
    names = own.get_file_names()
    is_logged = any(kept == logged or kept.startswith(logged + "/") for kept in names)
    return own.register_model(name, logged if is_logged else path, tags=tags, **kwargs)


def _run_of(run: "Any") -> "Any":
    run_id = run if isinstance(run, str) else run.info.run_id
    if backend.inside_run():
        own = public("Run").get_context()
        if own.id == run_id:
            return own
    return public("Run").get(tracked() or current_workspace(), run_id)
