"""The ground of the package: its public classes by their names, for the modules that lie below them.

A module imports only what lies below it. What makes an object of a class above it (a run its experiment, a dataset its
workspace) asks here, when it is wanted; the class's module is loaded then, and knows nothing of it.
"""

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class WorkspaceLike(Protocol):
        """A workspace, as the modules below it know it."""

        _path: str

        @property
        def name(self) -> str:
            """Name of the workspace."""

        @property
        def subscription_id(self) -> str:
            """Subscription that the code named."""

        @property
        def resource_group(self) -> str:
            """Resource group that the code named."""

        def get_run(self, run_id: str) -> "Any":
            """Return a run of the workspace."""

        def get_default_keyvault(self) -> "Any":
            """Return the place for secrets."""

    class ExperimentLike(Protocol):
        """An experiment, as the modules below it know it."""

        @property
        def name(self) -> str:
            """Name of the experiment."""

        @property
        def workspace(self) -> "Any":
            """The workspace that it belongs to."""

    class RunLike(Protocol):
        """A run, as those know it who follow it."""

        @property
        def id(self) -> str:
            """Identifier of the run."""

        def get_status(self) -> str:
            """Return the state of the run now."""

        def get_file_names(self) -> "list[str]":
            """Return the paths of the run's files so far."""

        def get_portal_url(self) -> str:
            """Return an address of the run."""

        def get_details(self) -> "dict[str, Any]":
            """Return everything about it at once."""

        def _ask(self, method: str, **body: "Any") -> "Any": ...


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


def public(name: str) -> "Any":
    """Return a class of the package, or what makes its objects, by its name."""
    return getattr(importlib.import_module(_HOMES[name]), name)
