"""HyperDrive code as it is written for Azure ML: configured, submitted, looked at; what is off is refused as there."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import argparse
from azureml.core.run import Run
parser = argparse.ArgumentParser()
parser.add_argument("--kernel", type=str)
parser.add_argument("--penalty", type=float)
found = parser.parse_args()
run = Run.get_context()
run.log("Accuracy", found.penalty if found.kernel == "rbf" else -found.penalty)
"""


@pytest.fixture
def hyperdrive() -> Any:
    import azureml.train.hyperdrive as package

    return package


@pytest.fixture
def script_config(azure: Any, project: Path) -> Any:
    from azureml.core import ScriptRunConfig

    (project / "train_iris.py").write_text(SCRIPT)
    return ScriptRunConfig(source_directory=".", script="train_iris.py", arguments=["--kernel", "linear"])


def config_of(hyperdrive: Any, script_config: Any, **changes: Any) -> Any:
    space = {
        "--kernel": hyperdrive.choice("linear", "rbf"),
        "--penalty": hyperdrive.choice(0.5, 1, 1.5),
    }
    known = {
        "run_config": script_config,
        "hyperparameter_sampling": hyperdrive.RandomParameterSampling(space),
        "primary_metric_name": "Accuracy",
        "primary_metric_goal": hyperdrive.PrimaryMetricGoal.MAXIMIZE,
        "max_total_runs": 12,
        "max_concurrent_runs": 4,
    }
    return hyperdrive.HyperDriveConfig(**{**known, **changes})


