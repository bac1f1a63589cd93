"""`HyperDriveConfig`: a script, the space of its arguments, and the metric that counts."""

import json
import uuid
from enum import Enum

from azureml._service import note
from azureml.core._submit import submission as _submission
from azureml.core.script_run_config import ScriptRunConfig
from azureml.train.hyperdrive.exceptions import (
    HyperDriveConfigException,
    HyperDriveScenarioNotSupportedException,
)
from azureml.train.hyperdrive.policy import EarlyTerminationPolicy, NoTerminationPolicy
from azureml.train.hyperdrive.sampling import BayesianParameterSampling, HyperParameterSampling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

MAX_DURATION_MINUTES = 10080
_RESUMED_AT_MOST = 5


class PrimaryMetricGoal(Enum):
    """Whether more or less of the metric is better."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"

    @staticmethod
    def from_str(goal: object) -> "PrimaryMetricGoal":
        """Return the goal that a text names."""
        try:
            return PrimaryMetricGoal[str(goal).upper()]
        except KeyError:
            raise HyperDriveConfigException("The goal is MAXIMIZE or MINIMIZE, not {!r}.".format(goal)) from None


class HyperDriveConfig(object):
    """What `Experiment.submit` needs to know of a sweep.

    Exactly one of `estimator` and `run_config` (a `ScriptRunConfig`) says what is run.

    Raises
    ------
    HyperDriveConfigException
        When something is missing, or does not fit together.
    """

    def __init__(
        self,
        hyperparameter_sampling: "HyperParameterSampling",
        primary_metric_name: str,
        primary_metric_goal: "Any",
        max_total_runs: int,
        max_concurrent_runs: "int | None" = None,
        max_duration_minutes: "Any" = MAX_DURATION_MINUTES,
        policy: "EarlyTerminationPolicy | None" = None,
        estimator: "Any" = None,
        run_config: "ScriptRunConfig | None" = None,
        resume_from: "Any" = None,
        resume_child_runs: "Any" = None,
        pipeline: "Any" = None,
        debug_flag: "Any" = None,
        custom_run_id: "str | None" = None,
    ) -> None:
        if sum(one is not None for one in (estimator, run_config, pipeline)) != 1:
            raise HyperDriveConfigException("HyperDriveConfig takes exactly one of estimator, run_config and pipeline.")
        if pipeline is not None:
            raise HyperDriveScenarioNotSupportedException(
                "Desktop AML does not sweep over pipelines: sweep over the script of the step with run_config."
            )
        if run_config is not None and not isinstance(run_config, ScriptRunConfig):
            raise HyperDriveConfigException(
                "run_config must be a ScriptRunConfig, not {}.".format(type(run_config).__name__)
            )
        if estimator is not None and not isinstance(getattr(estimator, "_config", None), ScriptRunConfig):
            raise HyperDriveConfigException("estimator must be an Estimator, not {}.".format(type(estimator).__name__))
        if not isinstance(hyperparameter_sampling, HyperParameterSampling):
            raise HyperDriveConfigException("hyperparameter_sampling must be such as RandomParameterSampling({...}).")
        if policy is not None and not isinstance(policy, EarlyTerminationPolicy):
            raise HyperDriveConfigException("policy must be such as BanditPolicy(slack_factor=0.1).")
        if not isinstance(primary_metric_name, str) or not primary_metric_name.strip():
            raise HyperDriveConfigException("primary_metric_name must be the name of a metric that the script logs.")
        self._sampling = hyperparameter_sampling
        self._primary_metric_name = primary_metric_name
        self._goal = _goal(primary_metric_goal)
        self._max_total_runs = _whole("max_total_runs", max_total_runs)
        at_once = max_total_runs if max_concurrent_runs is None else _whole("max_concurrent_runs", max_concurrent_runs)
        self._max_concurrent_runs = min(at_once, self._max_total_runs)
        self._max_duration_minutes = _whole("max_duration_minutes", max_duration_minutes)
        self._policy = policy or NoTerminationPolicy()
        self._policy._rule()  # what is no rule by itself is refused now, not when the sweep is submitted
        self._estimator = estimator
        self._run_config = run_config
        self._resume_from = _resumed(resume_from)
        self._custom_run_id = custom_run_id
        if resume_child_runs:
            note("HyperDriveConfig ignores resume_child_runs: trials are not taken up where they were stopped.")
        self._tell()

    def _tell(self) -> None:
        if self._max_duration_minutes > MAX_DURATION_MINUTES:
            note("HyperDriveConfig: max_duration_minutes is more than Azure's {}.".format(MAX_DURATION_MINUTES))
        if isinstance(self._sampling, BayesianParameterSampling):
            least = 20 * len(self._sampling._parameter_space)
            if self._max_total_runs < least:
                note("HyperDriveConfig: Azure recommends max_total_runs of at least {} here.".format(least))
            if self._max_concurrent_runs > 20:
                note("HyperDriveConfig: Azure recommends at most 20 concurrent runs with Bayesian sampling.")
            if not isinstance(self._policy, NoTerminationPolicy):
                raise HyperDriveConfigException("Bayesian sampling takes no policy: every trial must come to its end.")

    @property
    def estimator(self) -> "Any":
        """The estimator that was given, or None."""
        return self._estimator

    @property
    def run_config(self) -> "ScriptRunConfig | None":
        """The `ScriptRunConfig` that was given, or None."""
        return self._run_config

    @property
    def pipeline(self) -> None:
        """None: there are no pipelines here."""
        return None

    @property
    def source_directory(self) -> "Any":
        """The folder that is copied."""
        return self._script_config().source_directory

    def _script_config(self) -> "ScriptRunConfig":
        return self._run_config if self._run_config is not None else self._estimator._config

    def _submit_to(
        self, experiment: "Any", tags: "dict[str, Any] | None" = None, _parent_run_id: str = "", **kwargs: "Any"
    ) -> "Any":
        for _, kind, args in self._sampling._space():
            if kind in ("loguniform", "qloguniform"):
                note("{}({}, {}) draws between exp({}) and exp({}).".format(kind, args[0], args[1], args[0], args[1]))
        run_id = _submission.submit(
            experiment,
            self._script_config(),
            tags,
            _parent_run_id,
            run_id=self._custom_run_id or "HD_{}".format(uuid.uuid4()),
            sweep={
                "space": self._sampling._space(),
                "search": self._sampling._search,
                "seed": self._sampling._seed(),
                "metric": self._primary_metric_name,
                "goal": self._goal.value.lower(),
                "trials": self._max_total_runs,
                "concurrent": self._max_concurrent_runs,
                "time_limit_s": self._max_duration_minutes * 60.0,
                "rule": self._policy._rule(),
            },
            sweep_properties=self._properties(),
        )
        return experiment._run(run_id)

    def _properties(self) -> "dict[str, str]":
        return {
            "primary_metric_config": json.dumps({"name": self._primary_metric_name, "goal": self._goal.value.lower()}),
            "resume_from": json.dumps([run.id for run in self._resume_from] or None),
            "runTemplate": "HyperDrive",
            "azureml.runsource": "hyperdrive",
            "platform": "AML",
        }


HyperDriveRunConfig = HyperDriveConfig
"""The older name."""


def _goal(goal: object) -> "PrimaryMetricGoal":
    return goal if isinstance(goal, PrimaryMetricGoal) else PrimaryMetricGoal.from_str(goal)


def _whole(name: str, value: "Any") -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise HyperDriveConfigException("{} must be a whole number of at least 1.".format(name))
    return value


def _resumed(runs: "Any") -> "list[Any]":
    from azureml.train.hyperdrive.run import HyperDriveRun

    found = [] if runs is None else list(runs) if isinstance(runs, (list, tuple)) else [runs]
    if len(found) > _RESUMED_AT_MOST:
        raise HyperDriveConfigException("resume_from takes at most {} sweeps.".format(_RESUMED_AT_MOST))
    for run in found:
        if not isinstance(run, HyperDriveRun):
            raise HyperDriveConfigException("resume_from takes HyperDriveRun, not {}.".format(type(run).__name__))
    return found
