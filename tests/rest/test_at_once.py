"""Several clients at once, and many runs at once: nothing is lost, and nothing is read anew for each run."""

from __future__ import annotations

import json
import threading
from contextlib import suppress

import pytest

from desktop_aml.store.side_files import SideFiles
from desktop_aml.workspace.tracking.models import LoggedModel
from desktop_aml.workspace.tracking.tracker import Tracker
from tests.rest.conftest import API, Client


def test_what_is_known_of_experiments_is_read_once_for_all_runs_of_a_search(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = client.post("/experiments/create", name="read once").json["experiment_id"]
    looks: list[str] = []
    get = SideFiles.get
    monkeypatch.setattr(SideFiles, "get", lambda self, name: looks.append(name) or get(self, name))

    def looks_of_a_search(runs: int) -> int:
        looks.clear()
        assert len(client.post("/runs/search", experiment_ids=[experiment]).json["runs"]) == runs
        return len(looks)

    client.new_run(experiment)
    one = looks_of_a_search(1)
    for _ in range(3):
        client.new_run(experiment)
    assert looks_of_a_search(4) == one > 0


def test_what_several_clients_change_at_once_is_all_kept(client: Client) -> None:
    run_id = client.new_run()
    model_id = client.post("/logged-models", experiment_id="0", source_run_id=run_id).json["model"]["info"]["model_id"]
    experiment = client.post("/experiments/create", name="at once").json["experiment_id"]
    together = threading.Barrier(4)

    def change(name: str) -> None:
        together.wait()
        for number in range(8):
            key = f"{name}{number}"
            client.post("/runs/log-model", run_id=run_id, model_json=json.dumps({"uuid": key}))
            client.post("/runs/log-metric", run_id=run_id, key=key, value=1, timestamp=1, model_id=model_id)
            client.send("PATCH", f"{API}/logged-models/{model_id}/tags", {"tags": [{"key": key, "value": "1"}]})
            client.post("/experiments/set-experiment-tag", experiment_id=experiment, key=key, value="1")

    threads = [threading.Thread(target=change, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    keys = {f"{name}{number}" for name in "abcd" for number in range(8)}
    tags = {one["key"]: one["value"] for one in client.run(run_id)["data"]["tags"]}
    assert {one["uuid"] for one in json.loads(tags["mlflow.log-model.history"])} == keys
    model = client.get(f"/logged-models/{model_id}").json["model"]
    assert {one["key"] for one in model["data"]["metrics"]} == keys
    assert {one["key"] for one in model["info"]["tags"]} == keys
    found = client.get("/experiments/get", experiment_id=experiment).json["experiment"]["tags"]
    assert {one["key"] for one in found} == keys


def test_models_that_are_logged_at_once_under_one_name_get_a_place_each(
    client: Client, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = client.new_run()
    together = threading.Barrier(2)
    change = Tracker.change_model

    def met(self: Tracker, model: LoggedModel) -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(0.2)
        change(self, model)

    monkeypatch.setattr(Tracker, "change_model", met)
    body = {"experiment_id": "0", "name": "net", "source_run_id": run_id}
    threads = [threading.Thread(target=client.send, args=("POST", f"{API}/logged-models", body)) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    places = [one.place for one in tracker.all_models()]
    assert len(set(places)) == len(places) == 2
