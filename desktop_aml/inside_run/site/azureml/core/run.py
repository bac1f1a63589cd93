"""`Run`: what a script records about itself, and `Run.get_context`, which finds the run the script belongs to.

Inside a run everything is appended to files in the run's folder; nothing waits for the engine but `register_model`.
"""

import os

from desktop_aml_run.artifacts import ArtifactStore
from desktop_aml_run.journal import Journal

from azureml._missing import message as _message
from azureml.core._offline_run import _OfflineRun
from azureml.core._run_metrics import RunMetrics
from azureml.core._run_models import RunModels
from azureml.core._run_records import RunRecords
from azureml.exceptions import RunEnvironmentException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = ["Run", "get_run"]

_contexts = {}

_NEEDED = ("AZUREML_RUN_ID", "DESKTOP_AML_RUN_DIR")


class Run(RunMetrics, RunRecords, RunModels):
    """The run that a script belongs to; `Run.get_context` returns it."""

    def __init__(self, experiment, run_id, **kwargs):  # noqa: ARG002 - Azure ML's signature
        raise RunEnvironmentException(
            "Desktop AML does not open other runs from code yet. Inside a script, Run.get_context() gives its own run."
        )

    def __getattr__(self, name):
        raise AttributeError(
            "Desktop AML's Run does not have '{}' yet. It has: {}.".format(
                name, ", ".join(sorted(known for known in dir(type(self)) if not known.startswith("_")))
            )
        )

    def __reduce__(self):
        return Run.get_context, ()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        self.complete()

    def __repr__(self):
        return "Run(Experiment: {},\nId: {},\nType: {},\nStatus: {})".format(
            self.experiment.name, self.id, self.type, self.status
        )

    @classmethod
    def get_context(cls, allow_offline=True, used_for_context_manager=False, **kwargs):  # noqa: ARG003
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
        missing = [name for name in _NEEDED if not os.environ.get(name)]
        if missing:
            if allow_offline:
                return _OfflineRun()
            raise RunEnvironmentException(
                "This process does not belong to a run: {} not set. Submit the script to Desktop AML.".format(
                    " and ".join(missing) + (" is" if len(missing) == 1 else " are")
                )
            )
        key = tuple(os.environ[name] for name in _NEEDED)
        if key not in _contexts:
            # Two threads may both make one; all get the one that was kept.
            _contexts.setdefault(key, _SubmittedRun(*key))
        return _contexts[key]

    @classmethod
    def get_submitted_run(cls, **kwargs):
        """Return the run of this process; an older name of ``get_context(allow_offline=False)``."""
        return cls.get_context(allow_offline=False, **kwargs)

    @classmethod
    def get(cls, workspace, run_id):
        """Return a run of the workspace; here only the script's own."""
        return get_run(None, run_id, workspace=workspace)


class _SubmittedRun(Run):
    """The run of a script that Desktop AML started. Safe to use from many threads, and after a fork."""

    def __init__(self, run_id, run_directory):
        self._id = run_id
        self._directory = run_directory
        self._journal = Journal(os.path.join(run_directory, "journal"))
        self._artifacts = ArtifactStore(run_directory, run_id)


def get_run(experiment, run_id, rehydrate=True, clean_up=True, **kwargs):  # noqa: ARG001 - Azure ML's signature
    """Return the run with this id; here only the script's own."""
    own = Run.get_context()
    if own.id != run_id:
        raise RunEnvironmentException(
            "Desktop AML does not open other runs from code yet; this script's own run is {}.".format(own.id)
        )
    return own


def __getattr__(name):
    raise AttributeError(_message("azureml.core.run." + name))
