"""Points of several runs at once, and the data sets of an experiment: what MLflow's pages draw."""

from __future__ import annotations

import pytest

from desktop_aml.rest.histories import sampled_steps
from tests.rest.conftest import Client


def with_points(client: Client, steps: range, timestamp: int = 1) -> str:
    run_id = client.new_run()
    metrics = [{"key": "m", "value": 0.5, "timestamp": timestamp, "step": step} for step in steps]
    assert client.post("/runs/log-batch", run_id=run_id, metrics=metrics).status == 200
    return run_id


@pytest.mark.parametrize(
    ("steps", "most", "kept"),
    [
        (range(10), 5, {0, 2, 4, 6, 8, 9}),
        (range(4, 9), 5, {4, 5, 6, 7, 8}),
        (range(0, 101, 20), 5, {0, 20, 40, 60, 80, 100}),
        (range(0), 5, set()),
        (range(7), 1, {0, 6}),
    ],
)
def test_steps_are_spaced_evenly_and_the_last_is_kept(steps: range, most: int, kept: set[int]) -> None:
    assert sampled_steps(steps, most) == kept


def test_several_runs_are_thinned_at_the_same_steps_and_keep_their_ends(client: Client) -> None:
    short, long = with_points(client, range(10)), with_points(client, range(20))

    def steps(**more: object) -> list[tuple[str, int]]:
        query = {"run_ids": [short, long], "metric_key": "m", "max_results": 5, **more}
        found = client.get("/metrics/get-history-bulk-interval", **query).json["metrics"]
        return [(one["run_id"], one["step"]) for one in found]

    assert steps() == [(short, one) for one in (0, 4, 8, 9)] + [(long, one) for one in (0, 4, 8, 9, 12, 16, 19)]
    assert steps(run_ids=[long], start_step=2, end_step=5) == [(long, one) for one in (2, 3, 4, 5)]


def test_of_very_many_points_at_one_step_as_many_are_told_as_were_asked_for(client: Client) -> None:
    run_id = client.new_run()
    metrics = [{"key": "m", "value": float(place), "timestamp": place, "step": 0} for place in range(300)]
    client.post("/runs/log-batch", run_id=run_id, metrics=metrics)
    for most in (100, 2, 1):
        query = {"run_ids": run_id, "metric_key": "m", "max_results": most}
        told = [one["value"] for one in client.get("/metrics/get-history-bulk-interval", **query).json["metrics"]]
        assert len(told) == most
        assert told[-1] == 299.0
        assert most == 1 or told[0] == 0.0


def test_every_point_of_several_runs_comes_run_by_run(client: Client) -> None:
    runs = [with_points(client, range(-1, 2), timestamp) for timestamp in (1, 2)]
    found = client.get("/metrics/get-history-bulk", run_id=runs, metric_key="m").json["metrics"]
    assert [(one["run_id"], one["step"]) for one in found] == [
        (run, step) for run in sorted(runs) for step in (-1, 0, 1)
    ]
    query = {"run_id": runs, "metric_key": "m", "max_results": 4}
    assert client.get("/metrics/get-history-bulk", **query).json["metrics"] == found[:4]


@pytest.mark.parametrize(
    ("route", "query", "words"),
    [
        ("bulk", {"metric_key": "m"}, "GetMetricHistoryBulk request must specify at least one run_id."),
        ("bulk", {"metric_key": "m", "run_id": ["r"] * 101}, "GetMetricHistoryBulk request cannot specify more than"),
        ("bulk", {"run_id": "r"}, "GetMetricHistoryBulk request must specify a metric_key."),
        ("bulk-interval", {"metric_key": "m"}, "Missing value for required parameter 'run_ids'."),
        ("bulk-interval", {"run_ids": "r", "metric_key": ""}, "Missing value for required parameter 'metric_key'."),
        ("bulk-interval", {"run_ids": ["r"] * 101, "metric_key": "m"}, "GetMetricHistoryBulkInterval request must"),
        ("bulk-interval", {"run_ids": "r", "metric_key": "m", "max_results": 0}, "max_results must be between 1 and 2"),
        ("bulk-interval", {"run_ids": "r", "metric_key": "m", "start_step": 1}, "If either start step or end step are"),
        (
            "bulk-interval",
            {"run_ids": "r", "metric_key": "m", "start_step": 1, "end_step": 0},
            "end_step must be greater than start_step.",
        ),
    ],
)
def test_what_cannot_be_asked_of_several_runs_is_refused(client: Client, route: str, query: dict, words: str) -> None:
    refused = client.get(f"/metrics/get-history-{route}", **query)
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert refused.json["message"].startswith(words)


def test_the_data_sets_of_an_experiment_are_told_once_for_each_use(client: Client) -> None:
    dataset = {"name": "iris", "digest": "abc", "source_type": "local", "source": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "train"}]
    for one in (client.new_run(), client.new_run()):
        client.post("/runs/log-inputs", run_id=one, datasets=[{"tags": tags, "dataset": dataset}])
    client.post("/runs/log-inputs", run_id=client.new_run(), datasets=[{"dataset": dataset}])
    told = {"experiment_id": "0", "name": "iris", "digest": "abc"}
    found = client.post("/experiments/search-datasets", experiment_ids=["0"]).json["dataset_summaries"]
    assert sorted(found, key=len) == [told, {**told, "context": "train"}]
    for ids in ([], ["0"] * 21):
        assert client.post("/experiments/search-datasets", experiment_ids=ids).code == "INVALID_PARAMETER_VALUE"
