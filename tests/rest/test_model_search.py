"""Logged models are found by what was measured of them, on which data, and come in the order that is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rest.conftest import API, Answer, Client

Search = Callable[..., str]


@pytest.fixture
def search(client: Client) -> Search:
    """Have models a, b and c, of which c was never measured, and return what searches them."""
    run_id, ids = client.new_run(), {}
    for name in "abc":
        made = client.post("/logged-models", experiment_id="0", name=name, source_run_id=run_id).json["model"]["info"]
        ids[name] = made["model_id"]
    measured = (("a", 0.9, 1, "train"), ("a", 0.5, 2, "test"), ("b", 0.7, 1, "test"), ("b", "NaN", 0, "train"))
    for name, value, step, data in measured:
        more = {"dataset_name": data, "dataset_digest": f"of {data}", "model_id": ids[name]}
        client.post("/runs/log-metric", run_id=run_id, key="acc", value=value, timestamp=step, step=step, **more)

    def names(**asked: object) -> str:
        answer: Answer = client.post("/logged-models/search", **{"experiment_ids": ["0"], **asked})
        return "".join(one["info"]["name"] for one in answer.json["models"]) if answer.status == 200 else answer.code

    return names


def by(field: str, **more: object) -> list[dict[str, object]]:
    return [{"field_name": field, **more}]


def test_any_point_of_a_model_may_meet_a_filter_on_a_metric(search: Search) -> None:
    assert search(filter="metrics.acc > 0.6", order_by=by("name")) == "ab"
    assert search(filter="metrics.acc > 0.8") == "a"
    assert search(filter="metrics.acc > 0.6 AND metrics.acc < 0.6") == "a"
    assert search(filter="metrics.acc > 0.6", datasets=[{"dataset_name": "test"}]) == "b"
    assert search(filter="metrics.other > 0") == ""
    assert search(datasets=[{"dataset_name": "train", "dataset_digest": "of train"}], order_by=by("name")) == "ab"
    assert search(datasets=[{"dataset_name": "train", "dataset_digest": "of test"}]) == ""
    assert search(datasets=[{"dataset_digest": "of test"}]) == "INVALID_PARAMETER_VALUE"


def test_models_come_by_their_last_metric_and_those_without_last(search: Search) -> None:
    assert search(order_by=by("metrics.acc")) == "abc"
    assert search(order_by=by("metrics.acc", ascending=False)) == "bac"
    assert search(order_by=by("metrics.acc", ascending=False, dataset_name="test")) == "bac"
    assert search(order_by=by("name", ascending=False)) == "cba"
    for wrong in ("size", "params.C"):
        assert search(order_by=by(wrong)) == "INVALID_PARAMETER_VALUE"


def test_only_the_experiments_that_are_named_are_searched(search: Search) -> None:
    assert (search(experiment_ids=[]), search(experiment_ids=["none"])) == ("", "")


def test_models_are_found_by_one_of_several_values(search: Search) -> None:
    assert search(filter="name IN ('a', 'c')", order_by=by("name")) == "ac"
    assert search(filter="params.none NOT IN ('x')") == ""
    assert search(filter="status IN ('PENDING') AND name NOT IN ('b')", order_by=by("name")) == "ac"


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "50%", "it's", 'a"b'])
def test_a_model_whose_name_mlflow_does_not_take_is_refused(client: Client, name: str) -> None:
    refused = client.post("/logged-models", experiment_id="0", name=name, source_run_id=client.new_run())
    assert (refused.status, refused.code) == (400, "INVALID_PARAMETER_VALUE")
    assert refused.json["message"].startswith("Invalid model name (")


def test_a_tag_of_a_model_that_is_not_there_is_missing(client: Client) -> None:
    made = client.post("/logged-models", experiment_id="0", name="a", source_run_id=client.new_run()).json["model"]
    refused = client.send("DELETE", f"{API}/logged-models/{made['info']['model_id']}/tags/none")
    assert (refused.status, refused.code) == (404, "RESOURCE_DOES_NOT_EXIST")
