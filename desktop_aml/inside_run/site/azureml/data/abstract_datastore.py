"""`AbstractDatastore`: what every datastore is; here all of them are folders of the workspace."""

from azureml.core.datastore import Datastore as AbstractDatastore

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["AbstractDatastore"]
