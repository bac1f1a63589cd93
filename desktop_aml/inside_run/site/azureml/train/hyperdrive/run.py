"""`HyperDriveRun`: a sweep, seen from where it was submitted."""

import json

from azureml._lazy import provide as _provide
from azureml._service import nobody_waits, note
from azureml.core.run import Run
from azureml.train.hyperdrive.exceptions import HyperDriveNotImplementedException, HyperDriveRehydrateException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, NoReturn


_provide(__name__, {"PrimaryMetricGoal": "azureml.train.hyperdrive.runconfig"})  # public code takes it from here, too

_OVER = ("Completed", "Failed", "Canceled")


class HyperDriveRun(Run):
    """A sweep. Its trials are its children, with the ids ``<sweep>_0``, ``<sweep>_1`` and so on.

    Parameters
    ----------
    experiment : Experiment
        The experiment that it belongs to.
    run_id : str
        Its identifier.
    hyperdrive_config : HyperDriveConfig, optional
        What it was submitted with.

    Raises
    ------
    HyperDriveRehydrateException
        When the run is no sweep.
    """

    RUN_TYPE = "hyperdrive"

    def __init__(self, experiment: "Any", run_id: str, hyperdrive_config: "Any" = None, **kwargs: "Any") -> None:
        super(HyperDriveRun, self).__init__(experiment, run_id, **kwargs)
        self._hyperdrive_config = hyperdrive_config
        if self._details()["type"] != self.RUN_TYPE:
            raise HyperDriveRehydrateException("The run '{}' is no sweep.".format(run_id))

    @property
    def hyperdrive_config(self) -> "Any":
        """What the sweep was submitted with, where this object knows it."""
        return self.__dict__.get("_hyperdrive_config")

    def get_best_run_by_primary_metric(
        self, include_failed: bool = True, include_canceled: bool = True, include_resume_from_runs: bool = True
    ) -> "Any":
        """Return the child with the best value of the primary metric; None when no child logged it, and say why.

        In a notebook that is executed as a run it waits for the end of the sweep rather than return None before that.

        Parameters
        ----------
        include_failed, include_canceled : bool
            Whether such children count.
        include_resume_from_runs : bool
            Whether those of the sweeps that this one resumes count, too.
        """
        found = self._sweep()
        best = self._best(found, include_failed, include_canceled)
        owner = self
        if include_resume_from_runs:
            for earlier in self._resumed():
                other = earlier._best(earlier._sweep(), include_failed, include_canceled)
                if other is not None and (best is None or _is_better(other, best, found["goal"])):
                    best, owner = other, earlier
        if best is None and nobody_waits() and self.get_status() not in _OVER:
            note("Waiting for the sweep {} to end: no child has the metric yet.".format(self.id))
            self.wait_for_completion()
            return self.get_best_run_by_primary_metric(include_failed, include_canceled, include_resume_from_runs)
        if best is None:
            note(_why_none(self.id, found))
            return None
        return owner._child(best["run_id"])

    @staticmethod
    def _best(found: "dict[str, Any]", include_failed: bool, include_canceled: bool) -> "dict[str, Any] | None":
        left_out = {"" if include_failed else "Failed", "" if include_canceled else "Canceled"}
        for trial in found["trials"]:
            if trial["best"] is not None and trial["status"] not in left_out:
                answer: "dict[str, Any] | None" = trial
                return answer
        return None

    def _child(self, run_id: str) -> "Any":
        from azureml.core.run import get_run

        return get_run(self.experiment, run_id)

    def _resumed(self) -> "List[HyperDriveRun]":
        names = json.loads(self._details()["properties"].get("resume_from") or "null") or []
        return [HyperDriveRun(self.experiment, name) for name in names]

    def get_children_sorted_by_primary_metric(
        self, top: int = 0, reverse: bool = False, discard_no_metric: bool = False
    ) -> "List[dict[str, Any]]":
        """Return a list of dicts, best child first.

        Each has ``run_id``, ``hyperparameters`` (JSON), ``best_primary_metric`` and ``status``.

        Parameters
        ----------
        top : int
            How many; 0 for all.
        reverse : bool
            Worst first.
        discard_no_metric : bool
            Leave children out that have not logged the metric; else they come last.
        """
        trials = self._sweep()["trials"]
        known = [trial for trial in trials if trial["best"] is not None]
        if reverse:
            known.reverse()
        unknown = [] if discard_no_metric else [trial for trial in trials if trial["best"] is None]
        found = [
            {
                "run_id": trial["run_id"],
                "hyperparameters": json.dumps(trial["values"]),
                "best_primary_metric": trial["best"],
                "status": trial["status"],
            }
            for trial in known + unknown
        ]
        return found[:top] if top else found

    def get_hyperparameters(self) -> "dict[str, str]":
        """Return the values that each child was given: JSON by the child's id."""
        trials = sorted(self._sweep()["trials"], key=lambda trial: trial["number"])
        return {trial["run_id"]: json.dumps(trial["values"]) for trial in trials}

    def get_metrics(
        self, name: "str | None" = None, recursive: bool = True, run_type: "str | None" = None, populate: bool = False
    ) -> "dict[str, Any]":
        """Return what the children logged: values by name, by the child's id."""
        found = self._ask("runs.metrics", name=name or "", recursive=True, run_type=run_type or "", populate=populate)
        return {run_id: metrics for run_id, metrics in found.items() if run_id != self.id}

    def get_diagnostics(self) -> "NoReturn":
        """Refuse: everything lies in the workspace."""
        raise HyperDriveNotImplementedException("HyperDriveRun has no get_diagnostics(): see the logs of the run.")

    def fail(
        self, error_details: "Any" = None, error_code: "str | None" = None, _set_status: bool = True
    ) -> "NoReturn":
        """Refuse, as Azure ML does: a sweep is cancelled."""
        raise HyperDriveNotImplementedException("HyperDriveRun has no fail(): use cancel().")

    def _sweep(self) -> "dict[str, Any]":
        found: "dict[str, Any]" = self._ask("sweeps.get")
        return found

    def _shown(self) -> "List[tuple[str, str]]":
        """Return what `RunDetails` shows: pairs of name and words."""
        found = self._sweep()
        rows = [("Metric", "{} {}".format(found["goal"], found["metric"]))]
        for trial in found["trials"]:
            words = " ".join("{} {}".format(name, value) for name, value in trial["values"].items())
            value = "" if trial["best"] is None else "{} = {}, ".format(found["metric"], trial["best"])
            rows.append((trial["run_id"], "{}{} ({})".format(value, words, trial["status"])))
        if found["explanation"]:
            rows.append(("Note", found["explanation"]))
        return rows


def _why_none(run_id: str, found: "dict[str, Any]") -> str:
    left_out = sorted({trial["status"] for trial in found["trials"] if trial["best"] is not None})
    if left_out:
        return "Every child of the sweep {} that logged “{}” is {}, and was left out as asked for.".format(
            run_id, found["metric"], " or ".join(left_out)
        )
    return found["explanation"] or "No child of the sweep {} has the metric yet.".format(run_id)


def _is_better(one: "dict[str, Any]", other: "dict[str, Any]", goal: str) -> bool:
    found: bool = one["best"] > other["best"] if goal == "maximize" else one["best"] < other["best"]
    return found
