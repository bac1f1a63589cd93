"""Azure's names for datastores in a data lake; here they are folders of the workspace."""

from azureml.core.datastore import Datastore

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["AbstractADLSDatastore", "AzureDataLakeDatastore", "AzureDataLakeGen2Datastore"]

AbstractADLSDatastore = AzureDataLakeDatastore = AzureDataLakeGen2Datastore = Datastore
