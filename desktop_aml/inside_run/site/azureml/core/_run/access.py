"""Who a run is, and the two ways to its records: its folder, when this process writes there, and the workspace."""

import os

from desktop_aml_run import backend
from desktop_aml_run.artifacts import ArtifactStore
from desktop_aml_run.journal import Journal

from azureml._service import call
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from azureml._objects import ExperimentLike, WorkspaceLike


TERMINAL = ("Completed", "Failed", "Canceled")


def workspace_of(experiment: "ExperimentLike | None") -> "WorkspaceLike | None":
    """Return the workspace to ask; None inside a run, where there is only one, and asking for it would take time."""
    return None if experiment is None or backend.inside_run() else experiment.workspace


class RunAccess(object):
    """What every part of a run builds on.

    A run is *own* when this process records it: the run that the process belongs to, or an interactive one that it
    started. What is recorded of an own run needs no engine; everything else goes through the workspace.
    """

    _own = False
    _id = ""
    _experiment: "Any" = None

    def _bind(self, experiment: "ExperimentLike | None", run_id: str, details: "dict[str, Any] | None" = None) -> None:
        self._experiment = experiment
        self._id = run_id
        self._last_details = details

    @property
    def _workspace(self) -> "WorkspaceLike | None":
        return workspace_of(self._experiment)

    def _ask(self, method: str, errors: "Mapping[str, type[Exception]] | None" = None, **body: "Any") -> "Any":
        return call(method, self._workspace, errors=errors, run_id=self._id, **body)

    def _details(self) -> "dict[str, Any]":
        """Return what the workspace knows of the run now; once it has ended, what it knew."""
        known = self._last_details
        if known is None or known["status"] not in TERMINAL:
            known = self._last_details = self._ask("runs.get")
        return known

    def _changed(self) -> None:
        """Forget what was known, because something was changed."""
        self._last_details = None

    def _open_folder(self) -> None:
        """Make ready to write into the folder of a run of another process, or of one that has ended."""
        directory = self._details()["directory"]
        journal = os.path.join(directory, "journal")
        if os.access(directory, os.W_OK):
            # A run that was submitted a moment ago has no such folders yet.
            for name in ("journal", "uploads", "requests"):
                os.makedirs(os.path.join(directory, name), exist_ok=True)
        if not os.access(journal, os.W_OK):
            raise UserErrorException(
                "Nothing can be added to the run '{}' from here: its folder {} cannot be written. A script in a "
                "container can add to its own run and to the children it started.".format(self._id, directory)
            )
        self._write_into(directory)

    def _write_into(self, directory: str) -> None:
        self._directory = directory
        self._journal = Journal(os.path.join(directory, "journal"))
        self._artifacts = ArtifactStore(directory, self._id)

    def _recorded(self) -> None:
        """Have what was just written into the folder of somebody else's run stored."""
        self._changed()
        self._ask("runs.take_in")

    def __getattr__(self, name: str) -> "Any":
        if name in ("_directory", "_journal", "_artifacts"):
            self._open_folder()
            return self.__dict__[name]
        raise AttributeError(
            "Desktop AML's Run does not have '{}' yet. It has: {}.".format(
                name, ", ".join(sorted(known for known in dir(type(self)) if not known.startswith("_")))
            )
        )
