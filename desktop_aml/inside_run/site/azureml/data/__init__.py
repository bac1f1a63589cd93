"""Data of the Azure ML SDK v1: datasets over files of this computer, and how runs use them."""

from azureml._lazy import provide as _provide

_HOMES = {
    "DataType": "azureml.data.dataset_factory",
    "HDFSOutputDatasetConfig": "azureml.data.not_here",
    "LinkFileOutputDatasetConfig": "azureml.data.not_here",
    "LinkTabularOutputDatasetConfig": "azureml.data.not_here",
    "FileDataset": "azureml.data.file_dataset",
    "OutputFileDatasetConfig": "azureml.data.output_dataset_config",
    "TabularDataset": "azureml.data.tabular_dataset",
}

__all__ = sorted(_HOMES)

_provide(__name__, dict(_HOMES, __version__="azureml.core"))
