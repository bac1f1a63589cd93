"""What the data sections of a `RunConfiguration` give a run: datasets, paths of datastores, data references."""

import re

from azureml.core._submit.runconfig_parts import Data, DataLocation, DataReferenceConfiguration
from azureml.core.datastore import Datastore
from azureml.data._run_data import REFERENCE, join
from azureml.data.abstract_dataset import AbstractDataset
from azureml.data.data_reference import DataReference
from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from azureml._objects import WorkspaceLike

_IN_A_WORD = re.compile(r"\$({}[A-Za-z0-9_]+)".format(REFERENCE))
_INPUT = "DatasetConsumptionConfig:"


def variables(workspace: "WorkspaceLike", settings: "Any") -> "dict[str, str]":
    """Return the variables that the data of a configuration needs.

    Raises
    ------
    UserErrorException
        When a part names no data, or data that the workspace does not have.
    """
    found: "dict[str, str]" = {}
    for section in (settings.data, settings.data_references, settings.output_data):
        for name, value in (section or {}).items():
            given = _given(workspace, name, value)
            if not hasattr(given, "_for_run"):
                continue
            word, needed = given._for_run(workspace)
            join(found, needed)
            also = getattr(_configured(value), "environment_variable_name", None)
            if also:
                found[also] = word
    return found


def put_in(word: str, settings: "Any", env_vars: "Mapping[str, str]") -> str:
    """Put in the paths for the texts of data references and inputs, as in ``str(reference)``.

    Other variables are the script's.
    """
    name = word[len(_INPUT) :] if word.startswith(_INPUT) else ""
    if name and name in (settings.data or {}) and name in env_vars:
        return env_vars[name]
    return _IN_A_WORD.sub(lambda found: env_vars.get(found.group(1), found.group(0)), word)


def _configured(value: "Any") -> "Any":
    """Return a section of a file as the object that it was written from; anything else as it is."""
    if isinstance(value, dict) and value.get("dataStoreName"):
        config: "Any" = DataReferenceConfiguration()
    elif isinstance(value, dict) and "dataLocation" in value:
        config = Data(DataLocation())
    else:
        return value
    config._from_json(value)
    return config


def _given(workspace: "WorkspaceLike", name: str, value: "Any") -> "Any":
    """Return what a configuration describes; anything else as it is."""
    value = _configured(value)
    if isinstance(value, DataReferenceConfiguration):
        place = (value.data_store_name, value.path_on_data_store)
        return _referred(workspace, name, place, value.mode, value)
    if not isinstance(value, Data):
        return value
    mechanism = (value.mechanism or "direct").lower()
    dataset = getattr(value.data_location, "dataset", None)
    path = getattr(value.data_location, "data_path", None)
    if path is not None and path.datastore_name:
        # A path has no dataset that could be handed on directly: it is a folder, or a file.
        mode = None if mechanism == "direct" else mechanism
        return _referred(workspace, name, (path.datastore_name, path.relative_path), mode, value)
    if dataset is None or not (dataset.dataset_id or dataset.dataset_name):
        raise UserErrorException(
            "The data {!r} of the run configuration names nothing. Give it a data_location with "
            "dataset=Dataset(dataset_id=...) or data_path=DataPath(datastore_name, relative_path).".format(name)
        )
    if dataset.dataset_id:
        found = AbstractDataset.get_by_id(workspace, dataset.dataset_id)
    else:
        found = AbstractDataset.get_by_name(workspace, dataset.dataset_name, dataset.dataset_version)
    return DatasetConsumptionConfig(name, found, mechanism, value.path_on_compute)


def _referred(
    workspace: "WorkspaceLike", name: str, place: "tuple[str | None, str | None]", mode: "str | None", value: "Any"
) -> DataReference:
    store, path = place
    found = Datastore(workspace, store)
    return DataReference(found, name, path, (mode or "mount").lower(), value.path_on_compute, value.overwrite)
