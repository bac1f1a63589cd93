"""`Diabetes`: the 442 patients of Efron et al. (2004), which scikit-learn brings along."""

import csv
import os

from azureml._service import note
from azureml.data.dataset_factory import FileDatasetFactory, TabularDatasetFactory
from azureml.opendatasets._places import made

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_COLUMNS = ("AGE", "SEX", "BMI", "BP", "S1", "S2", "S3", "S4", "S5", "S6", "Y")


class Diabetes(object):
    """Columns AGE, SEX, BMI, BP, S1 to S6 and Y, as in Azure; scaled values where scikit-learn is older than 1.1."""

    @staticmethod
    def get_tabular_dataset(enable_telemetry: bool = True) -> "Any":
        """Return the table."""
        return TabularDatasetFactory.from_delimited_files(_file())

    @staticmethod
    def get_file_dataset(enable_telemetry: bool = True) -> "Any":
        """Return the table as a file."""
        return FileDatasetFactory.from_files(_file())


def _file() -> str:
    note("the open data set Diabetes comes from scikit-learn on this computer; nothing was fetched.")
    return os.path.join(made("diabetes", _write), "diabetes.csv")


def _write(folder: str) -> None:
    from sklearn.datasets import load_diabetes

    try:
        rows, target = load_diabetes(return_X_y=True, scaled=False)
    except TypeError:
        rows, target = load_diabetes(return_X_y=True)
    with open(os.path.join(folder, "diabetes.csv"), "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows([*row, value] for row, value in zip(rows.tolist(), target.tolist()))
