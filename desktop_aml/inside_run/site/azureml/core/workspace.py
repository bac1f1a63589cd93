"""`Workspace`: where experiments, environments, models and web services belong; here a folder of this computer."""

from desktop_aml_run import mlflow_folder

from azureml._service import call, moment, not_used, note, refused
from azureml._tracked import remember
from azureml.core._workspace import config as _workspace_config
from azureml.core._workspace.absent import AbsentParts
from azureml.core._workspace.named import Named, NamedTargets
from azureml.core._workspace.trust import ask_for_trust
from azureml.exceptions import UserErrorException, WorkspaceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn

    from azureml.core.compute import ComputeTarget
    from azureml.core.datastore import Datastore
    from azureml.core.environment import Environment
    from azureml.core.experiment import Experiment
    from azureml.core.keyvault import Keyvault
    from azureml.core.model import Model
    from azureml.core.webservice import Webservice
    from azureml.data.abstract_dataset import AbstractDataset


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_ERRORS: "dict[str, type[Exception]]" = {"NotFound": WorkspaceException, "Conflict": WorkspaceException}


class Workspace(AbsentParts):
    """A workspace by name. Subscription and resource group are kept, and mean nothing on this computer.

    A workspace that is not on this computer yet is made on first use, below the user's data.
    """

    def __init__(
        self,
        subscription_id: "str | None",
        resource_group: "str | None",
        workspace_name: str,
        auth: "Any" = None,
        _location: "str | None" = None,
        _disable_service_check: bool = False,
        _workspace_id: "str | None" = None,
        sku: str = "basic",
        tags: "dict[str, Any] | None" = None,
        **kwargs: "Any",
    ) -> None:
        found = call(
            "workspaces.get",
            errors=_ERRORS,
            name=workspace_name,
            subscription_id=subscription_id,
            resource_group=resource_group,
            location=_location,
        )
        self._take(found, auth)

    def _take(self, details: "dict[str, Any]", auth: "Any" = None) -> None:
        self._path = details["path"]
        self._details = details
        self._auth = auth
        if details.get("made"):
            note("the workspace '{}' was made on this computer, in {}.".format(details["name"], details["path"]))

        if details.get("distrust"):
            ask_for_trust(details)

    @classmethod
    def _of(cls, details: "dict[str, Any]", auth: "Any" = None) -> "Workspace":
        workspace = cls.__new__(cls)
        workspace._take(details, auth)
        return workspace

    def __repr__(self) -> str:
        return "Workspace.create(name='{}', subscription_id='{}', resource_group='{}')".format(
            self.name, self.subscription_id, self.resource_group
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Workspace) and other._path == self._path

    def __hash__(self) -> int:
        return hash(self._path)

    # Finding and making.

    @staticmethod
    def from_config(
        path: "str | None" = None, auth: "Any" = None, _logger: "Any" = None, _file_name: "str | None" = None
    ) -> "Workspace":
        """Return the workspace that a ``config.json`` names, looked for from `path` (default: here) upwards.

        Raises
        ------
        UserErrorException
            When there is no configuration, or it does not name a workspace.
        """
        config = _workspace_config.find(path, _file_name)
        subscription_id, resource_group, name = _workspace_config.read(config)
        details = call(
            "workspaces.open",
            config=config,
            name=name,
            subscription_id=subscription_id,
            resource_group=resource_group,
        )
        return Workspace._of(details, auth)

    def write_config(self, path: "str | None" = None, file_name: "str | None" = None) -> None:
        """Write the configuration of this workspace into ``<path>/.azureml``, for `from_config`."""
        _workspace_config.write(path, file_name, self._scope)

    @staticmethod
    def get(
        name: str,
        auth: "Any" = None,
        subscription_id: "str | None" = None,
        resource_group: "str | None" = None,
        location: "str | None" = None,
        cloud: str = "AzureCloud",
        id: "str | None" = None,
    ) -> "Workspace":
        """Return a workspace by name."""
        details = call(
            "workspaces.get",
            errors=_ERRORS,
            name=name,
            subscription_id=subscription_id,
            resource_group=resource_group,
            location=location,
        )
        return Workspace._of(details, auth)

    @staticmethod
    def create(
        name: str,
        auth: "Any" = None,
        subscription_id: "str | None" = None,
        resource_group: "str | None" = None,
        location: "str | None" = None,
        create_resource_group: bool = True,
        sku: str = "basic",
        tags: "Any" = None,
        friendly_name: "Any" = None,
        storage_account: "Any" = None,
        key_vault: "Any" = None,
        app_insights: "Any" = None,
        container_registry: "Any" = None,
        adb_workspace: "Any" = None,
        primary_user_assigned_identity: "Any" = None,
        cmk_keyvault: "Any" = None,
        resource_cmk_uri: "Any" = None,
        hbi_workspace: bool = False,
        default_cpu_compute_target: "Any" = None,
        default_gpu_compute_target: "Any" = None,
        private_endpoint_config: "Any" = None,
        private_endpoint_auto_approval: bool = True,
        exist_ok: bool = False,
        show_output: bool = True,
        user_assigned_identity_for_cmk_encryption: "Any" = None,
        system_datastores_auth_mode: str = "accessKey",
        v1_legacy_mode: "Any" = None,
    ) -> "Workspace":
        """Make a workspace on this computer, below the user's data.

        Raises
        ------
        WorkspaceException
            When there is one of this name and `exist_ok` is false.
        """
        if not isinstance(name, str) or not 2 <= len(name) <= 33:
            raise UserErrorException("The name of a workspace has 2 to 33 characters.")
        not_used(
            "Workspace.create",
            storage_account=storage_account,
            key_vault=key_vault,
            app_insights=app_insights,
            container_registry=container_registry,
            adb_workspace=adb_workspace,
            cmk_keyvault=cmk_keyvault,
            private_endpoint_config=private_endpoint_config,
        )
        details = call(
            "workspaces.create",
            errors=_ERRORS,
            name=name,
            subscription_id=subscription_id,
            resource_group=resource_group,
            location=location,
            exist_ok=exist_ok,
        )
        if show_output and details["made"]:
            print("Made the workspace '{}' in {}.".format(name, details["path"]))
        return Workspace._of(dict(details, made=False), auth)

    @staticmethod
    def list(
        subscription_id: "str | None", auth: "Any" = None, resource_group: "str | None" = None
    ) -> "dict[str, List[Workspace]]":
        """Return the workspaces of this computer, whatever their subscription: a dict of name to list of them."""
        found: "dict[str, List[Workspace]]" = {}
        for details in call("workspaces.list"):
            if resource_group in (None, details["resource_group"]):
                found.setdefault(details["name"], []).append(Workspace._of(dict(details, distrust=""), auth))
        return found

    # Who it is.

    @property
    def name(self) -> str:
        """Name of the workspace."""
        found: str = self._details["name"]
        return found

    @property
    def subscription_id(self) -> str:
        """Subscription that the code named; without effect here."""
        found: str = self._details["subscription_id"]
        return found

    @property
    def resource_group(self) -> str:
        """Resource group that the code named; without effect here."""
        found: str = self._details["resource_group"]
        return found

    # Public code reads these too, though they were never documented.
    _workspace_name = name
    _subscription_id = subscription_id
    _resource_group = resource_group

    @property
    def location(self) -> str:
        """Azure region that the code named, else ``"local"``."""
        return self._details.get("location") or "local"

    @property
    def _scope(self) -> str:
        return "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}".format(
            self.subscription_id, self.resource_group, self.name
        )

    def get_details(self) -> "dict[str, Any]":
        """Return what is known of the workspace, with Azure's keys."""
        details = call("workspace.details", self)
        return {
            "id": self._scope,
            "name": self.name,
            "location": self.location,
            "type": "Microsoft.MachineLearningServices/workspaces",
            "tags": self.tags,
            "sku": self.sku,
            "workspaceid": self.subscription_id,
            "friendlyName": self.name,
            "creationTime": moment(details.get("created_at")),
            "resourceGroup": self.resource_group,
            "subscription": self.subscription_id,
            "path": self._path,
        }

    # What it holds, by name.

    @property
    def experiments(self) -> "dict[str, Experiment]":
        """Experiments by name."""
        from azureml.core.experiment import Experiment

        found = {experiment.name: experiment for experiment in Experiment.list(self)}
        return Named(found, "experiment", "Experiment(workspace, name) makes one.")

    @property
    def environments(self) -> "dict[str, Environment]":
        """The newest version of each environment by name, curated ones included."""
        from azureml.core.environment import Environment

        return Named(Environment.list(self), "environment", "Environment.register(workspace) adds one.")

    @property
    def models(self) -> "dict[str, Model]":
        """The newest version of each model by name."""
        from azureml.core.model import Model

        found = {model.name: model for model in Model.list(self, latest=True)}
        return Named(found, "model", "Model.register(workspace, model_path, model_name) adds one.")

    @property
    def webservices(self) -> "dict[str, Webservice]":
        """Web services by name."""
        from azureml.core.webservice import Webservice

        found = {service.name: service for service in Webservice.list(self)}
        return Named(found, "web service", "Model.deploy(workspace, name, models) makes one.")

    @property
    def compute_targets(self) -> "dict[str, ComputeTarget]":
        """Compute targets by name; one that is taken by its name, without a look whether it is there, is made."""
        from azureml.core.compute import ComputeTarget

        return NamedTargets({target.name: target for target in ComputeTarget.list(self)}, self)

    @property
    def datastores(self) -> "dict[str, Datastore]":
        """Datastores by name."""
        from azureml.core.datastore import Datastore

        remedy = "Datastore.register_azure_blob_container(workspace, name, ...) makes one, a folder here."
        return Named(Datastore._all(self), "datastore", remedy)

    @property
    def datasets(self) -> "dict[str, AbstractDataset]":
        """The newest version of each registered dataset by name."""
        from azureml.core.dataset import Dataset

        return Named(Dataset.get_all(self), "dataset", "dataset.register(workspace, name) adds one.")

    # What belongs to it.

    def get_run(self, run_id: str) -> "Any":
        """Return a run of this workspace."""
        from azureml.core.run import Run

        return Run.get(self, run_id)

    def get_default_datastore(self) -> "Datastore":
        """Return the datastore that is used when none is named."""
        from azureml.core.datastore import Datastore

        return Datastore.get_default(self)

    def set_default_datastore(self, name: str) -> None:
        """Use the datastore `name` when none is named."""
        from azureml.core.datastore import Datastore

        Datastore._set_default(self, name)

    def get_default_keyvault(self) -> "Keyvault":
        """Return the place for secrets."""
        from azureml.core.keyvault import Keyvault

        return Keyvault(self)

    def get_default_compute_target(self, type: str) -> "ComputeTarget":
        """Return the cluster for ``"CPU"`` or ``"GPU"``: a name on this computer, made on first use."""
        from azureml.core.compute import AmlCompute, ComputeTarget

        name = "{}-cluster".format(str(type).lower())
        known = self.compute_targets.get(name)
        if known is not None:
            return known
        return ComputeTarget.create(self, name, AmlCompute.provisioning_configuration())

    def get_mlflow_tracking_uri(self, _with_auth: bool = False) -> str:
        """Return the tracking server's address: in a run its own, elsewhere one that lives as long as this process."""
        remember(self)
        return mlflow_folder.for_workspace(self._path, note)

    def list_keys(self) -> "NoReturn":
        """Refuse: there is no storage account with keys."""
        raise refused("Workspace.list_keys()", "Files are in the workspace's folder: {}.".format(self._path))

    def update(
        self,
        friendly_name: "Any" = None,
        description: "Any" = None,
        tags: "Any" = None,
        image_build_compute: "Any" = None,
        service_managed_resources_settings: "Any" = None,
        primary_user_assigned_identity: "Any" = None,
        allow_public_access_when_behind_vnet: "Any" = None,
        v1_legacy_mode: "Any" = None,
    ) -> "dict[str, Any]":
        """Accept and ignore: a workspace here has no more than its name."""
        not_used(
            "Workspace.update",
            friendly_name=friendly_name,
            description=description,
            tags=tags,
            image_build_compute=image_build_compute,
        )
        return self.get_details()

    def delete(self, delete_dependent_resources: bool = False, no_wait: bool = False) -> "NoReturn":
        """Refuse: a folder with somebody's work is not removed by a script."""
        raise refused("Workspace.delete()", "Remove the folder {} yourself.".format(self._path))
