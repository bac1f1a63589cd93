"""Where MLflow writes in a run that cannot reach a tracking server: a folder among the run's outputs.

Python 3.6 to 3.14; nothing of MLflow is imported.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import Popen

    Served = tuple[Popen[bytes] | None, str, str]


VARIABLE = "MLFLOW_TRACKING_URI"
_PLACE = ("snapshot", "outputs", "mlruns")
_TOLD = "DESKTOP_AML_MLFLOW_TOLD"


def uri(run_directory: str) -> str:
    """Return the address of the folder."""
    return _address(os.path.join(run_directory, *_PLACE))


_served: "dict[tuple[int, str], Served]" = {}
"""The tracking servers that this process started, by workspace: each with its address."""


def for_workspace(workspace_path: str, note: "Callable[[str], object]") -> str:
    """Return the address that MLflow is to use for a workspace.

    In a run it is the run's. Elsewhere a tracking server is started, which lives as long as this process; its token is
    put into this process's variables. Where none can be started it is a folder.

    Parameters
    ----------
    note : callable
        Says that what is logged there is not shown.
    """
    run_directory = os.environ.get("DESKTOP_AML_RUN_DIR")
    if run_directory:
        return os.environ.get(VARIABLE) or uri(run_directory)
    key = (os.getpid(), workspace_path)
    server = _served.get(key)
    if server is None or (server[0] is not None and server[0].poll() is not None):
        server = _served[key] = _serve(workspace_path)
    _, address, token = server
    if address:
        os.environ["MLFLOW_TRACKING_TOKEN"] = token
        return address
    folder = os.path.join(workspace_path, "mlruns")
    note("no tracking server could be started: mlflow writes into {}, which the window does not show.".format(folder))
    # MLflow 3 reads and writes folders only where that is asked for.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    return _address(folder)


def _serve(workspace_path: str) -> "Served":
    """Start a tracking server; return its process, address and token, both empty when it did not begin."""
    import json
    import subprocess

    # The engine reads this module, too, and has no such package.
    from desktop_aml_run import bridge
    from desktop_aml_run.channel import NoAnswer

    words = ["tracking", "--json", "--port", "0", "--while-process", str(os.getpid()), "--workspace", workspace_path]
    try:
        command = bridge.find_command() + words
    except NoAnswer:
        return None, "", ""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=bridge.own_variables(),
        start_new_session=True,  # Ctrl+C is for the script alone
    )
    text = b""
    while not text.rstrip().endswith(b"}"):
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            return process, "", ""
        text += line
    told = json.loads(text.decode())
    return process, told["uri"], told["token"]


def _address(folder: str) -> str:
    from urllib.parse import quote

    return "file://" + quote(os.fsencode(os.path.abspath(folder)))


def tell() -> None:
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
