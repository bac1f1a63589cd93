"""The run of a script that was started outside Desktop AML: it prints what it would have recorded."""

import uuid


class _OfflineRun(object):
    """Stands in for a run, so that the same script works with and without one.

    Parameters
    ----------
    run_id : str, optional
        Default ``OfflineRun_<guid>``.
    """

    def __init__(self, parent_logger=None, run_id=None):
        self._id = "OfflineRun_{}".format(uuid.uuid4()) if run_id is None else run_id

    @property
    def id(self):
        """Identifier; scripts recognise an offline run by its beginning."""
        return self._id

    def __getattr__(self, name):
        raise AttributeError(
            "'_OfflineRun' object has no attribute '{}': this script does not run inside a Desktop AML run. "
            "Submit it to have one.".format(name)
        )

    def __enter__(self):
        print("[START] Run {} context".format(self._id))
        return self

    def __exit__(self, kind, error, traceback):
        print("[STOP] Run {} context".format(self._id))

    def log(self, name, value, description="", step=None):
        """Print a scalar."""
        self._attempt("scalar", name, value)

    def log_list(self, name, value, description=""):
        """Print a list."""
        self._attempt("list", name, value)

    def log_table(self, name, value, description=""):
        """Print a table."""
        self._attempt("table", name, value)

    def log_row(self, name, description=None, **kwargs):
        """Print one row of a table."""
        self._attempt("row", name, kwargs)

    def log_image(self, name, path=None, plot=None, description=""):
        """Print where an image comes from."""
        self._attempt("image", name, path if path is not None else plot)

    def log_residuals(self, name, value, description=""):
        """Print a residuals chart."""
        self._attempt("residual", name, value)

    def log_predictions(self, name, value, description=""):
        """Print a predictions chart."""
        self._attempt("predictions", name, value)

    def log_accuracy_table(self, name, value, description=""):
        """Print an accuracy table."""
        self._attempt("accuracy_table", name, value)

    def log_confusion_matrix(self, name, value, description=""):
        """Print a confusion matrix."""
        self._attempt("confusion_matrix", name, value)

    def tag(self, name, value=None):
        """Print a tag."""
        print("Attempted to add tag {} with value {}".format(name, value))

    def set_tags(self, tags):
        """Print tags."""
        print("Attempted to set tags {}".format(tags))

    def add_properties(self, properties):
        """Print properties."""
        print("Attempted to add properties {}".format(properties))

    def upload_file(self, name, path_or_stream, datastore_name=None):
        """Print which file would be kept."""
        print("Attempted to track file {} at {}".format(name, path_or_stream))

    def upload_files(self, names, paths, return_artifacts=False, timeout_seconds=None):
        """Print which files would be kept."""
        print("Attempted to track files {} at {}".format(names, paths))

    def upload_folder(self, name, folder=None, datastore_name=None, path=None):
        """Print which folder would be kept."""
        print("Attempted to track folder {} at {}".format(name, folder if folder is not None else path))

    def register_model(self, model_name, model_path=None, **kwargs):
        """Print which model would be registered."""
        print("Attempted to register model {}:\n{}".format(model_name, model_path or model_name))

    def child_run(self, name=None, run_id=None, outputs=None):
        """Return an offline run whose id continues this one's."""
        return _OfflineRun(run_id="{}.{}".format(self._id, name or run_id or uuid.uuid4()))

    def get_status(self):
        """Return ``"Running"``."""
        return "Running"

    def get_file_names(self):
        """Return an empty list: nothing is kept."""
        return []

    def flush(self, timeout_seconds=300):
        """Print that nothing waits to be written."""
        print("Attempted to flush run with id {}".format(self._id))

    def complete(self, _set_status=True):
        """Do nothing."""

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Print the failure."""
        print("Run failed with error code {}:\n{}".format(error_code, error_details))

    def cancel(self):
        """Do nothing."""

    @staticmethod
    def _attempt(kind, name, value):
        print("Attempted to log {} metric {}:\n{}".format(kind, name, value))
