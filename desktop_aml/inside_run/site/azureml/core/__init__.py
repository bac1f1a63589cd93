"""Entry points of the Azure ML SDK v1; each is loaded when a script asks for it."""

from azureml._lazy import provide as _provide

VERSION = "1.61.0"
"""Version of the Azure ML SDK whose behaviour this package follows."""

__version__ = VERSION

_HOMES = {
    "ComputeTarget": "azureml.core.compute",
    "Dataset": "azureml.core.dataset",
    "Datastore": "azureml.core.datastore",
    "Environment": "azureml.core.environment",
    "Experiment": "azureml.core.experiment",
    "Image": "azureml.core.image",
    "Keyvault": "azureml.core.keyvault",
    "LinkedService": "azureml.core.linked_service",
    "Model": "azureml.core.model",
    "Run": "azureml.core.run",
    "RunConfiguration": "azureml.core.runconfig",
    "ScriptRun": "azureml.core.script_run",
    "ScriptRunConfig": "azureml.core.script_run_config",
    "Webservice": "azureml.core.webservice",
    "Workspace": "azureml.core.workspace",
    "get_run": "azureml.core.run",
}

__all__ = ["VERSION", *sorted(_HOMES)]

_provide(__name__, _HOMES)
