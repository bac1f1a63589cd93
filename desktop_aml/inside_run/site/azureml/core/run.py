"""`Run`: what a script records about itself, and every other run of the workspace.

Inside a run everything is appended to files in the run's folder and nothing waits for the engine but what asks for
other things of the workspace. A run that is opened by its id is read and changed through the workspace.
"""

import html
import warnings

from desktop_aml_run import belonging, other_sdk

from azureml._lazy import provide as _provide
from azureml._objects import public
from azureml._service import call
from azureml.core._run.access import workspace_of
from azureml.core._run.children import RunChildren, matcher, pages
from azureml.core._run.models import RunModels
from azureml.core._run.offline import _OfflineRun
from azureml.core._run.records import RunExperiment
from azureml.exceptions import RunEnvironmentException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Any, NoReturn

    from azureml._objects import ExperimentLike, WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["Run", "get_run"]

_contexts: "dict[tuple[str, ...], _SubmittedRun]" = {}
_providers: "dict[str, Callable[[Any, dict[str, Any]], Any]]" = {}

_NEEDED = (belonging.RUN_ID, belonging.RUN_DIRECTORY)


class Run(RunChildren, RunModels):
    """A run. `Run.get_context` returns the one that this process belongs to.

    Parameters
    ----------
    experiment : Experiment
        The experiment that the run belongs to.
    run_id : str
        Its identifier.
    """

    def __init__(self, experiment: "Any", run_id: str, outputs: "Any" = None, **kwargs: "Any") -> None:
        if not isinstance(run_id, str):
            raise UserErrorException("The id of a run is text, not {}.".format(type(run_id).__name__))
        self._bind(experiment, run_id)
        details = self._details()
        if experiment is not None and details["experiment"] != experiment.name:
            raise UserErrorException(
                "The run '{}' belongs to the experiment '{}', not to '{}'.".format(
                    run_id, details["experiment"], experiment.name
                )
            )

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: object, error: "BaseException | None", traceback: "TracebackType | None") -> "bool | None":
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.complete()
        else:
            self.fail(error)
        return None

    def __repr__(self) -> str:
        return "Run(Experiment: {},\nId: {},\nType: {},\nStatus: {})".format(
            self.experiment.name, self.id, self.type, self.get_status()
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other._id == self._id

    def __hash__(self) -> int:
        return hash(self._id)

    def _repr_html_(self) -> str:
        cells = [
            ("Experiment", self.experiment.name),
            ("Id", self.id),
            ("Name", self.display_name),
            ("Type", self.type or "interactive"),
            ("Status", self.get_status()),
            ("Address", self.get_portal_url()),
        ]
        rows = ["<tr><th>{}</th><td>{}</td></tr>".format(html.escape(a), html.escape(str(b))) for a, b in cells]
        return "<table>{}</table>".format("".join(rows))

    @classmethod
    def get_context(cls, allow_offline: bool = True, used_for_context_manager: bool = False, **kwargs: "Any") -> "Any":
        """Return the run of this process; always the same object.

        Parameters
        ----------
        allow_offline : bool
            Outside a run: return an `_OfflineRun`, which prints instead of recording.

        Raises
        ------
        RunEnvironmentException
            Outside a run, when `allow_offline` is false.
        """
        told = [belonging.variable(name) or "" for name in _NEEDED]
        missing = [name for name, value in zip(_NEEDED, told) if not value]
        if missing:
            if allow_offline:
                return _OfflineRun()
            raise RunEnvironmentException(
                "This process does not belong to a run: {} not set. Submit the script to Desktop AML.".format(
                    " and ".join(missing) + (" is" if len(missing) == 1 else " are")
                )
            )
        key = tuple(told)
        if key not in _contexts:
            # Two threads may both make one; all get the one that was kept.
            _contexts.setdefault(key, _SubmittedRun(*key))
        return _contexts[key]

    @classmethod
    def get_submitted_run(cls, **kwargs: "Any") -> "Any":
        """Return the run of this process; an older name of ``get_context(allow_offline=False)``."""
        return cls.get_context(allow_offline=False, **kwargs)

    @staticmethod
    def get(workspace: "WorkspaceLike", run_id: str) -> "Any":
        """Return a run of the workspace.

        Raises
        ------
        UserErrorException
            When there is no run with this id.
        """
        details = call("runs.get", workspace, run_id=run_id)
        return run_from(public("Experiment")(workspace, details["experiment"]), details)

    @staticmethod
    def list(
        experiment: "ExperimentLike",
        type: "str | None" = None,
        tags: "Any" = None,
        properties: "Any" = None,
        status: "str | None" = None,
        include_children: bool = False,
        _rehydrate_runs: bool = True,
    ) -> "Iterator[Any]":
        """Yield the runs of an experiment, newest first.

        Parameters
        ----------
        type, status : str, optional
            Only runs of this type, in this state.
        tags, properties : str or dict, optional
            Only runs that have this key, or each of these keys with its value.
        include_children : bool
            Also the runs that are children of others.
        """
        matches = matcher(tags, properties, type, status)
        found = pages(workspace_of(experiment), experiment=experiment.name, include_children=bool(include_children))
        return (run_from(experiment, details) for details in found if matches(details))

    @staticmethod
    def list_by_compute(
        compute: "Any",
        type: "str | None" = None,
        tags: "Any" = None,
        properties: "Any" = None,
        status: "str | None" = None,
    ) -> "Iterator[Any]":
        """Yield the runs that were submitted to a compute target, newest first."""
        matches = matcher(tags, properties, type, status)
        for details in pages(compute.workspace, include_children=True):
            if details["properties"].get("desktop_aml.compute_target") == compute.name and matches(details):
                experiment = public("Experiment")(compute.workspace, details["experiment"])
                yield run_from(experiment, details)

    @staticmethod
    def _start_logging(
        experiment: "ExperimentLike",
        name: "str | None" = None,
        run_id: "str | None" = None,
        outputs: "Any" = None,
        snapshot_directory: "str | None" = ".",
        display_name: "str | None" = None,
        **kwargs: "Any",
    ) -> "Any":
        """Start a run that this process records; `Experiment.start_logging`."""
        return public("start")(
            experiment,
            run_id=run_id,
            outputs=outputs,
            snapshot_directory=snapshot_directory,
            display_name=display_name or name,
            **kwargs,
        )

    @staticmethod
    def add_type_provider(runtype: str, run_factory: "Callable[[Any, dict[str, Any]], Any]") -> None:
        """Have runs of a type be made by ``run_factory(experiment, details)``."""
        _providers[runtype] = run_factory

    def start(self) -> None:
        """Do nothing: a run that can be recorded is Running."""


class _SubmittedRun(Run):
    """The run of a script that Desktop AML started. Safe to use from many threads, and after a fork."""

    _own = True
    _inputs: "dict[str, Any] | None" = None
    type = "azureml.scriptrun"

    def __init__(self, run_id: str, run_directory: str) -> None:
        other_sdk.tell()
        name = belonging.variable("AZUREML_ARM_PROJECT_NAME") or ""
        self._bind(RunExperiment(name), run_id)
        self._write_into(run_directory)

    def __reduce__(self) -> "tuple[Any, tuple[()]]":
        return Run.get_context, ()

    def __exit__(self, kind: object, error: "BaseException | None", traceback: "TracebackType | None") -> None:
        self.complete()

    @property
    def status(self) -> str:
        """State of the run, seen from inside."""
        return "Running"

    def get_status(self) -> str:
        """Return the state of the run, seen from inside."""
        return self.status

    @property
    def input_datasets(self) -> "dict[str, Any]":
        """Inputs of the run by name: the dataset itself, or the path of its files. What is assigned is recorded."""
        from azureml.data._run_data import inputs

        if self._inputs is None:
            self._inputs = inputs(self)
        return self._inputs

    @property
    def output_datasets(self) -> "dict[str, str]":
        """Folders of the run's output datasets by name."""
        from azureml.data._run_data import outputs

        return outputs()

    def complete(self, _set_status: bool = True) -> None:
        """Flush. The state of the run changes when its script ends."""
        self.flush()

    def _end(self, exit_code: int, message: str, set_status: bool) -> None:
        self.flush()

    def cancel(self) -> None:
        """Warn: a script cannot cancel its own run; use the window or ``desktop-aml run cancel``."""
        warnings.warn("A script cannot cancel its own run; end the script instead.", stacklevel=2)

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> "NoReturn":
        """Refuse: the run ends when its script does, which would wait for itself."""
        raise RunEnvironmentException("A script cannot wait for the end of its own run.")


def get_run(experiment: "Any", run_id: str, rehydrate: bool = True, clean_up: bool = True, **kwargs: "Any") -> "Any":
    """Return the run with this id, as `ScriptRun` when it is the run of a script."""
    own = Run.get_context()
    if own.id == run_id:
        return own
    details = call("runs.get", workspace_of(experiment), run_id=run_id)
    return run_from(experiment, details)


def run_from(experiment: "Any", details: "dict[str, Any]") -> "Any":
    """Return a run by what the workspace knows of it."""
    factory = _providers.get(details["type"])
    if factory is not None:
        return factory(experiment, details)
    script_run = public("ScriptRun")
    kind = script_run if details["type"] == script_run.RUN_TYPE else Run
    if details["type"] == "hyperdrive":
        kind = public("HyperDriveRun")
    run = kind.__new__(kind)
    run._bind(experiment, details["id"], details)
    return run


_provide(__name__, {"ScriptRun": "azureml.core.script_run"})
