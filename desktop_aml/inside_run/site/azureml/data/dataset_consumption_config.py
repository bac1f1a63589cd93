"""`DatasetConsumptionConfig`: a dataset as a named input of a run."""

from azureml._service import refused
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_MODES = ("direct", "mount", "download")


class DatasetConsumptionConfig(object):
    """How a run gets a dataset: itself (``"direct"``), a folder that shows its files, or a folder with copies."""

    def __init__(self, name: str, dataset: "Any", mode: str = "direct", path_on_compute: "str | None" = None) -> None:
        if mode not in _MODES:
            raise refused("the dataset mode {!r}".format(mode), "Use one of {}.".format(", ".join(_MODES)))
        self.name = name
        self.dataset = dataset
        self.mode = mode
        self.path_on_compute = path_on_compute

    def as_mount(self, path_on_compute: "str | None" = None) -> "DatasetConsumptionConfig":
        """Return the input as a folder that shows the files."""
        return self._with_mode("mount", path_on_compute)

    def as_download(self, path_on_compute: "str | None" = None) -> "DatasetConsumptionConfig":
        """Return the input as a folder with copies of the files."""
        return self._with_mode("download", path_on_compute)

    def as_direct(self) -> "DatasetConsumptionConfig":
        """Return the input as the dataset itself."""
        return self._with_mode("direct", None)

    def as_hdfs(self) -> "NoReturn":
        """Refuse."""
        raise refused("DatasetConsumptionConfig.as_hdfs()", "Use as_mount() or as_download().")

    def _with_mode(self, mode: str, path_on_compute: "str | None") -> "DatasetConsumptionConfig":
        if mode != "direct" and self.dataset._definition["format"] == "frame":
            raise UserErrorException("A registered table is read with to_pandas_dataframe(), not as files.")
        return DatasetConsumptionConfig(self.name, self.dataset, mode, path_on_compute)

    def _for_run(self, workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":
        from azureml.data._run_data import for_input

        return for_input(self, workspace)

    def __str__(self) -> str:
        return "DatasetConsumptionConfig:{}".format(self.name)

    def __repr__(self) -> str:
        return str(self)
