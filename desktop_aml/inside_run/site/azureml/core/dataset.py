"""`Dataset`: named and versioned data."""

from azureml.data.abstract_dataset import AbstractDataset
from azureml.data.dataset_factory import FileDatasetFactory, TabularDatasetFactory

__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class Dataset(AbstractDataset):
    """`Dataset.Tabular` and `Dataset.File` make datasets; `get_by_name` finds a registered one."""

    Tabular = TabularDatasetFactory
    File = FileDatasetFactory

    class Scenario(object):
        """What a dataset was for a model."""

        TRAINING = "training"
        VALIDATION = "validation"
        INFERENCING = "inferencing"
