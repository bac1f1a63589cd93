"""Runs that this process records: `Experiment.start_logging` and `Run.child_run`.

The process claims the run, writes what is logged into the run's folder, and says how it ended. When it dies before, the
run is found as lost.
"""

import os
import re
import sys
import time
import uuid

from desktop_aml_run.artifacts import ArtifactExists
from desktop_aml_run.attempt import OwnAttempt

from azureml._service import call
from azureml.core._run.access import TERMINAL, workspace_of
from azureml.core._run.files import files_below
from azureml.core._run.status import failure_record
from azureml.core._run.waiting import pauses_s
from azureml.core.run import Run
from azureml.exceptions import AzureMLException, SnapshotException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Any, NoReturn, TextIO

    from azureml._objects import ExperimentLike


_RUN_ID = re.compile(r"^[A-Za-z0-9][\w.-]{0,255}$")


def start(
    experiment: "ExperimentLike",
    name: "str | None" = None,
    run_id: "str | None" = None,
    outputs: "Any" = None,
    snapshot_directory: "str | None" = None,
    display_name: "str | None" = None,
    parent: str = "",
    **kwargs: "Any",
) -> "InteractiveRun":
    """Start a run that this process records, and return it Running.

    Parameters
    ----------
    outputs : None, bool, str or list of str
        Folders whose files are kept at the end; None or True is ``./outputs``, which is made.
    snapshot_directory : str, optional
        A folder to keep a copy of, as the code of the run.
    parent : str
        Id of the run that it is a child of.

    Raises
    ------
    SnapshotException
        When the copy of `snapshot_directory` cannot be made.
    """
    identifier = str(uuid.uuid4()) if run_id is None else str(run_id)
    if not _RUN_ID.match(identifier):
        raise UserErrorException("A run id has up to 256 letters, digits, -, _ and dots: {!r}.".format(identifier))
    folders = _output_folders(outputs)
    source = "" if snapshot_directory is None else os.path.abspath(os.path.expanduser(str(snapshot_directory)))
    if source and not os.path.isdir(source):
        raise SnapshotException("There is no folder '{}'. Use snapshot_directory=None for no copy.".format(source))
    directory = call(
        "runs.start",
        workspace_of(experiment),
        errors={"StorageError": SnapshotException} if source else None,
        run_id=identifier,
        experiment=experiment.name,
        display_name=display_name or name or "",
        snapshot_directory=source,
        parent=parent or "",
        properties={"desktop_aml.python": "{} ({})".format(sys.version.split()[0], sys.executable)},
    )
    attempt = OwnAttempt(directory)
    if not attempt.claim():
        raise UserErrorException("The run '{}' was ended before it began.".format(identifier))
    run = InteractiveRun(experiment, identifier, directory, attempt, folders)
    pauses = pauses_s()
    while run.get_status() in ("Queued", "Preparing"):
        time.sleep(next(pauses) / 10)
    return run


class InteractiveRun(Run):
    """A run that this process records. Ends with `complete`, `fail`, the ``with`` statement, or this process."""

    _own = True
    type = None

    def __init__(
        self,
        experiment: "ExperimentLike",
        run_id: str,
        directory: str,
        attempt: "OwnAttempt",
        folders: "list[tuple[str, str]]",
    ) -> None:
        self._bind(experiment, run_id)
        self._write_into(directory)
        self._attempt = attempt
        self._folders = folders
        self._copier: "_OutputCopier | None" = None
        self._pid = os.getpid()

    def __reduce__(self) -> "NoReturn":
        raise TypeError("The run '{}' is recorded by one process and cannot be handed to another.".format(self._id))

    def __enter__(self) -> "InteractiveRun":
        if self._copier is None:
            self._copier = _OutputCopier(os.path.join(self._directory, "logs", "std_log.txt"))
            self._copier.start()
        return self

    def __exit__(self, kind: object, error: "BaseException | None", traceback: "TracebackType | None") -> "bool | None":
        if self._copier is not None:
            self._copier.stop()
            self._copier = None
        if error is None:
            self.complete()
            return None
        if isinstance(error, SystemExit) and error.code in (None, 0):
            self.complete()
            return True
        self.fail(error)
        return None

    def complete(self, _set_status: bool = True) -> None:
        """Keep the files of the output folders and end the run as Completed."""
        self.flush()
        if _set_status:
            self._finish(0, "")

    def fail(self, error_details: "Any" = None, error_code: "str | None" = None, _set_status: bool = True) -> None:
        """Record why the run failed, keep the files of the output folders, and end it as Failed."""
        record = failure_record(error_details, error_code)
        self._journal.append("fail", **record)
        self.flush()
        if _set_status:
            self._finish(1, record["message"])

    def cancel(self) -> None:
        """End the run as Canceled."""
        if self._own:
            self._ask("runs.cancel")
            self._let_go()
            self._wait_until_over()

    def _finish(self, exit_code: int, message: str) -> None:
        if not self._own:
            return
        if self._pid != os.getpid():
            raise AzureMLException("The run '{}' can be ended by the process that started it only.".format(self._id))
        self._keep_outputs()
        self._attempt.end(exit_code, message)
        self._let_go()
        self._wait_until_over()

    def _let_go(self) -> None:
        """From now on the run is one that has ended: what is added goes through the workspace."""
        self._attempt.let_go()
        self._own = False
        self._changed()

    def _keep_outputs(self) -> None:
        for name, folder in self._folders:
            for inside, full in files_below(folder):
                try:
                    self._keep_all([("{}/{}".format(name, inside), full)])
                except ArtifactExists:
                    continue  # uploaded by name already, and that is the file that was meant

    def get_status(self) -> str:
        """Return the state of the run now; it may have been cancelled from elsewhere."""
        status: str = self._ask("runs.state")
        if status in TERMINAL and self._own:
            self._let_go()
        return status

    @property
    def status(self) -> str:
        """State of the run."""
        return self.get_status()


class _OutputCopier(object):
    """Writes what this process prints also into the log of a run."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._replaced: "list[tuple[str, Any]]" = []

    def start(self) -> None:
        """Begin to copy standard output and standard error."""
        self._log = open(self._path, "a", encoding="utf-8", errors="replace", buffering=1)
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            self._replaced.append((name, stream))
            setattr(sys, name, _Both(stream, self._log))

    def stop(self) -> None:
        """Let both go where they went before."""
        for name, stream in self._replaced:
            if isinstance(getattr(sys, name), _Both):
                setattr(sys, name, stream)
        self._replaced = []
        self._log.close()


class _Both(object):
    """A stream that also writes into a log."""

    def __init__(self, stream: "Any", log: "TextIO") -> None:
        self._stream = stream
        self._log = log

    def write(self, text: str) -> "Any":
        """Write to both; the log may be closed, when something kept this stream."""
        if not self._log.closed:
            self._log.write(text)
        return self._stream.write(text)

    def writelines(self, lines: "Iterable[str]") -> None:
        """Write several texts to both."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._stream, name)


def _output_folders(outputs: "Any") -> "list[tuple[str, str]]":
    """Return ``(name among the run's files, folder)`` of each folder to keep."""
    if outputs is False:
        return []
    if outputs is None or outputs is True:
        os.makedirs("outputs", exist_ok=True)
        outputs = ["outputs"]
    folders = []
    for folder in [outputs] if isinstance(outputs, str) else list(outputs):
        name = os.path.normpath(str(folder)).replace(os.sep, "/")
        if os.path.isabs(str(folder)) or name.startswith(".."):
            name = os.path.basename(name)
        folders.append((name, os.path.abspath(str(folder))))
    return folders
