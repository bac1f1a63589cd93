"""The ground of the package: its public classes by their names, for the modules that lie below them.

A module imports only what lies below it. What makes an object of a class above it (a run its experiment, a dataset its
workspace) asks here, when it is wanted; the class's module is loaded then, and knows nothing of it.
"""

import importlib

_HOMES = {
    "AbstractDataset": "azureml.data.abstract_dataset",
    "DataReference": "azureml.data.data_reference",
    "Environment": "azureml.core.environment",
    "Experiment": "azureml.core.experiment",
    "FileDataset": "azureml.data.file_dataset",
    "FileDatasetFactory": "azureml.data.dataset_factory",
    "HyperDriveRun": "azureml.train.hyperdrive.run",
    "Model": "azureml.core.model",
    "Run": "azureml.core.run",
    "ScriptRun": "azureml.core.script_run",
    "TabularDataset": "azureml.data.tabular_dataset",
    "Workspace": "azureml.core.workspace",
    # What is not a class: how such objects come about.
    "deploy": "azureml.core.webservice._deployment",
    "deploy_image": "azureml.core.webservice._deployment",
    "get_run": "azureml.core.run",
    "profile": "azureml.core.profile",
    "registered": "azureml.core.webservice._deployment",
    "run_from": "azureml.core.run",
    "start": "azureml.core._run.interactive",
}


def public(name):
    """Return a class of the package, or what makes its objects, by its name."""
    return getattr(importlib.import_module(_HOMES[name]), name)
