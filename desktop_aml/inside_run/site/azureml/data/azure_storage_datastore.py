"""Azure's names for datastores of blobs and of file shares; here both are folders of the workspace."""

from azureml.core.datastore import Datastore

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["AbstractAzureStorageDatastore", "AzureBlobDatastore", "AzureFileDatastore"]

AbstractAzureStorageDatastore = AzureBlobDatastore = AzureFileDatastore = Datastore