def test_a_sweep_is_submitted_and_its_best_run_found(
    azure: Any, hyperdrive: Any, script_config: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from azureml.core import Experiment, Run
    from azureml.widgets import RunDetails

    experiment = Experiment(azure, "train_iris")
    run = experiment.submit(config_of(hyperdrive, script_config), tags={"by": "me"})
    assert isinstance(run, hyperdrive.HyperDriveRun)
    assert run.id.startswith("HD_")
    assert run.wait_for_completion(show_output=True)["status"] == "Completed"
    said = capsys.readouterr().out
    assert "Streaming azureml-logs/hyperdrive.txt" in said
    assert "<START>[" in said
    # Six combinations are all there are, though twelve runs are asked for.
    children = list(run.get_children())
    assert {child.id for child in children} == {f"{run.id}_{n}" for n in range(6)}
    best = run.get_best_run_by_primary_metric()
    assert best.get_details()["runDefinition"]["arguments"] == ["--kernel", "rbf", "--penalty", "1.5"]
    assert best.get_metrics() == {"Accuracy": 1.5}
    assert best.type == "azureml.scriptrun"
    ranked = run.get_children_sorted_by_primary_metric()
    assert [child["best_primary_metric"] for child in ranked] == [1.5, 1.0, 0.5, -0.5, -1.0, -1.5]
    assert json.loads(ranked[0]["hyperparameters"]) == {"--kernel": "rbf", "--penalty": 1.5}
    assert run.get_children_sorted_by_primary_metric(top=1, reverse=True)[0]["best_primary_metric"] == -1.5
    assert json.loads(run.get_hyperparameters()[best.id]) == {"--kernel": "rbf", "--penalty": 1.5}
    assert run.get_metrics()[best.id] == {"Accuracy": 1.5}
    assert len(run.get_metrics()) == 6
    assert run.get_tags()[f"_aml_system_{best.id}"] == ranked[0]["hyperparameters"]
    properties = run.get_properties()
    assert json.loads(properties["primary_metric_config"]) == {"name": "Accuracy", "goal": "maximize"}
    assert (properties["runTemplate"], properties["best_child_run_id"]) == ("HyperDrive", best.id)
    assert "ContentSnapshotId" in properties
    assert "azureml-logs/hyperdrive.txt" in run.get_file_names()
    assert [found.id for found in experiment.get_runs(type="hyperdrive")] == [run.id]
    assert isinstance(Run.get(azure, run.id), hyperdrive.HyperDriveRun)
    assert run.hyperdrive_config is None
    RunDetails(run).show()
    assert "maximize Accuracy" in capsys.readouterr().out
    for refused in (run.fail, run.get_diagnostics):
        with pytest.raises(hyperdrive.HyperDriveNotImplementedException):
            refused()
    with pytest.raises(hyperdrive.HyperDriveRehydrateException):
        hyperdrive.HyperDriveRun(experiment, best.id)


def test_a_notebook_that_nobody_sits_at_gets_the_best_run_of_the_whole_sweep(
    azure: Any, hyperdrive: Any, script_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azureml.core import Experiment

    run = Experiment(azure, "train_iris").submit(config_of(hyperdrive, script_config))
    monkeypatch.setenv("DESKTOP_AML_NOTEBOOK", "executed")
    assert run.get_best_run_by_primary_metric().get_metrics() == {"Accuracy": 1.5}


def test_a_metric_of_another_name_gives_none_and_says_why(
    azure: Any, hyperdrive: Any, script_config: Any, notes: Callable[[], str]
) -> None:
    from azureml.core import Experiment

    config = config_of(hyperdrive, script_config, primary_metric_name="accuracy", max_total_runs=1)
    run = Experiment(azure, "train_iris").submit(config)
    run.wait_for_completion()
    assert run.get_best_run_by_primary_metric() is None
    assert "Did you mean “Accuracy”?" in notes()
    child = run.get_children_sorted_by_primary_metric()[0]
    assert (child["best_primary_metric"], child["status"]) == (None, "Completed")
    assert run.get_children_sorted_by_primary_metric(discard_no_metric=True) == []


def test_a_best_run_that_only_children_left_out_could_be_is_none_and_says_so(
    azure: Any, hyperdrive: Any, script_config: Any, project: Path, notes: Callable[[], str]
) -> None:
    from azureml.core import Experiment

    (project / "train_iris.py").write_text(SCRIPT + "raise SystemExit(3)\n")
    run = Experiment(azure, "train_iris").submit(config_of(hyperdrive, script_config, max_total_runs=1))
    run.wait_for_completion(raise_on_error=False)
    assert run.get_best_run_by_primary_metric().get_status() == "Failed"
    notes()
    assert run.get_best_run_by_primary_metric(include_failed=False) is None
    assert "that logged “Accuracy” is Failed, and was left out as asked for" in notes()


def test_an_earlier_sweep_counts_for_the_best_and_a_cluster_has_its_nodes(
    azure: Any, hyperdrive: Any, script_config: Any, project: Path
) -> None:
    from azureml.core import Experiment
    from azureml.core.compute import AmlCompute, ComputeTarget
    from azureml.train.sklearn import SKLearn

    compute = ComputeTarget.create(azure, "cpu", AmlCompute.provisioning_configuration("STANDARD_D2_V2", max_nodes=1))
    experiment = Experiment(azure, "train_iris")
    grid = hyperdrive.GridParameterSampling({"kernel": hyperdrive.choice(["rbf"]), "penalty": hyperdrive.choice(7, 5)})
    estimator = SKLearn(".", entry_script="train_iris.py", compute_target=compute, script_params={"--kernel": "linear"})
    changes = {"run_config": None, "estimator": estimator, "hyperparameter_sampling": grid, "max_total_runs": 4}
    first = experiment.submit(config_of(hyperdrive, script_config, **changes, policy=hyperdrive.BanditPolicy(1, 0.5)))
    first.wait_for_completion()
    assert [child["best_primary_metric"] for child in first.get_children_sorted_by_primary_metric()] == [7.0, 5.0]
    second = experiment.submit(config_of(hyperdrive, script_config, resume_from=first, max_total_runs=1))
    second.wait_for_completion()
    assert second.get_best_run_by_primary_metric().id == f"{first.id}_0"
    assert second.get_best_run_by_primary_metric(include_resume_from_runs=False).id == f"{second.id}_0"


def test_bounds_of_logarithms_are_exponents_and_the_log_says_so(
    azure: Any, hyperdrive: Any, script_config: Any, notes: Callable[[], str]
) -> None:
    from azureml.core import Experiment

    space = {"--penalty": hyperdrive.loguniform(math.log(10), math.log(20)), "--kernel": hyperdrive.choice("rbf")}
    config = config_of(
        hyperdrive, script_config, hyperparameter_sampling=hyperdrive.RandomParameterSampling(space), max_total_runs=4
    )
    run = Experiment(azure, "train_iris").submit(config)
    assert "exp(" in notes()
    run.wait_for_completion()
    found = [child["best_primary_metric"] for child in run.get_children_sorted_by_primary_metric()]
    assert all(10 <= value <= 20 for value in found)
    run.cancel()
    assert run.get_status() == "Completed"


@pytest.mark.parametrize(
    "change",
    [
        {"run_config": None},
        {"estimator": object(), "run_config": None},
        {"pipeline": object()},
        {"run_config": "train.py"},
        {"policy": "bandit"},
        {"primary_metric_name": ""},
        {"primary_metric_goal": "most"},
        {"max_total_runs": 0},
        {"max_concurrent_runs": 0},
        {"hyperparameter_sampling": {"a": 1}},
        {"resume_from": ["HD_1"]},
    ],
)
def test_a_configuration_that_does_not_fit_together_is_refused(
    hyperdrive: Any, script_config: Any, change: dict[str, Any]
) -> None:
    with pytest.raises(hyperdrive.HyperDriveConfigException):
        config_of(hyperdrive, script_config, **change)


@pytest.mark.parametrize(
    "make",
    [
        lambda package: package.choice(),
        lambda package: package.choice([1], 2),
        lambda package: package.choice([]),
        lambda package: package.uniform(2, 1),
        lambda package: package.uniform("a", 1),
        lambda package: package.quniform(0, 1, 0.5),
        lambda package: package.normal(0, 0),
        lambda package: package.randint(0),
        lambda package: package.RandomParameterSampling({}),
        lambda package: package.RandomParameterSampling({"a": 3}),
        lambda package: package.GridParameterSampling({"a": package.uniform(0, 1)}),
        lambda package: package.BayesianParameterSampling({"a": package.choice("a", 1)}),
        lambda package: package.HyperParameterSampling("MOST", {"a": package.choice(1)}),
        lambda package: package.BanditPolicy(),
        lambda package: package.BanditPolicy(slack_factor=0.1, slack_amount=1),
        lambda package: package.MedianStoppingPolicy(evaluation_interval=0),
        lambda package: package.TruncationSelectionPolicy(100),
        lambda package: package.PrimaryMetricGoal.from_str("most"),
    ],
)
def test_expressions_samplings_and_policies_refuse_what_azure_refuses(hyperdrive: Any, make: Any) -> None:
    with pytest.raises(hyperdrive.HyperDriveConfigException):
        make(hyperdrive)


def test_a_sampling_of_the_base_class_is_the_one_that_it_names(hyperdrive: Any, script_config: Any) -> None:
    named = hyperdrive.HyperParameterSampling("RANDOM", {"--penalty": hyperdrive.uniform(0, 1)}, {"seed": 3})
    config = config_of(hyperdrive, script_config, hyperparameter_sampling=named)
    assert (config._sampling._search, config._sampling._seed()) == ("random", 3)
    grid = hyperdrive.HyperParameterSampling("GRID", {"--penalty": hyperdrive.choice(1)}, {"seed": 3})
    assert (grid._search, grid._seed()) == ("grid", None)


def test_a_policy_of_the_base_class_is_refused_when_it_is_given(hyperdrive: Any, script_config: Any) -> None:
    with pytest.raises(hyperdrive.HyperDriveConfigException, match="no rule by itself: use BanditPolicy"):
        config_of(hyperdrive, script_config, policy=hyperdrive.EarlyTerminationPolicy("Bandit"))


def test_expressions_are_written_down_as_azure_does(hyperdrive: Any) -> None:
    assert hyperdrive.choice(1, 2) == hyperdrive.choice([1, 2]) == hyperdrive.choice(range(1, 3))
    assert hyperdrive.choice("a") == ["choice", [["a"]]]
    assert hyperdrive.quniform(1, 9, 2) == ["quniform", [1, 9, 2]]
    assert hyperdrive.PrimaryMetricGoal.from_str("minimize") is hyperdrive.PrimaryMetricGoal.MINIMIZE
    assert hyperdrive.BanditPolicy(2, 0.1).to_json() == {
        "name": "Bandit",
        "properties": {"evaluation_interval": 2, "delay_evaluation": 0, "slack_factor": 0.1},
    }


def test_bayesian_sampling_is_carried_out_and_takes_no_policy(azure: Any, hyperdrive: Any, script_config: Any) -> None:
    from azureml.core import Experiment

    space = {"--penalty": hyperdrive.quniform(1, 9, 2), "--kernel": hyperdrive.choice("linear", "rbf")}
    changes = {"hyperparameter_sampling": hyperdrive.BayesianParameterSampling(space), "max_total_runs": 3}
    with pytest.raises(hyperdrive.HyperDriveConfigException, match="policy"):
        config_of(hyperdrive, script_config, **changes, policy=hyperdrive.MedianStoppingPolicy())
    run = Experiment(azure, "train_iris").submit(config_of(hyperdrive, script_config, **changes))
    run.wait_for_completion()
    found = [json.loads(values) for values in run.get_hyperparameters().values()]
    assert len(found) == 3
    assert all(one["--penalty"] % 2 == 0 and one["--kernel"] in {"linear", "rbf"} for one in found)
