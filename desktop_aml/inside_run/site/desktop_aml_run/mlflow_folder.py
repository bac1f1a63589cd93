"""Where MLflow writes in a run that cannot reach a tracking server: a folder among the run's outputs.

Python 3.6 to 3.14; nothing of MLflow is imported.
"""

import os

VARIABLE = "MLFLOW_TRACKING_URI"
_PLACE = ("snapshot", "outputs", "mlruns")
_TOLD = "DESKTOP_AML_MLFLOW_TOLD"


def uri(run_directory):
    """Return the address of the folder."""
    return _address(os.path.join(run_directory, *_PLACE))


def for_workspace(workspace_path, note):
    """Return the address that MLflow is to use for a workspace: that of the run, outside of one a folder of its own.

    Parameters
    ----------
    note : callable
        Says that what is logged there is not shown.
    """
    run_directory = os.environ.get("DESKTOP_AML_RUN_DIR")
    if run_directory:
        return os.environ.get(VARIABLE) or uri(run_directory)
    folder = os.path.join(workspace_path, "mlruns")
    note("there is no MLflow server yet: mlflow writes into {}, which the window does not show.".format(folder))
    # MLflow 3 reads and writes folders only where that is asked for.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    return _address(folder)


def _address(folder):
    from urllib.parse import quote

    return "file://" + quote(os.fsencode(os.path.abspath(folder)))


def tell():
    """Say where MLflow writes, once in a run and only where it is this folder."""
    run_directory = os.environ.get("DESKTOP_AML_RUN_DIR")
    if not run_directory or os.environ.get(_TOLD) or os.environ.get(VARIABLE) != uri(run_directory):
        return
    os.environ[_TOLD] = "1"
    # The engine reads this module, too, and has no such package.
    from desktop_aml_run import telling

    telling.tell(
        "this run cannot reach a tracking server: mlflow writes into outputs/mlruns, which is kept with the run. "
        "What is to be drawn and compared is logged with azureml.core.Run."
    )
