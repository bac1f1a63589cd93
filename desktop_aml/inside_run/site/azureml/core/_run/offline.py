"""The run of a script that was started outside Desktop AML: it prints what it would have recorded."""

import uuid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Any, NoReturn


class _OfflineRun(object):
    """Stands in for a run, so that the same script works with and without one.

    Parameters
    ----------
    run_id : str, optional
        Default ``OfflineRun_<guid>``.
    """

    def __init__(self, parent_logger: "Any" = None, run_id: "str | None" = None) -> None:
        self._id = "OfflineRun_{}".format(uuid.uuid4()) if run_id is None else run_id

    @property
    def id(self) -> str:
        """Identifier; scripts recognise an offline run by its beginning."""
        return self._id

    def __getattr__(self, name: str) -> "NoReturn":
        raise AttributeError(
            "'_OfflineRun' object has no attribute '{}': this script does not run inside a Desktop AML run. "
            "Submit it to have one.".format(name)
        )

    def __enter__(self) -> "_OfflineRun":
        print("[START] Run {} context".format(self._id))
        return self

    def __exit__(self, kind: object, error: "BaseException | None", traceback: "TracebackType | None") -> None:
        print("[STOP] Run {} context".format(self._id))

    def log(self, name: str, value: "Any", description: str = "", step: "Any" = None) -> None:
        """Print a scalar."""
        self._attempt("scalar", name, value)

    def log_list(self, name: str, value: "Any", description: str = "") -> None:
        """Print a list."""
        self._attempt("list", name, value)

    def log_table(self, name: str, value: "Any", description: str = "") -> None:
        """Print a table."""
        self._attempt("table", name, value)

    def log_row(self, name: str, description: "str | None" = None, **kwargs: "Any") -> None:
        """Print one row of a table."""
        self._attempt("row", name, kwargs)

    def log_image(self, name: str, path: "str | None" = None, plot: "Any" = None, description: str = "") -> None:
        """Print where an image comes from."""
        self._attempt("image", name, path if path is not None else plot)

    def log_residuals(self, name: str, value: "Any", description: str = "") -> None:
        """Print a residuals chart."""
        self._attempt("residual", name, value)

    def log_predictions(self, name: str, value: "Any", description: str = "") -> None:
        """Print a predictions chart."""
        self._attempt("predictions", name, value)

    def log_accuracy_table(self, name: str, value: "Any", description: str = "") -> None:
        """Print an accuracy table."""
        self._attempt("accuracy_table", name, value)

    def log_confusion_matrix(self, name: str, value: "Any", description: str = "") -> None:
        """Print a confusion matrix."""
        self._attempt("confusion_matrix", name, value)

    def tag(self, name: str, value: "Any" = None) -> None:
        """Print a tag."""
        print("Attempted to add tag {} with value {}".format(name, value))

    def set_tags(self, tags: "Any") -> None:
        """Print tags."""
        print("Attempted to set tags {}".format(tags))

    def add_properties(self, properties: "Any") -> None:
        """Print properties."""
        print("Attempted to add properties {}".format(properties))

    def upload_file(self, name: str, path_or_stream: "Any", datastore_name: "str | None" = None) -> None:
        """Print which file would be kept."""
        print("Attempted to track file {} at {}".format(name, path_or_stream))

    def upload_files(
        self,
        names: "Sequence[str]",
        paths: "Sequence[str]",
        return_artifacts: bool = False,
        timeout_seconds: "float | None" = None,
    ) -> None:
        """Print which files would be kept."""
        print("Attempted to track files {} at {}".format(names, paths))

    def upload_folder(
        self, name: str, folder: "str | None" = None, datastore_name: "str | None" = None, path: "str | None" = None
    ) -> None:
        """Print which folder would be kept."""
        print("Attempted to track folder {} at {}".format(name, folder if folder is not None else path))

    def register_model(self, model_name: str, model_path: "str | None" = None, **kwargs: "Any") -> None:
        """Print which model would be registered."""
        print("Attempted to register model {}:\n{}".format(model_name, model_path or model_name))

    def child_run(self, name: "str | None" = None, run_id: "str | None" = None, outputs: "Any" = None) -> "_OfflineRun":
        """Return an offline run whose id continues this one's."""
        return _OfflineRun(run_id="{}.{}".format(self._id, name or run_id or uuid.uuid4()))

    def get_status(self) -> str:
        """Return ``"Running"``."""
        return "Running"

    def get_file_names(self) -> "list[str]":
        """Return an empty list: nothing is kept."""
        return []

    def flush(self, timeout_seconds: float = 300) -> None:
        """Print that nothing waits to be written."""
        print("Attempted to flush run with id {}".format(self._id))

    def complete(self, _set_status: bool = True) -> None:
        """Do nothing."""

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None, _set_status: bool = True) -> None:
        """Print the failure."""
        print("Run failed with error code {}:\n{}".format(error_code, error_details))

    def cancel(self) -> None:
        """Do nothing."""

    @staticmethod
    def _attempt(kind: str, name: str, value: "Any") -> None:
        print("Attempted to log {} metric {}:\n{}".format(kind, name, value))
